"""Periods of upstream's lists: when one is over, when its list is complete. Pure."""

from datetime import datetime, timedelta

from feedserver.model import ListingRecord
from feedserver.periods import Period

SETTLING = timedelta(minutes=30)  # after the end of a period; upstream's caches, and clocks, may be behind


def is_over(period: Period, now: datetime) -> bool:
    """Say whether a period ended so long ago that its list does not grow any more."""
    return now >= period.end + SETTLING


def is_settled(period: Period, record: ListingRecord | None) -> bool:
    """Say whether a period has been read well after it was over: its list is then complete."""
    return record is not None and record.good is not None and is_over(period, record.good)
