"""A filter, how many entries a day are wanted -> the threshold of upvotes that gives about so many, for each week.

An entry is judged by the threshold of the week in which it was listed, for ever. That threshold comes from the weeks
before: from what entered the feed in four weeks, as the store was when they were over. So it changes once a week, by
little, and nothing that is learnt later changes it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from feedserver.filters import Filter
from feedserver.filters.base import Date, Number, all_of, any_of
from feedserver.filters.history import Enterings, enterings
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
    oldest = store.summary().oldest
    if oldest is None:
        return (0,) * len(ends)
    lives = [(life, enterings(part, life)) for life in store.lives(part, ends[0] - SPAN - _REACH, ends[-1], range(0))]
    thresholds = [0]
    for end, revision in zip(ends, revisions, strict=True):
        span = min(SPAN, end - oldest)
        if revision is None or span < LEAST_SPAN:
            thresholds.append(thresholds[-1])
        else:
            passages = _passages(lives, end - span, end, revision)
            thresholds.append(_closest(passages, per_day * (span / timedelta(days=1))))
    return tuple(thresholds[1:])


def _closest(passages: Iterable[tuple[int, int]], wanted: float) -> int:
    """Return the threshold that so many entries passed as comes closest to the wanted number, the higher of equals."""
    changes: Counter[int] = Counter()
    for passed, reached in passages:
        changes[passed + 1] += 1
        changes[reached + 1] -= 1
    entries, best, distance = 0, 0, float("inf")
    for threshold in range(max(changes, default=0) + 1):
        entries += changes[threshold]
        if abs(entries - wanted) <= distance:
            best, distance = threshold, abs(entries - wanted)
    return best


def _passages(
    lives: Sequence[tuple[Life, Enterings]], start: datetime, end: datetime, revision: int
) -> Iterator[tuple[int, int]]:
    """Yield, for each entry of the filter that gained anything in the span, the upvotes before and after; -1: none."""
    for life, entering in lives:
        when = entering.known(revision, end)
        if when and life.appeared >= start - _REACH:
            before = -1 if when.moment >= start else _upvotes(life, revision, start)
            after = _upvotes(life, revision, end)
            if after > before:
                yield before, after


def _upvotes(life: Life, revision: int, until: datetime) -> int:
    """Return the upvotes that an entry had before a moment, as far as was known at a revision."""
    counts = (
        rise.count
        for rise in life.history
        if rise.field == "upvotes" and rise.revision <= revision
        if (life.appeared if rise.revision == life.born else rise.observed) < until
    )
    return max(counts, default=-1)
