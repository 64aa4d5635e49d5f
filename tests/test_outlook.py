"""How much a feed brings: by day, in the mean, at other thresholds; and how that is said."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedserver.feeds import Outlook, outlook, spell_rate
from feedserver.feeds.outlook import STEPS, foresee, without_threshold
from feedserver.filters import EVERYTHING, matches, parse, resolve
from feedserver.model import Listing
from feedserver.query import parse_query
from feedserver.store import SqliteStore
from tests.entries import day, make_entry, sample

DAY = timedelta(days=1)
TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)


def back(days: int) -> date:
    """Return the day so many days ago."""
    return TODAY - days * DAY


def counts(found: Outlook) -> list[int]:
    """Return the entries of each day."""
    return [each.entries for each in found.days]


class TestForesee:
    """The pure part."""

    def test_days_are_counted_from_the_oldest_to_today(self) -> None:
        """Those on which nothing was listed too, and none that lie further back."""
        found = foresee([(back(0), 5), (back(2), 1), (back(2), 9), (back(3), 9)], lambda _: 0, TODAY, 3, 30)
        assert [tuple(each) for each in found.days] == [(back(2), 2), (back(1), 0), (back(0), 1)]

    def test_a_mean_is_of_whole_days_whether_or_not_anything_was_listed(self) -> None:
        """Today is not over; the 31st day before it is too long ago."""
        tally = [(back(number), 1) for number in (0, 0, 1, 3, 30, 31)]
        assert foresee(tally, lambda _: 0, TODAY, 90, 30).per_day == pytest.approx(3 / 30)
        assert foresee(tally, lambda _: 0, TODAY, 90, 3).per_day == pytest.approx(2 / 3)

    def test_each_threshold_says_what_it_would_bring(self) -> None:
        """Whatever the feed's own one is, which the days are counted by."""
        found = foresee([(back(1), upvotes) for upvotes in (0, 2, 20, 29, 200)], lambda _: 25, TODAY, 30, 10)
        assert {step.upvotes: round(10 * step.per_day) for step in found.thresholds} == {
            1: 4, 2: 4, 3: 3, 5: 3, 10: 3, 15: 3, 20: 3, 30: 1, 50: 1, 75: 1, 100: 1, 200: 1,
        }  # fmt: skip
        assert (sum(counts(found)), found.per_day) == (2, 0.2)

    def test_each_day_is_judged_by_its_own_threshold(self) -> None:
        """As in a feed of so many entries a day."""
        tally = [(back(number), upvotes) for number in (1, 2) for upvotes in (5, 15)]
        assert counts(foresee(tally, {back(1): 10, back(2): 0}.__getitem__, TODAY, 3, 30)) == [2, 1, 0]


class TestWithoutThreshold:
    """What a slider of thresholds leaves of a filter."""

    @pytest.mark.parametrize(
        ("q", "left", "least"),
        [
            ("robot upvotes:>=20", "robot", 20),
            ("upvotes:>=20", None, 20),
            ("robot upvotes:5..30 upvotes:>=7", "robot upvotes:<=30", 7),
            ("robot OR upvotes:>=20", "robot OR upvotes:>=20", 0),
            ("robot -upvotes:>=20", "robot -upvotes:>=20", 0),
            ("robot comments:>=2", "robot comments:>=2", 0),
            ("robot listed:>=7d", "robot", 0),
            ("robot listed:2026-01", "robot listed:2026-01", 0),
        ],
    )
    def test_what_every_entry_has_to_reach_is_taken_away(self, q: str, left: str | None, least: int) -> None:
        """And spans that go on with time; one of several conditions is left."""
        assert without_threshold(parse(q)) == (parse(left) if left else EVERYTHING, least)

    @given(least=st.integers(0, 70), high=st.integers(0, 70), q=st.sampled_from(["diffusion", "-diffusion", "paper"]))
    def test_together_they_mean_the_same(self, least: int, high: int, q: str) -> None:
        """What is left, and the threshold."""
        part = resolve(parse(f"{q} upvotes:>={least} upvotes:<={high}"), NOW)
        rest, found = without_threshold(part)
        for entry in sample():
            assert matches(part, entry) == (matches(rest, entry) and entry.upvotes >= found)


class TestOutlook:
    """With a store."""

    @pytest.fixture
    def filled(self, tmp_path: Path) -> SqliteStore:
        """Ten entries on each weekday for sixty days, with 10, 20 ... 100 votes; every second one about robots."""
        store = SqliteStore(tmp_path / "filled.sqlite")
        for number in range(61):
            at = day(1) + number * DAY
            if at.weekday() < 5:
                entries = tuple(
                    make_entry(
                        10 * number + place, title=f"{'Robots' if place % 2 else 'Paper'} {place}",
                        listed=at, published=at, upvotes=10 * place,
                    )
                    for place in range(1, 11)
                )  # fmt: skip
                store.put(Listing("daily-papers", at.date().isoformat(), at + DAY / 3, entries), at=at + DAY / 3)
            store.seal(at + DAY)
        return store

    def test_it_counts_what_the_feed_admits(self, filled: SqliteStore) -> None:
        """Weekends are empty, and lower the mean."""
        found = outlook(filled, parse_query([("q", "robots"), ("min_upvotes", "50")]), NOW, 30)
        assert [each.day for each in found.days] == [back(number) for number in reversed(range(30))]
        assert counts(found) == [3 if each.day.weekday() < 5 else 0 for each in found.days]
        weekdays = sum(back(number).weekday() < 5 for number in range(1, 31))
        assert found.per_day == pytest.approx(3 * weekdays / 30)
        assert {step.upvotes: step.per_day for step in found.thresholds}[30] == pytest.approx(4 * weekdays / 30)
        assert [step.upvotes for step in found.thresholds] == list(STEPS)

    def test_a_feed_of_so_many_a_day_is_judged_by_the_thresholds_of_its_weeks(self, filled: SqliteStore) -> None:
        """Those that the feed itself goes by; no other one makes it more or less."""
        found = outlook(filled, parse_query([("per_day", "3")]), NOW, 30)
        assert counts(found)[-1] < 10
        assert 2 < found.per_day < 4
        assert found.thresholds == ()

    def test_a_span_does_not_make_a_feed_look_smaller(self, filled: SqliteStore) -> None:
        """What it leaves out today, it brought before."""
        assert outlook(filled, parse_query([("within", "7d")]), NOW) == outlook(filled, parse_query([]), NOW)

    @pytest.mark.parametrize(
        ("given", "per_day"),
        [
            ({"top": "2/day"}, 2),
            ({"top": "7/week"}, 1),
            ({"digest": "week"}, 1 / 7),
            ({"digest": "day", "top": "5/day"}, 1),
        ],
    )
    def test_editions_bring_what_they_choose(self, filled: SqliteStore, given: dict[str, str], per_day: float) -> None:
        """Their days are those of what they choose from; no threshold makes them more."""
        found = outlook(filled, parse_query(given.items()), NOW)
        assert found.per_day == pytest.approx(per_day)
        assert (found.days, found.thresholds) == (outlook(filled, parse_query([]), NOW).days, ())

    def test_a_top_of_more_than_there_are_brings_what_there_are(self, filled: SqliteStore) -> None:
        """Seven a day in the mean."""
        assert (
            outlook(filled, parse_query([("top", "50/day")]), NOW).per_day
            == outlook(filled, parse_query([]), NOW).per_day
        )

    def test_a_young_store_is_not_taken_for_a_quiet_one(self, tmp_path: Path) -> None:
        """A mean is of the days since its first listing; of nothing, it is nothing."""
        store = SqliteStore(tmp_path / "young.sqlite")
        assert outlook(store, parse_query([]), NOW, 30).per_day == 0
        store.put(Listing("daily-papers", "x", NOW, (make_entry(1, listed=NOW.replace(hour=0) - 2 * DAY),)))
        assert outlook(store, parse_query([]), NOW, 30).per_day == 0.5


@pytest.mark.parametrize(
    ("per_day", "words"),
    [
        (1234, "about 1,200 a day"), (143.2, "about 140 a day"), (6.23, "about 6 a day"), (2.4, "about 2.5 a day"),
        (1, "about 1 a day"), (0.5, "about 4 a week"), (3 / 7, "about 3 a week"), (1 / 7, "about 1 a week"),
        (0.07, "about 2 a month"), (1 / 30, "about 1 a month"), (0.01, "hardly any"), (0, "hardly any"),
    ],
)  # fmt: skip
def test_a_rate_is_said_as_people_say_it(per_day: float, words: str) -> None:
    """In the largest number that is still of a unit near by, rounded."""
    assert spell_rate(per_day) == words
