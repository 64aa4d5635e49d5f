"""Any feed: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, RDF, JSON Feed -> Listing, whatever the site."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from feedserver.errors import ListingError
from feedserver.model import Entry, Listing, Refusal
from feedserver.sources.base import CURRENT, Answer, Page, Request, Source, setting
from feedserver.sources.collect import collect, some
from feedserver.sources.document import LARGEST, decode
from feedserver.sources.feed_element import Element, EntryMaker, Window
from feedserver.sources.feed_json import VERSION, read_json
from feedserver.sources.feed_xml import ROOTS, read_xml

HOURLY = timedelta(hours=1)
MOST_ENTRIES = 10_000
IMPORT = "import"  # the source of a saved feed
ACCEPTED = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, */*;q=0.5"
)

_BEGINNING = 20_000  # bytes in which the root element begins: blogs put notices before it


@dataclass(frozen=True, slots=True)
class AnyFeed(Source):
    """The source ``feed``: a feed that is asked for every so often. It is a window, so what leaves it is not gone."""

    url: str = setting("the address of the feed")
    every: timedelta = setting("how long to wait between two looks", default=HOURLY)
    name: str = "feed"

    def request(self, key: str) -> Request:  # noqa: ARG002  # it has but one listing
        """Ask for the feed."""
        return Request(self.url, headers={"Accept": ACCEPTED})

    def parse(self, answer: Answer, key: str | None, observed: datetime) -> Page:
        """Read the feed; it has one page."""
        return Page(replace(read_feed(answer, self.name, observed, self.url), key=key or CURRENT))


def read_feed(answer: Answer, source: str, observed: datetime, address: str = "") -> Listing:
    """Return the listing that a feed is; ``address`` is where it is asked for, empty of a saved file.

    Raises ListingError where the bytes are no feed, or none of its elements is an entry.
    """
    window = _read(answer, address)
    maker = EntryMaker(window, answer.url or address, address or answer.url, observed)
    flaws = [Refusal("the document", f"{window.flaw}; what could be read is kept")] if window.flaw else []
    if surplus := len(window.elements[MOST_ENTRIES:]):
        flaws.append(Refusal(f"the last {surplus:,} elements", f"of a feed, at most {MOST_ENTRIES:,} are read"))

    def make(element: Element) -> Entry:
        return maker.make(element, source)

    listing = some(collect(source, CURRENT, observed, window.elements[:MOST_ENTRIES], make, _label))
    return replace(listing, refused=(*flaws, *listing.refused))


def read_saved_feed(body: bytes, observed: datetime) -> Listing:
    """Return the listing that the file of a saved feed holds. Raises ListingError as ``read_feed`` does."""
    return replace(read_feed(Answer(body), IMPORT, observed), captured=True)


def looks_like_feed(body: bytes) -> bool:
    """Say whether bytes are worth reading as a feed: by the first element, or the version that a JSON Feed states."""
    if _is_json(body):
        return VERSION.encode() in body.replace(b"\\/", b"/")
    beginning = decode(body[:_BEGINNING])
    found = ROOTS.search(beginning)
    return found is not None and "<html" not in beginning[: found.start()].lower()


def _read(answer: Answer, address: str) -> Window:
    if len(answer.body) > LARGEST:
        raise ListingError(f"{len(answer.body):,} bytes; at most {LARGEST:,} are read")
    if _is_json(answer.body):
        return read_json(answer.body)
    return read_xml(answer.body, answer.content_type, answer.url or address)


def _is_json(body: bytes) -> bool:
    return body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}


def _label(position: int, element: Element) -> str:
    return f"element {position} ({element.guid or element.title!r})"
