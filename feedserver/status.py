"""The store's memory of listings and sources, the plan -> how each source fares, for people and scripts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from feedserver.model import ListingRecord, SourceState
from feedserver.refresh import Known, Poll, Schedule, awaited, plan
from feedserver.refresh.budget import spent
from feedserver.refresh.circuit import asked_pause, held_until
from feedserver.sources import CURRENT, Source
from feedserver.store import Store

SHOWN = 3  # polls that come next
PATIENCE = timedelta(hours=1)  # without a good look, though nothing failed
Span = Literal["day", "hour", "minute"]
State = Literal["good", "suspect", "late", "failing", "open", "paused", "never"]


_SPANS: dict[Span, int] = {"day": 86400, "hour": 3600, "minute": 60}  # seconds


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How one source fares: ``good`` is when a listing was last read well, ``error`` what is wrong at present.

    Its newest listing is asked for ``every`` so often. ``state`` is the first of these that holds: ``paused`` where
    upstream asked to be left alone, until ``retry_at``; ``open`` where it was out of reach so often that it is tried
    rarely, since ``open_since``; ``failing`` where it was out of reach, or the newest listing was none; ``never``
    before the first good listing; ``late`` where nothing was read well for four times as long as it takes until the
    newest listing is asked for again, an hour at least: nobody refreshes; ``suspect`` where a listing lacked most of
    what had been on it; else ``good``, also on a quiet day.

    ``held_until`` is until when the source is left alone, for whatever reason. ``last_error`` and ``failed`` tell of
    the last failure to reach it, also when that is over; ``failures`` of how many there were in a row. ``troubles``
    and ``suspects`` tell of single listings. ``spent`` of ``budget`` requests were sent in the last hour; ``next``
    holds the first polls of the plan.
    """

    name: str
    state: State
    every: timedelta
    listings: int
    attempted: datetime | None
    good: datetime | None
    error: str | None
    retry_at: datetime | None
    held_until: datetime | None
    open_since: datetime | None
    failures: int
    last_error: str | None
    failed: datetime | None
    troubles: tuple[str, ...]
    suspects: tuple[str, ...]
    spent: int
    budget: int
    next: tuple[Poll, ...]


def source_status(store: Store, source: Source, schedule: Schedule, now: datetime) -> SourceStatus:
    """Return the status of a source."""
    name, records, state = source.name, store.listings(source.name), store.state(source.name)
    listed = [CURRENT, *(period.name for period in awaited(source.unit, schedule, now))]
    troubles = tuple(f"{record.key}: {record.error}" for record in records if record.error and record.key in listed)
    current = next((record for record in records if record.key in listed[:2]), None)
    found = _state(records, current, state, source.every or schedule.today, now)
    return SourceStatus(
        name=name,
        state=found,
        every=source.every or schedule.today,
        listings=sum(record.good is not None for record in records),
        attempted=max((record.attempted for record in records), default=None),
        good=_last_good(records),
        error=_error(records, state) if found in {"paused", "open", "failing"} else None,
        retry_at=asked_pause(state, now),
        held_until=held_until(state, now),
        open_since=state.open_since,
        failures=state.failures,
        last_error=state.error,
        failed=state.failed,
        troubles=troubles,
        suspects=tuple(f"{record.key}: {record.suspect}" for record in records if record.suspect),
        spent=spent(state, now),
        budget=schedule.budget,
        next=plan(Known(records, state, source.every, source.unit), schedule, now)[:SHOWN],
    )


def statuses(store: Store, sources: Iterable[Source], schedule: Schedule, now: datetime) -> list[SourceStatus]:
    """Return the status of several sources."""
    return [source_status(store, source, schedule, now) for source in sources]


def describe(source: SourceStatus, now: datetime) -> Iterator[str]:
    """Yield the lines that tell a person how a source fares."""
    until = f" until {_spell(source.held_until)}" if source.state in {"paused", "open"} and source.held_until else ""
    yield (
        f"{source.name}: {source.state}{until}; {source.listings} listings; last good {_spell(source.good)} "
        f"({spell_age(source.good, now)}); last try {_spell(source.attempted)}"
    )
    if source.error:
        yield f"  error: {source.error}"
    elif source.last_error:
        yield f"  last error {_spell(source.failed)}, over now: {source.last_error}"
    yield from (f"  trouble: {trouble}" for trouble in source.troubles if trouble != source.error)
    yield from (f"  suspect: {suspect}" for suspect in source.suspects)
    yield f"  {source.spent} of {source.budget} requests in the last hour"
    yield from (f"  next: {poll.key} at {_spell(poll.at)}, {poll.why}" for poll in source.next)


def spell_age(then: datetime | None, now: datetime) -> str:
    """Return the time since ``then`` in its largest unit: ``3 hours ago``."""
    if then is None:
        return "never"
    age = rounded_age(then, now)
    return f"{age[0]} {age[1]}{'' if age[0] == 1 else 's'} ago" if age else "just now"


def rounded_age(then: datetime, now: datetime) -> tuple[int, Span] | None:
    """Return the time since ``then`` in its largest unit, rounded down; None for less than a minute."""
    seconds = max(0, int((now - then).total_seconds()))
    return next(((seconds // length, unit) for unit, length in _SPANS.items() if seconds >= length), None)


def _state(
    records: Sequence[ListingRecord], current: ListingRecord | None, state: SourceState, every: timedelta, now: datetime
) -> State:
    good = _last_good(records)
    meanings: tuple[tuple[State, bool], ...] = (
        ("paused", asked_pause(state, now) is not None),
        ("open", state.open_since is not None),
        ("failing", bool(state.failures or (current and current.error))),
        ("never", good is None),
        ("late", good is not None and now - good > max(4 * every, PATIENCE)),
        ("suspect", any(record.suspect for record in records)),
    )
    return next((name for name, holds in meanings if holds), "good")


def _error(records: Sequence[ListingRecord], state: SourceState) -> str | None:
    """Return the last thing that went wrong, with its day."""
    failed = max((record for record in records if record.error), key=lambda record: record.attempted, default=None)
    return f"{failed.key}: {failed.error}" if failed else state.error


def _last_good(records: Sequence[ListingRecord]) -> datetime | None:
    return max((record.good for record in records if record.good), default=None)


def _spell(time: datetime | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M") if time else "never"
