"""Half a year of a store, put by put, readers who poll its feeds over HTTP, and a plain ledger of what arrived when.

The ledger knows nothing of the store's tables: after each put it looks at the entries, and whichever satisfies a
filter for the first time has arrived. No fact but the counts ever changes here, so a closed archive must not either.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import feedparser
from flask import Flask
from flask.testing import FlaskClient

from feedserver.config import LimitSettings, Settings
from feedserver.config.settings import RefreshSettings
from feedserver.filters import Filter, matches
from feedserver.model import Entry, Listing
from feedserver.query import parse_query
from feedserver.store import Store
from feedserver.web import create_app
from tests.entries import make_entry

CLOSED = "public, max-age=604800"
TOPICS = ("Diffusion", "Transformers", "Graphs", "Robots")
SUBSCRIBED: tuple[tuple[tuple[str, str], ...], ...] = (
    (("limit", "30"),),
    (("min_upvotes", "20"), ("limit", "10")),
    (("q", "diffusion OR upvotes:>=40"), ("limit", "15")),
    (("q", "upvotes:<5 transformers"), ("limit", "8")),
)


def serve(folder: Path, feeds: str = "") -> Flask:
    """Return the app over an empty store in a folder."""
    (folder / "feeds.toml").write_text(feeds or "[feeds.all]\n", encoding="utf-8")
    idle = {"refresh": RefreshSettings(enabled=False), "limits": LimitSettings(enabled=False)}
    return create_app(Settings(data_dir=folder, config_dir=folder, **idle))


def look_again(app: Flask) -> None:
    """Let the next request see the store as it is now, not as it was a quarter of a second ago."""
    app.extensions["feedserver"].watch._due = float("-inf")


@dataclass
class Document:
    """What a reader makes of a document: ids, the newest first, and links by relation."""

    ids: list[str]
    links: dict[str, str]
    is_closed: bool
    body: bytes


def fetch(client: FlaskClient, address: str) -> Document:
    """Fetch and parse a document of any format; JSON Feed knows ``next_url`` alone."""
    response = client.get(address)
    assert response.status_code == 200, response.data
    is_closed = response.headers["Cache-Control"] == CLOSED
    if ".json" in address:
        feed = json.loads(response.data)
        links = {"prev-archive": feed["next_url"]} if "next_url" in feed else {}
        return Document([item["id"] for item in feed["items"]], links, is_closed, response.data)
    parsed = feedparser.parse(response.data, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo, parsed.get("bozo_exception")
    links = {link.rel: link.href for link in parsed.feed.links}
    return Document([entry.id for entry in parsed.entries], links, is_closed, response.data)


@dataclass
class Ledger:
    """When each entry came, and when it first satisfied the filter: the number of the put that changed something."""

    filter: Filter
    born: dict[str, int] = field(default_factory=dict)
    arrived: dict[str, int] = field(default_factory=dict)

    def note(self, revision: int, entries: Sequence[Entry]) -> None:
        """Take note of the entries as they are after a put."""
        for entry in entries:
            self.born.setdefault(entry.id, revision)
            if entry.id not in self.arrived and matches(self.filter, entry):
                self.arrived[entry.id] = revision


@dataclass
class Reader:
    """Polls a feed, and walks back by ``prev-archive`` until an archive that it has fetched before (RFC 5005, 4)."""

    address: str
    limit: int
    ledger: Ledger
    known: set[str] = field(default_factory=set)
    fetched: set[str] = field(default_factory=set)
    missed: list[set[str]] = field(default_factory=list)

    def poll(self, client: FlaskClient, closed: dict[str, bytes]) -> None:
        """Bring oneself up to date, and write down what should be known by now and is not."""
        document = fetch(client, self.address)
        shown = document.ids
        self.known |= set(shown)
        while (older := document.links.get("prev-archive")) and older not in self.fetched:
            self.fetched.add(older)
            document = fetch(client, older)
            assert document.is_closed
            assert document.body == closed.setdefault(older, document.body)
            self.known |= set(document.ids)
        horizon = max((self.ledger.born[entry_id] for entry_id in shown), default=0)
        due = {entry_id for entry_id, revision in self.ledger.arrived.items() if revision <= horizon}
        self.missed.append(due - self.known if len(shown) == self.limit else set())


class Life:
    """From August to February: a short month, one of exactly a part, an import, a silent one, one of votes alone."""

    def __init__(self, app: Flask, seed: int = 5005) -> None:
        """Nothing has happened yet."""
        self.app = app
        self.store: Store = app.extensions["feedserver"].store
        self.client = app.test_client()
        self.random = Random(seed)  # noqa: S311  # the same life each time
        self.entries: list[Entry] = []
        self.closed: dict[str, bytes] = {}
        self.readers = [self._reader(parameters, name) for parameters in SUBSCRIBED for name in ("rss", "atom", "json")]

    def run(self) -> None:
        """Live through it all; readers poll at random, and in the end each does once more."""
        for at, sights, captured in self._puts():
            self.store.put(Listing("daily-papers", f"{at:%Y-%m-%d}", at, tuple(sights), captured=captured), at=at)
            kept = self.store.get_all([entry.id for entry in sights])
            for reader in self.readers:
                reader.ledger.note(self.store.revision().number, kept)
            self._poll([reader for reader in self.readers if self.random.random() < 0.06])
        self._poll(self.readers)

    def _poll(self, readers: Sequence[Reader]) -> None:
        look_again(self.app)
        for reader in readers:
            reader.poll(self.client, self.closed)

    def _reader(self, parameters: tuple[tuple[str, str], ...], format_name: str) -> Reader:
        query = parse_query(parameters)
        return Reader(f"/feeds/all.{format_name}?{urlencode(parameters)}", query.limit, Ledger(query.filter))

    def _puts(self) -> Iterator[tuple[datetime, list[Entry], bool]]:
        yield from self._month(2025, 8, days=10, new=12)
        yield from self._month(2025, 9, days=20, new=10)  # exactly a part
        yield from self._month(2025, 10, days=12, new=9)
        old = datetime(2023, 5, 1, tzinfo=UTC)
        yield datetime(2025, 10, 20, 12, tzinfo=UTC), self._new(500, old, old + timedelta(days=900)), True
        yield from self._month(2025, 10, days=6, new=9, first=21)
        yield from self._month(2025, 12, days=12, new=0)  # nothing at all in November, votes alone in December
        yield from self._month(2026, 1, days=15, new=10)
        last = datetime(2026, 2, 2, tzinfo=UTC)
        found = self._new(6, last, last)
        yield (
            last,
            [replace(one, title=f"{one.title} Transformers", upvotes=0) for one in found[:3]]
            + [replace(one, title=f"{one.title} Diffusion", upvotes=90) for one in found[3:]],
            False,
        )

    def _month(
        self, year: int, month: int, *, days: int, new: int, first: int = 1
    ) -> Iterator[tuple[datetime, list[Entry], bool]]:
        for number in range(first, first + days):
            listed = datetime(year, month, number, tzinfo=UTC)
            if new:
                yield listed + timedelta(hours=7), self._new(new, listed, listed + timedelta(hours=7)), False
            yield listed + timedelta(hours=19), self._voted(listed + timedelta(hours=19)), False

    def _new(self, count: int, listed: datetime, seen: datetime) -> list[Entry]:
        made = [self._entry(len(self.entries) + number, listed, seen) for number in range(count)]
        self.entries += made
        return made

    def _entry(self, number: int, listed: datetime, seen: datetime) -> Entry:
        return make_entry(
            number, title=f"{self.random.choice(TOPICS)} {number}", listed=listed, published=listed, first_seen=seen,
            updated=listed, modified=seen, upvotes=self.random.choice((0, 0, 0, 1, 2, 7)),
        )  # fmt: skip

    def _voted(self, at: datetime) -> list[Entry]:
        """Return the newest entries, and some of any age, as they are seen next: with more votes, as many or fewer."""
        seen = {entry.id: entry for entry in [*self.entries[-40:], *self.random.sample(self.entries, 12)]}
        kept = self.store.get_all(list(seen))
        votes = (-1, 0, 0, 1, 2, 5, 11)
        return [
            replace(entry, upvotes=max(0, entry.upvotes + self.random.choice(votes)), first_seen=at) for entry in kept
        ]
