"""A query, the store, the time -> how much its feed brings: entries by day, a day, and at other thresholds."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from feedserver.feeds.address import UTC
from feedserver.feeds.volume import volume
from feedserver.filters import Filter, resolve
from feedserver.filters.base import HIGHEST, Threshold, all_of, lasting, split_upvotes
from feedserver.model import Unit, midnight
from feedserver.query import Query
from feedserver.store import Store

STEPS = (1, 2, 3, 5, 10, 15, 20, 30, 50, 75, 100, 200)  # upvotes
_DAYS: dict[Unit, float] = {"day": 1, "week": 7, "month": 365.2425 / 12}
SPAN = 30  # whole days from which a rate comes


class Day(NamedTuple):
    """How many entries were listed on a day (UTC)."""

    day: date
    entries: int


class Step(NamedTuple):
    """How many entries a day there would be with a threshold of so many upvotes."""

    upvotes: int
    per_day: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a feed brought lately: entries by day, the oldest first and today last, and a day in the mean.

    ``thresholds`` are what ``min_upvotes`` would make of it, the lowest first. Means are of the last ``SPAN`` whole
    days, or of as many as anything was listed in; days on which nothing was listed count.
    """

    days: tuple[Day, ...]
    per_day: float
    thresholds: tuple[Step, ...]


def outlook(store: Store, query: Query, now: datetime, days: int = 90, zone: ZoneInfo = UTC) -> Outlook:
    """Return what the feed of a query brings, by its last ``days`` days; ``zone`` is where the site's days begin.

    A feed of ``per_day`` lets in what the threshold of its week admits. The days of a top or a digest are those of what
    it chooses from, and its mean is that of its editions. None of these has thresholds but its own. A span such as
    ``within=7d`` is left out, for it goes on with the time: the feed brings as much without.
    """
    today = now.date()
    rest, least = without_threshold(query.filter)
    tally = store.tally(resolve(rest, now), midnight(today - timedelta(days=max(days - 1, SPAN))))
    seen = foresee(tally, _thresholds(store, query, least, now, zone), today, days, _whole_days(store, today))
    if query.unit:
        return replace(seen, per_day=_of_editions(query, seen.per_day), thresholds=())
    return replace(seen, thresholds=()) if query.per_day else seen


def _of_editions(query: Query, per_day: float) -> float:
    """Return how many entries a day the editions of a top or a digest have, which choose from so many."""
    most = 1 if query.digest else query.top.count if query.top else 0
    return min(per_day, most / _DAYS[query.unit or "day"])


def foresee(
    tally: Iterable[tuple[date, int]], threshold_on: Callable[[date], int], today: date, days: int, span: int
) -> Outlook:
    """Return the outlook of what was listed with so many upvotes, where the feed asks for so many of a day's entries.

    Means are of the last ``span`` whole days.
    """
    counted = Counter(tally)
    thresholds = {day: threshold_on(day) for day in {day for day, _ in counted}}
    admitted: Counter[date] = Counter()
    for (day, upvotes), entries in counted.items():
        if upvotes >= thresholds[day]:
            admitted[day] += entries
    shown = [today - timedelta(days=back) for back in reversed(range(days))]
    whole = [today - timedelta(days=back) for back in range(1, span + 1)]
    return Outlook(
        tuple(Day(day, admitted[day]) for day in shown),
        sum(admitted[day] for day in whole) / span,
        _steps(counted, frozenset(whole), span),
    )


def without_threshold(part: Filter) -> tuple[Filter, int]:
    """Return what is left of a filter without its least upvotes and without spans that go on with time; and the former.

    Only what holds of every entry of the filter is taken away, not one condition of several.
    """
    rest, asked = split_upvotes(lasting(part))
    return rest if asked.high == HIGHEST else all_of(rest, replace(asked, low=0)), asked.low


def _steps(counted: Counter[tuple[date, int]], days: frozenset[date], span: int) -> tuple[Step, ...]:
    reached = Counter[int]()
    for (day, upvotes), entries in counted.items():
        if day in days:
            reached[bisect_right(STEPS, upvotes)] += entries
    return tuple(
        Step(step, sum(entries for place, entries in reached.items() if place > number) / span)
        for number, step in enumerate(STEPS)
    )


def _thresholds(store: Store, query: Query, least: int, now: datetime, zone: ZoneInfo) -> Callable[[date], int]:
    """Return which least upvotes the feed asks of what was listed on a day."""
    if query.per_day is None:
        return lambda _: least
    found = volume(store, query.filter, query.per_day, zone, now)
    threshold = Threshold(found.steps)
    return lambda day: max(least, threshold.at(midnight(day)))


def _whole_days(store: Store, today: date) -> int:
    """Return how many days a mean is of: not of more than the store knows of."""
    oldest = store.oldest()
    return min(SPAN, max(1, (today - oldest.date()).days)) if oldest else SPAN
