"""What is known of each listing and of its source, the time -> which listings to ask for, when, and why. Pure.

Lists are of days; those of weeks and months, where a source has such, are treated alike.

Today's listing is asked for every quarter of an hour, and so is yesterday's until it was read well after its end: it is
settled then. Votes go on moving, ever less: a day is asked for again every six hours until it is three days old, daily
until it is a week old, and every four days as long as it is looked back at. Those are the defaults of the Schedule, but
for the last two steps, which are fixed. A source with one listing alone is asked for it as often as it says.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from feedserver.model import ListingRecord, SourceState, Unit
from feedserver.periods import Period, period_named, periods_back
from feedserver.refresh.budget import free_at
from feedserver.refresh.circuit import backoff, held_until
from feedserver.refresh.settled import SETTLING, is_settled
from feedserver.sources import CURRENT

FAILED, SUSPECT = "failed last time", "lacked most of what was known"
DAY = timedelta(days=1)
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
    """A listing to ask for, by its key, when, and the reason in words."""

    key: str
    at: datetime
    why: str

    @classmethod
    def of(cls, period: Period, at: datetime, why: str) -> "Poll":
        """Return the poll of the list of a period."""
        return cls(period.name, at, why)


class Known(NamedTuple):
    """What is known of a source: its listings, how it fares, and what it lists; see ``Source``."""

    records: Iterable[ListingRecord]
    state: SourceState
    every: timedelta | None = None
    unit: Unit = "day"


def plan(source: Known, schedule: Schedule, now: datetime) -> tuple[Poll, ...]:
    """Return the next poll of every day that is looked back at, and of tomorrow; or of the source's only listing.

    First comes what is due (``at`` is now), in the order in which to ask: what was missed, the oldest first; today;
    what is read again, the newest first; what fails again and again. Then comes the rest, by time. Where the budget is
    short, today goes before what was missed, and that before what is read again; the rest waits until there is more.
    """
    known, state = {record.key: record for record in source.records}, source.state
    earliest = held_until(state, now) or now
    found = (_polls if source.every is None else _only)(known, source, schedule, now)
    polls = [replace(poll, at=max(poll.at, earliest)) for poll in found]
    due = sorted((poll for poll in polls if poll.at <= now), key=lambda poll: _importance(poll, known, now))
    polls = [*_within_budget(due, known, state, schedule, now), *(poll for poll in polls if poll.at > now)]
    asked = sorted((poll for poll in polls if poll.at <= now), key=lambda poll: _turn(poll, known, now))
    return (*asked, *sorted((poll for poll in polls if poll.at > now), key=lambda poll: (poll.at, poll.key)))


def sealed_until(sources: Iterable[Known], schedule: Schedule, now: datetime) -> datetime:
    """Return until when nothing is missing any more that the sources listed: the least of all sources.

    That is when today's listing was last read well, where all days before are settled; else when the oldest one that is
    not was read, at most its last second. A day is waited for until 24 hours after its end, a source until 24 hours
    after its circuit opened; a week or a month where it was read well in the last 48 hours, an only listing where it
    was in the last 24.
    """
    return min((_complete_until(source, schedule, now) for source in sources), default=now)


def _complete_until(source: Known, schedule: Schedule, now: datetime) -> datetime:
    if source.state.open_since and now >= source.state.open_since + GIVEN_UP:
        return now
    known = {record.key: record for record in source.records}
    if source.every is not None:
        good = known[CURRENT].good if CURRENT in known else None
        is_awaited = good is not None and good > now - GIVEN_UP and source.every < GIVEN_UP
        return min(good, now) if good and is_awaited else now
    for period in reversed(awaited(source.unit, schedule, now)):
        record = known.get(period.name)
        reached = record.good if record and record.good else period.start
        if not is_settled(period, record) and now < min(period.end + GIVEN_UP, reached + DAY + GIVEN_UP):
            return min(reached, period.end - timedelta(seconds=1), now)
    return now


def awaited(unit: Unit, schedule: Schedule, now: datetime) -> tuple[Period, ...]:
    """Return the periods whose listings have to be in the store, the newest first."""
    return tuple(periods_back(now, unit, now.date() - timedelta(days=schedule.look_back)))


def _polls(known: _Known, source: Known, schedule: Schedule, now: datetime) -> Iterator[Poll]:
    periods = awaited(source.unit, schedule, now)
    for period in periods:
        if poll := _next(period, known.get(period.name), source.state, schedule, now):
            yield poll
    yield Poll.of(periods[0].after, periods[0].end, "begins then")


def _only(known: _Known, source: Known, schedule: Schedule, now: datetime) -> Iterator[Poll]:
    record = known.get(CURRENT)
    soonest = _after_trouble(record, source.state, schedule, now)
    if soonest:
        yield Poll(CURRENT, *soonest)
    elif record and source.every:
        yield Poll(CURRENT, record.attempted + source.every, "moves on")


def _next(
    period: Period, record: ListingRecord | None, state: SourceState, schedule: Schedule, now: datetime
) -> Poll | None:
    soonest = _after_trouble(record, state, schedule, now)
    if soonest or record is None:
        return Poll.of(period, *soonest) if soonest else None
    if record.suspect is not None:
        asked, since_good = record.attempted, record.attempted - (record.good or record.attempted)
        return Poll.of(period, asked + min(max(since_good, schedule.today), schedule.recent), SUSPECT)
    return _again(period, record, schedule, now)


def _after_trouble(
    record: ListingRecord | None, state: SourceState, schedule: Schedule, now: datetime
) -> tuple[datetime, str] | None:
    """Return when a listing is asked for that was not read well when it was last asked for, and why; None if it was."""
    if record is None:
        return now, "never asked for"
    if record.attempted > now:
        return now, "asked for in the future: the clock went back"
    if record.error is None:
        return None
    # While the circuit is open, that is the source's failure, and it has its own pauses.
    return (now if state.open_since else record.attempted + backoff(record.failures, schedule.retry)), FAILED


def _again(period: Period, record: ListingRecord, schedule: Schedule, now: datetime) -> Poll | None:
    """Return the next poll of a list that was read well when it was last asked for; None where it is old enough."""
    asked, ends = record.attempted, period.end
    if asked < ends:
        at = asked + schedule.today
        is_in_time = max(at, now) < ends
        return Poll.of(period, at, "fills up") if is_in_time else Poll.of(period, ends, "ended since it was read")
    if not is_settled(period, record):
        return Poll.of(period, min(asked + schedule.today, ends + SETTLING), "may not be complete yet")
    for oldest, interval in ((schedule.recent_days, schedule.recent), *_LATER):
        at = asked + interval
        if at < ends + min(oldest, schedule.look_back) * DAY:
            return Poll.of(period, at, "votes still move")
    return None


def _within_budget(
    due: Sequence[Poll], known: _Known, state: SourceState, schedule: Schedule, now: datetime
) -> Iterator[Poll]:
    """Put off what there is no budget for; ``due`` is by importance. A single listing may always take all of it."""
    wanted = 0
    for poll in due:
        wanted += min(_cost(known.get(poll.key)), schedule.budget)
        yield replace(poll, at=free_at(state, schedule.budget, wanted, now))


def _cost(record: ListingRecord | None) -> int:
    """Return how many requests it takes to read a listing, as far as can be told."""
    return 1 + (record.entries // _PAGE if record else 0)


def _importance(poll: Poll, known: _Known, now: datetime) -> tuple[bool, int, int]:
    turn = _turn(poll, known, now)
    return (turn[0] != _TODAY, *turn)


def _turn(poll: Poll, known: _Known, now: datetime) -> tuple[int, int]:
    record = known.get(poll.key)
    if poll.key == CURRENT:
        return _TODAY, 0
    period = period_named(poll.key)
    place = period.start.toordinal()
    if record is not None and record.failures > 1:
        return _FAILING, place
    if period.start <= now < period.end:
        return _TODAY, place
    return (_READ_AGAIN, -place) if is_settled(period, record) else (_MISSED, place)
