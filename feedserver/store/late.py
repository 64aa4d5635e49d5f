"""The history of an entry's counts -> facets that say when it reached thresholds, so that the index finds them by time.

An entry enters a feed with a threshold when it reaches it, which may be long after its listing, by which the index is
sorted. An entry that reached some threshold from 20 to 24 in the hour 490,344 since 1970, other than by coming with it,
carries the facet ``upvotes.20.h0.490344``, and those of the spans of 8, 64 and so on hours that this hour lies in, so
that any stretch of time is covered by few facets. When it appeared on a listing, if that was later than its listing, is
told alike (``appeared.h0.490344``), also of the thresholds that it came with; and when a further source showed it
(``source%3Aarxiv.1.h0.490344``).
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import get_args
from urllib.parse import quote

from feedserver.filters.base import HIGHEST, Number
from feedserver.model import CountField, Rise

# Closer together than the thresholds that people ask for: what rose between two steps is looked at one by one.
_DIGITS = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80)
_STEPS = (0, 1, 2, 3, 4, 5, 6, 8, *(digit * 10**power for power in range(12) for digit in _DIGITS))
_LEVELS = 6  # the longest span is of 32,768 hours, close to four years
_FOLD = 8
_HOUR = 3600  # seconds
_COUNTS = frozenset(get_args(CountField))


def late_facets(born: int, appeared: int, listed: int, history: Sequence[Rise]) -> set[str]:
    """Return the facets of an entry that came with the revision ``born``; its history is in the order of time.

    It was listed, and appeared, at times in seconds; where the latter is later, it is told by facets as well, and what
    it came with it reached then.
    """
    counts: dict[str, int] = {}
    facets = {_appearance(level, appeared // _HOUR) for level in range(_LEVELS) if appeared > listed}
    for rise in history:
        came_with = rise.revision == born and rise.field in _COUNTS
        if appeared > listed or not came_with:
            hour = (appeared if came_with else max(appeared, int(rise.observed.timestamp()))) // _HOUR
            steps = _steps(counts.get(rise.field, -1) + 1, rise.count)
            facets.update(_facet(rise.field, step, level, hour) for step in steps for level in range(_LEVELS))
        counts[rise.field] = rise.count
    return facets


def appearances_between(start: int, end: int) -> list[str]:
    """Return facets of which every entry has one that appeared between two times (seconds), after it was listed."""
    return [_appearance(level, hour) for level, hour in _cover(start // _HOUR, end // _HOUR)]


def facets_between(asked: Number, start: int, end: int) -> list[str]:
    """Return facets of which every entry has one that began, or ceased, to satisfy this between two times (seconds)."""
    changing = [asked.low, *([asked.high + 1] if asked.high < HIGHEST else [])]
    steps = {step for threshold in changing for step in _steps(threshold, threshold)}
    spans = list(_cover(start // _HOUR, end // _HOUR))
    return [_facet(asked.field, step, level, hour) for step in sorted(steps) for level, hour in spans]


def stretch(start: int, end: int) -> tuple[int, int]:
    """Return times (seconds) around a stretch of time, at most its length away from it, that few facets lie between."""
    first, last = start // _HOUR, end // _HOUR
    block = _FOLD ** max(level for level in range(_LEVELS) if level == 0 or _FOLD**level <= last - first)
    return first // block * block * _HOUR, (last // block + 1) * block * _HOUR - 1


def _steps(low: int, high: int) -> Sequence[int]:
    """Yield the steps that thresholds from ``low`` to ``high`` lie at or above."""
    return _STEPS[bisect_right(_STEPS, low) - 1 : bisect_right(_STEPS, high)]


def _cover(hour: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield level and first hour of few spans that hold all hours from one to another, both included."""
    while hour <= last:
        level = next(
            level
            for level in reversed(range(_LEVELS))
            if hour % _FOLD**level == 0 and (hour + _FOLD**level - 1 <= last or level == 0)
        )
        yield level, hour
        hour += _FOLD**level


def _appearance(level: int, hour: int) -> str:
    return f"appeared.h{level}.{hour // _FOLD**level}"


def _facet(field: str, step: int, level: int, hour: int) -> str:
    return f"{quote(field, safe='')}.{step}.h{level}.{hour // _FOLD**level}"
