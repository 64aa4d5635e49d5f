"""Feed readers as people run them: they poll by the clock, ask conditionally, parse, remember what they have seen."""

import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from math import ceil
from typing import Any, NamedTuple
from urllib.parse import quote

import feedparser
from lxml import etree
from werkzeug.test import EnvironBuilder

from bench.replay_feeds import FollowedFeed

HOST = "http://feeds.example.org"
MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds
LEAST_SHOWN, MOST_SHOWN = 5, 200  # entries of a feed
_FIELDS = {  # an entry, its id, its link, its date
    "atom": ("{*}entry", "{*}id", "{*}link", "{*}published"),
    "rss": ("item", "guid", "link", "pubDate"),
}
_PAPER = re.compile(r'href="https://huggingface\.co/papers/(\d{4}\.\d{4,5})"')
_XML_ENTRY = re.compile(rb"<(entry|item)>.*?</\1>", re.DOTALL)

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class ReaderKind:
    """How a reader reads: every how many seconds, which format, and whether it walks archives.

    ``window`` is how many entries of everything it asks for; of a narrower feed it asks for fewer.
    """

    name: str
    interval: float
    window: int
    format: str
    walks: bool = False


# What asks often takes JSON, which is parsed quickly; the replay would take hours otherwise. A window holds what comes
# in between two polls, also after an outage, when more than sixty entries may come at once.
READERS: tuple[ReaderKind, ...] = (
    ReaderKind("15m", 15 * MINUTE, 70, "json"),
    ReaderKind("30m", 30 * MINUTE, 70, "json"),
    ReaderKind("1h", HOUR, 80, "json"),
    ReaderKind("3h", 3 * HOUR, 90, "json"),
    ReaderKind("6h", 6 * HOUR, 100, "json"),
    ReaderKind("12h walks", 12 * HOUR, 10, "atom", walks=True),
    ReaderKind("1d", DAY, 120, "rss"),
    ReaderKind("2d", 2 * DAY, 160, "atom"),
    ReaderKind("4d walks", 4 * DAY, 20, "rss", walks=True),
    ReaderKind("3d", 3 * DAY, 200, "rss"),
)


class Answer(NamedTuple):
    """Status, headers with names in small letters, and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class WsgiClient:
    """Asks the whole application, with what lies in front of it, in this process."""

    application: Application
    _environs: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: int = 0

    def get(self, path: str, tag: str | None = None) -> Answer:
        """Ask for a path with its query; with ``tag`` only if it is not that one."""
        if path not in self._environs:
            self._environs[path] = EnvironBuilder(path=path, base_url=HOST).get_environ()
        environ = {**self._environs[path], "wsgi.input": io.BytesIO()}
        if tag:
            environ["HTTP_IF_NONE_MATCH"] = tag
        found: list[Any] = []
        self.asked += 1
        chunks = self.application(environ, lambda status, headers, *_: found.extend((status, headers)))
        body = b"".join(chunks)
        if close := getattr(chunks, "close", None):
            close()
        return Answer(int(found[0][:3]), {name.lower(): value for name, value in found[1]}, body)


class Item(NamedTuple):
    """An entry as a reader sees it: its id, link and date, and a digest of its bytes."""

    id: str
    link: str
    date: str
    digest: bytes
    papers: tuple[str, ...] = ()  # of a digest: the papers that it lists


class Document(NamedTuple):
    """A feed or an archive: its entries, and the address of the archive before it."""

    items: Sequence[Item]
    older: str | None


def read(format_name: str, body: bytes) -> Document:
    """Parse a document."""
    if format_name == "json":
        return _read_json(body)
    parsed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    if parsed.bozo:
        raise ValueError(f"not well-formed: {parsed.bozo_exception!r}")
    pieces = [found[0] for found in _XML_ENTRY.finditer(body)]
    items = [
        Item(entry.id, entry.get("link", ""), entry.get("published", ""), _digest(piece))
        for entry, piece in zip(parsed.entries, pieces, strict=True)
    ]
    links = {link.rel: link.href for link in parsed.feed.get("links", ())}
    return Document(items, links.get("prev-archive"))


def _read_json(body: bytes) -> Document:
    feed = json.loads(body)
    items = [
        Item(
            item["id"], item.get("url", ""), item.get("date_published", ""), _digest(json.dumps(item).encode()),
            _listed_in(item),
        )
        for item in feed["items"]
    ]  # fmt: skip
    return Document(items, feed.get("next_url"))


def _listed_in(item: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of the papers that a digest leads to, in order."""
    if not item["id"].startswith("urn:uuid:"):
        return ()
    names = dict.fromkeys(_PAPER.findall(item.get("content_html", "")))
    return tuple(f"https://arxiv.org/abs/{name}" for name in names)


def read_archive(format_name: str, body: bytes) -> Document:
    """Parse an archive, which may hold more than a feed, and more quickly."""
    if format_name == "json":
        return _read_json(body)
    root = etree.fromstring(body)
    entry, *fields = _FIELDS[format_name]
    items = [Item(*(_found(each, path) for path in fields), b"") for each in root.iter(entry)]
    older = root.find(".//{*}link[@rel='prev-archive']")
    return Document(items, None if older is None else str(older.get("href")))


def _found(element: "etree._Element", path: str) -> str:
    found = element.find(path)
    return "" if found is None else found.text or str(found.get("href"))


def _digest(piece: bytes) -> bytes:
    return blake2b(piece, digest_size=12).digest()


@dataclass(slots=True)
class Seen:
    """An entry's first delivery: when, with which date and bytes."""

    at: float
    date: str
    digest: bytes
    papers: tuple[str, ...] = ()

    @property
    def moment(self) -> float:
        """Its date in seconds since 1970."""
        return moment_of(self.date)


def moment_of(date: str) -> float:
    """Read a date of RFC 3339 or RFC 822."""
    try:
        return datetime.fromisoformat(date).timestamp()
    except ValueError:
        return parsedate_to_datetime(date).timestamp()


@dataclass(slots=True)
class Subscription:
    """One reader's memory of one feed, and all that went wrong with it."""

    kind: ReaderKind
    feed: FollowedFeed
    tag: str | None = None
    seen: dict[str, Seen] = field(default_factory=dict)
    shown: frozenset[str] = frozenset()
    links: dict[str, str] = field(default_factory=dict)
    walked: set[str] = field(default_factory=set)  # archives that were read
    twice: set[str] = field(default_factory=set)  # ids under which a paper that was known came up as new
    back: set[str] = field(default_factory=set)  # left the window and came again
    moved: set[str] = field(default_factory=set)  # came with another date than at first
    changed: set[str] = field(default_factory=set)  # closed, and came with other bytes than at first
    gone: set[str] = field(default_factory=set)  # closed, and not there any more
    troubles: list[str] = field(default_factory=list)

    @property
    def window(self) -> int:
        """How many entries it asks for."""
        return max(LEAST_SHOWN, min(MOST_SHOWN, ceil(self.kind.window * self.feed.share)))

    @property
    def path(self) -> str:
        """The feed's address, with the window."""
        query = "&".join(filter(None, (self.feed.query, f"limit={self.window}")))
        return f"/feed.{self.kind.format}?{quote(query, safe='=&,:/')}"

    def poll(self, client: WsgiClient, now: float) -> None:
        """Bring oneself up to date."""
        answer = client.get(self.path, self.tag)
        if answer.status == 304:
            return
        if answer.status != 200:
            self.troubles.append(f"{self.path}: status {answer.status}")
            return
        self.tag = answer.headers.get("etag")
        document = read(self.kind.format, answer.body)
        new = self._take(document.items, now)
        shown = frozenset(item.id for item in document.items)
        self.back |= (shown & self.seen.keys()) - self.shown - new
        self.shown = shown
        if self.kind.walks:
            self._walk(client, document.older, now)

    def compare(self, client: WsgiClient) -> int:
        """Ask for as much as there is, note what changed since it was delivered, and count what was looked at."""
        path = self.path
        if not self.feed.is_digest:  # its entries lead to the feed, by its address
            path = path.replace(f"limit={self.window}", f"limit={MOST_SHOWN}")
        answer = client.get(path)
        if answer.status != 200:
            self.troubles.append(f"{path}: status {answer.status}")
            return 0
        items = read(self.kind.format, answer.body).items
        known = [item for item in items if item.id in self.seen]
        self._take(known, 0.0)
        oldest = min((moment_of(item.date) for item in items), default=0.0)
        there = {item.id for item in items}
        self.gone |= {name for name, seen in self.seen.items() if seen.moment > oldest and name not in there}
        return len(known)

    def _walk(self, client: WsgiClient, older: str | None, now: float) -> None:
        """Go back through archives until one that was read before (RFC 5005, 4)."""
        while older is not None and older not in self.walked:
            self.walked.add(older)
            answer = client.get(older.removeprefix(HOST))
            if answer.status != 200:
                self.troubles.append(f"{older}: status {answer.status}")
                return
            document = read_archive(self.kind.format, answer.body)
            self._take(document.items, now, archived=True)
            older = document.older

    def _take(self, items: Iterable[Item], now: float, *, archived: bool = False) -> set[str]:
        """Take note of entries and return the ids of the new ones."""
        new = set()
        for item in items:
            known = self.seen.get(item.id)
            if known is None:
                new.add(item.id)
                self.seen[item.id] = Seen(now, item.date, b"" if archived else item.digest, item.papers)
                if "/papers/" in item.link and self.links.setdefault(item.link, item.id) != item.id:
                    self.twice.add(item.id)
                continue
            if known.date != item.date:
                self.moved.add(item.id)
            if self.feed.most and known.digest and not archived and known.digest != item.digest:
                self.changed.add(item.id)
        return new


@dataclass(slots=True)
class Reader:
    """A reader with its subscriptions and the times of its polls."""

    kind: ReaderKind
    subscriptions: Sequence[Subscription]
    polls: list[float] = field(default_factory=list)

    def poll(self, client: WsgiClient, now: float) -> None:
        """Poll every feed."""
        self.polls.append(now)
        for subscription in self.subscriptions:
            subscription.poll(client, now)
