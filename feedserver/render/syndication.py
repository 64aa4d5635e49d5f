"""Feed -> feedgen's FeedGenerator, from which RSS and Atom are both made; and the elements that feedgen lacks."""

import re
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.ext.dc import DcEntryExtension, DcExtension
from feedgen.ext.media import MediaEntryExtension, MediaExtension
from feedgen.feed import FeedGenerator
from lxml.etree import Element, SubElement, _Element, tostring
from markupsafe import escape

from feedserver.model import Entry, Feed, View
from feedserver.render.base import (
    author_names,
    discussion_link,
    entry_date,
    entry_link,
    entry_tags,
    entry_updated,
)
from feedserver.render.content import content_html, escaped_summary

NAMESPACES = {
    "dcterms": "http://purl.org/dc/terms/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "thr": "http://purl.org/syndication/thread/1.0",
}
_ATOM = "http://www.w3.org/2005/Atom"
_DECLARED = {
    **NAMESPACES,
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "atom": _ATOM,
    "content": "http://purl.org/rss/1.0/modules/content/",
}
_OPENING = re.compile(rb"^(?:<\?xml[^>]*>\s*)?<(item|entry)[^>]*>")


class PaperExtension(BaseExtension):  # type: ignore[misc]  # feedgen is untyped
    """Declares the namespaces of PaperEntryExtension, and announces the hub in RSS: feedgen does it in Atom alone."""

    hub_url: str | None = None

    def extend_ns(self) -> dict[str, str]:
        """Return prefix -> namespace."""
        return NAMESPACES

    def extend_rss(self, element: _Element) -> _Element:
        """Add to an RSS document."""
        if self.hub_url and (channel := element.find("channel")) is not None:
            SubElement(channel, f"{{{_ATOM}}}link", {"href": self.hub_url, "rel": "hub"})
        return element


class PaperEntryExtension(BaseEntryExtension):  # type: ignore[misc]  # feedgen is untyped
    """The paper's own date (DCMI terms), the discussion (RFC 4685, slash module), and in RSS the time of change."""

    entry: Entry
    view: View

    def extend_rss(self, element: _Element) -> _Element:
        """Add to an RSS item."""
        self._add_created(element)
        SubElement(element, f"{{{NAMESPACES['slash']}}}comments").text = str(self.entry.comments)
        SubElement(element, f"{{{_ATOM}}}updated").text = entry_updated(self.entry, self.view).isoformat()
        return element

    def extend_atom(self, element: _Element) -> _Element:
        """Add to an Atom entry."""
        self._add_created(element)
        count = {f"{{{NAMESPACES['thr']}}}count": str(self.entry.comments)}
        link = {"rel": "replies", "type": "text/html", "href": discussion_link(self.entry), **count}
        SubElement(element, "link", link)
        return element

    def _add_created(self, element: _Element) -> None:
        created = self.entry.published
        SubElement(element, f"{{{NAMESPACES['dcterms']}}}created").text = created.isoformat()


def frame(feed: Feed, format_name: str, media_type: str) -> Any:
    """Return a FeedGenerator that holds all of the feed but its entries; its address is the one of ``format_name``."""
    made = FeedGenerator()
    made.register_extension("paper", PaperExtension, PaperEntryExtension)
    made.register_extension("dc", DcExtension, DcEntryExtension, atom=False)
    made.register_extension("media", MediaExtension, MediaEntryExtension)
    made.id(feed.id)
    made.title(feed.title)
    made.subtitle(str(escape(feed.subtitle)) if format_name == "rss" else feed.subtitle)  # RSS: taken for HTML
    made.link(href=feed.self_urls[format_name], rel="self", type=media_type)
    if feed.hub_url:
        made.link(href=feed.hub_url, rel="hub")
        made.paper.hub_url = feed.hub_url
    made.link(href=feed.home_url, rel="alternate", type="text/html")  # the last link is the channel's
    if not feed.entries or not all(entry.authors for entry in feed.entries):
        made.author(name="feedserver")  # RFC 4287, 4.1.1: a feed has an author unless all its entries have
    made.generator("feedserver")
    made.language("en")
    made.icon(feed.icon_url)
    made.image(url=feed.icon_url, title=feed.title, link=feed.home_url)
    made.docs("https://www.rssboard.org/rss-specification")
    made.updated(feed.updated)
    return made


def split(document: bytes, end: bytes) -> tuple[bytes, bytes]:
    """Return a document without entries in two parts, between which the entries belong."""
    head, _, _ = document.rpartition(end)
    return head, document[len(head) :]


def filled(entry: Entry, view: View) -> Any:
    """Return a FeedEntry with all that is known of the entry."""
    element = FeedEntry()
    element.register_extension("paper", PaperEntryExtension)
    element.register_extension("dc", DcEntryExtension, atom=False)
    element.register_extension("media", MediaEntryExtension)
    element.paper.entry, element.paper.view = entry, view
    element.id(entry.id)
    element.title(entry.title)
    element.link(href=entry_link(entry, view), rel="alternate")
    element.comments(discussion_link(entry))
    element.published(entry_date(entry, view))
    element.updated(entry_updated(entry, view))
    if "summary" in view.show and entry.summary:
        element.description(escaped_summary(entry))  # RSS readers take it for HTML
        element.summary(entry.summary, type="text")  # Atom readers do as the type says
    element.content(content_html(entry, view), type="html")
    element.author([{"name": name} for name in author_names(entry)])
    element.dc.dc_creator(list(author_names(entry)))
    element.category([{"term": tag} for tag in entry_tags(entry)])
    if entry.thumbnail:
        element.media.thumbnail(url=entry.thumbnail, group=None)
    return element


def spell(element: _Element) -> bytes:
    """Return an entry's XML as it stands inside of a feed, which declares the namespaces."""
    _parent().append(element)
    document: bytes = tostring(element, encoding="UTF-8")
    return _OPENING.sub(rb"<\1>", document, count=1)


def _parent() -> _Element:
    return Element("feed", nsmap=_DECLARED)
