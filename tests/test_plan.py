"""The plan of polling, the budget, the circuit, the seals: what is decided from what is known, without clock or I/O."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedserver.model import ListingRecord, SourceState, Spent, Unit
from feedserver.periods import period_named
from feedserver.refresh import Known, Poll, Schedule, is_settled, plan, sealed_until
from feedserver.refresh.budget import WINDOW, free_at, spent
from feedserver.refresh.circuit import FAILURES, LONGEST, asked_pause, failed, held_until, put_off, reached
from feedserver.refresh.settled import SETTLING
from tests.upstream import DAY, NOW

SCHEDULE = Schedule()
WELL = SourceState("daily-papers")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def at(day: int, clock: str = "00:00") -> datetime:
    """Return a time of January 2026, or of December before (day 0 is its last)."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2025, 12, 31, hour, minute, tzinfo=UTC) + timedelta(days=day)


def known(day: date, attempted: datetime, **facts: object) -> ListingRecord:
    """Return the record of a day that was read well when it was last asked for, unless ``facts`` say otherwise."""
    return ListingRecord("daily-papers", day.isoformat(), attempted, **({"good": attempted} | facts))


def bad(day: int, attempted: datetime, failures: int = 1, **facts: object) -> ListingRecord:
    """Return the record of a day that could not be read when it was last asked for."""
    return known(
        at(day).date(), attempted, **({"error": "HTTP status 500", "failures": failures, "good": None} | facts)
    )


def all_read(now: datetime, days: int = 31) -> list[ListingRecord]:
    """Return the records of days that were read well just now, today among them."""
    return [known(now.date() - timedelta(days=age), now) for age in range(days)]


def due(
    records: list[ListingRecord], now: datetime = NOW, *, schedule: Schedule = SCHEDULE, state: SourceState = WELL
) -> list[int]:
    """Return the days of the month that are asked for now, in that order."""
    return [date.fromisoformat(poll.key).day for poll in plan(Known(records, state), schedule, now) if poll.at <= now]


@dataclass(frozen=True, slots=True)
class Case:
    """A day of January 2026 (0 and below: of December), what is known of it, and why it is due; None: it is not."""

    why: str | None
    day: int = 9
    attempted: datetime | None = None
    facts: tuple[tuple[str, object], ...] = ()
    now: datetime = NOW  # noon of the 9th


FAILED = (("error", "HTTP status 500"), ("failures", 1))
FAILED_EVER = (*FAILED, ("good", None))
FAILED_OFTEN = (("error", "HTTP status 500"), ("failures", 40))
SHRUNK = (("suspect", "1 of 30"),)
DUE = {
    "today, never asked for": Case("never asked for"),
    "today, read a quarter of an hour ago": Case("fills up", attempted=at(9, "11:45")),
    "today, read fourteen minutes ago": Case(None, attempted=at(9, "11:46")),
    "yesterday, never asked for": Case("never asked for", 8),
    "yesterday, last read in its last minute": Case("ended since it was read", 8, at(8, "23:59")),
    "yesterday, read as it ended": Case("may not be complete yet", 8, at(9)),
    "yesterday, read just before it settled": Case(
        "may not be complete yet", 8, at(9, "00:29"), now=at(9, "00:30")
    ),
    "yesterday, read as it settled": Case(None, 8, at(9, "00:30"), now=at(9, "00:31")),
    "yesterday, read six hours ago": Case("votes still move", 8, at(9, "06:00")),
    "yesterday, read less than six hours ago": Case(None, 8, at(9, "06:01")),
    "yesterday, read just before a midnight that has just passed": Case(
        "ended since it was read", 9, at(9, "23:59"), now=at(10)
    ),
    "three days ago, read yesterday": Case("votes still move", 6, at(8, "12:00")),
    "four days ago, read a day ago": Case("votes still move", 5, at(8, "12:00")),
    "four days ago, read less than a day ago": Case(None, 5, at(8, "18:01")),
    "four days ago, read when it was young": Case("votes still move", 5, at(6, "06:00")),
    "four days ago, read before it ended": Case("ended since it was read", 5, at(5, "22:00")),
    "eleven days ago, read four days ago": Case("votes still move", -2, at(5, "12:00")),
    "eleven days ago, read less than four days ago": Case(None, -2, at(5, "12:01")),
    "thirty days ago, never asked for": Case("never asked for", -21),
    "thirty days ago, read four days ago": Case("votes still move", -21, at(5)),
    "thirty-one days ago, never asked for": Case(None, -22),
    "tomorrow": Case(None, 10),
    "today, failed five minutes ago": Case("failed last time", 9, at(9, "11:55"), FAILED),
    "today, failed four minutes ago": Case(None, 9, at(9, "11:56"), FAILED),
    "today, failed often, half an hour ago": Case("failed last time", 9, at(9, "11:30"), FAILED_OFTEN),
    "today, failed often, less than half an hour ago": Case(None, 9, at(9, "11:31"), FAILED_OFTEN),
    "an old day that never was good, failed five minutes ago": Case(
        "failed last time", -5, at(9, "11:55"), FAILED_EVER
    ),
    "an old day that was good before it failed": Case(
        "failed last time", 5, at(9, "11:00"), (*FAILED, ("good", at(7)))
    ),
    "a day that shrank an hour after it was good, an hour ago": Case(
        "lacked most of what was known", 7, at(9, "11:00"), (*SHRUNK, ("good", at(9, "10:00")))
    ),
    "a day that shrank an hour after it was good, less than an hour ago": Case(
        None, 7, at(9, "11:01"), (*SHRUNK, ("good", at(9, "10:01")))
    ),
    "a day that shrank long ago, six hours ago": Case(
        "lacked most of what was known", -9, at(9, "06:00"), (*SHRUNK, ("good", at(1)))
    ),
    "a day that shrank long ago, less than six hours ago": Case(
        None, -9, at(9, "06:01"), (*SHRUNK, ("good", at(1)))
    ),
    "asked for in the future": Case("asked for in the future: the clock went back", 8, at(10)),
}  # fmt: skip


@pytest.mark.parametrize("case", DUE)
def test_a_day_is_due_when_there_is_a_reason(case: str) -> None:
    day = at(DUE[case].day).date()
    records = [known(day, DUE[case].attempted, **dict(DUE[case].facts))] if DUE[case].attempted else []
    now = DUE[case].now

    polls = plan(Known(records, WELL), SCHEDULE, now)
    assert {poll.key: poll.why for poll in polls if poll.at <= now}.get(day.isoformat()) == DUE[case].why


def test_what_was_missed_is_caught_up_from_the_oldest_day_on_and_today_after_it() -> None:
    assert due([]) == [*range(10, 32), *range(1, 10)]
    assert due(all_read(at(5, "12:00")))[:5] == [5, 6, 7, 8, 9]


def test_after_that_votes_are_read_of_the_newest_day_first() -> None:
    assert due(all_read(at(5, "12:00")), schedule=replace(SCHEDULE, look_back=7)) == [5, 6, 7, 8, 9, 4, 3, 2]


def test_what_fails_again_and_again_is_asked_for_last() -> None:
    records = [bad(9, at(9, "11:00"), 2), bad(7, at(9, "11:00"), 2), bad(6, at(9, "11:00"))]
    assert due(records, schedule=replace(SCHEDULE, look_back=4)) == [5, 6, 8, 7, 9]


def test_a_schedule_may_look_at_today_alone() -> None:
    assert due([], schedule=Schedule(look_back=0)) == [9]


def test_what_is_known_of_other_days_changes_nothing() -> None:
    old = [known(date(2024, 5, 27), at(9), error="gone"), known(date(2027, 1, 1), at(9))]
    assert plan(Known(old, WELL), SCHEDULE, NOW) == plan(Known([], WELL), SCHEDULE, NOW)


def test_the_plan_tells_what_comes_and_why() -> None:
    records = all_read(at(9, "11:50"), 3)
    polls = plan(Known(records, WELL), Schedule(look_back=2), NOW)

    assert polls == (
        Poll("2026-01-09", at(9, "12:05"), "fills up"),
        Poll("2026-01-07", at(9, "17:50"), "votes still move"),
        Poll("2026-01-08", at(9, "17:50"), "votes still move"),
        Poll("2026-01-10", at(10), "begins then"),
    )


def test_a_plan_that_is_followed_to_the_minute_reads_every_day_well_and_ever_more_rarely() -> None:
    """96 times while it fills up, until it settles, and then twenty times more."""
    asked = list(simulate(at(-40), at(9)))
    day = at(-35).date()
    times = [time for poll, time in asked if poll.key == day.isoformat()]
    after = [time for time in times if time >= at(-34)]

    assert len([time for time in times if time < at(-34)]) == 96
    assert [later - earlier for earlier, later in pairwise(after)] == [
        15 * MINUTE, 15 * MINUTE, *[6 * HOUR] * 11, *[24 * HOUR] * 4, *[96 * HOUR] * 5,
    ]  # fmt: skip


def simulate(start: datetime, end: datetime) -> Iterator[tuple[Poll, datetime]]:
    """Follow the plan in jumps from poll to poll; every answer is good."""
    records: dict[str, ListingRecord] = {}
    now = start
    while now < end:
        polls = plan(Known(records.values(), WELL), SCHEDULE, now)
        for poll in polls:
            if poll.at == now:
                records[poll.key] = known(date.fromisoformat(poll.key), now)
                yield poll, now
        now = max(polls[0].at, now + timedelta(seconds=1))


UNITS = {  # unit -> what is asked for on Friday the 9th where nothing is known, in that order, and what comes then
    "week": (["2025-W52", "2026-W01", "2026-W02"], "2026-W03", at(12)),
    "month": (["2025-12", "2026-01"], "2026-02", at(32)),
}


@pytest.mark.parametrize("unit", UNITS)
def test_lists_of_weeks_and_months_are_each_asked_for_once(unit: Unit) -> None:
    keys, then, begins = UNITS[unit]
    *asked, last = plan(Known([], WELL, unit=unit), Schedule(look_back=14), NOW)

    assert [poll.key for poll in asked] == keys
    assert last == Poll(then, begins, "begins then")


def test_a_list_of_a_week_fills_up_until_the_week_ends() -> None:
    def poll(attempted: datetime, now: datetime) -> Poll:
        record = ListingRecord("weeks", "2026-W02", attempted, attempted)
        return next(poll for poll in plan(Known([record], WELL, unit="week"), SCHEDULE, now) if poll.key == record.key)

    assert poll(at(9, "11:50"), NOW) == Poll("2026-W02", at(9, "12:05"), "fills up")
    assert poll(at(11, "23:50"), at(11, "23:51")) == Poll("2026-W02", at(12), "ended since it was read")
    assert poll(at(12, "00:10"), at(12, "00:11")) == Poll("2026-W02", at(12, "00:25"), "may not be complete yet")
    assert poll(at(12, "00:30"), at(12, "00:31")) == Poll("2026-W02", at(12, "06:30"), "votes still move")


@pytest.mark.parametrize(
    ("record", "settled"),
    [
        (None, False),
        (known(DAY, at(9, "23:59")), False),
        (known(DAY, at(10, "00:29")), False),
        (known(DAY, at(10) + SETTLING), True),
        (known(DAY, at(12), good=None, error="HTTP status 500"), False),
        (known(DAY, at(12), good=at(9, "20:00"), error="HTTP status 500"), False),
        (known(DAY, at(12), good=at(11), error="HTTP status 500"), True),
    ],
)
def test_a_day_is_settled_once_it_was_read_well_after_its_end(record: ListingRecord | None, settled: bool) -> None:
    assert is_settled(period_named("2026-01-09"), record) is settled


class TestBudget:
    """Requests an hour."""

    def test_a_minute_counts_for_an_hour(self) -> None:
        """From its end on; what is not yet does not."""
        state = replace(WELL, spent=(Spent(at(9, "10:59"), 5), Spent(at(9, "11:30"), 3), Spent(at(9, "13:00"), 80)))
        assert (spent(state, NOW - MINUTE), spent(state, NOW)) == (8, 3)

    @pytest.mark.parametrize(
        ("wanted", "free"), [(1, NOW), (2, NOW), (3, at(9, "12:11")), (7, at(9, "12:31")), (10, at(9, "12:31"))]
    )
    def test_more_may_be_sent_when_enough_is_an_hour_old(self, wanted: int, free: datetime) -> None:
        """Of ten, six were sent at ten past, two at half past."""
        state = replace(WELL, spent=(Spent(at(9, "11:10"), 4), Spent(at(9, "11:30"), 4)))
        assert free_at(state, 10, wanted, NOW) == free

    def test_when_it_is_short_today_goes_first_then_what_was_missed_then_votes(self) -> None:
        """What is asked for is still asked for in the order of days."""
        records = all_read(at(5, "12:00"))
        schedule = replace(SCHEDULE, look_back=7)
        spent_so_far = replace(WELL, spent=(Spent(at(9, "11:40"), 115),))
        assert due(records, schedule=schedule, state=spent_so_far) == [5, 6, 7, 8, 9]
        spent_so_far = replace(WELL, spent=(Spent(at(9, "11:40"), 117),))
        assert due(records, schedule=schedule, state=spent_so_far) == [5, 6, 9]
        assert due(records, schedule=schedule, state=replace(WELL, spent=(Spent(at(9, "11:40"), 119),))) == [9]
        spent_all = replace(WELL, spent=(Spent(at(9, "11:40"), 120),))
        assert due(records, schedule=schedule, state=spent_all) == []
        assert plan(Known(records, spent_all), schedule, NOW)[0].at == at(9, "12:41")

    def test_a_long_listing_counts_by_its_pages(self) -> None:
        """As far as they can be told from its last length."""
        records = [known(DAY, at(9, "11:00"), entries=120), known(date(2026, 1, 8), at(8, "20:00"), entries=120)]
        state = replace(WELL, spent=(Spent(at(9, "11:40"), 115),))
        assert due(records, schedule=Schedule(look_back=1), state=state) == [9]
        assert due(records, schedule=Schedule(look_back=1, budget=121), state=state) == [8, 9]

    def test_a_listing_of_more_pages_than_the_budget_is_read_when_nothing_else_was(self) -> None:
        """Or it never would be."""
        records = [known(DAY, at(9, "11:00"), entries=5_000)]
        schedule = Schedule(look_back=0, budget=3)
        assert due(records, schedule=schedule) == [9]
        assert due(records, schedule=schedule, state=replace(WELL, spent=(Spent(at(9, "11:40"), 1),))) == []

    @given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 50))), st.integers(1, 120))
    def test_whatever_was_sent_no_hour_holds_more_than_the_budget(
        self, sent: list[tuple[int, int]], wanted: int
    ) -> None:
        """When the plan waits as long as it is told."""
        minutes = dict(sent)
        counts = tuple(Spent(NOW - minute * MINUTE, minutes[minute]) for minute in sorted(minutes, reverse=True))
        state = replace(WELL, spent=counts)
        free = free_at(state, 120, wanted, NOW)
        assert spent(state, free) + wanted <= 120
        assert free <= NOW + WINDOW


class TestCircuit:
    """What failures make of a source."""

    def fail(self, times: int, jitter: float = 0.5) -> list[SourceState]:
        """Fail again and again, each time as soon as the plan tries."""
        states, now = [WELL], NOW
        for number in range(times):
            states.append(failed(states[-1], f"failure {number + 1}", SCHEDULE.retry, jitter, now))
            assert states[-1].next_try
            now = states[-1].next_try
        return states[1:]

    def test_pauses_double_with_jitter_up_to_an_hour(self) -> None:
        """Between half an hour and an hour in the end."""
        pauses = [state.next_try - state.failed for state in self.fail(6)]  # type: ignore[operator]  # both are known after a failure
        assert pauses == [MINUTE * minutes for minutes in (7.5, 15, 30, 45, 45, 45)]
        assert self.fail(70, jitter=1)[-1].next_try - self.fail(70, jitter=1)[-1].failed == LONGEST  # type: ignore[operator]  # as above
        assert self.fail(70, jitter=0)[-1].next_try - self.fail(70, jitter=0)[-1].failed == LONGEST / 2  # type: ignore[operator]  # as above

    def test_after_some_failures_in_a_row_it_is_open_until_one_try_goes_well(self) -> None:
        """Since the failure that opened it."""
        states = self.fail(FAILURES + 2)
        opened = states[FAILURES - 1].failed
        assert [state.open_since for state in states] == [*[None] * (FAILURES - 1), opened, opened, opened]
        closed = reached(states[-1])
        assert (closed.failures, closed.open_since, closed.next_try) == (0, None, None)
        assert (closed.error, closed.failed) == (states[-1].error, states[-1].failed)

    def test_nothing_is_due_before_the_next_try_and_then_everything_in_its_order(self) -> None:
        """The first is the try: a look ends where it fails."""
        state = self.fail(1)[-1]
        records = [bad(9, NOW), *all_read(at(7, "12:00"), 3)]
        schedule = Schedule(look_back=3)
        assert due(records, at(9, "12:07"), schedule=schedule, state=state) == []
        assert due(records, at(9, "12:08"), schedule=schedule, state=state) == [7, 8, 9, 6]

    def test_while_it_is_open_the_pauses_of_single_days_do_not_count(self) -> None:
        """So that the first look that goes well catches up with all of them."""
        open_state = self.fail(FAILURES)[-1]
        now = open_state.next_try or NOW
        records = [bad(day, now - MINUTE, 5) for day in (7, 8, 9)]
        assert due(records, now, schedule=Schedule(look_back=2)) == []
        assert due(records, now, schedule=Schedule(look_back=2), state=open_state) == [7, 8, 9]

    def test_a_pause_that_upstream_asked_for_is_no_failure_and_goes_before_all(self) -> None:
        """To the second."""
        state = put_off(WELL, "wait", NOW + HOUR, NOW)
        assert (state.failures, asked_pause(state, NOW), held_until(state, NOW)) == (0, NOW + HOUR, NOW + HOUR)
        late = NOW + HOUR - timedelta(seconds=1)
        assert due([], late, state=state) == []
        assert plan(Known([], state), SCHEDULE, late)[0].at == NOW + HOUR
        assert len(due([], NOW + HOUR, state=state)) == 31

    def test_a_clock_that_went_back_holds_nothing_up(self) -> None:
        """Neither for the years that it went back."""
        later = NOW + timedelta(days=900)
        assert held_until(failed(WELL, "x", SCHEDULE.retry, 0, later), NOW) is None
        assert held_until(put_off(WELL, "x", later, later), NOW) is None


class TestSeals:
    """Until when nothing is missing any more."""

    def until(self, records: list[ListingRecord], now: datetime = NOW, state: SourceState = WELL) -> datetime:
        """Return that, with a look-back of three days."""
        return sealed_until([Known(records, state)], Schedule(look_back=3), now)

    def test_it_is_the_last_good_look_at_today_where_all_days_before_are_settled(self) -> None:
        """A failure after that changes nothing."""
        records = all_read(at(9, "11:45"))
        assert self.until(records) == at(9, "11:45")
        assert self.until([replace(records[0], attempted=NOW, error="x"), *records[1:]]) == at(9, "11:45")

    def test_before_the_first_look_at_today_it_is_midnight(self) -> None:
        """Where yesterday is settled."""
        assert self.until(all_read(at(9, "00:30"))[1:], at(9, "00:31")) == at(9)

    @pytest.mark.parametrize(
        ("good", "until"),
        [
            (at(8, "23:50"), at(8, "23:50")),
            (at(9, "00:05"), at(8, "23:59") + timedelta(seconds=59)),
            (at(9, "00:30"), at(9)),
            (None, at(8)),
        ],
    )
    def test_it_stays_in_yesterday_until_that_is_settled(self, good: datetime | None, until: datetime) -> None:
        """So that no period that ends with the day closes before its last papers are there."""
        yesterday = known(date(2026, 1, 8), at(9, "00:30"), good=good)
        assert self.until([yesterday, *all_read(at(8, "12:00"))[1:]], at(9, "00:31")) == until

    def test_a_day_is_given_up_a_day_after_its_end(self) -> None:
        """One that failed, and one that never was asked for."""
        records = [record for record in all_read(at(9, "11:45")) if record.key != "2026-01-07"]
        just_before = at(9) - timedelta(seconds=1)
        assert self.until([*records, bad(7, at(8))], just_before) == at(7)
        assert self.until(records, just_before) == at(7)
        assert self.until(records, at(9)) == at(9)
        assert self.until([*records, bad(7, at(8))], NOW) == at(9, "11:45")

    def test_a_source_is_given_up_a_day_after_its_circuit_opened(self) -> None:
        """And held up by it until then."""
        records = all_read(at(8, "12:00"))
        state = replace(WELL, open_since=at(8, "12:10"))
        assert self.until(records, at(9, "12:09"), state) == at(8, "12:00")
        assert self.until(records, at(9, "12:10"), state) == at(9, "12:10")

    @pytest.mark.parametrize(
        ("good", "until"),
        [(at(9, "11:45"), at(9, "11:45")), (at(8), at(8)), (at(7, "11:59"), NOW), (None, NOW)],
    )
    def test_a_month_is_waited_for_where_it_was_read_lately(self, good: datetime | None, until: datetime) -> None:
        """One that is not to be had holds up nothing for weeks."""
        record = ListingRecord("months", "2026-01", NOW, good, error=None if good else "x")
        assert sealed_until([Known([record], WELL, unit="month")], Schedule(look_back=3), NOW) == until

    def test_of_several_sources_the_slowest_counts(self) -> None:
        """Without any, nothing can be missing."""
        sources = [Known(all_read(at(9, "11:45")), WELL), Known(all_read(at(9, "11:30")), WELL)]
        assert sealed_until(sources, SCHEDULE, NOW) == at(9, "11:30")
        assert sealed_until([], SCHEDULE, NOW) == NOW

    def test_it_never_goes_back_while_answers_come_in(self) -> None:
        """Nor beyond the time."""
        records: dict[str, ListingRecord] = {}
        last = at(-10)
        for poll, now in simulate(at(-8), at(-4)):
            records[poll.key] = known(date.fromisoformat(poll.key), now)
            until = sealed_until([Known(records.values(), WELL)], Schedule(look_back=3), now)
            assert last <= until <= now
            last = until
        assert last >= at(-4) - timedelta(minutes=16)
