"""Values of decoded JSON -> values of the kind that is wanted, or nothing: upstream's fields may be anything."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from feedserver.model import YEARS
from feedserver.text import clean

Fields = Mapping[str, Any]


def fields_of(value: object) -> Fields:
    """Return an object's fields; none of anything else."""
    return value if isinstance(value, dict) else {}


def elements_of(value: object) -> list[Any]:
    """Return a list's elements; none of anything else."""
    return value if isinstance(value, list) else []


def text_of(fields: Fields, name: str) -> str | None:
    """Return a field's clean text, None where it has none."""
    value = fields.get(name)
    return (clean(value) or None) if isinstance(value, str) else None


def texts_of(value: object) -> tuple[str, ...]:
    """Return a list's clean texts, each once."""
    cleaned = (clean(text) for text in elements_of(value) if isinstance(text, str))
    return tuple(dict.fromkeys(text for text in cleaned if text))


def count_of(fields: Fields, name: str) -> int | None:
    """Return a field that is a whole number within reason."""
    value = fields.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None


def instant_of(fields: Fields, name: str) -> datetime | None:
    """Read ``YYYY-MM-DDTHH:MM:SS.mmmZ`` to the second."""
    value = fields.get(name)
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None
    return found if found.year in YEARS else None
