"""Texts such as ``>=50``, ``10..50``, ``2026-01..2026-03`` and ``7d`` -> Number and Date."""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta

from feedserver.errors import QueryError
from feedserver.filters.base import HIGHEST, Ago, Date, DateField, Moment, Number
from feedserver.model import CountField

_COMPARISON = re.compile(r"(>=|<=|>|<|=|)(.*)", re.DOTALL)
_SPAN = re.compile(r"(\d{1,5})([hdw])")
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?Z?)?)?)?")

FIRST_YEAR, LAST_YEAR = 1970, 2099
A_DATE = f"a date (2026-01-31, 2026-01, 2026; {FIRST_YEAR} to {LAST_YEAR}) or a span (12h, 7d, 4w)"


def number(field: CountField, value: str) -> Number:
    """Read ``>=50``, ``>50``, ``<=50``, ``<50``, ``=50``, ``50``, ``10..50``, ``10..`` or ``..50``."""
    low, dots, high = value.partition("..")
    if dots:
        return Number(field, _count(field, low) if low else 0, _count(field, high) if high else HIGHEST)
    operator, digits = _split(value)
    count = _count(field, digits)
    match operator:
        case ">=":
            return Number(field, low=count)
        case ">":
            return Number(field, low=count + 1)
        case "<=":
            return Number(field, high=count)
        case "<":
            return Number(field, high=count - 1)
        case _:
            return Number(field, count, count)


def date(field: DateField, value: str) -> Date:
    """Read the same comparisons over dates; a day, month or year stands for all of it, at both ends of a range."""
    low, dots, high = value.partition("..")
    if dots:
        return Date(field, interval(low)[0] if low else None, interval(high)[1] if high else None)
    operator, text = _split(value)
    start, end = interval(text)
    match operator:
        case ">=":
            return Date(field, low=start)
        case ">":
            return Date(field, low=end)
        case "<=":
            return Date(field, high=end)
        case "<":
            return Date(field, high=start)
        case _:
            return Date(field, start, end)


def interval(value: str) -> tuple[Moment, Moment]:
    """Return the first moment of ``value`` and the first moment after it. Raises QueryError."""
    if span := _SPAN.fullmatch(value):
        amount, unit = int(span[1]), span[2]
        return Ago(amount, unit), Ago(amount - 1, unit)  # type: ignore[arg-type]  # the pattern admits h, d, w only
    found = _DATE.fullmatch(value)
    if not found or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        raise QueryError(f"{value!r} is not {A_DATE}")
    try:
        return _calendar_interval([int(part) for part in found.groups() if part is not None])
    except ValueError as error:
        raise QueryError(f"{value!r} is not in the calendar; give {A_DATE}") from error


def _calendar_interval(parts: list[int]) -> tuple[datetime, datetime]:
    """Take year, month, day, hour, minute, second, as many as are known, and return what they span."""
    year, month, day, hour, minute, second = [*parts, *[1, 1, 1, 0, 0, 0][len(parts) :]]
    start = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    match len(parts):
        case 1:
            return start, start.replace(year=start.year + 1)
        case 2:
            return start, start + timedelta(days=monthrange(start.year, start.month)[1])
        case 3:
            return start, start + timedelta(days=1)
        case 5:
            return start, start + timedelta(minutes=1)
        case _:
            return start, start + timedelta(seconds=1)


def _split(value: str) -> tuple[str, str]:
    found = _COMPARISON.fullmatch(value)
    assert found is not None  # noqa: S101  # the pattern matches every text
    return found[1], found[2]


def _count(field: str, digits: str) -> int:
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 12:
        raise QueryError(f"{field} is compared with a whole number, not {digits!r}; for example {field}:>=50")
    return int(digits)
