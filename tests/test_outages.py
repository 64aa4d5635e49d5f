"""The refresher in bad times: out of reach, asked to wait, short of budget, asleep, restarted, killed."""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from feedserver.config.build import STORE_FILE
from feedserver.filters import EVERYTHING
from feedserver.model import Spent
from feedserver.refresh import Schedule
from feedserver.refresh.budget import spent
from feedserver.status import source_status
from feedserver.store import Seal, SqliteStore
from tests.house import House, make_loop
from tests.upstream import DAY, IMPATIENT, NO_LISTING, NOW, encode, fetching, papers, say

MINUTE = timedelta(minutes=1)
TODAY_ALONE = Schedule(look_back=0)


def look(house: House, schedule: Schedule = TODAY_ALONE) -> list[str]:
    """Look once, and return the pages that were asked for, as day and page."""
    before = len(house.upstream.asked)
    make_loop(Path(), list, schedule).look([house.refresher])
    return [f"{day[-2:]}{f' p{page}' if page else ''}" for day, page in house.upstream.pages[before:]]


def watch(
    house: House, schedule: Schedule, minutes: int, each: Callable[[], None] = lambda: None, step: int = 1
) -> list[tuple[int, list[str]]]:
    """Look every minute, or every few; return the minute and the pages of each look that asked for any."""
    looks = []
    for minute in range(0, minutes, step):
        if pages := look(house, schedule):
            looks.append((minute, pages))
        each()
        house.time.now += step * MINUTE
    return looks


@contextmanager
def restarted(house: House, folder: Path) -> Iterator[House]:
    """Give the same house after a restart: nothing is in memory any more."""
    store = SqliteStore(folder / STORE_FILE)
    with fetching(folder, IMPATIENT, house.time) as fetcher:
        yield replace(house, fetcher=fetcher, store=store)
    store.close()


def test_an_upstream_out_of_reach_is_tried_ever_more_rarely_and_then_caught_up_with(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """The circuit opens at the third failure, and closes with the first answer."""
    look(house)
    house.time.now += timedelta(minutes=15)
    house.upstream.trouble = say(status=500)
    tries = watch(house, TODAY_ALONE, 120)

    assert [minute for minute, _ in tries] == [0, 8, 23, 53, 98]  # 5, 10, 20 and 30 minutes, and half as much again
    assert house.state().failures == 5
    assert house.state().open_since == NOW + timedelta(minutes=15 + 23)
    assert source_status(house.store, house.refresher.source, TODAY_ALONE, house.time.now).state == "open"
    assert [record.message for record in caplog.records].count(
        "daily-papers is out of reach; one try at a time now, until one goes well"
    ) == 1

    house.upstream.trouble = None
    assert watch(house, TODAY_ALONE, 60)[0] == (23, ["09"])
    assert (house.state().failures, house.state().open_since, house.state().next_try) == (0, None, None)
    assert "daily-papers is back" in caplog.text
    assert source_status(house.store, house.refresher.source, TODAY_ALONE, house.time.now).state == "good"


def test_a_restart_forgets_no_failure(house: House, tmp_path: Path) -> None:
    house.upstream.trouble = say(status=500)
    watch(house, TODAY_ALONE, 30)
    asked = len(house.upstream.asked)
    with restarted(house, tmp_path) as after:
        assert after.state() == house.state()
        assert watch(after, TODAY_ALONE, 20) == []
    assert len(house.upstream.asked) == asked


def test_after_days_of_sleep_the_missed_days_come_oldest_first_and_today_after_them(house: House) -> None:
    schedule = Schedule(look_back=10)
    look(house, schedule)
    house.time.now += timedelta(days=4)
    for age in range(5):
        day = DAY + timedelta(days=age)
        house.upstream.days[day] = papers(2, first=10 * age + 1, day=day)

    assert look(house, schedule)[:5] == ["09", "10", "11", "12", "13"]
    assert len(house.entries()) == 3 + 10
    assert [entry.listed.day for entry in house.entries()] == [13, 13, 12, 12, 11, 11, 10, 10, *[9] * 5]


def test_after_an_outage_of_days_one_look_catches_up(house: House) -> None:
    schedule = Schedule(look_back=10)
    look(house, schedule)
    house.upstream.trouble = say(status=500)
    watch(house, schedule, 3 * 24 * 60, step=5)
    assert house.state().failures > 20
    house.upstream.trouble = None
    (_, first), *_ = watch(house, schedule, 61)

    assert [day for day in first if day in {"09", "10", "11", "12"}] == ["09", "10", "11", "12"]
    assert {record.key[-2:] for record in house.store.listings("daily-papers") if record.error} == set()


@pytest.mark.parametrize("trouble", ["404", *NO_LISTING])
def test_a_day_that_fails_by_itself_holds_up_no_other_and_opens_no_circuit(house: House, trouble: str) -> None:
    schedule = Schedule(look_back=2)
    bad = date(2026, 1, 8)
    house.upstream.bad_days[bad] = NO_LISTING.get(trouble, say(status=404))
    looks = watch(house, schedule, 6 * 60)

    asked = Counter(page for _, pages in looks for page in pages)
    assert asked["09"] == 24
    assert 12 <= asked["08"] <= 18  # half an hour apart in the end
    assert (house.state().failures, house.state().open_since) == (0, None)
    status = source_status(house.store, house.refresher.source, schedule, house.time.now)
    assert (status.state, len(status.troubles)) == ("good", 1)


def test_an_answer_that_spends_the_limit_is_followed_by_the_pause_it_asks_for(house: House, tmp_path: Path) -> None:
    """In the next process too."""
    house.upstream.script.append(say(encode(papers(1)), RateLimit='"api";r=0;t=1800'))
    assert look(house) == ["09"]
    assert house.state().retry_at == NOW + timedelta(minutes=30)
    status = source_status(house.store, house.refresher.source, TODAY_ALONE, house.time.now)
    assert (status.state, status.retry_at) == ("paused", NOW + timedelta(minutes=30))

    with restarted(house, tmp_path) as after:
        house.time.now = NOW + timedelta(minutes=30) - timedelta(seconds=1)
        assert look(after) == []
        assert after.refresher.plan(TODAY_ALONE)[0].at == NOW + timedelta(minutes=30)
        house.time.now += timedelta(seconds=1)
        assert look(after) == ["09"]


def test_no_hour_sees_more_requests_than_the_budget_and_today_is_never_left_out(house: House) -> None:
    """Thirty days are to be caught up with eight requests an hour."""
    schedule = Schedule(budget=8)
    looks = watch(house, schedule, 8 * 60)
    sent = [(minute, len(pages)) for minute, pages in looks]

    for start in range(8 * 60):
        assert sum(count for minute, count in sent if start <= minute < start + 60) <= 8
    assert looks[0] == (0, ["10", "11", "12", "13", "14", "15", "16", "09"])  # December from the tenth on, and today
    minutes_of_today = [minute for minute, pages in looks if "09" in pages and minute]
    assert len(minutes_of_today) >= 7
    assert {record.key for record in house.store.listings("daily-papers")} == {
        (DAY - timedelta(days=age)).isoformat() for age in range(31)
    }


def test_pages_and_further_attempts_count_too(house: House) -> None:
    house.upstream.days[DAY] = papers(120)
    house.upstream.script.append(say(status=500))
    look(house)

    assert len(house.upstream.asked) == 3
    assert house.state().spent == (Spent(NOW, 3),)


def test_a_look_ends_where_more_attempts_than_were_planned_for_spent_the_budget(house: House) -> None:
    house.upstream.script.extend([say(status=500), say(b"[]"), say(status=500), say(b"[]")])

    assert look(house, Schedule(look_back=5, budget=4)) == ["04", "04", "05", "05"]


def test_the_status_tells_what_is_wrong_and_what_is_quiet(house: House) -> None:
    """Paused, open and failing are told where they happen."""

    def state() -> str:
        return source_status(house.store, house.refresher.source, TODAY_ALONE, house.time.now).state

    assert state() == "never"
    look(house)
    assert state() == "good"
    house.time.now += timedelta(minutes=60)
    assert state() == "good"
    house.time.now += timedelta(seconds=1)
    assert state() == "late"
    look(house)
    house.upstream.days[DAY] = []
    house.time.now += timedelta(minutes=15)
    look(house)
    assert state() == "suspect"
    status = source_status(house.store, house.refresher.source, TODAY_ALONE, house.time.now)
    assert status.suspects == ("2026-01-09: 0 of 3 known entries are on a list of 0",)
    assert [poll.why for poll in status.next] == ["lacked most of what was known", "begins then"]
    house.upstream.trouble = say(status=500)
    house.time.now += timedelta(minutes=30)
    look(house)
    assert state() == "failing"


def test_a_restart_neither_asks_again_nor_forgets_what_was_spent(house: House, tmp_path: Path) -> None:
    schedule = Schedule(look_back=5, budget=4)
    assert len(look(house, schedule)) == 4
    house.time.now += MINUTE
    with restarted(house, tmp_path) as after:
        assert look(after, schedule) == []
        assert spent(after.state(), house.time.now) == 4
        house.time.now += timedelta(hours=1)
        assert look(after, schedule) == ["07", "08", "09"]


def test_a_look_seals_what_is_complete(house: House) -> None:
    look(house)
    assert house.store.seals(NOW - timedelta(days=400)) == [Seal(NOW, 1)]
    house.upstream.trouble = say(status=500)
    watch(house, TODAY_ALONE, 120)
    assert [seal.until for seal in house.store.seals(NOW)] == [NOW]
    house.upstream.trouble = None
    watch(house, TODAY_ALONE, 61)
    assert house.store.seals(NOW)[-1].until > NOW + timedelta(hours=2)


def test_a_seal_waits_for_yesterday_to_settle(house: House) -> None:
    """An entry that comes late on a day is there before the day is sealed."""
    schedule = Schedule(look_back=1)
    house.time.now = NOW + timedelta(hours=11, minutes=50)
    watch(house, schedule, 9)
    house.upstream.days[DAY] = papers(5)
    midnight = NOW + timedelta(hours=12)

    def nothing_too_early() -> None:
        sealed = house.store.seals(midnight)
        assert not sealed or (len(house.entries()) == 8 and house.time.now >= midnight + timedelta(minutes=30))

    watch(house, schedule, 60, nothing_too_early)
    assert house.store.seals(midnight)


def test_a_day_has_at_most_48_seals_and_one_right_after_each_hour(house: House) -> None:
    def vote() -> None:
        house.upstream.days[DAY + timedelta(days=1)] = papers(1 + house.time.now.minute % 30 // 10)

    house.time.now = NOW + timedelta(hours=12)
    watch(house, Schedule(look_back=1, today=10 * MINUTE), 24 * 60, vote, step=10)
    seals = house.store.seals(NOW + timedelta(hours=12))

    assert 24 <= len(seals) <= 48
    assert [seal.until for seal in seals] == sorted({seal.until for seal in seals})
    assert {seal.until.hour for seal in seals} == set(range(24))


def test_the_store_seals_forwards_only(house: House) -> None:
    hour = timedelta(hours=1)
    house.store.seal(NOW)
    look(house)
    for until in (NOW - hour, NOW, NOW + hour, NOW + hour):
        house.store.seal(until)

    assert house.store.seals(NOW - hour) == [Seal(NOW, 0), Seal(NOW + hour, 1)]
    assert house.store.seals(NOW + hour) == [Seal(NOW + hour, 1)]
    assert house.store.seals(NOW + 2 * hour) == []


PUTTING = """
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from feedserver.model import ListingRecord
from feedserver.store import SqliteStore
from tests.entries import OBSERVED, make_entry, make_listing
store = SqliteStore(Path(sys.argv[1]))
for number in range(int(sys.argv[2]), 100_000):
    at = OBSERVED + timedelta(minutes=number)
    entries = [make_entry(10 * number + place, first_seen=at) for place in range(10)]
    listing = replace(make_listing(*entries, key=f"day {number}", observed=at), whole=True)
    record = ListingRecord("daily-papers", listing.key, at, at, 10)
    store.put(listing, record)
    print(number, flush=True)
    store.spend("daily-papers", 1, at)
    store.seal(at)
    store.put(replace(listing, entries=listing.entries[:9]), record)
"""


def test_whenever_it_is_killed_nothing_that_was_kept_is_lost(tmp_path: Path) -> None:
    """Ten times, at random instants, in the midst of puts and seals; each time the next process goes on."""
    path, next_number = tmp_path / "store.sqlite", 1
    SqliteStore(path).close()
    for seed in range(10):
        instant = 0.05 + 0.2 * random.Random(seed).random()  # noqa: S311  # of a test
        told = kill_amid(path, next_number, instant, tmp_path / "said.log")
        next_number = check_after_kill(path, told) + 1


def kill_amid(path: Path, number: int, seconds: float, output: Path) -> int:
    """Let a process put listings from that number on, kill it so long after the first; return the last it told of."""
    with output.open("wb") as file:
        putting = subprocess.Popen([sys.executable, "-c", PUTTING, str(path), str(number)], stdout=file, stderr=file)
    try:
        deadline = time.monotonic() + 30
        while not output.read_bytes() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(seconds)
        putting.send_signal(signal.SIGKILL)
    finally:
        putting.kill()
        putting.wait(10)
    return int(output.read_text().rpartition("\n")[0].split("\n")[-1])


def check_after_kill(path: Path, told: int) -> int:
    """Assert that every listing is there whole or not at all, and none that was told of is missing; return the last."""
    store = SqliteStore(path)
    entries = {entry.id: entry for entry in store.select(EVERYTHING, limit=1_000_000)}
    keys = [int(record.key.split()[1]) for record in store.listings("daily-papers")]
    assert sorted(keys) == list(range(1, max(keys) + 1))
    assert len(entries) == 10 * len(keys)
    assert max(keys) >= told
    assert {entry.id[-1] for entry in entries.values() if entry.withdrawn} <= {"9"}  # the last of each listing
    seals = store.seals(min(entry.first_seen for entry in entries.values()))
    assert [seal.until for seal in seals] == sorted(seal.until for seal in seals)
    store.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    return max(keys)
