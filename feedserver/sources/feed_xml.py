"""RSS, Atom and RDF -> what they say of their entries, by feedparser, which gets nothing to read that costs much."""

import io
import re
from calendar import timegm
from collections.abc import Mapping
from datetime import UTC, datetime
from time import struct_time
from typing import Any

import feedparser
from lxml import etree

from feedserver.errors import ListingError
from feedserver.markup import plain_text
from feedserver.sources.document import read_document
from feedserver.sources.feed_element import Element, Marked, Window
from feedserver.text import clean

ROOTS = re.compile(r"<(?:[\w.-]{1,40}:)?(?:rss|feed|rdf|channel|entry)(?=[\s/>])", re.IGNORECASE)

_MOST_TAGS = 100  # categories of an entry: feedparser compares each with every other
_LONGEST_LIST = 300  # characters of keywords in one element, for the same reason
_LONGEST_BASE = 2_000  # characters of xml:base: feedparser joins it anew for every element
_CONTENT = {  # what feedparser hands on as it is
    "title", "subtitle", "tagline", "rights", "copyright", "description", "abstract", "info", "summary", "content",
    "body", "encoded", "fullitem", "browserfriendly",
}  # fmt: skip
_PEOPLE = {"author", "creator", "managingeditor", "webmaster", "publisher", "name", "email", "owner"}
_TAGS = {"category", "keywords", "subject", "tags"}
_DATES = {"pubdate", "published", "date", "updated", "modified", "issued", "created"}
_NO_ZONE = re.compile(r"[a-z]{3,9} \d{4} \d\d?:\d\d(?::\d\d)?\s*$", re.IGNORECASE)  # which feedparser does not read
_RUN = re.compile(r"[\w.+-]{100,}")  # takes feedparser quadratic time, where it looks for an e-mail address
_NAMESPACES = {  # what those mean who forgot to declare them
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
_Fields = Mapping[str, Any]


def read_xml(body: bytes, content_type: str, address: str) -> Window:
    """Return what a feed says; ``address`` is where it came from, if that is known.

    Raises ListingError where the bytes are no feed.
    """
    root, flaw = read_document(body, content_type, ROOTS)
    _bare(root)
    _tame(root)
    parsed = feedparser.parse(
        io.BytesIO(etree.tostring(root, encoding="utf-8")),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": address},
        sanitize_html=False,
        resolve_relative_uris=False,  # in HTML: that is resolved where it is sanitised
    )
    if not (parsed.version or parsed.entries):
        raise ListingError(f"no feed in it, but a document that begins with <{root.tag}>")
    feed = parsed.feed
    authors = _authors(feed) if parsed.version.startswith("atom") else ()  # RFC 4287, 4.1.2
    selves = [link.get("href", "") for link in feed.get("links", ()) if link.get("rel") == "self"]
    return Window(
        home=feed.get("link", ""),
        address=selves[0] if selves else "",
        elements=tuple(_element(entry, authors) for entry in parsed.entries),
        flaw=flaw,
    )


def _bare(root: etree._Element) -> None:
    """Take RSS's own elements out of a namespace: they are in none, and one at the root is somebody's slip."""
    namespace, _, name = str(root.tag).rpartition("}")
    if namespace and name == "rss":
        for element in root.iter():
            element.tag = str(element.tag).removeprefix(f"{namespace}}}")


def _tame(root: etree._Element) -> None:
    """Take out of a document what feedparser would spend quadratic time on; no feed in the wild loses anything."""
    tags, growth, surplus = 0, 0, []
    for _, element in (walk := etree.iterwalk(root, events=("start",))):
        name = _local_name(element)
        growth += _tame_base(element, growth)
        element.tail = None
        if name in _CONTENT:
            walk.skip_subtree()
        elif name in {"item", "entry"}:
            tags = 0
        elif name in _TAGS:
            tags += 1
            surplus += [element] if tags > _MOST_TAGS else []
            element.text = (element.text or "")[:_LONGEST_LIST]
        elif name in _PEOPLE:
            element.text = _RUN.sub("", element.text or "")
        elif name in _DATES and _NO_ZONE.search(element.text or ""):
            element.text = f"{element.text} GMT"
    for element in surplus:
        element.getparent().remove(element)


def _local_name(element: etree._Element) -> str:
    """Return the name without namespace; a prefix that was never declared is made the namespace that it stands for."""
    name = str(element.tag)
    if ":" in name and not name.startswith("{"):
        prefix, _, local = name.partition(":")
        known = _NAMESPACES.get(prefix.lower())
        element.tag = name = f"{{{known}}}{local}" if known else local
    for key in [key for key in map(str, element.attrib) if ":" in key and not key.startswith("{")]:
        element.set(key.rpartition(":")[2], element.attrib.pop(key))
    return name.rpartition("}")[2].lower()


def _tame_base(element: etree._Element, growth: int) -> int:
    """Return by how many characters an ``xml:base`` makes relative addresses longer; take it out where that is much."""
    grown = 0
    for key in [key for key in element.attrib if str(key).rpartition("}")[2].lower() == "base"]:
        value = str(element.attrib[key])
        adds = 0 if value.startswith(("/", "https://", "http://")) else len(value)
        if len(value) > _LONGEST_BASE or growth + adds > _LONGEST_BASE:
            del element.attrib[key]
        else:
            grown += adds
    return grown


def _element(entry: _Fields, authors: tuple[str, ...]) -> Element:
    links = [link for link in entry.get("links", ()) if link.get("href")]
    media = [*(link for link in links if link.get("rel") == "enclosure"), *entry.get("media_content", ())]
    pictures = [
        *(one.get("url") for one in entry.get("media_thumbnail", ())),
        *(_address(one) for one in media if one.get("medium") == "image" or "image/" in (one.get("type") or "")),
        (entry.get("image") or {}).get("href"),
    ]
    return Element(
        guid=clean(entry.get("id") or ""),
        links=(
            entry.get("feedburner_origlink") or "", entry.get("link") or "",
            *(link["href"] for link in links if link.get("rel") == "alternate"),
        ),
        title=_title(entry),
        texts=(*map(_marked, _contents(entry)), _marked(entry.get("summary_detail") or {})),
        authors=_authors(entry) or authors,
        categories=tuple(tag.get("term") or tag.get("label") or "" for tag in entry.get("tags", ())),
        dates=tuple(_instant(_stated(entry, f"{key}_parsed")) for key in ("published", "updated", "created")),
        media=tuple(filter(None, map(_address, media))),
        images=tuple(filter(None, pictures)),
    )  # fmt: skip


def _address(media: _Fields) -> str:
    """Return where an enclosure or a media:content is."""
    return media.get("href") or media.get("url") or ""


def _is_html(detail: _Fields) -> bool:
    return "html" in (detail.get("type") or "text/html")


def _title(entry: _Fields) -> str:
    title, detail = entry.get("title") or "", entry.get("title_detail") or {}
    return plain_text(title) if _is_html(detail) and detail else clean(title)


def _contents(entry: _Fields) -> list[_Fields]:
    """Return the contents, HTML first, without those that lie elsewhere or are files (RFC 4287, 4.1.3)."""
    readable = [
        one for one in entry.get("content", ()) if (one.get("type") or "text/").startswith(("text/", "applica"))
    ]
    return sorted(readable, key=lambda one: not _is_html(one))


def _marked(detail: _Fields) -> Marked:
    return Marked(detail.get("value") or "", is_html=_is_html(detail), base=detail.get("base") or "")


def _authors(fields: _Fields) -> tuple[str, ...]:
    people = fields.get("authors") or [{"name": fields.get("author") or ""}]
    return tuple(name for one in people if one and (name := one.get("name")))


def _stated(entry: _Fields, key: str) -> Any:
    """Return what stands there; feedparser itself gives the date of publication for one of an update."""
    return dict(entry).get(key)


def _instant(parsed: struct_time | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError):
        return None
