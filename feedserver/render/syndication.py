"""Feed -> feedgen's FeedGenerator, from which RSS and Atom are both made; and the elements that feedgen lacks."""

from datetime import timedelta
from typing import Any

from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml.etree import SubElement, _Element
from markupsafe import escape

from feedserver.model import Feed

NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "fh": "http://purl.org/syndication/history/1.0",
    "media": "http://search.yahoo.com/mrss/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "thr": "http://purl.org/syndication/thread/1.0",
}
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 7 * 86_400, "monthly": 30 * 86_400, "yearly": 365 * 86_400}
_ATOM = "http://www.w3.org/2005/Atom"


class PaperExtension(BaseExtension):  # type: ignore[misc]  # feedgen is untyped
    """Declares namespaces; says how often to ask and where the feed's other documents are (RFC 5005)."""

    feed: Feed
    format_name: str

    def extend_ns(self) -> dict[str, str]:
        """Return prefix -> namespace."""
        return NAMESPACES

    def extend_rss(self, element: _Element) -> _Element:
        """Add to an RSS channel; of the feed's links, feedgen itself writes no more than its own address."""
        if self.feed.hub_url:
            SubElement(element[0], f"{{{_ATOM}}}link", {"href": self.feed.hub_url, "rel": "hub"})
        self._extend(element[0], f"{{{_ATOM}}}link")
        return element

    def extend_atom(self, element: _Element) -> _Element:
        """Add to an Atom feed."""
        self._extend(element, "link")
        return element

    def _extend(self, parent: _Element, link: str) -> None:
        for relation, addresses in self.feed.related.items():
            SubElement(parent, link, {"rel": relation, "href": addresses[self.format_name]})
        if self.feed.is_archive:
            SubElement(parent, f"{{{NAMESPACES['fh']}}}archive")
            return
        period, frequency = update_period(self.feed.max_age)
        SubElement(parent, f"{{{NAMESPACES['sy']}}}updatePeriod").text = period
        SubElement(parent, f"{{{NAMESPACES['sy']}}}updateFrequency").text = str(frequency)


def frame(feed: Feed, format_name: str, media_type: str) -> Any:
    """Return a FeedGenerator that holds all of the feed but its entries; its address is the one of ``format_name``."""
    made = FeedGenerator()
    made.register_extension("paper", PaperExtension)
    made.paper.feed, made.paper.format_name = feed, format_name
    made.id(feed.id)
    made.title(feed.title)
    made.subtitle(str(escape(feed.subtitle)) if format_name == "rss" else feed.subtitle)  # RSS: taken for HTML
    made.link(href=feed.self_urls[format_name], rel="self", type=media_type)
    if feed.hub_url:
        made.link(href=feed.hub_url, rel="hub")
    made.link(href=feed.home_url, rel="alternate", type="text/html")  # the last link is the channel's
    if not feed.signed:
        made.author(name="feedserver")  # RFC 4287, 4.1.1: a feed has an author unless all its entries have
    made.generator("feedserver")
    made.language("en")
    made.icon(feed.icon_url)
    made.image(url=feed.icon_url, title=feed.title, link=feed.home_url)
    made.docs("https://www.rssboard.org/rss-specification")
    made.updated(feed.updated)
    if not feed.is_archive:
        made.ttl(max(1, round(feed.max_age.total_seconds() / 60)))
    return made


def update_period(max_age: timedelta) -> tuple[str, int]:
    """Return the period of the syndication module, and how often in it the feed may be asked for, at most."""
    seconds = max(1, int(max_age.total_seconds()))
    period = next((name for name, length in _PERIODS.items() if length >= seconds), "yearly")
    return period, max(1, _PERIODS[period] // seconds)


def split(document: bytes, end: bytes) -> tuple[bytes, bytes]:
    """Return a document without entries in two parts, between which the entries belong."""
    head, _, _ = document.rpartition(end)
    return head, document[len(head) :]
