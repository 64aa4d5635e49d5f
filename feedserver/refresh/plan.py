"""What is known of each day's listing, the time -> which days to ask for now, and why. Pure: decisions, no I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from feedserver.model import ListingRecord

FAILED = "failed last time"


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often to ask for a day's listing, by its age."""

    look_back: int = 14  # days before today that have to be in the store
    today: timedelta = timedelta(minutes=15)
    recent: timedelta = timedelta(hours=6)  # days that are over, as long as their votes still move much
    recent_days: int = 3
    retry: timedelta = timedelta(minutes=5)  # after a failure


@dataclass(frozen=True, slots=True)
class Poll:
    """A day to ask for, and the reason in words."""

    day: date
    why: str


def polls(records: Iterable[ListingRecord], schedule: Schedule, now: datetime) -> tuple[Poll, ...]:
    """Return what is due, the newest day first, what failed last; the days are UTC days, as upstream's are."""
    known = {record.key: record for record in records}
    if asked_pause(known.values(), now):
        return ()
    days = (now.date() - timedelta(days=age) for age in range(schedule.look_back + 1))
    reasons = ((day, _why(day, known, schedule, now)) for day in days)
    due = [Poll(day, why) for day, why in reasons if why]
    return tuple(sorted(due, key=lambda poll: poll.why == FAILED))


def asked_pause(records: Iterable[ListingRecord], now: datetime) -> datetime | None:
    """Return until when upstream wants to be left alone, by all calls for this source; None where it does not."""
    return max((record.retry_at for record in records if record.retry_at and record.retry_at > now), default=None)


def days_since(since: date, now: datetime) -> tuple[date, ...]:
    """Return the days of a backfill: all up to today, the newest first."""
    return tuple(now.date() - timedelta(days=age) for age in range((now.date() - since).days + 1))


def is_settled(day: date, record: ListingRecord | None) -> bool:
    """Say whether a day has been read after it was over: its list is then complete."""
    return record is not None and record.good is not None and record.good >= _end(day)


def _why(day: date, known: Mapping[str, ListingRecord], schedule: Schedule, now: datetime) -> str | None:
    record = known.get(day.isoformat())
    if record is None:
        return "never asked for"
    if record.attempted > now:
        return "asked for in the future: the clock went back"
    if record.error is not None:
        return FAILED if now - record.attempted >= schedule.retry else None
    age = (now.date() - day).days
    if age == 0:
        return "fills up today" if now - record.attempted >= schedule.today else None
    if not is_settled(day, record):
        return "ended since it was read"
    if age <= schedule.recent_days and now - record.attempted >= schedule.recent:
        return "votes still move"
    return None


def _end(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, UTC)
