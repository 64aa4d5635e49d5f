"""A filter, how many entries a day are wanted -> the threshold of upvotes that gives about so many, for each week.

An entry is judged by the threshold of the week in which it was listed, for ever. That threshold comes from the weeks
before: from what entered the feed in four weeks, as the store was when they were over. So it changes once a week, by
little, and nothing that is learnt later changes it.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from feedserver.filters import Filter
from feedserver.filters.base import Date, Number, all_of, any_of
from feedserver.filters.history import Entering, Enterings, enterings, moving
from feedserver.model import Life
from feedserver.periods import period_at
from feedserver.store import Store

WEEKS = 13  # in which an entry may have been listed, to be in the feed
SPAN = timedelta(days=28)  # from which a threshold comes
LEAST_SPAN = timedelta(days=7)  # with less, there is no threshold yet
_REACH = timedelta(days=28)  # before that: what was listed then may still have entered in it
_SETTLED = timedelta(days=1)  # from the end of the span to the week: by then it is sealed
_KEPT = 1_024  # filters


@dataclass(frozen=True, slots=True)
class Volume:
    """The thresholds that give about as many entries as are wanted: each with the week's start, the earliest first."""

    steps: tuple[tuple[datetime, int], ...]

    @property
    def threshold(self) -> int:
        """The threshold of this week."""
        return self.steps[-1][1]

    @property
    def filter(self) -> Filter:
        """What an entry has to satisfy."""
        ends = [start for start, _ in self.steps[1:]]
        bounds = [(start, end, least) for (start, least), end in zip(self.steps, [*ends, None], strict=True)]
        return any_of(*(all_of(Date("listed", low, high), Number("upvotes", least)) for low, high, least in bounds))

    def threshold_at(self, listed: datetime) -> int:
        """Return the threshold of what is listed at a time; the first one, of what was listed before all."""
        return next((least for start, least in reversed(self.steps) if start <= listed), self.steps[0][1])


def volume(store: Store, part: Filter, per_day: float, zone: ZoneInfo, now: datetime) -> Volume:
    """Return what narrows a resolved filter down to about ``per_day`` entries a day."""
    weeks = [period_at(now, "week", zone)]
    while len(weeks) < WEEKS:
        weeks.append(weeks[-1].before)
    starts = [week.start for week in reversed(weeks)]
    ends = tuple(start - _SETTLED for start in starts)
    thresholds = _thresholds(store, part, per_day, ends, tuple(store.sealed(ends)))  # type: ignore[arg-type]  # a store is hashable, as any object
    return Volume(tuple(zip(starts, thresholds, strict=True)))


@lru_cache(maxsize=_KEPT)
def _thresholds(
    store: Store, part: Filter, per_day: float, ends: tuple[datetime, ...], revisions: tuple[int | None, ...]
) -> tuple[int, ...]:
    """Return the threshold that each span up to an end gives, in the store as it was at a revision.

    A week whose span is not sealed, as after an outage, goes on with the threshold of the week before.
    """
    thresholds = [0]
    for span in _spans(store, part, ends, revisions):  # type: ignore[arg-type]  # a store is hashable, as any object
        thresholds.append(_closest(span, per_day) if span else thresholds[-1])
    return tuple(thresholds[1:])


class _Span(NamedTuple):
    """How long a span was, in days, and at which thresholds it changes, and how, how many entries passed them.

    Arrays, because the spans of a thousand filters are kept.
    """

    days: float
    thresholds: "array[int]"
    changes: "array[int]"


@lru_cache(maxsize=_KEPT)
def _spans(
    store: Store, part: Filter, ends: tuple[datetime, ...], revisions: tuple[int | None, ...]
) -> tuple[_Span | None, ...]:
    """Return the spans up to some ends, in the store as it was at revisions; None where there is too little to go by.

    They serve any wanted number: who tries several pays once.
    """
    oldest = store.summary().oldest
    starts = [
        None if oldest is None or revision is None or end - oldest < LEAST_SPAN else max(end - SPAN, oldest)
        for end, revision in zip(ends, revisions, strict=True)
    ]
    climbs = _climbs(store, part, ends[0] - SPAN - _REACH, ends[-1]) if any(starts) else []
    return tuple(
        None if start is None or revision is None else _span(climbs, start, end, revision)
        for start, end, revision in zip(starts, ends, revisions, strict=True)
    )


def _span(climbs: Sequence["_Climb"], start: datetime, end: datetime, revision: int) -> _Span:
    changes: Counter[int] = Counter()
    for passed, reached in _passages(climbs, start, end, revision):
        changes[passed + 1] += 1
        changes[reached + 1] -= 1
    ordered = sorted(changes)
    days = (end - start) / timedelta(days=1)
    return _Span(days, array("q", ordered), array("q", (changes[threshold] for threshold in ordered)))


def _closest(span: _Span, per_day: float) -> int:
    """Return the threshold that so many entries passed as comes closest to the wanted number, the higher of equals."""
    lasts = [*(threshold - 1 for threshold in span.thresholds), span.thresholds[-1] if span.thresholds else 0]
    passed = zip(lasts, accumulate(span.changes, initial=0), strict=True)
    candidates = [(threshold, entries) for threshold, entries in passed if threshold >= 0]
    return min(reversed(candidates), key=lambda each: abs(each[1] - per_day * span.days))[0]


class _Climb(NamedTuple):
    """An entry: when it appeared, when it entered, and its upvotes, each with since when and since which revision."""

    appeared: datetime
    entering: Enterings
    upvotes: tuple[tuple[datetime, int, int], ...]


def _climbs(store: Store, part: Filter, start: datetime, end: datetime) -> list[_Climb]:
    """Return the entries that can have passed a threshold in a stretch of time, in the order of their appearance."""
    can_change = bool(moving(part))
    found = (_climb(part, life, can_change) for life in store.lives(part, start, end, range(0)))
    return sorted(found, key=attrgetter("appeared"))


def _climb(part: Filter, life: Life, can_change: bool) -> _Climb:
    upvotes = tuple(
        (life.appeared if rise.revision == life.born else rise.observed, rise.revision, rise.count)
        for rise in life.history
        if rise.field == "upvotes"
    )
    return _Climb(life.appeared, _enterings(part, life, can_change), upvotes)


def _enterings(part: Filter, life: Life, can_change: bool) -> Enterings:
    """Return when an entry entered: where neither it nor what counts for the filter ever changed, when it came.

    The store gave it for the filter, and to look for the words once more would take longer than all the rest.
    """
    if can_change or life.before or not life.history:
        return enterings(part, life)
    return Enterings((), Entering(life.history[0].revision, life.appeared))


def _passages(climbs: Sequence[_Climb], start: datetime, end: datetime, revision: int) -> Iterator[tuple[int, int]]:
    """Yield, for each entry of the filter that gained anything in the span, the upvotes before and after; -1: none."""
    first, last = (bisect_left(climbs, moment, key=attrgetter("appeared")) for moment in (start - _REACH, end))
    for climb in climbs[first:last]:
        if when := climb.entering.known(revision, end):
            before = -1 if when.moment >= start else _upvotes(climb, revision, start)
            after = _upvotes(climb, revision, end)
            if after > before:
                yield before, after


def _upvotes(climb: _Climb, revision: int, until: datetime) -> int:
    """Return the upvotes that an entry had before a moment, as far as was known at a revision."""
    upvotes = -1
    for since, number, count in climb.upvotes:
        if count > upvotes and number <= revision and since < until:
            upvotes = count
    return upvotes
