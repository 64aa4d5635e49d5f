"""An entry as feedgen writes it: what the renderers' own writing of entries is held against."""

import re
from typing import Any

import lxml.etree  # noqa: F401  # feedgen's modules don't load it themselves
from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension
from feedgen.ext.dc import DcEntryExtension
from feedgen.ext.media import MediaEntryExtension
from lxml.etree import Element, SubElement, _Element, tostring

from feedserver.model import Entry, View
from feedserver.render.base import (
    author_names,
    discussion_link,
    entry_date,
    entry_link,
    entry_summary,
    entry_tags,
    entry_title,
    entry_updated,
)
from feedserver.render.content import content_html, escaped_summary
from feedserver.render.syndication import NAMESPACES
from feedserver.taxonomy import SCHEME, category_name

_ATOM = "http://www.w3.org/2005/Atom"
_DECLARED = {
    **NAMESPACES,
    "atom": _ATOM,
    "content": "http://purl.org/rss/1.0/modules/content/",
}
_OPENING = re.compile(rb"^(?:<\?xml[^>]*>\s*)?<(item|entry)[^>]*>")
_PLAIN = re.compile(rb"<(title|category|dc:creator)>[^<]*</")


def written_by_feedgen(format_name: str, entry: Entry, view: View) -> bytes:
    """Return the entry as it stands inside of a feed; in RSS with numeric references where the profile wants them."""
    if format_name == "atom":
        return spell(filled(entry, view, atom=True).atom_entry())
    return _PLAIN.sub(_with_plain_references, spell(filled(entry, view, atom=False).rss_entry()))


def _with_plain_references(text: re.Match[bytes]) -> bytes:
    return text[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;").replace(b"&gt;", b"&#x3E;")


class PaperEntryExtension(BaseEntryExtension):  # type: ignore[misc]  # feedgen is untyped
    """The paper's own date (DCMI terms), the discussion (RFC 4685, slash module), and in RSS the time of change."""

    entry: Entry
    view: View

    def extend_rss(self, element: _Element) -> _Element:
        """Add to an RSS item."""
        self._add_created(element)
        if self.view.counted:
            SubElement(element, f"{{{NAMESPACES['slash']}}}comments").text = str(self.entry.comments)
        SubElement(element, f"{{{_ATOM}}}updated").text = entry_updated(self.entry, self.view).isoformat()
        return element

    def extend_atom(self, element: _Element) -> _Element:
        """Add to an Atom entry."""
        self._add_created(element)
        count = {f"{{{NAMESPACES['thr']}}}count": str(self.entry.comments)} if self.view.counted else {}
        if talk := discussion_link(self.entry):
            SubElement(element, "link", {"rel": "replies", "type": "text/html", "href": talk, **count})
        return element

    def _add_created(self, element: _Element) -> None:
        created = self.entry.published
        SubElement(element, f"{{{NAMESPACES['dcterms']}}}created").text = created.isoformat()


def _category(tag: str, *, atom: bool) -> dict[str, str]:
    name = category_name(tag) if atom else None  # in RSS a scheme would be a domain, and hide the tag from some readers
    return {"term": tag, **({"scheme": SCHEME, "label": name} if name else {})}


def filled(entry: Entry, view: View, *, atom: bool) -> Any:
    """Return a FeedEntry with all that is known of the entry."""
    element = FeedEntry()
    element.register_extension("paper", PaperEntryExtension)
    element.register_extension("dc", DcEntryExtension, atom=False)
    element.register_extension("media", MediaEntryExtension)
    element.paper.entry, element.paper.view = entry, view
    element.id(entry.id)
    element.title(entry_title(entry, view))
    element.link(href=entry_link(entry, view), rel="alternate")
    if talk := discussion_link(entry):
        element.comments(talk)
    element.published(entry_date(entry, view))
    element.updated(entry_updated(entry, view))
    if "summary" in view.show and entry.summary:
        element.description(escaped_summary(entry, view))  # RSS readers take it for HTML
        element.summary(entry_summary(entry, view), type="text")  # Atom readers do as the type says
    element.content(content_html(entry, view), type="html")
    element.author([{"name": name} for name in author_names(entry)])
    element.dc.dc_creator(list(author_names(entry)))
    element.category([_category(tag, atom=atom) for tag in entry_tags(entry, view)])
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
