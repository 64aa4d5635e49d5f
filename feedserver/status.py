"""The store's memory of listings -> how each source fares, for people and scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from feedserver.model import ListingRecord
from feedserver.store import Store


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How one source fares: ``good`` is when a listing was last read well, ``error`` what is wrong at present.

    ``state`` is ``failing`` where the last try failed, ``never`` before the first good listing, else ``good``.
    """

    name: str
    state: str
    listings: int
    attempted: datetime | None
    good: datetime | None
    error: str | None
    retry_at: datetime | None


def source_status(store: Store, name: str) -> SourceStatus:
    """Return the status of the source of that name."""
    records = store.listings(name)
    last = max(records, key=_attempted, default=None)
    failed = last if last and last.error else None
    good = max((record.good for record in records if record.good), default=None)
    return SourceStatus(
        name=name,
        state="failing" if failed else "good" if good else "never",
        listings=sum(record.good is not None for record in records),
        attempted=max(map(_attempted, records), default=None),
        good=good,
        error=f"{failed.key}: {failed.error}" if failed else None,
        retry_at=failed.retry_at if failed else None,
    )


def spell_age(then: datetime | None, now: datetime) -> str:
    """Return the time since ``then`` in its largest unit: ``3 hours ago``."""
    if then is None:
        return "never"
    seconds = max(0, int((now - then).total_seconds()))
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def _attempted(record: ListingRecord) -> datetime:
    return record.attempted


def statuses(store: Store, names: Sequence[str]) -> list[SourceStatus]:
    """Return the status of several sources."""
    return [source_status(store, name) for name in names]
