"""OAI-PMH pages of arXiv's records -> Harvest. Only this module knows that protocol and its formats.

Source: https://www.openarchives.org/OAI/openarchivesprotocol.html and https://info.arxiv.org/help/oa/index.html. A list
comes in pages; a resumption token leads to the next. A record has the day on which it was changed last, not the one on
which the paper was announced. arXiv gives records in the order of these days, and no size of the list.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain

from lxml.etree import _Element

from feedserver.errors import BadTokenError, ListingError
from feedserver.identity import paper_at
from feedserver.model import Entry, Listing, midnight
from feedserver.sources.arxiv_dates import announced, first_of_month
from feedserver.sources.arxiv_entry import Paper, make_entry
from feedserver.sources.base import CURRENT, Request
from feedserver.sources.collect import collect
from feedserver.sources.xml import parse_xml

NAME = "arxiv-oai"
URL = "https://oaipmh.arxiv.org/oai"
DELETED = "deleted upstream"

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_ARXIV = "{http://arxiv.org/OAI/arXiv/}"
_NAME = (f"{_ARXIV}forenames", f"{_ARXIV}keyname", f"{_ARXIV}suffix")
_DUBLIN = "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc"
_DC = "{http://purl.org/dc/elements/1.1/}"
_LAST_SECOND = time(23, 59, 59, tzinfo=UTC)
# Characters that no XML may hold: one of them in an abstract would stop a harvest at its page for ever.
_FORBIDDEN = bytes(set(range(32)) - set(b"\t\n\r"))


@dataclass(frozen=True, slots=True)
class Selection:
    """What is to be harvested: a set such as ``cs`` or ``cs:cs:LG``, and the days of the last change, both included."""

    subset: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Harvest:
    """One page: its listing, the token of the next if there is one, how many records the list has, if that is told.

    ``earliest`` and ``latest`` are the first and the last day on which records of the page were changed.
    """

    listing: Listing
    token: str | None = None
    size: int | None = None
    earliest: date | None = None
    latest: date | None = None

    @property
    def records(self) -> int:
        """How many records are on the page, refused ones among them."""
        return len(self.listing.entries) + len(self.listing.refused)


@dataclass(frozen=True, slots=True)
class ArxivOai:
    """A repository of arXiv's records."""

    url: str = URL
    name: str = NAME

    def first(self, selection: Selection) -> Request:
        """Ask for the first page of a list."""
        bounds = {"set": selection.subset, "from": selection.since, "until": selection.until}
        given = {name: str(value) for name, value in bounds.items() if value is not None}
        return self._request({"metadataPrefix": "arXiv", **given})

    def following(self, token: str) -> Request:
        """Ask for the page that a token leads to; nothing else may be said beside it."""
        return self._request({"resumptionToken": token})

    def parse(self, body: bytes, observed: datetime) -> Harvest:
        """See read_harvest."""
        return read_harvest(parse_purged(body), self.name, observed)

    def _request(self, params: dict[str, str]) -> Request:
        return Request(self.url, {"verb": "ListRecords", **params})


def parse_purged(body: bytes) -> _Element:
    """Return the root of XML in UTF-8, without the characters that none may hold. Raises ListingError."""
    try:
        return parse_xml(body)
    except ListingError:
        return parse_xml(body.translate(None, _FORBIDDEN))


def read_harvest(root: _Element, source: str, observed: datetime) -> Harvest:
    """Return a page of ListRecords; an empty one where no record matches.

    Raises BadTokenError where a resumption token is not or no longer known, ListingError where this is no such page.
    """
    if root.tag != f"{_OAI}OAI-PMH":
        raise ListingError(f"no answer of OAI-PMH, but <{root.tag}>")
    empty = Listing(source, CURRENT, observed, (), captured=True)
    for error in root.iterfind(f"{_OAI}error"):
        if error.get("code") != "noRecordsMatch":
            kind = BadTokenError if error.get("code") == "badResumptionToken" else ListingError
            raise kind(f"the repository says {error.get('code')}: {(error.text or '').strip()}")
        return Harvest(empty)
    page = root.find(f"{_OAI}ListRecords")
    if page is None:
        raise ListingError("an answer of OAI-PMH without ListRecords")
    days = [day for stamp in page.iterfind(f"{_OAI}record/{_OAI}header/{_OAI}datestamp") if (day := _day(stamp.text))]
    token = page.find(f"{_OAI}resumptionToken")
    size = "" if token is None else token.get("completeListSize", "")
    return Harvest(
        replace(_listing(page, source, observed), captured=True),
        ((token.text or "").strip() or None) if token is not None else None,
        int(size) if size.isascii() and size.isdigit() else None,
        min(days, default=None),
        max(days, default=None),
    )


def _listing(page: _Element, source: str, observed: datetime) -> Listing:
    def make(record: _Element) -> Entry:
        return make_entry(_paper(record, observed), source, observed)

    records = page.iterfind(f"{_OAI}record")
    return collect(source, CURRENT, observed, records, make, lambda _, record: f"record {_identifier(record)!r}")


def _identifier(record: _Element) -> str:
    return record.findtext(f"{_OAI}header/{_OAI}identifier", "").strip()


def _paper(record: _Element, observed: datetime) -> Paper:
    header, identifier = record.find(f"{_OAI}header"), paper_at(_identifier(record))
    if header is None or identifier is None:
        raise ListingError(f"{_identifier(record)!r} names no paper of arXiv")
    if header.get("status") == "deleted":
        raise ListingError(DELETED)
    for described in chain.from_iterable(record.iterfind(f"{_OAI}metadata")):
        if described.tag == f"{_ARXIV}arXiv":
            return _arxiv(described, identifier, observed)
        if described.tag == _DUBLIN:
            return _dublin(described, header, identifier, observed)
    raise ListingError("there is no metadata in the form arXiv or oai_dc")


def _arxiv(described: _Element, identifier: str, observed: datetime) -> Paper:
    fields = {each.tag: each for each in described}
    created = _day(_text(fields.get(f"{_ARXIV}created")))
    authors = fields.get(f"{_ARXIV}authors")
    return Paper(
        identifier,
        _text(fields.get(f"{_ARXIV}title")),
        _text(fields.get(f"{_ARXIV}abstract")),
        () if authors is None else tuple(map(_name, authors)),
        tuple(_text(fields.get(f"{_ARXIV}categories")).split()),
        *_dates(created, identifier, observed),
    )


def _dublin(described: _Element, header: _Element, identifier: str, observed: datetime) -> Paper:
    """The first description is the abstract; a further one a comment. Categories stand in the header as sets."""
    days = [day for each in described.iterfind(f"{_DC}date") if (day := _day(each.text))]
    sets = [(each.text or "").strip().split(":") for each in header.iterfind(f"{_OAI}setSpec")]
    return Paper(
        identifier,
        described.findtext(f"{_DC}title") or "",
        described.findtext(f"{_DC}description") or "",
        tuple(_turned(each.text or "") for each in described.iterfind(f"{_DC}creator")),
        tuple(".".join(parts[1:]) for parts in sets if len(parts) > 1),
        *_dates(min(days, default=None), identifier, observed),
    )


def _dates(created: date | None, identifier: str, observed: datetime) -> tuple[datetime, datetime]:
    """Return the days of publication and of listing.

    Of papers with several versions, arXiv may give the day of the last one; the month in the id tells. Without a time
    of day, the paper is listed on the latest day that the schedule allows: an exact one, if it comes, will be that or
    one before, and the first day counts.
    """
    first = first_of_month(identifier)
    if created is None or created >= _month_after(first):
        return midnight(first), midnight(min(first, observed.date()))
    return midnight(created), announced(identifier, datetime.combine(created, _LAST_SECOND), observed)


def _month_after(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _name(author: _Element) -> str:
    parts = {each.tag: each.text for each in author}
    return " ".join(filter(None, map(parts.get, _NAME)))


def _turned(creator: str) -> str:
    """``Family, Given`` -> ``Given Family``."""
    family, _, given = creator.partition(",")
    return f"{given.strip()} {family.strip()}".strip()


def _text(element: _Element | None) -> str:
    return "" if element is None else element.text or ""


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        return None
