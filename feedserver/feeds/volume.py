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
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from math import ceil, inf
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from feedserver.filters import Filter
from feedserver.filters.base import Date, Number, Threshold, all_of
from feedserver.periods import period_at
from feedserver.store import Climb, Store

WEEKS = 13  # in which an entry may have been listed, to be in the feed
SPAN = timedelta(days=28)  # from which a threshold comes
LEAST_SPAN = timedelta(days=7)  # with less, there is no threshold yet
_REACH = timedelta(days=28)  # before that: what was listed then may still have entered in it
_SETTLED = timedelta(days=1)  # from the end of the span to the week: by then it is sealed
_KEPT = 1_024  # filters
_RUNGS = (1000, 500, 200, 100, 50, 20, 10, 5, 2)  # upvotes that the index knows
_RESERVES = (1.3, 3)  # times as many as are wanted have reached a threshold by now, where it is worth a look
_DAY = timedelta(days=1)


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
        return all_of(Date("listed", self.steps[0][0]), Threshold(self.steps))


class _Stretch(NamedTuple):
    """From when to when the span before a week lasted, and the revision of the store when it was over."""

    start: datetime
    end: datetime
    revision: int

    @property
    def days(self) -> float:
        """How long it was."""
        return (self.end - self.start) / _DAY


def volume(store: Store, part: Filter, per_day: float, zone: ZoneInfo, now: datetime) -> Volume:
    """Return what narrows a resolved filter down to about ``per_day`` entries a day."""
    weeks = [period_at(now, "week", zone)]
    while len(weeks) < WEEKS:
        weeks.append(weeks[-1].before)
    starts = [week.start for week in reversed(weeks)]
    ends = [start - _SETTLED for start in starts]
    stretches = tuple(_stretch(store, end, revision) for end, revision in zip(ends, store.sealed(ends), strict=True))
    thresholds = _thresholds(store, part, per_day, stretches)  # type: ignore[arg-type]  # a store is hashable, as any object
    return Volume(tuple(zip(starts, thresholds, strict=True)))


def _stretch(store: Store, end: datetime, revision: int | None) -> _Stretch | None:
    """Return the span up to a time, where that is sealed and enough was known then to go by."""
    oldest = None if revision is None else _oldest(store, revision)  # type: ignore[arg-type]  # as before
    if revision is None or oldest is None or end - oldest < LEAST_SPAN:
        return None
    return _Stretch(max(end - SPAN, oldest), end, revision)


@lru_cache(maxsize=_KEPT)
def _oldest(store: Store, revision: int) -> datetime | None:
    return store.oldest(revision)


@lru_cache(maxsize=_KEPT)
def _thresholds(store: Store, part: Filter, per_day: float, stretches: tuple[_Stretch | None, ...]) -> tuple[int, ...]:
    """Return the threshold that each stretch gives.

    A week before which there is none, as after an outage, goes on with the threshold of the week before.
    """
    known = tuple(stretch for stretch in stretches if stretch)
    found = iter(_enough(store, part, per_day, known)) if known else iter(())
    thresholds = [0]
    for stretch in stretches:
        thresholds.append(_closest(next(found), per_day) if stretch else thresholds[-1])
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


def _enough(store: Store, part: Filter, per_day: float, stretches: tuple[_Stretch, ...]) -> tuple[_Span, ...]:
    """Return the spans, looked at from so high a threshold upwards that in each as many passed it as are wanted.

    So the work follows from how many are wanted, not from how many there are.
    """
    for reserve in _RESERVES:
        least = _guess(store, part, reserve * per_day, stretches)
        spans = _spans(store, part, least, stretches)  # type: ignore[arg-type]  # a store is hashable, as any object
        if not least or all(any(entries >= per_day * span.days for _, entries in span.passed()) for span in spans):
            return spans
    return _spans(store, part, 0, stretches)  # type: ignore[arg-type]  # as before


def _guess(store: Store, part: Filter, per_day: float, stretches: Sequence[_Stretch]) -> int:
    """Return the upvotes which, of what was listed in each stretch, so many a day have now; 0 where there are fewer."""
    places = [ceil(per_day * stretch.days) for stretch in stretches]
    for rung in _RUNGS:
        tally = store.tally(all_of(part, Number("upvotes", rung)), stretches[0].start)
        best = [_best(tally, stretch) for stretch in stretches] if len(tally) >= max(places) else []
        if best and all(len(counts) >= place for counts, place in zip(best, places, strict=True)):
            return min(counts[place - 1] for counts, place in zip(best, places, strict=True))
    return 0


def _best(tally: Sequence[tuple[date, int]], stretch: _Stretch) -> list[int]:
    """Return the upvotes of what was listed in a stretch, the most first."""
    first, last = stretch.start.date(), stretch.end.date()
    return sorted((upvotes for day, upvotes in tally if first <= day < last), reverse=True)


@lru_cache(maxsize=_KEPT)
def _spans(store: Store, part: Filter, least: int, stretches: tuple[_Stretch, ...]) -> tuple[_Span, ...]:
    """Return the spans, looked at from a threshold upwards: they serve many a wanted number."""
    climbs = store.climbs(part, stretches[0].start - _REACH, stretches[-1].end, least)
    climbs = sorted(climbs, key=attrgetter("appeared"))
    return tuple(_span(climbs, stretch, least) for stretch in stretches)


def _span(climbs: Sequence[Climb], stretch: _Stretch, least: int) -> _Span:
    changes: Counter[int] = Counter()
    for passed, reached in _passages(climbs, stretch, least):
        changes[passed + 1] += 1
        changes[reached + 1] -= 1
    ordered = sorted(changes)
    return _Span(stretch.days, least, array("q", ordered), array("q", (changes[threshold] for threshold in ordered)))


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


def _passages(climbs: Sequence[Climb], stretch: _Stretch, least: int) -> Iterator[tuple[int, int]]:
    """Yield, for each entry that gained anything in the stretch, the upvotes before and after; ``least`` - 1: fewer.

    Upvotes are those that were known at its revision.
    """
    start, end, revision = stretch
    first, last = (bisect_left(climbs, moment, key=attrgetter("appeared")) for moment in (start - _REACH, end))
    for climb in climbs[first:last]:
        when = climb.enterings.known(revision, end)
        if when is None:
            continue
        before = after = least - 1
        was_in = when.moment < start
        for upvotes, since, number in climb.upvotes:
            if number > revision:
                break
            if since < end:
                after = upvotes
                if was_in and since < start:
                    before = upvotes
        if after > before:
            yield before, after
