"""A date as people and programs write it -> a moment: ISO 8601, RFC 5322, Unix time, then dateparser, tightly held.

What leaves the year out is in the past; what leaves day or month out is the first of them; a bare number is no date.
dateparser is loaded when the first date needs it: it takes a tenth of a second, and most processes never read a date.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from feedserver.errors import ConfigError
from feedserver.model import YEARS
from feedserver.text import clean

DateOrder: TypeAlias = Literal["DMY", "MDY", "YMD"]

_LONGEST = 200  # characters in which a date is looked for
_MILLISECONDS = 100_000_000_000  # Unix times from here on (year 5138, or March 1973) are in milliseconds
_ANY_TIME = datetime(2000, 1, 1)  # noqa: DTZ001  # a bare one gives what a date leaves out: January, the first

_UNIX = re.compile(r"\d{9,10}|\d{12,13}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_MONTH = re.compile(r"((?:19|20)\d\d)[-/](0[1-9]|1[0-2])")
_MAIL = re.compile(r"(?:[A-Za-z]{3},? )?\d{1,2} [A-Za-z]{3} \d{4} \d\d?:\d\d.*")
_NO_MONTH = re.compile(r"(?:19|20)\d\d[./-](?:1[3-9]|[2-9]\d)[./-]")  # dateparser would take it for the day
_DOTTED = re.compile(r"\d{1,2}\.\s?\d{1,2}\.\s?\d{4}")
_WHOLE_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NUMBERS = re.compile(r"[\d\s.,:/-]+")
_THREE_NUMBERS = re.compile(r"(?:\d{4}([./-])\s?\d{1,2}\1\s?\d{1,2}|\d{1,2}([./-])\s?\d{1,2}\2\s?\d{2,4})(?!\d).*")
_DATE = re.compile(
    r"""
    (?P<iso>\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?)
    | (?<!\d)(?:\d{4}([./])\d{1,2}\2\d{1,2}|\d{1,2}([./-])\s?\d{1,2}\3\s?\d{4})(?!\d)
    | \d{4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]
    | (?<!\w)\d{1,2}(?:st|nd|rd|th|\.|º)?\s(?:(?:of|de)\s)?[^\W\d_]{3,12}\.?,?\s(?:de\s)?(?:19|20)\d\d(?!\d)
    | (?<!\w)[^\W\d_]{3,12}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d(?!\d)
    | (?<!\w)(?:\d{1,3}|an?)\s?(?:second|sec|minute|min|hour|hr|day|week|month|year)s?\sago(?!\w)
    | (?<!\w)(?:yesterday|today)(?!\w)
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class DateHabits:
    """How dates are written: in which languages (``de``, ``en-GB``), tried in turn, and in which order.

    ``order`` is that of 01/02/2026, where it is not the language's own.
    """

    languages: tuple[str, ...] = ("en",)
    order: DateOrder | None = None


ENGLISH = DateHabits()


def read_date(text: str, observed: datetime, habits: DateHabits = ENGLISH) -> datetime | None:
    """Return the moment that a text tells, in UTC and whole seconds; midnight where it tells the day alone.

    None where nothing in the text is a date.
    """
    text = clean(text[:_LONGEST])
    part = look_for_date(text)
    for spelling in dict.fromkeys((text, part) if part else (text,)):
        found = _exact(spelling) or _spelled(spelling, observed, habits)
        if found and found.year in YEARS:
            return found
    return None


def look_for_date(text: str) -> str | None:
    """Return the first part of a text that looks like a date with its year, or like a time ago."""
    found = _DATE.search(text)
    return found[0] if found else None


def read_unix_time(seconds: float) -> datetime | None:
    """Return the moment so many seconds, or milliseconds, after the beginning of 1970; None beyond 2099."""
    try:
        found = datetime.fromtimestamp(seconds / 1000 if seconds >= _MILLISECONDS else seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return found.replace(microsecond=0) if found.year in YEARS else None


def check_language(language: str) -> None:
    """Raise ConfigError where dates can't be read in a language."""
    import dateparser  # noqa: PLC0415  # see above

    try:
        dateparser.parse("1 1 2000", settings=_settings(_ANY_TIME), **_tongue(language))
    except ValueError as error:
        raise ConfigError(
            f"{language!r}: no language that dates are read in; give one such as 'de' or 'en-GB'"
        ) from error


def _exact(text: str) -> datetime | None:
    if _UNIX.fullmatch(text):
        return read_unix_time(int(text))
    if _YEAR.fullmatch(text):
        return datetime(int(text), 1, 1, tzinfo=UTC)
    if month := _MONTH.fullmatch(text):
        return datetime(int(month[1]), int(month[2]), 1, tzinfo=UTC)
    try:
        found = parsedate_to_datetime(text) if _MAIL.fullmatch(text) else datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return _in_utc(found)


def _spelled(text: str, observed: datetime, habits: DateHabits) -> datetime | None:
    """Ask dateparser, unless the text is numbers that are no date; day before month where dots part them."""
    if _NUMBERS.fullmatch(text) and not _THREE_NUMBERS.fullmatch(text):
        return None
    if _NO_MONTH.match(text):
        return None
    if habits.order is None and _DOTTED.match(text):
        habits = replace(habits, order="DMY")
    if _WHOLE_YEAR.search(text):
        return _absolute(text, habits)
    base = observed.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    found = _parse(text, base, habits)
    if found and found.time() == base.time():  # days were counted, not hours
        return found.replace(hour=0, minute=0, second=0)
    return found


@lru_cache(maxsize=10_000)
def _absolute(text: str, habits: DateHabits) -> datetime | None:
    return _parse(text, _ANY_TIME, habits)


def _parse(text: str, base: datetime, habits: DateHabits) -> datetime | None:
    import dateparser  # noqa: PLC0415  # see above

    settings = _settings(base) | ({"DATE_ORDER": habits.order} if habits.order else {})
    if not any(map(str.isdigit, text)):
        settings["PARSERS"] = ["relative-time"]  # else 'may' is a day, and so is 'a'
    for language in habits.languages:
        try:
            found = dateparser.parse(text, settings=settings, **_tongue(language))
        except (ValueError, OverflowError):  # a language that it does not know; a time too far away
            continue
        if found:
            return _in_utc(found)
    return None


def _settings(base: datetime) -> dict[str, Any]:
    return {
        "RELATIVE_BASE": base,
        "TIMEZONE": "UTC",
        "TO_TIMEZONE": "UTC",
        "RETURN_AS_TIMEZONE_AWARE": True,
        "PREFER_DATES_FROM": "past",
        "PARSERS": ["relative-time", "absolute-time"],
    }


def _tongue(language: str) -> dict[str, Any]:
    return {"locales": [language]} if "-" in language else {"languages": [language]}


def _in_utc(found: datetime) -> datetime | None:
    try:
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        return None
