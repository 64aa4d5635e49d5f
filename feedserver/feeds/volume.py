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
from math import inf
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from feedserver.filters import Filter
from feedserver.filters.base import Date, Number, all_of, any_of
from feedserver.periods import period_at
from feedserver.store import Climb, Store

WEEKS = 13  # in which an entry may have been listed, to be in the feed
SPAN = timedelta(days=28)  # from which a threshold comes
LEAST_SPAN = timedelta(days=7)  # with less, there is no threshold yet
_REACH = timedelta(days=28)  # before that: what was listed then may still have entered in it
_SETTLED = timedelta(days=1)  # from the end of the span to the week: by then it is sealed
_KEPT = 1_024  # filters
_LADDER = (1000, 500, 200, 100, 50, 20, 10, 5, 2)  # the index knows these
_RESERVE = 1.5  # times as many as are wanted have to have reached a threshold by now, for it to be worth a look


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
    for span in _enough(store, part, per_day, ends, revisions):
        thresholds.append(_closest(span, per_day) if span else thresholds[-1])
    return tuple(thresholds[1:])


class _Span(NamedTuple):
    """How long a span was, in days, and at which thresholds it changes, and how, how many entries passed them.

    Thresholds below ``least`` were not looked at. Arrays, because the spans of a thousand filters are kept.
    """

    days: float
    least: int
    thresholds: "array[int]"
    changes: "array[int]"

    def passed(self) -> Iterator[tuple[int, int]]:
        """Yield thresholds, the highest first, and how many entries passed them and those between it and the next."""
        lasts = [*(threshold - 1 for threshold in self.thresholds), self.thresholds[-1] if self.thresholds else 0]
        passed = [*zip(lasts, accumulate(self.changes, initial=0), strict=True)]
        return ((threshold, entries) for threshold, entries in reversed(passed) if threshold >= self.least)


def _enough(
    store: Store, part: Filter, per_day: float, ends: tuple[datetime, ...], revisions: tuple[int | None, ...]
) -> tuple[_Span | None, ...]:
    """Return the spans, looked at from so high a threshold upwards that in each as many passed it as are wanted.

    So the work follows from how many are wanted, not from how many there are.
    """
    first = ends[0] - SPAN
    listed, wanted = Date("listed", first), _RESERVE * per_day * ((ends[-1] - first) / timedelta(days=1))
    for least in _LADDER:
        if store.count(all_of(part, Number("upvotes", least), listed)) >= wanted:
            spans = _spans(store, part, least, ends, revisions)  # type: ignore[arg-type]  # a store is hashable, as any object
            if all(
                span is None or any(entries >= per_day * span.days for _, entries in span.passed()) for span in spans
            ):
                return spans
    return _spans(store, part, 0, ends, revisions)  # type: ignore[arg-type]  # as before


@lru_cache(maxsize=_KEPT)
def _spans(
    store: Store, part: Filter, least: int, ends: tuple[datetime, ...], revisions: tuple[int | None, ...]
) -> tuple[_Span | None, ...]:
    """Return the spans up to some ends, in the store as it was at revisions; None where there is too little to go by.

    They serve any wanted number: who tries several pays once.
    """
    oldest = store.oldest()
    starts = [
        None if oldest is None or revision is None or end - oldest < LEAST_SPAN else max(end - SPAN, oldest)
        for end, revision in zip(ends, revisions, strict=True)
    ]
    climbs = store.climbs(part, ends[0] - SPAN - _REACH, ends[-1], least) if any(starts) else []
    climbs = sorted(climbs, key=attrgetter("appeared"))
    return tuple(
        None if start is None or revision is None else _span(climbs, start, end, revision, least)
        for start, end, revision in zip(starts, ends, revisions, strict=True)
    )


def _span(climbs: Sequence[Climb], start: datetime, end: datetime, revision: int, least: int) -> _Span:
    changes: Counter[int] = Counter()
    for passed, reached in _passages(climbs, start, end, revision, least):
        changes[passed + 1] += 1
        changes[reached + 1] -= 1
    ordered = sorted(changes)
    days = (end - start) / timedelta(days=1)
    return _Span(days, least, array("q", ordered), array("q", (changes[threshold] for threshold in ordered)))


def _closest(span: _Span, per_day: float) -> int:
    """Return the highest threshold that as many entries passed as are wanted, or the next above if that is closer.

    Where so many passed none, the one that most passed.
    """
    wanted = per_day * span.days
    closest, least_off = 0, inf
    for threshold, entries in span.passed():
        if abs(entries - wanted) < least_off:
            closest, least_off = threshold, abs(entries - wanted)
        if entries >= wanted:
            break
    return closest


def _passages(
    climbs: Sequence[Climb], start: datetime, end: datetime, revision: int, least: int
) -> Iterator[tuple[int, int]]:
    """Yield, for each entry that gained anything in the span, the upvotes before and after; ``least`` - 1: fewer."""
    first, last = (bisect_left(climbs, moment, key=attrgetter("appeared")) for moment in (start - _REACH, end))
    for climb in climbs[first:last]:
        if when := climb.enterings.known(revision, end):
            before = least - 1 if when.moment >= start else _upvotes(climb, revision, start, least)
            after = _upvotes(climb, revision, end, least)
            if after > before:
                yield before, after


def _upvotes(climb: Climb, revision: int, until: datetime, least: int) -> int:
    """Return the upvotes that an entry had before a moment, as far as was known at a revision."""
    upvotes = least - 1
    for count, since, number in climb.upvotes:
        if count > upvotes and number <= revision and since < until:
            upvotes = count
    return upvotes
