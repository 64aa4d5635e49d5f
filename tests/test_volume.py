"""A wanted number of entries a day: the thresholds, beside what a look at every single entry and threshold gives."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from feedserver.feeds.volume import LEAST_SPAN, SPAN, WEEKS, volume
from feedserver.filters import EVERYTHING, Filter, parse
from feedserver.filters.base import Number, all_of
from feedserver.filters.history import Enterings, enterings
from feedserver.model import Entry, Listing
from feedserver.periods import period_at
from feedserver.store import Climb, SqliteStore
from tests.entries import day, make_entry

ZONE = ZoneInfo("UTC")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = day(1) + 160 * DAY
REACH = timedelta(days=28)  # what was listed so long before a span may enter in it


def live(store: SqliteStore, random: Random) -> None:
    """Let entries come, rise and change for half a year; weeks are sealed, but for some."""
    shown: list[Entry] = []
    at = day(1)
    while at < NOW:
        fresh = random.choice((0, 1, 3, 12))
        shown += [_come(random, at) for _ in range(fresh)]
        touched = random.sample(shown, min(len(shown), random.randrange(9)))
        risen = [_live_on(random, entry, at) for entry in {entry.id: entry for entry in touched}.values()]
        by_id = {entry.id: entry for entry in shown} | {entry.id: entry for entry in risen}
        shown = list(by_id.values())
        news = {entry.id: entry for entry in (*shown[-fresh:], *risen)} if fresh else {each.id: each for each in risen}
        store.put(Listing("daily-papers", f"{at:%Y-%m-%d}", at, tuple(news.values())), at=at)
        if random.random() < 0.9:
            store.seal(at)
        at += random.choice((6, 20, 50, 200 if random.random() < 0.1 else 30)) * HOUR


def _come(random: Random, at: datetime) -> Entry:
    midnight = at.replace(hour=0)
    return make_entry(
        random.randrange(1, 99_999),
        title=random.choice(("Alpha", "Beta", "Alpha beta")),
        summary="",
        upvotes=int(random.expovariate(1 / 15)),
        comments=random.randrange(3),
        listed=midnight - random.choice((0, 0, 0, 0, 3, 40)) * DAY,
        first_seen=at,
        modified=at,
    )


def _live_on(random: Random, entry: Entry, at: datetime) -> Entry:
    title = random.choice(("Alpha", "Beta")) if random.random() < 0.2 else entry.title
    gained = int(random.expovariate(1 / 20))
    return replace(entry, title=title, upvotes=entry.upvotes + gained, comments=entry.comments + 1, modified=at)


def thresholds(store: SqliteStore, part: Filter, per_day: float) -> list[int]:
    """Return the thresholds of the last weeks, by a look at every entry with every threshold."""
    lives = store.lives(EVERYTHING, day(1) - 99 * DAY, NOW + 99 * DAY, range(0))
    highest = max(life.entry.upvotes for life in lives)
    entered = [
        [(life.appeared, enterings(all_of(part, Number("upvotes", least)), life)) for life in lives]
        for least in range(highest + 1)
    ]
    weeks = [period_at(NOW, "week", ZONE)]
    while len(weeks) < WEEKS:
        weeks.insert(0, weeks[0].before)
    found, oldest = [0], min(life.entry.listed for life in lives)
    for week in (each.start for each in weeks):
        end = week - DAY
        (revision,) = store.sealed([end])
        start = max(end - SPAN, oldest)
        kept = store.kept(revision) if revision else None
        if revision is None or kept is None or end - oldest < LEAST_SPAN or store.revisions(week, kept - DAY):
            found.append(found[-1])
            continue
        passed = [_passed(each, start, end, revision) for each in entered]
        found.append(_closest(passed, per_day * ((end - start) / DAY)))
    return found[1:]


def _passed(entered: Sequence[tuple[datetime, Enterings]], start: datetime, end: datetime, revision: int) -> int:
    """Return how many entries entered a feed in a span, as far as was known at a revision."""
    moments = (each.known(revision, end) for appeared, each in entered if start - REACH <= appeared < end)
    return sum(when is not None and when.moment >= start for when in moments)


def _closest(passed: list[int], wanted: float) -> int:
    while passed and passed[-1] == 0:
        passed.pop()
    reaching = [least for least, entries in enumerate(passed) if entries >= wanted]
    tried = dict(enumerate([*passed, 0] if passed else [0]))
    looked_at = range(reaching[-1] if reaching else 0, len(tried))
    return min(reversed(looked_at), key=lambda least: abs(tried[least] - wanted))


@hypothesis_settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 2**32),
    q=st.sampled_from((None, "alpha", "-beta", "comments:>=2", "alpha upvotes:>=10", "beta upvotes:..40")),
)
@pytest.mark.parametrize("per_day", [0.05, 0.4, 5])
def test_a_threshold_is_the_highest_that_lets_in_what_is_wanted(
    tmp_path_factory: pytest.TempPathFactory, seed: int, q: str | None, per_day: float
) -> None:
    """From however high a threshold the histories were read: few are wanted, or more than there are."""
    store = SqliteStore(tmp_path_factory.mktemp("volume") / "store.sqlite")
    live(store, Random(seed))  # noqa: S311  # no secret
    part = parse(q) if q else EVERYTHING
    found = [least for _, least in volume(store, part, per_day, ZONE, NOW).steps]
    assert found == thresholds(store, part, per_day)
    store.close()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list to which every reading of histories adds how many there were."""
    read: list[int] = []
    climbs = SqliteStore.climbs

    def counting(store: SqliteStore, part: Filter, start: datetime, end: datetime, least: int) -> Sequence[Climb]:
        found = climbs(store, part, start, end, least)
        read.append(len(found))
        return found

    monkeypatch.setattr(SqliteStore, "climbs", counting)
    return read


def fill(store: SqliteStore, upvotes: Sequence[Sequence[int]]) -> None:
    """Let entries with these upvotes be listed, a day each."""
    for number, counts in enumerate(upvotes):
        at = day(1) + number * DAY
        entries = (
            make_entry(300 * number + place, listed=at, upvotes=count, first_seen=at)
            for place, count in enumerate(counts)
        )
        store.put(Listing("daily-papers", f"{at:%Y-%m-%d}", at, tuple(entries)), at=at)
        store.seal(at)


def test_the_work_follows_from_what_is_wanted(tmp_path: Path, read: list[int]) -> None:
    """Of a thousand entries, those are looked at that can have passed a threshold which lets in so few."""
    store = SqliteStore(tmp_path / "store.sqlite")
    fill(store, [[3 * 3**place + number % 7 for place in range(5)] for number in range(200)])
    few = volume(store, EVERYTHING, 0.5, ZONE, day(1) + 200 * DAY)
    assert few.threshold > 243
    assert 0 < sum(read) < 200
    store.close()


def test_weeks_of_little_do_not_make_weeks_of_much_be_read_as_a_whole(tmp_path: Path, read: list[int]) -> None:
    """As after a source is added that lists a hundred times as much."""
    store = SqliteStore(tmp_path / "store.sqlite")
    fill(store, [range(2) if number < 60 else range(200) for number in range(120)])
    steps = volume(store, EVERYTHING, 5, ZONE, day(1) + 120 * DAY).steps
    assert (steps[1][1], steps[-1][1]) == (0, 195)
    assert 0 < sum(read) < 3_000
    store.close()
