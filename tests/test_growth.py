"""History of feeds of which not the filter alone decides what is in them: a wanted volume, tops, digests."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from feedserver.feeds import Address, Offer, build_archive, build_feed
from feedserver.model import Entry, Feed, Listing
from feedserver.query import parse_query
from feedserver.render import RENDERERS, render
from feedserver.store import SqliteStore
from tests.entries import day, make_entry

ZONE = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
DAYS = 125
FOLLOWED = (
    "per_day=2", "per_day=1&min_comments=2", "per_week=3&q=alpha", "top=2/day", "top=3/week&q=alpha", "top=100/month",
    "digest=day&q=beta", "digest=month",
)  # fmt: skip


def offered(asked: str, limit: int) -> Offer:
    """Return what is offered to somebody who asks for so many entries."""
    query = parse_query([*(tuple(pair.split("=", 1)) for pair in asked.split("&")), ("limit", str(limit))])
    return Offer(query, Address("https://x.example", "feeds/one"), timedelta(hours=1), None, ZONE)


def name_of(feed: Feed, relation: str) -> str | None:
    """Return the name of the archive that a document of a feed leads to."""
    urls = feed.related.get(relation)
    return urls["json"].rpartition("/")[2].partition(".")[0] if urls else None


def dates(feed: Feed) -> dict[str, datetime | None]:
    """Return when each entry of a feed entered."""
    return {entry.id: entry.entered for entry in feed.entries}


@dataclass
class Follower:
    """Asks for few entries now and then, and walks back to the first archive that is known."""

    offer: Offer
    known: dict[str, datetime | None] = field(default_factory=dict)
    walked: set[str] = field(default_factory=set)

    def poll(self, store: SqliteStore, now: datetime) -> None:
        """Take note of what is new."""
        feed = build_feed(store, self.offer, now)
        self._take(feed)
        while (older := name_of(feed, "prev-archive")) and older not in self.walked:
            self.walked.add(older)
            feed = build_archive(store, self.offer, older)
            self._take(feed)

    def _take(self, feed: Feed) -> None:
        for name, entered in dates(feed).items():
            assert self.known.setdefault(name, entered) == entered


@dataclass
class Life:
    """Four months of a store, in which something is listed on most days and votes go on for weeks."""

    store: SqliteStore
    hours: list[datetime] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def run(self) -> Iterator[datetime]:
        """Yield the moments at which something was kept."""
        chance = Random(5)  # noqa: S311  # the same months each time
        for number in range(DAYS):
            today = day(1) + number * DAY
            if number % 20 in {7, 8}:
                continue
            for hour in (9, 21) if number % 3 == 0 else (9,):
                now = today + timedelta(hours=hour)
                self._look(now, today, chance)
                yield now

    def _look(self, now: datetime, today: datetime, chance: Random) -> None:
        for place in range(chance.randrange(5)):
            number = 100 * len(self.entries) + place
            title = f"{chance.choice(('Alpha', 'Beta', 'Gamma'))} {number}"
            self.entries.append(
                make_entry(
                    number, title=title, listed=today, upvotes=chance.randrange(30), comments=chance.randrange(4)
                )
            )
        risen = chance.sample(range(len(self.entries)), min(4, len(self.entries)))
        for index in risen:
            old = self.entries[index]
            self.entries[index] = replace(old, upvotes=old.upvotes + chance.randrange(20), comments=old.comments + 1)
        seen = [*self.entries[-5:], *(self.entries[index] for index in risen)]
        shown = tuple({entry.id: replace(entry, first_seen=now, modified=now) for entry in seen}.values())
        self.store.put(Listing("daily-papers", f"{today:%Y-%m-%d}", now, shown), at=now)
        self.store.seal(now)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """A store that holds nothing yet."""
    opened = SqliteStore(tmp_path_factory.mktemp("growth") / "store.sqlite")
    yield opened
    opened.close()


@dataclass
class Told:
    """What was told of a feed: all that it ever showed, what a follower knows, and each closed archive."""

    everything: dict[str, datetime | None]
    known: dict[str, datetime | None]
    closed: dict[str, bytes]


@pytest.fixture(scope="module")
def told(store: SqliteStore) -> dict[str, Told]:
    """Let the months pass. The follower asks every tenth time, for few; the witness always, for many."""
    made = {asked: Told({}, {}, {}) for asked in FOLLOWED}
    followers = {asked: Follower(offered(asked, 3), made[asked].known) for asked in FOLLOWED}
    moments = list[datetime]()
    for now in Life(store).run():
        moments.append(now)
        for asked, each in made.items():
            each.everything.update(dates(build_feed(store, offered(asked, 200), now)))
            if len(moments) % 10 == 0:
                followers[asked].poll(store, now)
            if len(moments) % 60 == 0:
                each.closed.update(closed(store, asked))
    for follower in followers.values():
        follower.poll(store, moments[-1])
    return made


def closed(store: SqliteStore, asked: str) -> dict[str, bytes]:
    """Return the closed archives of a feed, by their address."""
    return {
        feed.self_urls["atom"]: render(RENDERERS["atom"], feed) for feed in forward(store, asked) if feed.is_archive
    }


def forward(store: SqliteStore, asked: str) -> Iterator[Feed]:
    """Yield the archives of a feed from the first month on."""
    name: str | None = "2026-01"
    while name:
        feed = build_archive(store, offered(asked, 3), name)
        yield feed
        name = name_of(feed, "next-archive")


@pytest.mark.parametrize("asked", FOLLOWED)
def test_who_asks_for_three_now_and_then_and_walks_back_knows_all(told: dict[str, Told], asked: str) -> None:
    """All that the feed ever showed, with the same dates, and nothing else."""
    assert told[asked].known == told[asked].everything
    assert len(told[asked].known) > 3


@pytest.mark.parametrize("asked", FOLLOWED)
def test_the_months_hold_each_entry_once(told: dict[str, Told], store: SqliteStore, asked: str) -> None:
    """From the first month on; all but the last are closed, and each leads to the one before it."""
    walked = list(forward(store, asked))
    ids = [entry.id for feed in walked for entry in reversed(feed.entries)]
    assert sorted(ids) == sorted(told[asked].everything)
    assert [feed.is_archive for feed in walked] == [True] * (len(walked) - 1) + [False]
    held = [feed for feed in walked if feed.entries]
    assert [name_of(feed, "prev-archive") for feed in held[1:]] == [
        feed.self_urls["json"].rpartition("/")[2].partition(".")[0] for feed in held[:-1]
    ]


@pytest.mark.parametrize("asked", FOLLOWED)
def test_a_closed_month_keeps_its_bytes(told: dict[str, Told], store: SqliteStore, asked: str) -> None:
    """Whatever was voted for and listed since."""
    now = closed(store, asked)
    assert len(told[asked].closed) >= 3
    assert {name: now[name] for name in told[asked].closed} == told[asked].closed


def see(store: SqliteStore, at: datetime, *entries: Entry, captured: bool = False) -> None:
    """Let a listing show entries."""
    seen = tuple(replace(entry, first_seen=at, modified=at) for entry in entries)
    store.put(Listing("daily-papers", f"{at:%Y-%m-%d}", at, seen, captured=captured), at=at)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store that holds nothing."""
    opened = SqliteStore(tmp_path / "store.sqlite")
    yield opened
    opened.close()


def test_a_long_history_that_was_imported_moves_no_part_of_it(fresh: SqliteStore) -> None:
    """All of it is sealed at once, more than the feed goes back to; what is published later stands behind it."""
    start = day(3)
    old = (make_entry(3 * n + place, listed=day(1) - n * DAY) for n in range(420) for place in range(3))
    see(fresh, start, *old, captured=True)
    fresh.seal(start - DAY)
    follower, everything = Follower(offered("top=3/day", 3)), dict[str, datetime | None]()
    for number in range(1, 25):
        now = start + number * DAY
        see(fresh, now, *(make_entry(5000 + 3 * number + place, listed=now.replace(hour=0)) for place in range(3)))
        fresh.seal(now)
        everything.update(dates(build_feed(fresh, offered("top=3/day", 9), now)))
        if number in {1, 24}:
            follower.poll(fresh, now)
    assert everything.items() <= follower.known.items()


def test_nothing_is_closed_while_a_threshold_may_still_move(fresh: SqliteStore) -> None:
    """After an outage over the end of its span, the one of the week before is used until the next seal."""
    for number in [*range(29), 37]:
        now = day(1) + number * DAY + timedelta(hours=9)
        upvotes = 30 if number < 21 else 3
        entries = (make_entry(10 * number + place, listed=now, upvotes=upvotes + 7 * place) for place in range(4))
        see(fresh, now, *entries)
        if number < 37:
            fresh.seal(now)
    newest = f"r{fresh.revision().number}"
    assert not build_archive(fresh, offered("per_day=1", 3), newest).is_archive
    fresh.seal(now)
    assert build_archive(fresh, offered("per_day=1", 3), newest).is_archive


def test_what_is_kept_late_takes_no_edition_out_of_an_archive(fresh: SqliteStore) -> None:
    """Its time may lie before the last seal, as that of a long harvest does."""
    for number in range(9):
        see(fresh, day(1) + number * DAY + timedelta(hours=9), make_entry(number, listed=day(1) + number * DAY))
        fresh.seal(day(1) + number * DAY + timedelta(hours=10))
    fresh.seal(day(10) + timedelta(hours=1))
    before = build_archive(fresh, offered("top=2/day", 3), "r9").entries
    see(fresh, day(9) + timedelta(hours=10), make_entry(50, listed=day(2)), captured=True)
    assert len(before) == 9
    assert build_archive(fresh, offered("top=2/day", 3), "r9").entries == before
