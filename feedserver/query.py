"""Parameters -> Query: the one meaning of a feed's parameters, in addresses, config files and on the command line.

``PARAMETERS`` is the table of them; documentation, command line and tests read it. The meaning is a promise to
subscribers: it is version 1, frozen by tests, and a change of meaning would be version 2.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args
from urllib.parse import urlencode

from feedserver.errors import QueryError, suggest
from feedserver.filters.base import (
    EVERYTHING,
    Date,
    Filter,
    Not,
    Number,
    Tag,
    Text,
    all_of,
    any_of,
    has,
    leaves,
    name,
    tag,
    text,
)
from feedserver.filters.history import has_threshold
from feedserver.filters.parse import parse
from feedserver.filters.values import interval
from feedserver.model import Dated, Fact, LinkTarget, Sort, View
from feedserver.sources import SOURCES
from feedserver.text import clean

VERSION = "1"
DEFAULT_LIMIT, HIGHEST_LIMIT = 50, 200
LONGEST_TITLE = 200  # characters
MOST_VALUES = 200  # of one parameter
DEFAULT_SHOW: tuple[Fact, ...] = (
    "authors", "organisation", "published", "upvotes", "comments", "stars", "code", "project", "ai_summary", "summary",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Query:
    """Which entries, in which order, how many, and how they look.

    Without a ``sort``, entries are in the order in which they entered the feed where that depends on a count, else in
    the order of their listing.

    ``parameters`` are the given names and values in the order of ``PARAMETERS``: the query's one canonical spelling.
    """

    filter: Filter = EVERYTHING
    sort: Sort | None = None
    limit: int = DEFAULT_LIMIT
    link: LinkTarget = "page"
    show: tuple[Fact, ...] = DEFAULT_SHOW
    title: str | None = None
    parameters: tuple[tuple[str, str], ...] = field(default=())

    @property
    def query_string(self) -> str:
        """The canonical spelling as it stands in an address."""
        return urlencode(self.parameters, safe=",:()")

    @property
    def order(self) -> Sort:
        """The order of the entries."""
        return self.sort or ("entered" if has_threshold(self.filter) else "listed")

    @property
    def view(self) -> View:
        """How the entries look; the order decides which date they carry."""
        dated: Dated = "listed" if self.order == "upvotes" else self.order
        return View(self.link, self.show, dated)


@dataclass(frozen=True, slots=True)
class Definition:
    """A feed that has a name: what stands in ``config/feeds.toml``."""

    name: str
    query: Query


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: what it means in a line, an example, whether several values may be given, and how they are read.

    ``narrow`` makes a filter of the values, ``look`` changes the query's appearance; a parameter has one of the two.
    """

    name: str
    help: str
    example: str
    several: bool = False
    narrow: Callable[[list[str]], Filter] | None = None
    look: Callable[[list[str]], Mapping[str, Any]] | None = None


def parse_query(given: Iterable[tuple[str, str]], base: Query | None = None) -> Query:
    """Return the query that the parameters ask for; with ``base`` they refine it: filters add up, looks replace.

    Empty values count as not given. Raises QueryError for anything unknown or malformed.
    """
    base = base or Query()
    values = _collect(given)
    filters = [base.filter]
    looks: dict[str, Any] = {}
    for parameter in PARAMETERS:
        if parameter.name in values:
            try:
                if parameter.narrow:
                    filters.append(parameter.narrow(values[parameter.name]))
                    _check_sources(filters[-1])
                if parameter.look:
                    looks |= parameter.look(values[parameter.name])
            except QueryError as error:
                where = f" at position {error.place.position}" if error.place else ""
                message = f"{parameter.name}{where}: {error}"
                raise QueryError(message, parameter=parameter.name, place=error.place) from error
    order = [parameter.name for parameter in PARAMETERS if parameter.name in values]
    spelled = tuple((one, ",".join(values[one])) for one in order)
    return replace(base, filter=all_of(*filters), parameters=spelled, **looks)


def _collect(given: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    known = {parameter.name: parameter for parameter in PARAMETERS}
    values: dict[str, list[str]] = {}
    for key, raw in given:
        if key not in known:
            raise QueryError(f"unknown parameter {clean(key)!r}{suggest(key, known)}", parameter=clean(key))
        pieces = raw.split(",") if known[key].several else [raw]
        cleaned = [piece for piece in map(clean, pieces) if piece]
        if cleaned and key in values and not known[key].several:
            raise QueryError(f"{key}: given twice; give it once", parameter=key)
        if len(values.get(key, ())) + len(cleaned) > MOST_VALUES:
            raise QueryError(f"{key}: more than {MOST_VALUES} values", parameter=key)
        if cleaned:
            values[key] = list(dict.fromkeys([*values.get(key, []), *cleaned]))
    return values


def _check_sources(part: Filter) -> None:
    for leaf in leaves(part):
        if isinstance(leaf, Tag) and leaf.field == "source" and leaf.value not in SOURCES:
            raise QueryError(f"unknown source {leaf.value!r}{suggest(leaf.value, SOURCES)}")


def _plain(value: str) -> Text:
    """Return a word or phrase; a sign of ``q`` in it would mean the opposite of what it says there."""
    if value.startswith("-") or {"OR", "AND", "NOT"} & set(value.split()):
        raise QueryError(f"{value!r} is a word or a phrase here; conditions belong into q")
    return text("any", value)


def _at_least(values: list[str]) -> int:
    if not (values[0].isascii() and values[0].isdigit() and len(values[0]) < 10):
        raise QueryError(f"{values[0]!r} is not a whole number from 0 up")
    return int(values[0])


def _limit(values: list[str]) -> Mapping[str, Any]:
    limit = _at_least(values)
    if not 1 <= limit <= HIGHEST_LIMIT:
        raise QueryError(f"{limit} is not between 1 and {HIGHEST_LIMIT}")
    return {"limit": limit}


def _one_of(field: str, known: tuple[str, ...]) -> Callable[[list[str]], Mapping[str, Any]]:
    def read(values: list[str]) -> Mapping[str, Any]:
        if values[0] not in known:
            raise QueryError(f"unknown value {values[0]!r}{suggest(values[0], known)}")
        return {field: values[0]}

    return read


def _show(values: list[str]) -> Mapping[str, Any]:
    known = get_args(Fact)
    for value in values:
        if value not in known and (value not in {"all", "none"} or len(values) > 1):
            raise QueryError(f"unknown fact {value!r}{suggest(value, known)}; or 'all', or 'none', alone")
    wanted = {"all": known, "none": ()}.get(values[0], tuple(values))
    return {"show": tuple(fact for fact in known if fact in wanted)}


def _title(values: list[str]) -> Mapping[str, Any]:
    if len(values[0]) > LONGEST_TITLE:
        raise QueryError(f"has {len(values[0])} characters; at most {LONGEST_TITLE} are taken")
    return {"title": values[0]}


def _version(values: list[str]) -> Mapping[str, Any]:
    if values[0] != VERSION:
        raise QueryError(f"{values[0]!r} is not a version of the query language; known: {VERSION}")
    return {}


PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        "q", "the full query language", 'diffusion OR "flow matching" -medical', narrow=lambda values: parse(values[0])
    ),
    Parameter(
        "keywords", "any of these words or phrases, in title or summary", "diffusion,flow matching", several=True,
        narrow=lambda values: any_of(*map(_plain, values)),
    ),
    Parameter(
        "exclude", "none of these words or phrases, in title or summary", "medical,protein", several=True,
        narrow=lambda values: Not(any_of(*map(_plain, values))),
    ),
    Parameter(
        "authors", "any of these authors; initials and parts of names will do", "Y. Song,Yaron Lipman", several=True,
        narrow=lambda values: any_of(*(name("author", value) for value in values)),
    ),
    Parameter(
        "orgs", "any of these organisations; parts of names will do", "Google,NVIDIA", several=True,
        narrow=lambda values: any_of(*(name("org", value) for value in values)),
    ),
    Parameter(
        "min_upvotes", "at least so many upvotes", "20", narrow=lambda values: Number("upvotes", _at_least(values))
    ),
    Parameter(
        "min_comments", "at least so many comments", "3", narrow=lambda values: Number("comments", _at_least(values))
    ),
    Parameter(
        "min_stars", "at least so many GitHub stars", "100", narrow=lambda values: Number("stars", _at_least(values))
    ),
    Parameter(
        "has", "all of these: code, project, media", "code", several=True,
        narrow=lambda values: all_of(*(has(value) for value in values)),
    ),
    Parameter(
        "since", "listed on or after a date or a span ago", "2026-01-01",
        narrow=lambda values: Date("listed", low=interval(values[0])[0]),
    ),
    Parameter(
        "until", "listed on or before a date or a span ago", "2026-01-31",
        narrow=lambda values: Date("listed", high=interval(values[0])[1]),
    ),
    Parameter(
        "within", "listed in the last hours, days or weeks", "7d", narrow=lambda values: _within(values[0])
    ),
    Parameter(
        "source", f"seen on any of these sources: {', '.join(SOURCES)}", "daily-papers", several=True,
        narrow=lambda values: any_of(*(tag("source", value) for value in values)),
    ),
    Parameter("sort", f"by {', '.join(get_args(Sort))}, the newest or highest first", "upvotes",
              look=_one_of("sort", get_args(Sort))),
    Parameter("limit", f"how many entries, 1 to {HIGHEST_LIMIT}", str(DEFAULT_LIMIT), look=_limit),
    Parameter("link", f"where an entry's title leads: {', '.join(get_args(LinkTarget))}", "arxiv",
              look=_one_of("link", get_args(LinkTarget))),
    Parameter("show", f"which facts the content shows: {', '.join(get_args(Fact))}; all, none", "authors,upvotes",
              several=True, look=_show),
    Parameter("title", "the feed's title", "My papers", look=_title),
    Parameter("v", f"the version of the query language, {VERSION}", VERSION, look=_version),
)  # fmt: skip


def _within(value: str) -> Date:
    if not value[:1].isdigit() or value[-1:] not in {"h", "d", "w"}:
        raise QueryError(f"{value!r} is not a span such as 12h, 7d or 4w")
    return Date("listed", low=interval(value)[0])
