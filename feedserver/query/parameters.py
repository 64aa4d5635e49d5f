"""``PARAMETERS``: the table of a feed's parameters, and how the values of each are read.

Documentation, command line, builder and tests read it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from feedserver.errors import QueryError, suggest
from feedserver.filters.base import Date, Filter, Not, Number, Text, all_of, any_of, has, name, tag, text
from feedserver.filters.parse import parse
from feedserver.filters.values import interval
from feedserver.model import Fact, LinkTarget, Maths, Sort, Unit
from feedserver.query.base import DEFAULT_LIMIT, Top

VERSION = "1"
HIGHEST_LIMIT = 200
LONGEST_TITLE = 200  # characters
HIGHEST_RATE = 1_000  # entries a day or week
HIGHEST_TOP = 100

_RATE = re.compile(r"\d{1,4}(?:\.\d{1,3})?", re.ASCII)


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
