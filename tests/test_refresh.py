"""The write path: what is due, and what becomes of the store when upstream answers, fails, lies or dies."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feedserver.cli import main
from feedserver.config.build import STORE_FILE
from feedserver.errors import StoreError
from feedserver.filters import EVERYTHING
from feedserver.model import Changes, Entry, ListingRecord
from feedserver.refresh import Refresher, RefreshLoop, Schedule
from feedserver.refresh.loop import BETWEEN_LOOKS
from feedserver.store import SqliteStore
from tests.entries import CAPTURED, needs_captured
from tests.house import House, make_loop
from tests.upstream import (
    ADAM,
    DAY,
    DDIM,
    DPM_SOLVER,
    FETCH,
    NO_ANSWER,
    NO_LISTING,
    NOW,
    Upstream,
    encode,
    hang_up,
    paper,
    papers,
    say,
)

KEY = DAY.isoformat()


def test_a_refresh_keeps_what_upstream_lists(house: House) -> None:
    outcome = house.refresher.refresh(KEY)

    assert (outcome.key, outcome.changes, outcome.entries) == (KEY, Changes(new=3), 3)
    assert (outcome.refused, outcome.error, outcome.unreachable) == (0, None, False)
    assert {entry.title for entry in house.entries()} == {DDIM[1], DPM_SOLVER[1], ADAM[1]}
    assert house.record() == ListingRecord("daily-papers", "2026-01-09", NOW, good=NOW, entries=3)


def test_a_second_refresh_changes_nothing(house: House) -> None:
    house.refresher.refresh(KEY)
    entries, summary = house.entries(), house.store.summary()
    house.time.now += timedelta(hours=1)
    outcome = house.refresher.refresh(KEY)

    assert (outcome.changes, outcome.entries, outcome.error) == (Changes(unchanged=3), 3, None)
    assert (house.entries(), house.store.summary()) == (entries, summary)
    assert house.record().good == house.time.now
    assert house.upstream.statuses == [200, 304]


def test_a_refresh_takes_in_what_has_changed(house: House) -> None:
    house.refresher.refresh(KEY)
    house.upstream.days[DAY] = [paper(*DDIM, upvotes=30), paper(*DPM_SOLVER), *papers(2)]
    house.time.now += timedelta(hours=1)
    outcome = house.refresher.refresh(KEY)

    assert outcome.changes == Changes(new=2, updated=1, unchanged=1)
    assert {entry.title: entry.upvotes for entry in house.entries()} == {
        DDIM[1]: 30, DPM_SOLVER[1]: 8, ADAM[1]: 8, "Paper 1": 8, "Paper 2": 8,
    }  # fmt: skip


def test_an_empty_list_takes_nothing_away(house: House) -> None:
    house.refresher.refresh(KEY)
    entries = house.entries()
    house.upstream.days[DAY] = []
    outcome = house.refresher.refresh(KEY)

    assert (outcome.error, house.entries()) == (None, entries)
    assert outcome.suspect == "0 of 3 known entries are on a list of 0"


@pytest.mark.parametrize("trouble", [*NO_ANSWER, *NO_LISTING])
def test_a_bad_answer_never_replaces_a_good_listing(house: House, trouble: str) -> None:
    house.refresher.refresh(KEY)
    entries, summary = house.entries(), house.store.summary()
    house.upstream.trouble = (NO_ANSWER | NO_LISTING)[trouble]
    house.time.now += timedelta(hours=1)
    bad = house.refresher.refresh(KEY)

    assert bad.error
    assert (bad.changes.new, bad.changes.updated) == (0, 0)
    assert bad.unreachable is (trouble in NO_ANSWER and trouble != "status 404")  # then other days may do better
    assert (house.entries(), house.store.summary()) == (entries, summary)
    assert house.record() == ListingRecord(
        "daily-papers", "2026-01-09", attempted=house.time.now, good=NOW, entries=3, error=bad.error, failures=1
    )

    house.upstream.trouble = None
    house.time.now += timedelta(hours=1)
    healed = house.refresher.refresh(KEY)
    assert (healed.error, healed.changes) == (None, Changes(unchanged=3))
    assert house.record() == ListingRecord("daily-papers", "2026-01-09", house.time.now, house.time.now, 3)


@pytest.mark.parametrize("trouble", ["status 500", *NO_LISTING])
def test_a_bad_answer_is_no_first_listing(house: House, trouble: str) -> None:
    house.upstream.trouble = (NO_ANSWER | NO_LISTING)[trouble]
    outcome = house.refresher.refresh(KEY)

    assert house.entries() == ()
    assert house.record() == ListingRecord("daily-papers", "2026-01-09", NOW, error=outcome.error, failures=1)


@pytest.mark.parametrize("trouble", NO_LISTING)
def test_a_bad_answer_is_not_revalidated(house: House, trouble: str) -> None:
    house.upstream.trouble = NO_LISTING[trouble]
    for _ in range(2):
        house.refresher.refresh(KEY)

    assert house.upstream.statuses == [200, 200]


def test_a_dead_upstream_takes_nothing_away(house: House) -> None:
    house.refresher.refresh(KEY)
    entries = house.entries()
    house.upstream.kill()
    outcome = house.refresher.refresh(KEY)

    assert house.entries() == entries
    assert outcome.unreachable
    assert "Connection refused" in (house.record().error or "")


def test_a_wish_to_be_left_alone_is_remembered(house: House) -> None:
    house.refresher.refresh(KEY)
    house.upstream.trouble = say(status=429, Retry_After="3600")
    house.refresher.refresh(KEY)

    assert house.record().retry_at == house.state().retry_at == NOW + timedelta(hours=1)
    house.time.now += timedelta(minutes=59, seconds=59)
    assert [outcome.unreachable for outcome in house.refresher.refresh_all([KEY])] == [True]
    assert len(house.upstream.asked) == 2
    house.time.now += timedelta(seconds=1)
    house.upstream.trouble = None
    assert [outcome.error for outcome in house.refresher.refresh_all([KEY])] == [None]
    assert house.state().retry_at is None


def test_an_element_that_is_no_entry_does_not_cost_the_others(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.upstream.days[DAY].insert(1, paper("not an id"))
    outcome = house.refresher.refresh(KEY)

    assert (outcome.entries, outcome.refused, outcome.error) == (3, 1, None)
    assert "refused element 1 (paper.id 'not an id')" in caplog.text


@pytest.mark.parametrize(
    ("count", "largest_page", "sizes"),
    [(0, 100, [0]), (49, 100, [49]), (50, 100, [50, 0]), (120, 100, [100, 20]), (250, 100, [100, 100, 50, 0]),
     (120, 50, [50, 50, 20])],
)  # fmt: skip
def test_pages_are_asked_for_until_a_short_one(house: House, count: int, largest_page: int, sizes: list[int]) -> None:
    house.upstream.days[DAY] = papers(count)
    house.upstream.largest_page = largest_page
    outcome = house.refresher.refresh(KEY)

    assert (outcome.entries, len(house.entries())) == (count, count)
    assert house.upstream.pages == [("2026-01-09", page) for page in range(len(sizes))]


def test_an_upstream_that_turns_no_page_is_not_asked_for_ever(house: House) -> None:
    house.upstream.trouble = say(encode(papers(50)))
    outcome = house.refresher.refresh(KEY)

    assert len(house.upstream.asked) == 2  # the second page holds nothing new
    assert (len(house.entries()), outcome.error) == (50, None)


@pytest.mark.parametrize("trouble", ["status 500", "a closed connection", "truncated JSON", "an error object"])
def test_the_pages_before_a_bad_one_are_kept(house: House, trouble: str) -> None:
    bad = (NO_ANSWER | NO_LISTING)[trouble]
    house.upstream.days[DAY] = papers(230)
    house.upstream.script.append(say(encode(papers(100))))
    house.upstream.trouble = bad
    outcome = house.refresher.refresh(KEY)

    assert (len(house.entries()), outcome.changes) == (100, Changes(new=100))
    assert (house.record().good, house.record().error) == (None, outcome.error)
    assert outcome.error

    house.upstream.trouble = None
    assert house.refresher.refresh(KEY).changes == Changes(new=130, unchanged=100)


def test_a_dead_upstream_is_asked_once_only(house: House) -> None:
    house.upstream.trouble = say(status=500)
    outcomes = list(house.refresher.refresh_all([KEY, "2026-01-08", "2026-01-07"]))

    assert [(outcome.key, outcome.unreachable) for outcome in outcomes] == [(KEY, True)]


def test_a_day_that_is_no_listing_does_not_keep_the_others_from_being_read(house: House) -> None:
    house.upstream.bad_days[DAY] = NO_LISTING["HTML with status 200"]
    house.upstream.days[date(2026, 1, 8)] = papers(2)
    outcomes = list(house.refresher.refresh_all([KEY, "2026-01-08"]))

    assert [(outcome.key, outcome.entries, outcome.error is None) for outcome in outcomes] == [
        ("2026-01-09", 0, False), ("2026-01-08", 2, True),
    ]  # fmt: skip


@contextmanager
def running(loop: RefreshLoop) -> Iterator[threading.Thread]:
    """Let a loop run in its thread, and stop it."""
    thread = loop.start()
    try:
        yield thread
    finally:
        loop.stopped.set()
        thread.join(10)
        assert not thread.is_alive()


def eventually(happened: Callable[[], bool], seconds: float = 15) -> bool:
    """Wait until something has happened; say whether it did."""
    end = time.monotonic() + seconds
    while not (done := happened()) and time.monotonic() < end:
        time.sleep(0.02)
    return done


def test_a_look_asks_for_what_is_due_and_no_more(house: House, tmp_path: Path) -> None:
    loop = make_loop(tmp_path, list, Schedule(look_back=2))

    assert loop.look([house.refresher]) == 20
    assert [day for day, _ in house.upstream.pages] == ["2026-01-07", "2026-01-08", "2026-01-09"]
    assert loop.look([house.refresher]) == 20
    house.time.now += timedelta(minutes=15)
    assert loop.look([house.refresher]) == 20
    assert [day for day, _ in house.upstream.pages[3:]] == ["2026-01-09"]


def test_a_day_that_is_not_there_is_tried_again_without_the_others(house: House, tmp_path: Path) -> None:
    loop = make_loop(tmp_path, list, Schedule(look_back=3))
    house.upstream.bad_days[DAY] = say(status=404)

    assert loop.look([house.refresher]) == BETWEEN_LOOKS  # the server is well, and the other days were read
    house.time.now += timedelta(seconds=300)
    loop.look([house.refresher])
    assert [int(day[-2:]) for day, _ in house.upstream.pages] == [6, 7, 8, 9, 9]


def test_a_look_that_goes_wrong_is_told_and_followed_by_another(
    house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    looks: list[None] = []

    def now() -> datetime:
        looks.append(None)
        if len(looks) == 1:
            raise StoreError("the disk is full")
        return NOW

    refresher = replace(house.refresher, now=now)
    with running(make_loop(tmp_path, lambda: [refresher], Schedule(look_back=0, retry=timedelta(milliseconds=10)))):
        assert eventually(lambda: len(house.entries()) == 3)

    assert "the disk is full" in caplog.text


def test_a_loop_that_cannot_begin_tries_again(house: House, tmp_path: Path) -> None:
    tries: list[None] = []

    def make_refreshers() -> list[Refresher]:
        tries.append(None)
        if len(tries) == 1:
            raise OSError("the cache can't be opened")
        return [house.refresher]

    with running(make_loop(tmp_path, make_refreshers, Schedule(look_back=0, retry=timedelta(milliseconds=10)))):
        assert eventually(lambda: len(house.entries()) == 3, 4)


def test_of_two_loops_in_one_process_one_works(house: House, tmp_path: Path) -> None:
    schedule = Schedule(look_back=0)
    with (
        running(make_loop(tmp_path, lambda: [house.refresher], schedule)),
        running(make_loop(tmp_path, lambda: [house.refresher], schedule)),
    ):
        assert eventually(lambda: len(house.entries()) == 3)
        time.sleep(0.3)

    assert len(house.upstream.asked) == 1


LOOP = """
import logging, sys
from feedserver.config import load_settings, make_refresh_loop, open_store
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
settings = load_settings()
loop = make_refresh_loop(settings, open_store(settings))
print("ready", flush=True)
loop.run()
"""


@contextmanager
def process(*command: str, environment: dict[str, str], output: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run Python with an output file; kill it at the end."""
    with output.open("wb") as file:
        started = subprocess.Popen([sys.executable, *command], env=environment, stdout=file, stderr=file)
    try:
        yield started
    finally:
        started.kill()
        started.wait(10)


def write_settings(folder: Path, upstream: Upstream, look_back: int = 0) -> dict[str, str]:
    """Write settings for an upstream; return the environment that leads to them."""
    (folder / "config").mkdir()
    (folder / "config" / "feedserver.toml").write_text(
        f"[refresh]\nlook_back = {look_back}\nrecent_days = 2\n{FETCH}",
        encoding="utf-8",
    )
    (folder / "config" / "sources.toml").write_text(f'[daily-papers]\nurl = "{upstream.url}"\n', encoding="utf-8")
    places = {"FEEDSERVER_CONFIG_DIR": str(folder / "config"), "FEEDSERVER_DATA_DIR": str(folder / "data")}
    return {**os.environ, "HF_TOKEN": "", "FEEDSERVER_PUBLIC_URL": "", **places}


def test_when_the_process_that_refreshes_is_killed_another_takes_over(tmp_path: Path) -> None:
    first_says, second_says = tmp_path / "first.log", tmp_path / "second.log"
    with Upstream({datetime.now(UTC).date(): papers(3)}) as upstream:
        environment = write_settings(tmp_path, upstream)
        with (
            process("-c", LOOP, environment=environment, output=first_says) as first,
            process("-c", LOOP, environment=environment, output=second_says) as second,
        ):
            outputs = {first: first_says, second: second_says}
            assert eventually(lambda: all(output.read_text().startswith("ready") for output in outputs.values()), 30)
            assert eventually(lambda: len(upstream.asked) == 1)
            time.sleep(0.5)
            (holder,) = (loop for loop, output in outputs.items() if "this process refreshes" in output.read_text())
            (other,) = outputs.keys() - {holder}

            holder.send_signal(signal.SIGKILL)
            assert eventually(lambda: "this process refreshes" in outputs[other].read_text())
            time.sleep(0.5)
            assert len(upstream.asked) == 1  # what the killed one had read is in the store


SPAN = 20


@dataclass(frozen=True, slots=True)
class Commands:
    """The command line over a temporary folder, its upstream, and the last twenty days, today first."""

    upstream: Upstream
    environment: dict[str, str]
    days: list[date]

    def run(self, *arguments: str) -> Result:
        """Run a command in this process."""
        return CliRunner(env=self.environment).invoke(main, [*arguments, "--json"])

    def backfill(self) -> Result:
        """Get all of the days."""
        return self.run("backfill", f"--since={self.days[-1]}")

    def entries(self) -> dict[str, Entry]:
        """Return what the store holds, by id."""
        store = SqliteStore(Path(self.environment["FEEDSERVER_DATA_DIR"]) / STORE_FILE)
        found = {entry.id: entry for entry in store.select(EVERYTHING, limit=100_000)}
        store.close()
        return found


def last_days() -> list[date]:
    """Return today and the days before it, twenty in all."""
    today = datetime.now(UTC).date()
    return [today - timedelta(days=age) for age in range(SPAN)]


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    """The command line; upstream lists two papers on each of the days."""
    days = last_days()
    listed = {day: papers(2, first=1 + 2 * age, day=day) for age, day in enumerate(days)}
    with Upstream(listed) as upstream:
        yield Commands(upstream, write_settings(tmp_path, upstream, look_back=6), days)


def summary(result: Result) -> tuple[int, int, int, int]:
    """Return the exit code, and how many days, new entries and errors a command told of."""
    told = json.loads(result.stdout)
    return result.exit_code, told["listings"], told["changes"]["new"], len(told["errors"])


def test_the_command_refresh_gets_the_days_of_the_schedule(commands: Commands) -> None:
    assert summary(commands.run("refresh")) == (0, 7, 14, 0)
    assert [day for day, _ in commands.upstream.pages] == [day.isoformat() for day in commands.days[:7]]

    assert summary(commands.run("refresh")) == (0, 3, 0, 0)  # today, and two recent days
    assert commands.upstream.statuses[7:] == [304, 304, 304]


def test_the_command_backfill_gets_every_day_once(commands: Commands) -> None:
    assert summary(commands.backfill()) == (0, SPAN, 2 * SPAN, 0)
    assert {entry.listed.date() for entry in commands.entries().values()} == set(commands.days)

    assert summary(commands.backfill()) == (0, 1, 0, 0)  # today is not over
    assert commands.upstream.statuses[SPAN:] == [304]


def test_a_backfill_goes_on_where_upstream_left_off(commands: Commands) -> None:
    commands.upstream.bad_days[commands.days[10]] = hang_up
    assert summary(commands.backfill()) == (3, 11, 20, 1)

    commands.upstream.bad_days.clear()
    commands.upstream.asked.clear()
    assert summary(commands.backfill()) == (0, 11, 20, 0)
    assert {day for day, _ in commands.upstream.pages} == {
        day.isoformat() for day in [commands.days[0], *commands.days[10:]]
    }
    assert len(commands.entries()) == 2 * SPAN


def test_a_backfill_goes_on_where_it_was_killed(commands: Commands, tmp_path: Path) -> None:
    arguments = ("-m", "feedserver", "backfill", f"--since={commands.days[-1]}")
    with process(*arguments, environment=commands.environment, output=tmp_path / "backfill.log") as backfill:
        assert eventually(lambda: len(commands.upstream.asked) >= 8, 30)
        backfill.send_signal(signal.SIGKILL)
        backfill.wait(10)
    kept = len(commands.entries())
    asked = len(commands.upstream.asked)
    assert kept >= 2 * (asked - 1)  # at most the day that was being read is lost

    commands.upstream.asked.clear()
    assert commands.backfill().exit_code == 0
    assert len(commands.entries()) == 2 * SPAN
    assert len(commands.upstream.asked) <= SPAN - asked + 2


def test_a_backfill_passes_by_a_day_that_always_fails(commands: Commands) -> None:
    """Run again, it goes on with the days behind it."""
    commands.upstream.bad_days[commands.days[3]] = say(status=500)
    for _ in range(3):
        assert commands.backfill().exit_code == 3

    assert len(commands.entries()) == 2 * (SPAN - 1)


def test_a_refresh_while_upstream_is_dead_says_so_and_loses_nothing(commands: Commands) -> None:
    commands.run("refresh")
    entries = commands.entries()
    commands.upstream.kill()
    dead = commands.run("refresh")

    assert dead.exit_code == 3
    assert "Connection refused" in json.loads(dead.stdout)["errors"][0]
    assert commands.entries() == entries


def test_the_token_goes_to_upstream_and_into_no_file(commands: Commands) -> None:
    commands.environment["HF_TOKEN"] = "hf_of_the_tests"  # noqa: S105  # of the tests
    commands.run("refresh")

    assert {asked.headers["Authorization"] for asked in commands.upstream.asked} == {"Bearer hf_of_the_tests"}
    files = list(Path(commands.environment["FEEDSERVER_DATA_DIR"]).iterdir())
    assert files
    assert all(b"hf_of_the_tests" not in file.read_bytes() for file in files)


def test_a_list_that_shrank_is_told_by_the_command(commands: Commands) -> None:
    commands.run("refresh")
    commands.upstream.days[commands.days[1]] = []
    shrunk = commands.run("refresh")

    assert shrunk.exit_code == 3
    assert json.loads(shrunk.stdout)["errors"] == [f"{commands.days[1]}: 0 of 2 known entries are on a list of 0"]


@pytest.mark.parametrize("command", ["refresh", "backfill"])
def test_a_command_seals_what_is_complete(commands: Commands, command: str) -> None:
    began = datetime.now(UTC).replace(microsecond=0)
    assert (commands.run("refresh") if command == "refresh" else commands.backfill()).exit_code == 0
    store = SqliteStore(Path(commands.environment["FEEDSERVER_DATA_DIR"]) / STORE_FILE)
    (seal,) = store.seals(began - timedelta(days=2))
    store.close()
    assert began - timedelta(hours=1) <= seal.until <= datetime.now(UTC)


@needs_captured
def test_the_captured_days_fill_a_store_and_fill_it_once(tmp_path: Path) -> None:
    days = last_days()
    files = dict(zip(days, sorted((CAPTURED / "nextday").glob("*.json"))[-SPAN:], strict=True))
    ids = {element["paper"]["id"] for file in files.values() for element in json.loads(file.read_bytes())}
    with Upstream(captured=files) as upstream:
        commands = Commands(upstream, write_settings(tmp_path, upstream, look_back=SPAN - 1), days)
        assert commands.run("refresh").exit_code == 0
        full = commands.entries()
        assert full.keys() == {f"https://arxiv.org/abs/{arxiv_id}" for arxiv_id in ids}

        assert summary(commands.backfill()) == (0, 1, 0, 0)
        assert commands.entries() == full
        assert upstream.statuses[-1] == 304
