"""A filter, how many entries a day are wanted -> the threshold of upvotes that gives about so many, for each week.

An entry is judged by the threshold of the week in which it was listed, for ever. That threshold comes from the weeks
before: from what entered the feed in four weeks, as the store was when they were over. So it changes once a week, by
little, and nothing that is learnt later changes it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from math import inf
from zoneinfo import ZoneInfo

from feedserver.feeds.passing import Passing, Stretch, passing
from feedserver.filters import Filter, resolve
from feedserver.filters.base import Date, Threshold, all_of, lasting
from feedserver.periods import Period, period_at
from feedserver.store import Store

WEEKS = 13  # in which an entry may have been listed, to be in the feed
SPAN = timedelta(days=28)  # from which a threshold comes
LEAST_SPAN = timedelta(days=7)  # with less, there is no threshold yet
_SETTLED = timedelta(days=1)  # from the end of the span to the week: by then it is sealed
_PROVISIONAL = timedelta(days=1)  # so long, after an outage, the threshold of the week before is used
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
        return all_of(Date("listed", self.steps[0][0]), Threshold(self.steps))


def volume(store: Store, part: Filter, per_day: float, zone: ZoneInfo, now: datetime) -> Volume:
    """Return what narrows a filter down to about ``per_day`` entries a day.

    A span such as ``within=7d`` does not count: the days that it leaves out brought as many.
    """
    weeks = _weeks(store, period_at(now, "week", zone))
    steady = resolve(lasting(part), now)
    stretches = tuple(weeks.values())
    thresholds = _thresholds(store, steady, per_day, stretches)  # type: ignore[arg-type]  # a store is hashable, as any object
    return Volume(tuple(zip(weeks, thresholds, strict=True))[-WEEKS:])


def _weeks(store: Store, week: Period) -> dict[datetime, Stretch | None]:
    """Return the start of each week up to this one and the span before it, the earliest first.

    Where the first that the feed is of has no span, they begin with the week whose threshold it goes on with.
    """
    found = {week.start: _stretch(store, week.start)}
    began = store.kept(1) or week.start
    while len(found) < WEEKS or (found[week.start] is None and began < week.start):
        week = week.before
        found[week.start] = _stretch(store, week.start)
    return dict(reversed(found.items()))


def _stretch(store: Store, week: datetime) -> Stretch | None:
    """Return the span before a week, where that was sealed in time and enough was known then to go by."""
    end = week - _SETTLED
    (revision,) = store.sealed([end])
    oldest = None if revision is None else _oldest(store, revision)  # type: ignore[arg-type]  # a store is hashable, as any object
    if revision is None or oldest is None or end - oldest < LEAST_SPAN or _is_late(store, week, revision):  # type: ignore[arg-type]  # as above
        return None
    return Stretch(max(end - SPAN, oldest), end, revision)


def is_settled(store: Store, week: datetime, now: datetime) -> bool:
    """Say whether the threshold of a week stays what it is, in a store that last changed at a time."""
    (revision,) = store.sealed([week - _SETTLED])
    return revision is not None or bool(store.revisions(week, now - _PROVISIONAL))


@lru_cache(maxsize=_KEPT)
def _is_late(store: Store, week: datetime, revision: int) -> bool:
    """Say whether the store that had a revision had long been changing by then in the week, which it saw begin.

    Then entries had been judged by the threshold of the week before, and stay so.
    """
    began, kept = store.kept(1), store.kept(revision)
    if began is None or kept is None or began >= week or kept - _PROVISIONAL <= week:
        return False
    return bool(store.revisions(week, kept - _PROVISIONAL))


@lru_cache(maxsize=_KEPT)
def _oldest(store: Store, revision: int) -> datetime | None:
    return store.oldest(revision)


@lru_cache(maxsize=_KEPT)
def _thresholds(store: Store, part: Filter, per_day: float, stretches: tuple[Stretch | None, ...]) -> tuple[int, ...]:
    """Return the threshold that each stretch gives.

    A week before which there is none, as after an outage, goes on with the threshold of the week before, for ever.
    """
    known = [stretch for stretch in stretches if stretch]
    counted = iter(passing(store, part, per_day, known))
    thresholds = [0]
    for stretch in stretches:
        thresholds.append(_closest(next(counted), per_day * stretch.days) if stretch else thresholds[-1])
    return tuple(thresholds[1:])


def _closest(counted: Passing, wanted: float) -> int:
    """Return the highest threshold that as many entries passed as are wanted, or the next above if that is closer.

    Where so many passed none, the one that most passed.
    """
    closest, least_off = 0, inf
    for threshold, entries in counted.counts:
        if abs(entries - wanted) < least_off:
            closest, least_off = threshold, abs(entries - wanted)
        if entries >= wanted:
            break
    return closest
