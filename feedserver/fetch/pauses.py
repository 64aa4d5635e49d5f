"""An answer's headers -> how long the server wants to be left alone. Pure.

``Retry-After`` is RFC 9110, 10.2.3. A spent limit says when there is more in one of the forms that were or are about:
``RateLimit: "api";r=0;t=30``, or without ``t`` the window ``w`` of ``RateLimit-Policy: "api";q=100;w=60``
(draft-ietf-httpapi-ratelimit-headers-08 and later), ``RateLimit: limit=100, remaining=0, reset=30`` (drafts 04 to 07),
``RateLimit-Remaining`` beside ``RateLimit-Reset`` (drafts before), and the same with ``X-`` in front, where the reset
may be a time in seconds since 1970 (GitHub's way) as well as a span.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=1)  # what asks for more, slipped

_NAME = re.compile(r'\s*("[^"]*"|[^;,\s]*)')
_SPENT = re.compile(r"\b(?:r|remaining)=0\b")
_RESET = re.compile(r"\b(?:t|reset)=(\d{1,9})\b")
_WINDOW = re.compile(r"\bw=(\d{1,9})\b")
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,6})?", re.ASCII)
_EARLIEST_TIME = 1_000_000_000  # seconds: a span of thirty years, or a time of 2001


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Return the pause of ``Retry-After``: seconds or an HTTP date; none where it is neither."""
    value = headers.get("Retry-After", "")
    if value.isascii() and value.isdigit():
        return _seconds(int(value[:9]))
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return timedelta(0)
    return _seconds((at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())


def asked_pause(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Return the time until a limit that is spent allows more; of several the longest, none where none is spent."""
    seconds = [*_of_policies(headers), *_of_counts(headers, now)]
    return _seconds(max(seconds, default=0))


def _of_policies(headers: Mapping[str, str]) -> Iterator[float]:
    limit = headers.get("RateLimit", "")
    windows = {_name(policy): _first(_WINDOW, policy) for policy in _members(headers.get("RateLimit-Policy", ""))}
    for policy in [limit] if "remaining" in limit else _members(limit):
        if _SPENT.search(policy):
            reset = _first(_RESET, policy)
            yield windows.get(_name(policy)) or 0 if reset is None else reset


def _of_counts(headers: Mapping[str, str], now: datetime) -> Iterator[float]:
    for prefix in ("RateLimit", "X-RateLimit", "X-Rate-Limit"):
        reset = headers.get(f"{prefix}-Reset", "").strip()
        if headers.get(f"{prefix}-Remaining", "").strip() == "0" and _NUMBER.fullmatch(reset):
            yield float(reset) - (now.timestamp() if float(reset) >= _EARLIEST_TIME else 0)


def _members(value: str) -> Iterable[str]:
    return value.split(",")


def _name(policy: str) -> str:
    found = _NAME.match(policy)
    return found[1].strip('"') if found else ""


def _first(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.search(text)
    return int(found[1]) if found else None


def _seconds(seconds: float) -> timedelta:
    return min(timedelta(seconds=min(max(seconds, 0), LONGEST.total_seconds())), LONGEST)
