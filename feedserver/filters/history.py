"""A filter and the history of an entry's counts -> the revision and the moment in which the entry first satisfied it.

Counts have a history, and they only rise; so has which sources showed the entry, each counted as 0 or 1. The other
facts of an entry are taken as they are now, and so is that a source did not show it (``-source:arxiv``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from feedserver.filters.base import (
    EVERYTHING,
    HIGHEST,
    All,
    Any,
    Filter,
    Leaf,
    Not,
    Number,
    Tag,
    Threshold,
    all_of,
    conjuncts,
    leaves,
)
from feedserver.filters.match import matches
from feedserver.model import Entry, Life, Rise

_NOTHING = Any(())


class Entering(NamedTuple):
    """When an entry entered a feed: in which revision, and at which moment.

    What satisfied the filter when it came entered when it appeared on a listing, else when the count was observed.
    """

    revision: int
    moment: datetime


def split(part: Filter) -> tuple[Filter, Filter]:
    """Return two filters that together mean the same: what looks at no count, and the rest."""
    parts = conjuncts(part)
    free = [inner for inner in parts if not _counts(inner)]
    return all_of(*free), all_of(*(inner for inner in parts if _counts(inner)))


def has_threshold(part: Filter) -> bool:
    """Say whether the filter waits for a count to be reached, or for a source to show the entry."""
    match part:
        case All(parts) | Any(parts):
            return any(map(has_threshold, parts))
        case Number(_, low):
            return low > 0
        case Threshold():
            return True
        case _:
            return _is_source(part)


def thresholds(part: Filter) -> tuple[Number | Threshold, ...] | None:
    """Return the least counts that are all a filter asks of counts; None where it uses counts in any other way."""
    parts = conjuncts(split(part)[1])
    least = tuple(asked for asked in map(_least, parts) if asked)
    return least if len(least) == len(parts) else None


def _least(part: Filter) -> Number | Threshold | None:
    match part:
        case Threshold():
            return part
        case Number() if part.high == HIGHEST:
            return part
        case Tag("source"):
            return _source_count(part)
        case _:
            return None


def moving(part: Filter) -> tuple[Number, ...]:
    """Return all that a filter asks of what has a history; of a source, the count that it was asked for as."""
    return tuple(asked for leaf in leaves(part) for asked in _moving(leaf))


def _moving(leaf: Leaf) -> Iterable[Number]:
    match leaf:
        case Number():
            return (leaf,)
        case Threshold(steps):
            return (Number("upvotes", least) for least in sorted({least for _, least in steps}))
        case Tag("source"):
            return (_source_count(leaf),)
        case _:
            return ()


def possible(part: Filter) -> Filter:
    """Return a filter that admits, by its counts of now, every entry that ever satisfied ``part``."""
    match part:
        case All(parts):
            return All(tuple(map(possible, parts)))
        case Any(parts):
            return Any(tuple(map(possible, parts)))
        case Number(field, low):
            return Number(field, low)
        case Threshold():
            return part.lowest
        case Not():
            return EVERYTHING if _counts(part) else part
        case _:
            return part


def entered(part: Filter, entry: Entry, appeared: datetime, rises: Iterable[Rise]) -> Entering | None:
    """Return when the filter first held, of the moments of ``rises``, oldest first; None where it never did.

    ``appeared`` is when the entry did.
    """
    open_part, history = _settle(part, entry), tuple(rises)
    counts = {"upvotes": 0, "comments": 0, **{f"source:{source}": 1 for source in entry.sources}}
    counts |= {rise.field: 0 for rise in history if rise.field not in {"upvotes", "comments", "stars"}}
    for revision, group in groupby(history, key=attrgetter("revision")):
        counts |= {rise.field: rise.count for rise in group}
        if _holds(open_part, counts):
            known = [rise for rise in history if rise.revision <= revision]
            return Entering(revision, max(appeared, _since(open_part, counts, known, appeared)))
    return None


def _since(part: Filter, counts: Mapping[str, int], history: Sequence[Rise], appeared: datetime) -> datetime:
    """Return since when a filter holds that looks at counts alone, by what is known: of sources, also from before."""
    match part:
        case All(parts):
            return max((_since(inner, counts, history, appeared) for inner in parts), default=appeared)
        case Any(parts):
            return min(_since(inner, counts, history, appeared) for inner in parts if _holds(inner, counts))
        case Number(field, low):
            born = history[0].revision
            first = next((rise for rise in history if rise.field == field and rise.count >= low), None)
            came_with = first is None or (first.revision == born and not field.startswith("source:"))
            return appeared if first is None or came_with else first.observed
        case _:
            last = history[-1].revision
            came_with = last == history[0].revision
            return appeared if came_with else max(rise.observed for rise in history if rise.revision == last)


@dataclass(frozen=True, slots=True)
class Enterings:
    """When an entry entered a feed, by each of its states, as far as it did: ``before`` those until a revision."""

    before: tuple[tuple[int, Entering | None], ...]
    latest: Entering | None

    def known(self, revision: int, end: datetime) -> Entering | None:
        """Return when it entered, where it was known at a revision to have done so before a moment."""
        when = self.latest
        for until, entering in self.before:
            if until > revision:
                when = entering
                break
        return when if when and when.revision <= revision and when.moment < end else None


def enterings(part: Filter, life: Life) -> Enterings:
    """Return when an entry entered, as it was and as it is."""
    before = tuple((until, entered(part, entry, life.appeared, life.history)) for until, entry in life.before)
    return Enterings(before, entered(part, life.entry, life.appeared, life.history))


def _counts(part: Filter) -> bool:
    match part:
        case All(parts) | Any(parts):
            return any(map(_counts, parts))
        case Not(inner):
            return any(isinstance(leaf, Number | Threshold) for leaf in leaves(inner))
        case _:
            return isinstance(part, Number | Threshold) or _is_source(part)


def _is_source(part: Filter) -> bool:
    return isinstance(part, Tag) and part.field == "source"


def _source_count(leaf: Tag) -> Number:
    return Number(f"source:{leaf.value}", 1)


def _holds(part: Filter, counts: Mapping[str, int]) -> bool:
    """Say whether a filter that looks at counts alone holds of them."""
    match part:
        case All(parts):
            return all(_holds(inner, counts) for inner in parts)
        case Any(parts):
            return any(_holds(inner, counts) for inner in parts)
        case Not(inner):
            return not _holds(inner, counts)
        case Number(field, low, high):
            return field in counts and low <= counts[field] <= high
        case _:
            raise TypeError(f"{part!r} is no condition on counts")


def _settle(part: Filter, entry: Entry) -> Filter:
    """Return what the filter still asks of counts; ``EVERYTHING`` or ``_NOTHING`` where all else decides."""
    match part:
        case Number():
            return part
        case Threshold():
            return Number("upvotes", part.at(entry.listed))
        case Tag("source"):
            return _source_count(part)
        case All(parts):
            return _join(parts, entry, EVERYTHING, _NOTHING)
        case Any(parts):
            return _join(parts, entry, _NOTHING, EVERYTHING)
        case Not(inner) if _counts(part):
            settled = _settle(inner, entry)
            return _NOTHING if settled is EVERYTHING else EVERYTHING if settled is _NOTHING else Not(settled)
        case _:
            return EVERYTHING if matches(part, entry) else _NOTHING


def _join(parts: tuple[Filter, ...], entry: Entry, neutral: All | Any, decisive: All | Any) -> Filter:
    """Settle parts that are joined by AND, or by OR: one may decide, others do not matter."""
    left = []
    for inner in parts:
        settled = _settle(inner, entry)
        if settled is decisive:
            return decisive
        if settled is not neutral:
            left.append(settled)
    return type(neutral)(tuple(left)) if left else neutral
