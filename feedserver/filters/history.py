"""A filter and the history of an entry's counts -> the revision in which the entry first satisfied it.

Counts are all that has a history, and they only rise; the other facts of an entry are taken as they are now.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import Any as Anything

from feedserver.filters.base import EVERYTHING, All, Any, Filter, Not, Number, all_of, leaves
from feedserver.filters.match import matches
from feedserver.model import Entry, Rise

_NOTHING = Any(())


def split(part: Filter) -> tuple[Filter, Filter]:
    """Return two filters that together mean the same: what looks at no count, and the rest."""
    parts = part.parts if isinstance(part, All) else (part,)
    free = [inner for inner in parts if not _counts(inner)]
    return all_of(*free), all_of(*(inner for inner in parts if _counts(inner)))


def possible(part: Filter) -> Filter:
    """Return a filter that admits, by its counts of now, every entry that ever satisfied ``part``."""
    match part:
        case All(parts):
            return All(tuple(map(possible, parts)))
        case Any(parts):
            return Any(tuple(map(possible, parts)))
        case Number(field, low):
            return Number(field, low)
        case Not():
            return EVERYTHING if _counts(part) else part
        case _:
            return part


def entered(part: Filter, entry: Entry, rises: Iterable[Rise]) -> int | None:
    """Return the first revision of those in ``rises``, ascending, in which the filter held; None where it never did."""
    open_part = _settle(part, entry)
    counts: dict[str, Anything] = {"upvotes": 0, "comments": 0, "stars": None}
    for revision, risen in groupby(rises, key=attrgetter("revision")):
        counts |= {rise.field: rise.count for rise in risen}
        if matches(open_part, replace(entry, **counts)):
            return int(revision)
    return None


def _counts(part: Filter) -> bool:
    return any(isinstance(leaf, Number) for leaf in leaves(part))


def _settle(part: Filter, entry: Entry) -> Filter:
    """Return the filter with its answer in the place of all that looks at no count, so that this is answered once."""
    match part:
        case _ if not _counts(part):
            return EVERYTHING if matches(part, entry) else _NOTHING
        case All(parts):
            return All(tuple(_settle(inner, entry) for inner in parts))
        case Any(parts):
            return Any(tuple(_settle(inner, entry) for inner in parts))
        case Not(inner):
            return Not(_settle(inner, entry))
        case _:
            return part
