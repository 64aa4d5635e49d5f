"""A filter, how many entries a day are wanted -> the threshold of upvotes that gives about so many, for each week.

An entry is judged by the threshold of the week in which it was listed, for ever. That threshold comes from the weeks
before: from what entered the feed in four weeks, as the store was when they were over. So it changes once a week, by
little, and nothing that is learnt later changes it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from feedserver.feeds.periods import period_at
from feedserver.filters import Filter
from feedserver.filters.base import Date, Number, all_of, any_of
from feedserver.filters.history import entered
from feedserver.model import Life, Rise
from feedserver.store import Store

WEEKS = 13  # in which an entry may have been listed, to be in the feed
SPAN = timedelta(days=28)  # from which a threshold comes
LEAST_SPAN = timedelta(days=7)  # with less, there is no threshold yet
_REACH = timedelta(days=28)  # before that: what was listed then may still have entered in it
_SETTLED = timedelta(days=1)  # from the end of the span to the week: by then it is sealed
_KEPT = 4_096


@dataclass(frozen=True, slots=True)
class Volume:
    """The filter that gives about as many entries as are wanted, and the threshold of this week."""

    filter: Filter
    threshold: int


def volume(store: Store, part: Filter, per_day: float, zone: ZoneInfo, now: datetime) -> Volume:
    """Return what narrows a resolved filter down to about ``per_day`` entries a day."""
    weeks = [period_at(now, "week", zone)]
    while len(weeks) < WEEKS:
        weeks.append(weeks[-1].before)
    starts = [week.start for week in reversed(weeks)]
    ends = [start - _SETTLED for start in starts]
    thresholds = [0]
    for end, revision in zip(ends, store.sealed(ends), strict=True):
        # A week whose span is not sealed, as after an outage, goes on with the threshold of the week before.
        thresholds.append(thresholds[-1] if revision is None else _threshold(store, part, per_day, end, revision))  # type: ignore[arg-type]  # a store is hashable, as any object
    bounds = [*pairwise(starts), (starts[-1], None)]
    steps = [
        all_of(Date("listed", low, high), Number("upvotes", threshold))
        for (low, high), threshold in zip(bounds, thresholds[1:], strict=True)
    ]
    return Volume(any_of(*steps), thresholds[-1])


@lru_cache(maxsize=_KEPT)
def _threshold(store: Store, part: Filter, per_day: float, end: datetime, revision: int) -> int:
    """Return the threshold that would have come closest to the wanted number in the span up to ``end``."""
    oldest = store.summary().oldest
    span = min(SPAN, end - oldest) if oldest else timedelta(0)
    if span < LEAST_SPAN:
        return 0
    changes: Counter[int] = Counter()
    for passed, reached in _passages(store, part, end - span, end, revision):
        changes[passed + 1] += 1
        changes[reached + 1] -= 1
    return _closest(changes, per_day * (span / timedelta(days=1)))


def _closest(changes: Counter[int], wanted: float) -> int:
    """Return the threshold at which the number of entries is closest to the wanted one, the higher of equals.

    ``changes`` tells by how much the number changes from the threshold below.
    """
    entries, best, distance = 0, 0, float("inf")
    for threshold in range(max(changes, default=0) + 1):
        entries += changes[threshold]
        if abs(entries - wanted) <= distance:
            best, distance = threshold, abs(entries - wanted)
    return best


def _passages(store: Store, part: Filter, start: datetime, end: datetime, revision: int) -> Iterator[tuple[int, int]]:
    """Yield, for each entry of the filter that gained anything in the span, the upvotes before and after; -1: none."""
    for life in store.lives(part, start - _REACH, end, range(0)):
        entry = life.at(revision)
        history = [rise for rise in life.history if rise.revision <= revision]
        when = entered(part, entry, life.appeared, history) if entry else None
        if entry and when and when.moment < end:
            before = -1 if when.moment >= start else _upvotes(life, history, start)
            after = _upvotes(life, history, end)
            if after > before:
                yield before, after


def _upvotes(life: Life, history: list[Rise], until: datetime) -> int:
    """Return the upvotes that an entry had before a moment."""
    counts = (
        rise.count
        for rise in history
        if rise.field == "upvotes" and (life.appeared if rise.revision == life.born else rise.observed) < until
    )
    return max(counts, default=-1)
