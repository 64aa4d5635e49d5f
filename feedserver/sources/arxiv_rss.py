"""arXiv's feeds of what was announced today, RSS or Atom -> Listing. Only this module knows what they put where.

Source: https://info.arxiv.org/help/rss.html. They carry one day's mailing. On Saturday and Sunday, when there is none,
they are empty, and good. An error is a feed as well, whose title says so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime

from lxml.etree import _Element

from feedserver.errors import ConfigError, ListingError
from feedserver.identity import paper_at
from feedserver.model import Entry, Listing, midnight
from feedserver.sources.arxiv_api import ARXIV, ATOM
from feedserver.sources.arxiv_dates import first_of_month
from feedserver.sources.arxiv_entry import PAUSE, Paper, check_categories, make_entry
from feedserver.sources.base import CURRENT, Answer, Page, Request, Source, setting
from feedserver.sources.collect import collect
from feedserver.sources.xml import parse_xml

NAME = "arxiv-rss"
URL = "https://rss.arxiv.org/rss/"
NEW = ("new", "cross")  # submitted; also to another category than the one it is in
ANNOUNCED = (*NEW, "replace", "replace-cross", "absonly")

_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_HEAD = re.compile(r"\AarXiv:\S+\s+Announce Type:\s*([\w-]+)\s+(?:Abstract:\s*)?")
_BETWEEN_NAMES = re.compile(r",\s+(?![^()]*\))")  # commas in parentheses are those of affiliations
_AFFILIATION = re.compile(r"\s*\(.*\)$", re.DOTALL)
_ERROR = "Feed error"
_LONGEST_DELAY = timedelta(days=7)  # from the giving of an id to the mailing that announces it, holidays between them


@dataclass(frozen=True, slots=True)
class ArxivRss(Source):
    """What arXiv announces in some categories, by the day of announcement."""

    categories: tuple[str, ...] = setting("such as cs.LG or stat.ML; papers of any of them", default=())
    announce: tuple[str, ...] = setting(
        "which kinds of announcements: new, cross, replace, replace-cross, absonly", default=NEW
    )
    url: str = setting("the address before the categories; .../atom/ works too", default=URL)
    every: timedelta = setting("between two looks; arXiv writes it anew once a day", default=timedelta(hours=1))
    name: str = NAME

    def __post_init__(self) -> None:
        """Raise ConfigError where no category is asked for, or one that arXiv doesn't have, or an unknown kind."""
        check_categories(self.categories)
        if not self.categories:
            raise ConfigError(f"{self.name}: give categories, such as ['cs.LG']")
        for kind in self.announce:
            if kind not in ANNOUNCED:
                raise ConfigError(f"{self.name}: unknown kind of announcement {kind!r}; known: {', '.join(ANNOUNCED)}")

    def request(self, key: str) -> Request:  # noqa: ARG002  # there is but one listing
        """Ask for all categories at once."""
        return Request(f"{self.url}{'+'.join(self.categories)}", pause=PAUSE)

    def explain(self, body: bytes) -> str | None:
        """Read the feed that an error is."""
        try:
            channel = _channel(parse_xml(body))
        except ListingError:
            return None
        return None if channel is None else _error(channel)

    def parse(self, answer: Answer, key: str | None, observed: datetime) -> Page:
        """Read the feed."""
        root = parse_xml(answer.body)
        return Page(read_announcements(root, self.name, key or CURRENT, self.announce, observed))


def read_announcements(root: _Element, source: str, key: str, announce: tuple[str, ...], observed: datetime) -> Listing:
    """Return the listing of announcements of some kinds. Raises ListingError where this is no such feed."""
    channel = _channel(root)
    if channel is None or root.tag not in {"rss", f"{ATOM}feed"}:
        raise ListingError(f"neither RSS nor Atom, but <{root.tag}>")
    if wrong := _error(channel):
        raise ListingError(f"arXiv says: {wrong}")
    elements = [*channel.iterfind("item"), *channel.iterfind(f"{ATOM}entry")]

    def make(element: _Element) -> Entry | None:
        is_wanted = _kind(element) in announce
        return make_entry(_paper(element, observed), source, observed) if is_wanted else None

    return collect(source, key, observed, elements, make, _label)


def _channel(root: _Element) -> _Element | None:
    return root.find("channel") if root.tag == "rss" else root


def _error(channel: _Element) -> str | None:
    """Return what is wrong, where the feed is that of an error."""
    is_error = _text(channel, "title").startswith(_ERROR)
    return _text(channel, "description", "subtitle") if is_error else None


def _label(place: int, element: _Element) -> str:
    return f"entry {place} (id {_text(element, 'guid', 'id')!r})"


def _paper(element: _Element, observed: datetime) -> Paper:
    identifier = paper_at(_text(element, "guid", "id")) or paper_at(_link(element))
    if identifier is None:
        raise ListingError("neither its id nor its link is that of a paper")
    listed, published = _dates(element, identifier, observed)
    return Paper(
        identifier,
        _text(element, "title"),
        _HEAD.sub("", _text(element, "description", "summary")),
        tuple(_names(element.findtext(_CREATOR) or "")),
        tuple(_categories(element)),
        published,
        listed,
    )


def _kind(element: _Element) -> str:
    stated = (element.findtext(f"{ARXIV}announce_type") or "").strip()
    told = _HEAD.match(_text(element, "description", "summary"))
    kind = stated or (told[1] if told else "")
    if kind not in ANNOUNCED:
        raise ListingError(f"{kind!r} is no kind of announcement")
    return kind


def _dates(element: _Element, identifier: str, observed: datetime) -> tuple[datetime, datetime]:
    """Return the days of listing and of publication.

    What is new is listed on the day of its announcement, and published then, as far as the feed tells. A replacement
    is that of a paper of some earlier day, and must not look new: all that is known of that day is the month in the
    id. So is an old paper, of another month, that is listed in a further category now.
    """
    first = first_of_month(identifier)
    day = _day(_text(element, "pubDate", "published"))
    if _kind(element) not in NEW:
        return midnight(first), midnight(first)
    listed = min(day, observed.date())
    is_old = (day - _LONGEST_DELAY).replace(day=1) > first
    return midnight(listed), midnight(first if is_old else listed)


def _day(text: str) -> date:
    """Return the date as it is written, in the zone that it is written in."""
    try:
        return (datetime.fromisoformat(text) if text[:4].isdigit() else parsedate_to_datetime(text)).date()
    except ValueError as error:
        raise ListingError(f"{text!r} is no day of announcement") from error


def _names(creators: str) -> Iterator[str]:
    for name in _BETWEEN_NAMES.split(creators):
        yield _AFFILIATION.sub("", name)


def _categories(element: _Element) -> Iterator[str]:
    for each in (*element.iterfind("category"), *element.iterfind(f"{ATOM}category")):
        yield (each.get("term") or each.text or "").strip()


def _link(element: _Element) -> str:
    atom = element.find(f"{ATOM}link")
    return _text(element, "link") if atom is None else atom.get("href", "")


def _text(element: _Element, rss: str, atom: str | None = None) -> str:
    """Return the text of a child, which in Atom may have another name."""
    return (element.findtext(rss) or element.findtext(f"{ATOM}{atom or rss}") or "").strip()
