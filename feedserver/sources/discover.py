"""Bytes of a page and its address -> the feeds that it names, and the selectors that would catch what it lists."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from feedserver.errors import ListingError
from feedserver.identity import link_name
from feedserver.sources.proposals import Proposal, propose
from feedserver.sources.selectors import text_of
from feedserver.sources.structure import find_groups
from feedserver.sources.webpage import WebPage, decode, read_page

MOST_BYTES = 5_000_000
_MOST_FEEDS = 30
_MOST_PROPOSALS = 3
_TRIED = 6  # groups for which selectors are looked for
_FAINT = 0.25  # a group that weighs less, beside the likeliest one, is part of the page around it

_TYPES = {  # what rel=alternate says of feeds (RFC 4287, 7; JSON Feed 1.1), the richest format first
    "application/atom+xml": 1,
    "application/rss+xml": 2,
    "application/feed+json": 3,
    "application/rdf+xml": 4,
    "application/json": 5,
    "text/xml": 6,
    "application/xml": 6,
}
_FEED_PATH = re.compile(
    r"(?:^|/)(?:feeds?|rss2?|atom)(?:\.(?:xml|json|php|rdf))?/?$|/index\.(?:xml|rdf|rss)$|\.(?:rss|atom|rdf)$"
    r"|(?:^|/)[\w-]*(?:feed|rss|atom)[\w-]*\.(?:xml|json)$|/(?:feed|rss|atom)/(?:all|posts|news|blog|latest)[\w.-]*$",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(
    r"(?:^|&)(?:feed=(?:rss2?|atom|rdf)|format=(?:rss|atom)|output=(?:rss|atom))(?:&|$)", re.IGNORECASE
)
_FEED_WORDS = re.compile(r"\b(?:rss|atom)(?: feed)?\b", re.IGNORECASE)
_COMMENTS = re.compile(r"comments?\b|replies", re.IGNORECASE)
_NO_FEED = re.compile(r"\.(?:html?|png|svg|jpe?g|gif|css|js|pdf|zip)$", re.IGNORECASE)
_ROOTS = re.compile(r"<(?:rss|feed|rdf:RDF)[\s>]")
_JSON_FEED = re.compile(r'^\s*\{.{0,500}?"version"\s*:\s*"https:\\?/\\?/jsonfeed\.org', re.DOTALL)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that a page names: its address, what the page calls it, and the media type that is stated, if any."""

    url: str
    title: str
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found on a page: feeds, the best first; and proposals, the likeliest first."""

    feeds: tuple[FeedLink, ...]
    proposals: tuple[Proposal, ...]


def discover(body: bytes, url: str, content_type: str = "") -> Discovery:
    """Return what a page offers; of a feed, that it is one. Raises ListingError where the bytes are no page."""
    if len(body) > MOST_BYTES:
        raise ListingError(f"a page of {len(body)} bytes, more than {MOST_BYTES}")
    start = decode(body[:2_000], content_type)
    if (_ROOTS.search(start) and "<html" not in start.lower()) or _JSON_FEED.match(start):
        return Discovery((FeedLink(url, "", content_type.partition(";")[0].strip()),), ())
    page = read_page(body, url, content_type)
    groups = find_groups(page.root)[:_TRIED]
    likeliest = max((group.score for group in groups), default=0)
    proposals = (propose(page.root, group) for group in groups if group.score >= _FAINT * likeliest)
    return Discovery(find_feeds(page), tuple(islice(filter(None, proposals), _MOST_PROPOSALS)))


def find_feeds(page: WebPage) -> tuple[FeedLink, ...]:
    """Return the feeds that a page names, those it declares first, those of comments last, each once."""
    found: dict[str, tuple[tuple[bool, int], FeedLink]] = {}
    for rank, feed in (*_declared(page), *_linked(page)):
        found.setdefault(link_name(feed.url), ((bool(_COMMENTS.search(f"{feed.title} {feed.url}")), rank), feed))
    ranked = sorted(found.values(), key=lambda one: one[0])
    return tuple(feed for _, feed in ranked[:_MOST_FEEDS])


def _declared(page: WebPage) -> Iterator[tuple[int, FeedLink]]:
    for link in page.root.iter("link"):
        media_type = (link.get("type") or "").partition(";")[0].strip().lower()
        relations = (link.get("rel") or "").lower().split()
        url = page.address(link.get("href") or "")
        if url and media_type in _TYPES and "alternate" in relations and _is_feed_type(media_type, url):
            yield _TYPES[media_type], FeedLink(url, link.get("title") or "", media_type)


def _is_feed_type(media_type: str, url: str) -> bool:
    """A media type of XML or JSON at large says nothing: WordPress names its API that way. The address does."""
    return media_type not in {"application/json", "text/xml", "application/xml"} or _looks_like_feed(url)


def _linked(page: WebPage) -> Iterator[tuple[int, FeedLink]]:
    for link in page.root.iter("a"):
        url = page.address(link.get("href") or "")
        if not url or _NO_FEED.search(urlsplit(url).path):
            continue
        title = text_of(link) or link.get("title") or link.get("aria-label") or ""
        if _looks_like_feed(url):
            yield 10, FeedLink(url, title)
        elif len(title) <= 20 and _FEED_WORDS.search(title):
            yield 11, FeedLink(url, title)


def _looks_like_feed(url: str) -> bool:
    parts = urlsplit(url)
    return bool(_FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query))
