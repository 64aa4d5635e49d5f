"""Parameters -> Query: the one meaning of a feed's parameters, in addresses, config files and on the command line.

``PARAMETERS`` is the table of them; documentation, command line and tests read it. The meaning is a promise to
subscribers: it is version 1, frozen by tests, and a change of meaning would be version 2.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
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
from feedserver.model import Dated, Fact, LinkTarget, Maths, Sort, Unit, View
from feedserver.text import clean

VERSION = "1"
DEFAULT_LIMIT, HIGHEST_LIMIT = 50, 200
LONGEST_TITLE = 200  # characters
HIGHEST_RATE = 1_000  # entries a day or week
HIGHEST_TOP = 100
MOST_VALUES = 200  # of one parameter
DEFAULT_SHOW: tuple[Fact, ...] = (
    "authors", "organisation", "published", "upvotes", "comments", "stars", "code", "project", "ai_summary", "summary",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Top:
    """The best ``count`` of each period."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Query:
    """Which entries, in which order, how many, and how they look.

    With ``per_day``, the threshold of upvotes is the one that gives about so many. With ``top`` or ``digest``, the feed
    is made of editions of periods that are over.

    Without a ``sort``, entries are in the order in which they entered the feed where that depends on a count, else in
    the order of their listing.

    ``parameters`` are the given names and values in the order of ``PARAMETERS``: the query's one canonical spelling.
    """

    filter: Filter = EVERYTHING
    sort: Sort | None = None
    per_day: float | None = None
    top: Top | None = None
    digest: Unit | None = None
    limit: int = DEFAULT_LIMIT
    link: LinkTarget = "page"
    show: tuple[Fact, ...] = DEFAULT_SHOW
    maths: Maths = "unicode"
    title: str | None = None
    parameters: tuple[tuple[str, str], ...] = field(default=())

    @property
    def query_string(self) -> str:
        """The canonical spelling as it stands in an address."""
        return urlencode(self.parameters, safe=",:()")

    @property
    def order(self) -> Sort:
        """The order of the entries."""
        waits = self.per_day or self.unit or has_threshold(self.filter)
        return self.sort or ("entered" if waits else "listed")

    @property
    def unit(self) -> Unit | None:
        """The length of the periods that the feed is made of, if it is."""
        return self.digest or (self.top.unit if self.top else None)

    @property
    def view(self) -> View:
        """How the entries look; the order decides which date they carry."""
        dated: Dated = "listed" if self.order in {"upvotes", "trending"} else self.order  # type: ignore[assignment]  # what is left of Sort
        return View(self.link, self.show, dated, maths=self.maths)


_RATE = re.compile(r"\d{1,4}(?:\.\d{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Definition:
    """A feed that has a name: what stands in ``config/feeds.toml``; ``group`` is the heading that it stands under."""

    name: str
    query: Query
    group: str | None = None


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


def parse_query(
    given: Iterable[tuple[str, str]], base: Query | None = None, sources: Collection[str] | None = None
) -> Query:
    """Return the query that the parameters ask for; with ``base`` they refine it: filters add up, looks replace.

    Empty values count as not given. ``sources`` are the names of those that there are, where that is known. Raises
    QueryError for anything unknown or malformed.
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
                    _check_sources(filters[-1], sources)
                if parameter.look:
                    looks |= parameter.look(values[parameter.name])
            except QueryError as error:
                where = f" at position {error.place.position}" if error.place else ""
                message = f"{parameter.name}{where}: {error}"
                raise QueryError(message, parameter=parameter.name, place=error.place) from error
    order = [parameter.name for parameter in PARAMETERS if parameter.name in values]
    spelled = tuple((one, ",".join(values[one])) for one in order)
    query = replace(base, filter=all_of(*filters), parameters=spelled, **looks)
    _check_together(query)
    return query


def _check_together(query: Query) -> None:
    """Refuse what contradicts itself."""
    if {"per_day", "per_week"} <= {name for name, _ in query.parameters}:
        raise QueryError("per_week: per_day says the same already; give one of them", parameter="per_week")
    if query.unit and query.sort:
        raise QueryError("sort: a top or a digest has an order of its own", parameter="sort")
    if query.unit and query.per_day:
        given = next((name for name, _ in query.parameters if name in {"top", "digest"}), "per_day")
        raise QueryError(
            f"{given}: a top or a digest takes the best of each period, not so many a day", parameter=given
        )
    if query.top and query.digest and query.top.unit != query.digest:
        raise QueryError(
            f"top: the best of each {query.top.unit} don't go into a digest of each {query.digest}", parameter="top"
        )


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


def _check_sources(part: Filter, sources: Collection[str] | None) -> None:
    for leaf in leaves(part):
        if isinstance(leaf, Tag) and leaf.field == "source" and sources is not None and leaf.value not in sources:
            raise QueryError(f"unknown source {leaf.value!r}{suggest(leaf.value, sources)}")


def _plain(value: str) -> Text:
    """Return a word or phrase; a sign of ``q`` in it would mean the opposite of what it says there."""
    if value.startswith("-") or {"OR", "AND", "NOT"} & set(value.split()):
        raise QueryError(f"{value!r} is a word or a phrase here; conditions belong into q")
    return text("any", value)


def _at_least(values: list[str]) -> int:
    if not (values[0].isascii() and values[0].isdigit() and len(values[0]) < 10):
        raise QueryError(f"{values[0]!r} is not a whole number from 0 up")
    return int(values[0])


def _rate(days: int) -> Callable[[list[str]], Mapping[str, Any]]:
    def read(values: list[str]) -> Mapping[str, Any]:
        if not _RATE.fullmatch(values[0]) or not 0 < float(values[0]) <= HIGHEST_RATE:
            raise QueryError(f"{values[0]!r} is not a number above 0, up to {HIGHEST_RATE}, such as 5 or 0.5")
        return {"per_day": float(values[0]) / days}

    return read


def _top(values: list[str]) -> Mapping[str, Any]:
    count, _, unit = values[0].partition("/")
    if unit not in get_args(Unit) or not (count.isascii() and count.isdigit() and 1 <= int(count[:9]) <= HIGHEST_TOP):
        units = " or ".join(get_args(Unit))
        raise QueryError(f"{values[0]!r} is not of the form 10/day: 1 to {HIGHEST_TOP}, a slash, {units}")
    return {"top": Top(int(count), unit)}  # type: ignore[arg-type]  # one of its values


def _limit(values: list[str]) -> Mapping[str, Any]:
    limit = _at_least(values)
    if not 1 <= limit <= HIGHEST_LIMIT:
        raise QueryError(f"{limit} is not between 1 and {HIGHEST_LIMIT}")
    return {"limit": limit}


def one_of(field: str, known: tuple[str, ...]) -> Callable[[list[str]], Mapping[str, Any]]:
    """Return what reads a look that has one of a few values, and refuses others."""

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
        "source", "seen on any of these sources, by their names", "daily-papers", several=True,
        narrow=lambda values: any_of(*(tag("source", value) for value in values)),
    ),
    Parameter(
        "per_day", "about so many entries a day: a threshold of upvotes, from the last weeks", "5", look=_rate(1)
    ),
    Parameter("per_week", "the same, a week", "10", look=_rate(7)),
    Parameter(
        "top", f"the best so many of each {', '.join(get_args(Unit))} that is over", "10/day", look=_top
    ),
    Parameter(
        "digest", f"one entry for each {', '.join(get_args(Unit))} that is over, with the ranked list", "week",
        look=one_of("digest", get_args(Unit)),
    ),
    Parameter("sort", f"by {', '.join(get_args(Sort))}, the newest or highest first", "upvotes",
              look=one_of("sort", get_args(Sort))),
    Parameter("limit", f"how many entries, 1 to {HIGHEST_LIMIT}", str(DEFAULT_LIMIT), look=_limit),
    Parameter("link", f"where an entry's title leads: {', '.join(get_args(LinkTarget))}", "arxiv",
              look=one_of("link", get_args(LinkTarget))),
    Parameter("show", f"which facts the content shows: {', '.join(get_args(Fact))}; all, none", "authors,upvotes",
              several=True, look=_show),
    Parameter("math", f"what becomes of TeX in titles and texts: {', '.join(get_args(Maths))}", "mathml",
              look=one_of("maths", get_args(Maths))),
    Parameter("title", "the feed's title", "My papers", look=_title),
    Parameter("v", f"the version of the query language, {VERSION}", VERSION, look=_version),
)  # fmt: skip


def _within(value: str) -> Date:
    if not value[:1].isdigit() or value[-1:] not in {"h", "d", "w"}:
        raise QueryError(f"{value!r} is not a span such as 12h, 7d or 4w")
    return Date("listed", low=interval(value)[0])
