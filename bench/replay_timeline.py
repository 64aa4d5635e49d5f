"""Captured list answers, and when each was captured -> what upstream showed of a day at any time."""

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

Element = Mapping[str, Any]  # of the list, as JSON says it

_DATES = ("publishedAt", "submittedOnDailyAt")
_LATE_MORNINGS = date(2025, 1, 10)  # the last day whose morning capture was made in the afternoon


@dataclass(frozen=True, slots=True)
class Capture:
    """What upstream showed of a day from some time on: a file, or the elements themselves.

    ``earlier`` is by how much all of it was moved back in time.
    """

    day: date
    at: datetime
    content: Path | tuple[Element, ...] = field(compare=False)
    earlier: timedelta = timedelta()

    def elements(self) -> list[Element]:
        """Return the elements of the list."""
        found = json.loads(self.content.read_bytes()) if isinstance(self.content, Path) else self.content
        return [_moved(element, self.earlier) for element in found] if self.earlier else list(found)

    def moved(self, earlier: timedelta) -> "Capture":
        """Return the same, so much earlier."""
        return Capture(self.day - earlier, self.at - earlier, self.content, self.earlier + earlier)


class Timeline:
    """All captures; of a day before its first one nothing is shown, and each is shown until the next one."""

    def __init__(self, captures: Iterable[Capture]) -> None:
        """Put them in order."""
        self.captures: Sequence[Capture] = sorted(captures, key=lambda capture: capture.at)
        self._of: dict[date, list[Capture]] = {}
        for capture in self.captures:
            self._of.setdefault(capture.day, []).append(capture)

    def shown(self, day: date, now: datetime) -> Capture | None:
        """Return the newest capture of the day that is not of the future."""
        known = self._of.get(day, [])
        place = bisect_right(known, now, key=lambda capture: capture.at)
        return known[place - 1] if place else None

    def until(self, now: datetime) -> int:
        """Return how many captures are not of the future."""
        return bisect_right(self.captures, now, key=lambda capture: capture.at)

    @property
    def first(self) -> date:
        """The first day of which there is anything."""
        return min(self._of)

    @property
    def last(self) -> datetime:
        """When the last capture was made."""
        return self.captures[-1].at

    def __str__(self) -> str:
        """Say how much it is."""
        return f"{len(self.captures)} captures of {len(self._of)} days, {self.first} to {max(self._of)}"


def without_gaps(timeline: Timeline) -> Timeline:
    """Return the timeline with its weeks moved together, where there are weeks of which nothing was captured."""
    weeks = sorted({_monday(capture.day) for capture in timeline.captures})
    place = {week: weeks[0] + timedelta(weeks=number) for number, week in enumerate(weeks)}
    days = ((capture, _monday(capture.day)) for capture in timeline.captures)
    return Timeline(capture.moved(week - place[week]) for capture, week in days)


def captured_timeline(folder: Path, first: date, days: int | None = None) -> Timeline:
    """Return what was captured into the three folders, of so many days from the first one on; default: all."""
    last = first + timedelta(days=days - 1) if days else date.max
    return Timeline(capture for capture in _captures(folder) if first <= capture.day <= last)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _moved(element: Element, earlier: timedelta) -> Element:
    """Return the element with its dates so much earlier."""
    paper = {**element["paper"], **_dates(element["paper"], earlier)}
    return {**element, **_dates(element, earlier), "paper": paper}


def _dates(fields: Mapping[str, Any], earlier: timedelta) -> dict[str, str]:
    dates = {name: datetime.fromisoformat(fields[name]) for name in _DATES if name in fields}
    return {
        name: f"{(value - earlier).replace(tzinfo=None).isoformat('T', 'milliseconds')}Z"
        for name, value in dates.items()
    }


def _captures(folder: Path) -> Iterator[Capture]:
    """Yield the captures with the times of day at which they were made, all UTC."""
    for kind, moment in (("early", _early), ("morning", _morning), ("nextday", _nextday)):
        for file in sorted((folder / kind).glob("*.json")):
            day = date.fromisoformat(file.stem)
            yield Capture(day, moment(day), file)


def _early(day: date) -> datetime:
    return datetime.combine(day, time(2, 30), UTC)


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(17, 7) if day <= _LATE_MORNINGS else time(7, 50), UTC)


def _nextday(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(1, 45), UTC)
