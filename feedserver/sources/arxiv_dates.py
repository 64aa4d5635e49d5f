"""When a paper was submitted, or its id -> the day on which arXiv announced it. Pure.

Source: https://info.arxiv.org/help/availability.html, for the schedule and for the month that is in an id. What a
moderator held back, or a holiday deferred, comes later than the schedule says; only its month can be told, from its id.
"""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from feedserver.errors import ListingError
from feedserver.model import midnight

_EASTERN = ZoneInfo("America/New_York")
_DEADLINE = 14  # o'clock
_FRIDAY = 4
_MONTH_OF_ID = re.compile(r"(?:.*/)?(\d\d)(\d\d)", re.ASCII)
_FIRST_YEAR = 91


def mailed(submitted: datetime) -> date:
    """Return the day of the mailing that announces what was submitted at an instant, by the schedule.

    Until 14:00 Eastern of a weekday, it is announced at 20:00, and mailed in the night to the next weekday; that day is
    in the listings and in the pubDate of RSS. What comes on Friday until then is announced on Sunday and mailed on
    Monday, whatever comes later until Monday at 14:00 is mailed on Tuesday.
    """
    local = submitted.astimezone(_EASTERN)
    closing = local.date() + timedelta(days=1 if local.hour >= _DEADLINE else 0)
    while closing.weekday() > _FRIDAY:
        closing += timedelta(days=1)
    return closing + timedelta(days=3 if closing.weekday() == _FRIDAY else 1)


def first_of_month(identifier: str) -> date:
    """Return the first day of the month that an arXiv id names, in which the paper was announced first.

    Raises ListingError where it names none, such as 0000.0000.
    """
    found = _MONTH_OF_ID.match(identifier)
    year, month = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= month <= 12:
        raise ListingError(f"there is no month in the arXiv id {identifier!r}")
    return date(year + (1900 if year >= _FIRST_YEAR else 2000), month, 1)


def announced(identifier: str, submitted: datetime, observed: datetime) -> datetime:
    """Return midnight UTC of the day of announcement: by the schedule, but not before the first mailing of its month.

    It never lies after the day of ``observed``.
    Raises ListingError where the id names no month.
    """
    day = max(mailed(submitted), first_of_month(identifier))
    while day.weekday() > _FRIDAY:
        day += timedelta(days=1)
    return midnight(min(day, observed.date()))
