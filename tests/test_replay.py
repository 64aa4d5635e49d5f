"""History played through loopback, refresher and server under a simulated clock: nobody misses or gets anything twice.

The harness is the benchmark's (``bench/replay.py``), which plays a year of captured days in minutes.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bench.replay_clock import SimulatedClock
from bench.replay_editions import Sealed, editions, faults
from bench.replay_faults import FAULTS, Faults
from bench.replay_feeds import FEEDS, FollowedFeed, at_least
from bench.replay_oracle import Oracle, window_needed
from bench.replay_play import Played, Setup, play
from bench.replay_readers import DAY, HOUR, READERS, ReaderKind, Subscription, WsgiClient
from bench.replay_timeline import Capture, Timeline, captured_timeline
from bench.replay_upstream import Page, ReplayUpstream
from bench.replay_verdict import Verdict, judge, table
from tests.entries import CAPTURED, needs_captured
from tests.upstream import paper

FIRST = date(2026, 1, 5)  # a Monday
MOMENTS = tuple(timedelta(hours=hours) for hours in (2.5, 8, 25.75, 54, 79))  # after the beginning of the day
TOPICS = ("Video", "Audio", "Speech", "3D", "Text", "Code")
AUTHORS = ("Wei Wang", "Wei-Ying Wang", "Wang Wei", "Wei Zhang", "Yang Song", "Jimmy Ba", "Ho Chen", "Jun Zhu")
KINDS = (
    ReaderKind("4h", 4 * HOUR, 36, "json"),
    ReaderKind("12h walks", 12 * HOUR, 5, "atom", walks=True),
    ReaderKind("2d walks", 2 * DAY, 10, "rss", walks=True),
    ReaderKind("3d", 3 * DAY, 130, "json"),
)


def history(seed: int = 1, days: int = 5) -> Timeline:
    """Return a week: lists that fill up through the day, votes that rise for days, nothing at weekends."""
    random = Random(seed)  # noqa: S311  # the same history each time
    dates = [FIRST + timedelta(days=age) for age in range(days)]
    return Timeline(capture for day in dates if day.weekday() < 5 for capture in _day(day, random))


def _day(day: date, random: Random) -> Iterator[Capture]:
    papers = [_life(number, day, random) for number in range(random.randint(6, 12))]
    for place, moment in enumerate(MOMENTS):
        shown = [states[place] for first, states in papers if first <= place]
        shown.sort(key=lambda element: -element["paper"]["upvotes"])
        yield Capture(day, datetime.combine(day, time.min, UTC) + moment, tuple(shown))


def _life(number: int, day: date, random: Random) -> tuple[int, list[dict[str, Any]]]:
    """Return from which moment on a paper is listed, and how it looks at each; some bloom on the last day only."""
    name = f"{day:%y%m}.{day.day:02}{number:03}"
    title = f"{random.choice(TOPICS)} for {random.choice(TOPICS)} {number}"
    speed = random.choice((0, 1, 3, 9, 30))
    votes = [0, 0, 0, 0, 120] if random.random() < 0.1 else [speed * place for place in range(len(MOMENTS))]
    code: dict[str, Any] = {"githubRepo": "https://github.com/a/b"} if random.random() < 0.5 else {}
    authors = [random.choice(AUTHORS)]
    states = [
        paper(
            name, title, authors, day=day, upvotes=count, outer={"numComments": place},
            **code, **({"githubStars": 20 * place} if code else {}),
        )
        for place, count in enumerate(votes)
    ]  # fmt: skip
    return random.choice((0, 0, 1, 1, 2)), states


SETUP = Setup(history(), FEEDS, KINDS, today="6h", after=3.0 * DAY)
SOME = FEEDS[::3]  # of each kind one
SHORT = replace(SETUP, timeline=history(days=3), feeds=SOME, after=2.0 * DAY)


def assert_right(played: Played) -> Verdict:
    """Hold it against the oracle, and show the table where something is wrong."""
    verdict = judge(played)
    assert verdict.wrong == [], "\n".join((*verdict.wrong, *table(played, verdict)))
    return verdict


class TestReplay:
    """Days that were made up."""

    def test_every_entry_comes_to_every_reader_exactly_once(self, tmp_path: Path) -> None:
        """And late bloomers were among them."""
        played = play(SETUP, tmp_path)
        verdict = assert_right(played)
        assert verdict.counts["upvotes 100", "3d"].delivered > 5

    def test_nor_does_it_matter_that_upstream_fails_a_third_of_the_time(self, tmp_path: Path) -> None:
        """In many ways."""
        played = play(replace(SHORT, readers=KINDS[:2], faults=True, today="2h"), tmp_path)
        assert_right(played)
        assert len(FAULTS.keys() & played.answered.keys()) > 12

    def test_nor_that_the_refresher_is_killed(self, tmp_path: Path) -> None:
        """Half of the time when there is something new."""
        played = play(replace(SHORT, readers=KINDS[1:3], kills=3), tmp_path)
        assert_right(played)
        assert played.killed[0] == 3

    def test_a_late_bloomer_that_sorts_by_its_day_is_missed_and_that_is_noticed(self, tmp_path: Path) -> None:
        """The harness can fail."""
        feed = FollowedFeed("back-dated", "min_upvotes=20&sort=listed", at_least(20), "entered", 0.1)
        played = play(replace(SHORT, feeds=(feed,), readers=(ReaderKind("4h", 4 * HOUR, 60, "json"),)), tmp_path)
        verdict = judge(played)
        assert verdict.counts["back-dated", "4h"].margin >= 0
        assert verdict.counts["back-dated", "4h"].missed
        assert any("missed" in sentence for sentence in verdict.wrong)

    @needs_captured
    def test_captured_days_come_to_every_reader_exactly_once(self, tmp_path: Path) -> None:
        """A week of April 2025, all of whose days have all three captures."""
        timeline = captured_timeline(CAPTURED, date(2025, 3, 31), 5)
        assert len(timeline.captures) == 15
        setup = Setup(timeline, SOME, READERS[5::4], today="6h", after=4.0 * DAY)
        assert_right(play(setup, tmp_path))


class TestOracle:
    """What the server is held against."""

    def test_a_paper_qualifies_at_the_first_answer_that_shows_enough(self) -> None:
        """And a spoiled answer only makes it possible."""
        oracle = Oracle({"ten": at_least(10)})
        for at, upvotes, genuine in ((1.0, 9, True), (2.0, 12, False), (3.0, 10, True), (4.0, 11, True)):
            oracle.note(at, FIRST, [paper("2601.00001", upvotes=upvotes)], genuine)
        assert oracle.qualified["ten"] == {"https://arxiv.org/abs/2601.00001": 3.0}
        assert oracle.possible["ten"] == {"https://arxiv.org/abs/2601.00001": 2.0}
        assert oracle.must["https://arxiv.org/abs/2601.00001"].upvotes == 11

    def test_a_window_has_to_hold_what_came_since_the_last_poll(self) -> None:
        """Or, where entries stand by another order, whatever stands above the lowest new one."""
        arrivals = {"a": 1.0, "b": 2.0, "c": 2.0, "d": 5.0}
        assert window_needed(arrivals, [1.5, 4.0, 9.0], None) == 2
        assert window_needed(arrivals, [1.5, 4.0, 9.0], {"a": 3, "b": 4, "c": 5, "d": 1}.__getitem__) == 4


class TestEditions:
    """What tops are held against."""

    oracle = Oracle({"top": at_least(0)})
    start = datetime.combine(FIRST, time.min, UTC).timestamp()
    for hours, number, upvotes in ((3, 1, 5), (4, 2, 9), (8, 3, 7), (23, 1, 8), (25, 4, 90), (26, 2, 500)):
        oracle.note(start + hours * HOUR, FIRST, [paper(f"2601.0000{number}", upvotes=upvotes)], genuine=True)
    (edition,) = editions(oracle, "top", "day", [Sealed(start + DAY + 1, start + DAY + 1)])

    def test_a_period_is_what_entered_in_it_with_the_votes_of_its_seal(self) -> None:
        """Not those of later."""
        votes = {name[-1]: count for name, count in self.edition.votes.items()}
        assert (votes, self.edition.unsure) == ({"1": 8, "2": 9, "3": 7}, frozenset())

    @pytest.mark.parametrize(
        ("shown", "wrong"),
        [("21", 0), ("12", 1), ("2", 1), ("213", 1), ("23", 1), ("24", 1)],
        ids=["right", "another order", "too few", "too many", "not the best", "of another day"],
    )
    def test_what_is_wrong_with_a_top_two_is_noticed(self, shown: str, wrong: int) -> None:
        """Once."""
        found = list(faults(self.edition, [f"https://arxiv.org/abs/2601.0000{number}" for number in shown], 2))
        assert len(found) == wrong, found


def documents(*items: tuple[str, str, str]) -> Iterator[bytes]:
    """Yield a document for each poll: one entry, its id, its paper and its date."""
    for entry_id, name, listed in items:
        item = {"id": entry_id, "url": f"https://huggingface.co/papers/{name}", "date_published": listed}
        yield json.dumps({"items": [item]}).encode()


class TestSubscription:
    """What a reader notices."""

    @pytest.mark.parametrize(
        ("items", "noticed"),
        [
            ((("a", "1", "Monday"), ("a", "1", "Monday")), {}),
            ((("a", "1", "Monday"), ("b", "1", "Monday")), {"twice": {"b"}}),
            ((("a", "1", "Monday"), ("a", "1", "Tuesday")), {"moved": {"a"}, "changed": {"a"}}),
            ((("a", "1", "Monday"), ("a", "2", "Monday")), {"changed": {"a"}}),
            ((("a", "1", "Monday"), ("b", "2", "Monday"), ("a", "1", "Monday")), {"back": {"a"}}),
        ],
        ids=["nothing", "a new id", "another date", "other bytes", "one that comes back"],
    )
    def test_it_notices(self, items: tuple[tuple[str, str, str], ...], noticed: dict[str, set[str]]) -> None:
        """What came as new twice, moved, changed or came back."""
        bodies = documents(*items)

        def application(_environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
            start_response("200 OK", [])
            return [next(bodies)]

        subscription = Subscription(KINDS[0], FollowedFeed("closed", "", most=1))
        for poll in range(len(items)):
            subscription.poll(WsgiClient(application), float(poll))
        found = {name: getattr(subscription, name) for name in ("twice", "moved", "changed", "back")}
        assert {name: ids for name, ids in found.items() if ids} == noticed


class TestUpstream:
    """The list call that is played."""

    @pytest.fixture
    def upstream(self) -> ReplayUpstream:
        """The second day, after its first capture."""
        clock = SimulatedClock(datetime(2026, 1, 6, 3, tzinfo=UTC).timestamp())
        return ReplayUpstream(history(), clock, lambda *_: None)

    def test_it_answers_as_the_service_does(self, upstream: ReplayUpstream) -> None:
        """Fifty unasked, an empty page past the end, an empty list too early, 400 for a day to come."""

        def ask(**params: str) -> Page:
            answer = upstream.answer(params)
            assert isinstance(answer, Page)
            return answer

        today = len(ask(date="2026-01-06", limit="100").elements)
        assert 0 < today < 12
        assert ask(date="2026-01-06", limit="2", p="1").elements == ask(date="2026-01-06").elements[2:4]
        assert ask(date="2026-01-06", limit="100", p="1").body == b"[]"
        assert ask(date="2026-01-04").body == b"[]"
        assert [ask(date=day).status for day in ("2026-01-07", "2026-13-01", "")] == [400, 400, 400]
        upstream.clock.sleep(6 * HOUR)
        assert len(ask(date="2026-01-06").elements) > today

    def test_it_fails_as_often_as_it_is_told_to(self, upstream: ReplayUpstream) -> None:
        """A third of the time."""
        trouble = Faults(Random(1))  # noqa: S311  # the same faults each time
        page = upstream.page(FIRST)
        spoiled = [trouble.spoil(page, FIRST, upstream) is not page for _ in range(3000)]
        assert 0.3 < sum(spoiled) / len(spoiled) < 0.37
