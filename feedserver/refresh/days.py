"""Days, UTC as upstream's are: when one ends, when its list is complete. Pure."""

from datetime import date, datetime, timedelta

from feedserver.model import ListingRecord, midnight

DAY = timedelta(days=1)
SETTLING = timedelta(minutes=30)  # after the end of a day; upstream's caches, and clocks, may be behind


def end(day: date) -> datetime:
    """Return the moment in which a day ends."""
    return midnight(day) + DAY


def is_over(day: date, now: datetime) -> bool:
    """Say whether a day ended so long ago that its list does not grow any more."""
    return now >= end(day) + SETTLING


def is_settled(day: date, record: ListingRecord | None) -> bool:
    """Say whether a day has been read well after it was over: its list is then complete."""
    return record is not None and record.good is not None and is_over(day, record.good)


def days_since(since: date, now: datetime) -> tuple[date, ...]:
    """Return the days of a backfill: all up to today, the newest first."""
    return tuple(now.date() - timedelta(days=age) for age in range((now.date() - since).days + 1))
