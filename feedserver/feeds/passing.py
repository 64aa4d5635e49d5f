"""A filter, stretches of time -> how many entries passed which thresholds of upvotes in each, from the highest down.

A threshold that few entries pass is looked for from the top: histories are read above a guess, which the upvotes of now
give, and from further down only where fewer passed that than are wanted. So the work follows from how many are wanted.
The guess decides what is read, and never what is found.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate, groupby
from math import ceil
from operator import attrgetter
from typing import NamedTuple

from feedserver.filters import Filter
from feedserver.filters.base import Date, Number, all_of
from feedserver.store import Climb, Store

_REACH = timedelta(days=28)  # before a stretch: what was listed then may still have entered in it
_RUNGS = (1000, 500, 200, 100, 50, 20, 10, 5, 2, 1)  # upvotes to guess from: thresholds that people ask for
_RESERVES = (1.3, 3)  # times as many as are wanted have reached a threshold by now, where it is worth a look
_DAY = timedelta(days=1)


class Stretch(NamedTuple):
    """From when to when, and the revision of the store when that was over."""

    start: datetime
    end: datetime
    revision: int

    @property
    def days(self) -> float:
        """How long it was."""
        return (self.end - self.start) / _DAY


class Passing(NamedTuple):
    """How many entries passed a threshold in a stretch: it and those between it and the next, the highest first.

    Thresholds below ``least`` were not looked at.
    """

    least: int
    counts: tuple[tuple[int, int], ...]

    def reaches(self, wanted: float) -> bool:
        """Say whether so many passed any threshold, or none is left to be looked at."""
        return not self.least or any(entries >= wanted for _, entries in self.counts)


def passing(store: Store, part: Filter, per_day: float, stretches: Sequence[Stretch]) -> list[Passing]:
    """Return the counts of each stretch, down to where as many entries as are wanted passed, or to the bottom."""
    found: dict[Stretch, Passing] = {}
    for reserve in (*_RESERVES, None):
        left = [stretch for stretch in stretches if stretch not in found]
        least = _guess(store, part, reserve * per_day, left) if reserve and left else dict.fromkeys(left, 0)
        for _, run in groupby(left, key=lambda stretch: not least[stretch]):
            counted = _count(store, part, list(run), least)
            found |= {stretch: each for stretch, each in counted if each.reaches(per_day * stretch.days)}
    return [found[stretch] for stretch in stretches]


def _guess(store: Store, part: Filter, per_day: float, stretches: Sequence[Stretch]) -> Mapping[Stretch, int]:
    """Return the upvotes which, of what was listed in a stretch, so many a day have now; 0 where there are fewer."""
    least: dict[Stretch, int] = {}
    for rung in _RUNGS:
        left = [stretch for stretch in stretches if stretch not in least]
        if not left:
            break
        wanted = all_of(part, Number("upvotes", rung), Date("listed", high=left[-1].end))
        tally = store.tally(wanted, left[0].start)
        for stretch in left:
            place, best = ceil(per_day * stretch.days), _best(tally, stretch)
            if len(best) >= place:
                least[stretch] = best[place - 1]
    return {stretch: least.get(stretch, 0) for stretch in stretches}


def _best(tally: Sequence[tuple[date, int]], stretch: Stretch) -> list[int]:
    """Return the upvotes of what was listed in a stretch, the most first."""
    first, last = stretch.start.date(), stretch.end.date()
    return sorted((upvotes for day, upvotes in tally if first <= day < last), reverse=True)


def _count(
    store: Store, part: Filter, stretches: Sequence[Stretch], guesses: Mapping[Stretch, int]
) -> Iterator[tuple[Stretch, Passing]]:
    """Yield each of some stretches with its counts, looked at from the lowest of their guesses upwards."""
    least = min(guesses[stretch] for stretch in stretches)
    climbs = store.climbs(part, stretches[0].start - _REACH, stretches[-1].end, least)
    climbs = sorted(climbs, key=attrgetter("appeared"))
    for stretch in stretches:
        changes: Counter[int] = Counter()
        for before, after in _passages(climbs, stretch, least):
            changes[before + 1] += 1
            changes[after + 1] -= 1
        yield stretch, Passing(least, tuple(_from_the_top(changes, least)))


def _from_the_top(changes: Mapping[int, int], least: int) -> Iterator[tuple[int, int]]:
    """Yield thresholds and how many passed them, of how that number changes from one threshold to the next."""
    thresholds = sorted(changes)
    lasts = [*(threshold - 1 for threshold in thresholds), thresholds[-1] if thresholds else 0]
    counts = accumulate((changes[threshold] for threshold in thresholds), initial=0)
    found = [*zip(lasts, counts, strict=True)]
    return ((threshold, entries) for threshold, entries in reversed(found) if threshold >= least)


def _passages(climbs: Sequence[Climb], stretch: Stretch, least: int) -> Iterator[tuple[int, int]]:
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
