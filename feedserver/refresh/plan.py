"""What is known of each day's listing and of its source, the time -> which days to ask for, when, and why. Pure.

Today's listing is asked for every quarter of an hour, and so is yesterday's until it was read well after its end: it is
settled then. Votes go on moving, ever less: a day is asked for again every six hours until it is three days old, daily
until it is a week old, and every four days as long as it is looked back at. Those are the defaults of the Schedule, but
for the last two steps, which are fixed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from feedserver.model import ListingRecord, SourceState
from feedserver.refresh.budget import free_at
from feedserver.refresh.circuit import backoff, held_until
from feedserver.refresh.days import DAY, SETTLING, end, is_settled, start

FAILED, SUSPECT = "failed last time", "lacked most of what was known"
GIVEN_UP = DAY  # after its end, when a day that could not be read holds up nothing any more
_PAGE = 50  # entries: with at least so many, another page may follow
_LATER = ((7, DAY), (3_660, 4 * DAY))  # until what age in days, how often
_MISSED, _TODAY, _READ_AGAIN, _FAILING = range(4)

_Known = Mapping[str, ListingRecord]


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often to ask for a day's listing, by its age, and how often to ask at all."""

    look_back: int = 30  # days before today that have to be in the store
    today: timedelta = timedelta(minutes=15)
    recent: timedelta = timedelta(hours=6)  # days that are over, as long as their votes still move much
    recent_days: int = 3
    retry: timedelta = timedelta(minutes=5)  # after a failure; doubles with each further one
    budget: int = 120  # requests an hour to one source


@dataclass(frozen=True, slots=True)
class Poll:
    """A day to ask for, when, and the reason in words."""

    day: date
    at: datetime
    why: str


def plan(records: Iterable[ListingRecord], state: SourceState, schedule: Schedule, now: datetime) -> tuple[Poll, ...]:
    """Return the next poll of every day that is looked back at, and of tomorrow.

    First comes what is due (``at`` is now), in the order in which to ask: what was missed, the oldest first; today;
    what is read again, the newest first; what fails again and again. Then comes the rest, by time. Where the budget is
    short, today goes before what was missed, and that before what is read again; the rest waits until there is more.
    """
    known = {record.key: record for record in records}
    earliest = held_until(state, now) or now
    polls = [replace(poll, at=max(poll.at, earliest)) for poll in _polls(known, state, schedule, now)]
    due = sorted((poll for poll in polls if poll.at <= now), key=lambda poll: _importance(poll, known, now))
    polls = [*_within_budget(due, known, state, schedule, now), *(poll for poll in polls if poll.at > now)]
    asked = sorted((poll for poll in polls if poll.at <= now), key=lambda poll: _turn(poll, known, now))
    return (*asked, *sorted((poll for poll in polls if poll.at > now), key=lambda poll: (poll.at, poll.day)))


def sealed_until(
    sources: Iterable[tuple[Iterable[ListingRecord], SourceState]], schedule: Schedule, now: datetime
) -> datetime:
    """Return until when nothing is missing any more that the sources listed: the least of all sources.

    That is when today's listing was last read well, where all days before are settled; else when the oldest one that is
    not was read, at most its last second. A day is waited for until 24 hours after its end, a source until 24 hours
    after its circuit opened.
    """
    return min((_complete_until(records, state, schedule, now) for records, state in sources), default=now)


def _complete_until(
    records: Iterable[ListingRecord], state: SourceState, schedule: Schedule, now: datetime
) -> datetime:
    if state.open_since and now >= state.open_since + GIVEN_UP:
        return now
    known = {record.key: record for record in records}
    for age in range(schedule.look_back, -1, -1):
        day = now.date() - timedelta(days=age)
        record = known.get(day.isoformat())
        if not is_settled(day, record) and now < end(day) + GIVEN_UP:
            good = record.good if record and record.good else start(day)
            return min(good, end(day) - timedelta(seconds=1), now)
    return now


def _polls(known: _Known, state: SourceState, schedule: Schedule, now: datetime) -> Iterator[Poll]:
    today = now.date()
    for age in range(schedule.look_back + 1):
        day = today - timedelta(days=age)
        if poll := _next(day, known.get(day.isoformat()), state, schedule, now):
            yield poll
    yield Poll(today + DAY, end(today), "begins then")


def _next(
    day: date, record: ListingRecord | None, state: SourceState, schedule: Schedule, now: datetime
) -> Poll | None:
    if record is None:
        return Poll(day, now, "never asked for")
    asked = record.attempted
    if asked > now:
        return Poll(day, now, "asked for in the future: the clock went back")
    if record.error is not None:  # while the circuit is open, that is the source's failure, and it has its own pauses
        return Poll(day, now if state.open_since else asked + backoff(record.failures, schedule.retry), FAILED)
    if record.suspect is not None:
        since_good = asked - (record.good or asked)
        return Poll(day, asked + min(max(since_good, schedule.today), schedule.recent), SUSPECT)
    return _again(day, record, schedule, now)


def _again(day: date, record: ListingRecord, schedule: Schedule, now: datetime) -> Poll | None:
    """Return the next poll of a day that was read well when it was last asked for; None where it is old enough."""
    asked, ends = record.attempted, end(day)
    if asked < ends:
        at = asked + schedule.today
        return Poll(day, at, "fills up today") if max(at, now) < ends else Poll(day, ends, "ended since it was read")
    if not is_settled(day, record):
        return Poll(day, min(asked + schedule.today, ends + SETTLING), "may not be complete yet")
    for oldest, interval in ((schedule.recent_days, schedule.recent), *_LATER):
        at = asked + interval
        if (at.date() - day).days <= min(oldest, schedule.look_back):
            return Poll(day, at, "votes still move")
    return None


def _within_budget(
    due: Sequence[Poll], known: _Known, state: SourceState, schedule: Schedule, now: datetime
) -> Iterator[Poll]:
    """Put off what there is no budget for; ``due`` is by importance. A single listing may always take all of it."""
    wanted = 0
    for poll in due:
        wanted += min(_cost(known.get(poll.day.isoformat())), schedule.budget)
        yield replace(poll, at=free_at(state, schedule.budget, wanted, now))


def _cost(record: ListingRecord | None) -> int:
    """Return how many requests it takes to read a listing, as far as can be told."""
    return 1 + (record.entries // _PAGE if record else 0)


def _importance(poll: Poll, known: _Known, now: datetime) -> tuple[bool, int, int]:
    turn = _turn(poll, known, now)
    return (turn[0] != _TODAY, *turn)


def _turn(poll: Poll, known: _Known, now: datetime) -> tuple[int, int]:
    record, number = known.get(poll.day.isoformat()), poll.day.toordinal()
    if record is not None and record.failures > 1:
        return _FAILING, number
    if poll.day == now.date():
        return _TODAY, number
    return (_READ_AGAIN, -number) if is_settled(poll.day, record) else (_MISSED, number)
