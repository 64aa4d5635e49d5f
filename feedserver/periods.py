"""A moment, a time zone -> the day, week or month that it lies in: what tops, digests and upstream's lists are of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from feedserver.model import Unit, midnight

GREENWICH = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Period:
    """A day, a week from Monday on, or a month of a time zone: from ``start`` (included) to ``end`` (excluded), UTC."""

    unit: Unit
    start: datetime
    end: datetime
    zone: ZoneInfo

    @property
    def before(self) -> "Period":
        """The period before this one."""
        return period_at(self.start - timedelta(seconds=1), self.unit, self.zone)

    @property
    def after(self) -> "Period":
        """The period after this one."""
        return period_at(self.end, self.unit, self.zone)

    @property
    def name(self) -> str:
        """The same for the same period, always: ``2026-01-05``, ``2026-W02``, ``2026-01``."""
        first = self.start.astimezone(self.zone).date()
        if self.unit == "week":
            year, week, _ = first.isocalendar()
            return f"{year}-W{week:02}"
        return first.isoformat() if self.unit == "day" else f"{first:%Y-%m}"

    def __str__(self) -> str:
        """Say which one it is: ``5 January 2026``, ``week 2 of 2026, 5 to 11 January``, ``January 2026``."""
        first = self.start.astimezone(self.zone).date()
        last = (self.end - timedelta(seconds=1)).astimezone(self.zone).date()
        if self.unit == "day":
            return f"{first.day} {first:%B %Y}"
        if self.unit == "month":
            return f"{first:%B %Y}"
        year, week, _ = first.isocalendar()
        start = f"{first.day}" if first.month == last.month else f"{first.day} {first:%B}"
        return f"week {week} of {year}, {start} to {last.day} {last:%B}"


def period_at(moment: datetime, unit: Unit, zone: ZoneInfo = GREENWICH) -> Period:
    """Return the period that a moment lies in."""
    return _period_of(moment.astimezone(zone).date(), unit, zone)


def period_named(name: str) -> Period:
    """Return the period of that name, UTC. Raises ValueError where it is none."""
    if "W" in name:
        year, _, week = name.partition("-W")
        return _period_of(date.fromisocalendar(int(year), int(week), 1), "week", GREENWICH)
    if name.count("-") == 1:
        return _period_of(date.fromisoformat(f"{name}-01"), "month", GREENWICH)
    return _period_of(date.fromisoformat(name), "day", GREENWICH)


def periods_back(moment: datetime, unit: Unit, since: date) -> Iterator[Period]:
    """Yield the periods, UTC, from the one that a moment lies in back to the one with the day ``since`` in it."""
    period = period_at(moment, unit)
    while period.end > midnight(since):
        yield period
        period = period.before


def _period_of(day: date, unit: Unit, zone: ZoneInfo) -> Period:
    if unit == "day":
        first, following = day, day + timedelta(days=1)
    elif unit == "week":
        first = day - timedelta(days=day.weekday())
        following = first + timedelta(days=7)
    else:
        first = day.replace(day=1)
        following = (first + timedelta(days=31)).replace(day=1)
    start, end = (datetime.combine(each, time.min, zone).astimezone(UTC) for each in (first, following))
    return Period(unit, start, end, zone)
