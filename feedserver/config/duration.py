"""Spans of time as they stand in config files: ``15m`` <-> timedelta."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

_SPELLED = re.compile(r"(\d{1,6})\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LENGTHS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))  # seconds


def spell_duration(span: timedelta) -> str:
    """Return a span of whole seconds in its largest unit."""
    seconds = int(span.total_seconds())
    return next(f"{seconds // length}{unit}" for unit, length in _LENGTHS if seconds % length == 0)


def _read(value: object) -> object:
    found = _SPELLED.fullmatch(value) if isinstance(value, str) else None
    if found is None and not isinstance(value, timedelta):
        raise ValueError("give a duration such as '30s', '15m', '6h' or '2d'")
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else value


Duration = Annotated[timedelta, BeforeValidator(_read)]
