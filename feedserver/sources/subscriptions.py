"""OPML -> the feeds on a subscription list, and names for them (http://opml.org/spec2.opml)."""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from lxml import etree

from feedserver.errors import ListingError
from feedserver.identity import link_name, web_address
from feedserver.sources.document import decode, read_document
from feedserver.text import clean, words

MOST = 10_000  # subscriptions
LONGEST_NAME = 40  # characters

_ROOT = re.compile(r"<(?:opml|outlinedocument)(?=[\s>])", re.IGNORECASE)
_BEGINNING = 5_000  # bytes
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_OUTLINE = re.compile(r"<outline\s[^\r\n]{0,4000}?\bxmlurl\s*=\s*\"([^\"<>]{1,2000})\"", re.IGNORECASE)
_TITLE = re.compile(r"\b(?:title|text)\s*=\s*\"([^\"<>]+)\"", re.IGNORECASE)
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed on a list: what it is called there, its address, its page, and the folders it lies in, outermost first."""

    title: str
    url: str
    home: str | None = None
    folders: tuple[str, ...] = ()


def read_opml(body: bytes) -> tuple[Subscription, ...]:
    """Return the feeds on a list in its order, each once.

    Outlines that are marked as comments are left out with all that is in them. Raises ListingError where the bytes are
    no OPML, or no feed is on the list.
    """
    try:
        root, flaw = read_document(body, "", _ROOT)
    except ListingError as error:
        raise ListingError(f"not a subscription list (OPML): {error}") from error
    found: dict[str, Subscription] = {}
    for subscription in (*_subscriptions(root), *(_broken_outlines(decode(body)) if flaw else ())):
        found.setdefault(link_name(subscription.url), subscription)
    if not found:
        raise ListingError("an OPML list without a feed: none of its outlines has an 'xmlUrl' that is an address")
    if len(found) > MOST:
        raise ListingError(f"{len(found):,} feeds on a list; at most {MOST:,} are read")
    return tuple(found.values())


def looks_like_opml(body: bytes) -> bool:
    """Say whether bytes begin as OPML does."""
    return _ROOT.search(decode(body[:_BEGINNING])) is not None


def name_for(subscription: Subscription, taken: Container[str]) -> str:
    """Return a name for settings that is not taken: of small letters, digits and hyphens, made of the title.

    Where the title has no such letters, the host makes the name.
    """
    host = (urlsplit(subscription.url).hostname or "").removeprefix("www.")
    stem = _slug(subscription.title) or _slug(host) or "feed"
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    return name


def _slug(text: str) -> str:
    made = _NOT_IN_NAMES.sub("-", "-".join(words(text))).strip("-")
    return made if len(made) <= LONGEST_NAME else made[: LONGEST_NAME + 1].rpartition("-")[0] or made[:LONGEST_NAME]


def _subscriptions(root: etree._Element) -> Iterator[Subscription]:
    """Walk through the outlines in order, without recursion."""
    waiting: list[tuple[etree._Element, tuple[str, ...]]] = [(root, ())]
    while waiting:
        element, folders = waiting.pop()
        fields = {str(key).lower(): clean(str(value)) for key, value in element.attrib.items()}
        if fields.get("iscomment", "").lower() == "true":
            continue
        title = fields.get("title") or fields.get("text") or ""
        url = web_address(_over_http(fields.get("xmlurl") or (fields.get("url", "") if _is_feed(fields) else "")))
        if url:
            yield Subscription(title or urlsplit(url).netloc, url, web_address(fields.get("htmlurl")), folders)
        inner = folders if url or not title else (*folders, title)
        waiting += [(child, inner) for child in reversed(element)]


def _broken_outlines(text: str) -> Iterator[Subscription]:
    """Find subscriptions in a list that is not well-formed: some programs put HTML, quotes and all, into attributes."""
    for outline in _OUTLINE.finditer(_COMMENT.sub("", text)):
        title, url = _TITLE.search(outline[0]), web_address(unescape(outline[1]))
        if url and "iscomment" not in outline[0].lower():
            yield Subscription(clean(unescape(title[1])) if title else urlsplit(url).netloc, url)


def _is_feed(fields: dict[str, str]) -> bool:
    return fields.get("type", "").lower() in {"rss", "atom"}


def _over_http(address: str) -> str:
    """Return an address of the scheme ``feed`` as one that can be asked for."""
    rest = address.removeprefix("feed:")
    return f"https:{rest}" if rest != address and rest.startswith("//") else rest
