"""All captured feeds, against a plain reading of the same bytes: read or refused, and out again in three formats."""

import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import feedparser
import pytest
from lxml import html

from feedserver.errors import ListingError
from feedserver.feeds import Offer, build_feed
from feedserver.model import Feed, Listing
from feedserver.query import parse_query
from feedserver.render import RENDERERS, render
from feedserver.sources.base import CURRENT, Answer
from feedserver.sources.feed import AnyFeed, looks_like_feed, read_saved_feed
from feedserver.store import SqliteStore
from tests.entries import CAPTURED
from tests.test_hostile_feeds import assert_inert
from tests.test_render import ADDRESS, assert_valid

DATA = CAPTURED.parent.parent
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SITE = "https://feeds.example.org/news/feed"
PAPER = re.compile(r"(?:arxiv\.org/abs/|oai:arXiv\.org:)([a-z-]+(?:\.[A-Z]{2})?/\d{7}|\d{4}\.\d{4,5})(?:v\d+)?$")

pytestmark = pytest.mark.skipif(not (DATA / "feeds").is_dir(), reason="the captured feeds are not beside the checkout")


@dataclass(frozen=True)
class Plain:
    """What a plain reading makes of an entry: None where upstream says nothing, or nothing valid."""

    id: str | None
    link: str | None
    title: str | None
    date: datetime | None


@cache
def bodies() -> dict[str, bytes]:
    """Return name -> bytes of all there is to read."""
    return dict(_bodies())


def _bodies() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of every captured file, and of every answer that is recorded in one."""
    for file in sorted(path for folder in ("feeds", "arxiv") for path in (DATA / folder).rglob("*") if path.is_file()):
        body = file.read_bytes()
        yield str(file.relative_to(DATA)), body
        if file.parent.name == "recorded_responses":
            yield f"{file.relative_to(DATA)}: body", json.loads(body)["body"].encode()


def read(body: bytes) -> Listing:
    """Read bytes as they came from a site."""
    return AnyFeed(SITE, name="feed").parse(Answer(body, SITE), CURRENT, NOW).listing


def plainly(body: bytes) -> list[Plain]:
    """Read bytes without any code of ours."""
    if body.lstrip()[:1] == b"{":
        return [_plain_item(item) for item in json.loads(body)["items"]]
    parsed = feedparser.parse(io.BytesIO(body), response_headers={"content-location": SITE})
    return [_plain_entry(entry) for entry in parsed.entries]


def _plain_item(item: Any) -> Plain:
    told = item.get("date_published")
    date = told and (parsedate_to_datetime(told) if "," in told else datetime.fromisoformat(told))
    return Plain(_uri(str(item.get("id", ""))), item.get("url") or item.get("external_url"), item.get("title"), date)


def _plain_entry(entry: Any) -> Plain:
    known = dict(entry)
    parsed = known.get("published_parsed") or known.get("updated_parsed")
    date = datetime(*parsed[:6], tzinfo=UTC) if parsed else None
    link = urljoin(SITE, known.get("feedburner_origlink") or known.get("link") or "mailto:")
    title = known.get("title")
    if title and known["title_detail"]["type"] != "text/plain":
        title = html.fragment_fromstring(title, create_parent="p").text_content()
    paper = PAPER.search(link) or PAPER.search(known.get("id", ""))
    identifier = f"https://arxiv.org/abs/{paper[1]}" if paper else _uri(known.get("id", ""))
    link = quote(link, safe="%/:=&?~#+!$,;'@()*") if link.startswith("http") else None
    return Plain(identifier, link, " ".join(title.split()) if title else None, date)


def _uri(text: str) -> str | None:
    return text if urlsplit(text).scheme and not set(text) & set(' <>"{}|\\^`') else None


def out_again(listing: Listing, folder: Path) -> Feed:
    """Put a listing into a store of its own, and build the feed of all that is in it."""
    store = SqliteStore(folder / "store.sqlite")
    store.put(listing)
    query = replace(parse_query([("sort", "published"), ("math", "raw")]), limit=1_000)
    feed = build_feed(store, Offer(query, ADDRESS, timedelta(minutes=15)), NOW)
    store.close()
    return feed


def in_format(name: str, body: bytes) -> dict[str, tuple[str, str, datetime]]:
    """Return id -> title, link and date, as they stand in a document."""
    if name == "json":
        return {
            item["id"]: (item["title"], item["url"], datetime.fromisoformat(item["date_published"]))
            for item in json.loads(body)["items"]
        }
    entries = feedparser.parse(io.BytesIO(body), sanitize_html=False).entries
    return {one.id: (one.title, one.link, datetime(*one.published_parsed[:6], tzinfo=UTC)) for one in entries}


READABLE = [name for name, body in bodies().items() if looks_like_feed(body)] if (DATA / "feeds").is_dir() else []


@pytest.mark.parametrize("name", READABLE)
def test_a_feed_goes_out_again_as_it_came(name: str, tmp_path: Path) -> None:
    """In three formats that are valid: the same ids, titles, links and dates, where upstream's own are valid."""
    body = bodies()[name]
    try:
        listing = read(body)
    except ListingError as error:
        pytest.fail(f"refused: {error}")
    originals = plainly(body)
    assert len(listing.entries) == len(originals)
    feed = out_again(listing, tmp_path)
    assert {entry.id for entry in feed.entries} == {entry.id for entry in listing.entries}
    for format_name, renderer in RENDERERS.items():
        document = render(renderer, feed)
        assert_valid(format_name, document)
        shown = in_format(format_name, document)
        assert len(shown) == len(originals)
        for entry, original in zip(listing.entries, originals, strict=True):
            title, link, date = shown[entry.id]
            assert entry.id == (original.id or entry.id)
            assert title == (original.title or entry.title)
            assert link == (original.link or entry.links.page)
            assert date == min(original.date or entry.published, NOW)


def test_every_file_is_read_or_refused_with_a_reason() -> None:
    """Nothing crashes, with an address or without, and no HTML acts; counts are printed."""
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for body in bodies().values():
        counts["files"] += 1
        try:
            listing = read(body)
        except ListingError as error:
            counts["refused"] += 1
            reasons[re.sub(r"'.*|\(.*", "", str(error))] += 1
        else:
            counts["read"] += 1
            counts["entries"] += len(listing.entries)
            counts["entries with HTML"] += sum(entry.html is not None for entry in listing.entries)
            reasons.update(refusal.why for refusal in listing.refused)
            for entry in listing.entries:
                assert_inert(entry.html or "")
        try:
            counts["read without an address"] += bool(read_saved_feed(body, NOW))
        except ListingError as error:
            assert str(error)  # noqa: PT017  # every reason is a sentence
    print(dict(counts), *(f"{count} x {reason}" for reason, count in reasons.items()), sep="\n")  # noqa: T201  # the counts are to be seen
    assert counts["read"] == len(READABLE)
    assert counts["refused"] == counts["files"] - counts["read"]
