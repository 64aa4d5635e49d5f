"""A timeline, readers, a seed -> the whole history played through the real server, and all that was noted meanwhile."""

import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from heapq import heapify, heappop, heappush
from pathlib import Path
from random import Random

from bench.replay_clock import SimulatedClock
from bench.replay_editions import Sealed
from bench.replay_faults import Faults
from bench.replay_feeds import FollowedFeed
from bench.replay_oracle import Oracle
from bench.replay_readers import DAY, Reader, ReaderKind, Subscription, WsgiClient
from bench.replay_refresher import InProcess, Killed, Refreshing, replay_settings
from bench.replay_timeline import Timeline
from bench.replay_upstream import ReplayUpstream
from feedserver.config import Settings, open_store
from feedserver.filters.base import EVERYTHING
from feedserver.model import Entry
from feedserver.refresh import Refresher
from feedserver.sources.daily_papers import parse_list
from feedserver.web import create_app

AFTER = 9 * DAY  # seconds that are played after the last capture: the slowest reader comes twice, the last week closes
BEFORE = 3600.0  # seconds from the beginning to the first day
LATEST_START = DAY / 8  # seconds after the beginning: all readers know the feeds while they are empty
_REFRESHER = -1


@dataclass(frozen=True, slots=True)
class Setup:
    """What is played: ``today`` from look to look at today's listing."""

    timeline: Timeline
    feeds: Sequence[FollowedFeed]
    readers: Sequence[ReaderKind]
    measured: Sequence[FollowedFeed] = ()  # followed by the first reader alone
    older: Timeline | None = None  # imported in the end
    today: str = "15m"
    after: float = AFTER
    seed: int = 1
    faults: bool = False
    kills: int = 0


@dataclass(slots=True)
class Played:
    """What came of it."""

    setup: Setup
    oracle: Oracle
    readers: Sequence[Reader]
    refused: Sequence[FollowedFeed]  # feeds that the server doesn't know
    answered: Counter[str]
    early: Sequence[tuple[float, float]]
    end: float
    reasons: Counter[str] = field(default_factory=Counter)
    kept: Sequence[Entry] = ()
    seals: Sequence[Sealed] = ()
    complaints: Sequence[str] = ()  # of the server, and of the upstream that is played
    asked: int = 0  # requests of readers
    rechecked: int = 0  # closed entries whose bytes were compared in the end: after a start, and after an import
    killed: tuple[int, int] = (0, 0)  # how often, and how often half-way


class _Complaints(logging.Handler):
    """Collects what the server reports as an error of its own; that upstream is out of reach is none."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == Refresher.__module__ and not record.exc_info:
            return
        why = f" ({record.exc_info[1]!r})" if record.exc_info else ""
        self.heard.append(f"{record.name}: {record.getMessage()}{why}")


def play(setup: Setup, folder: Path) -> Played:
    """Play it all, with the server's data in ``folder``."""
    clock = SimulatedClock(datetime.combine(setup.timeline.first, time.min, UTC).timestamp() - BEFORE)
    oracle = Oracle({feed.name: feed.condition for feed in setup.feeds if feed.condition})
    spoiler = Faults(Random(setup.seed)) if setup.faults else None
    with _listening() as complaints, ReplayUpstream(setup.timeline, clock, oracle.note, spoiler) as upstream:
        settings = replay_settings(folder, upstream.url, setup.today)
        with _serving(settings, clock) as client:
            refused = [feed for feed in (*setup.feeds, *setup.measured) if _is_refused(client, feed)]
            readers = _readers(setup, refused)
            refreshing = _refreshing(setup, settings, clock)
            end = setup.timeline.last.timestamp() + setup.after
            try:
                _Stage(setup, clock, readers, refreshing, client).run(end)
            finally:
                refreshing.close()
        played = Played(setup, oracle, readers, refused, upstream.answered, upstream.early, end)
        played.asked, played.reasons = client.asked, refreshing.reasons
        if isinstance(refreshing, Killed):
            played.killed = refreshing.kills, refreshing.half_way
        played.kept, played.seals = _kept(settings)
        played.rechecked = _recheck(settings, clock, played)
        played.complaints = [*complaints.heard, *upstream.broken]
    return played


@dataclass(slots=True)
class _Stage:
    """Those who act, and how much of the timeline was shown by now."""

    setup: Setup
    clock: SimulatedClock
    readers: Sequence[Reader]
    refreshing: Refreshing
    client: WsgiClient
    shown: int = 0

    def run(self, end: float) -> None:
        """Let everybody act when they are due, until the end."""
        random, begin = Random(self.setup.seed), self.clock.seconds
        agenda = [(begin, _REFRESHER)]
        for place, reader in enumerate(self.readers):
            agenda.append((begin + random.random() * min(reader.kind.interval, LATEST_START), place))
        heapify(agenda)
        while (event := heappop(agenda))[0] <= end:
            due, who = event
            self.clock.reach(due)
            heappush(agenda, (due + (self._look() if who == _REFRESHER else self._poll(who)), who))

    def _poll(self, who: int) -> float:
        self.readers[who].poll(self.client, self.clock.seconds)
        return self.readers[who].kind.interval

    def _look(self) -> float:
        now = self.clock.now()
        if (now.day, now.hour, now.minute) == (1, 0, 0):
            print(f"{now:%B %Y} ...", file=sys.stderr)
        before, self.shown = self.shown, self.setup.timeline.until(now)
        if isinstance(self.refreshing, Killed):
            self.refreshing.is_new = self.shown > before
        return self.refreshing.look()


def _refreshing(setup: Setup, settings: Settings, clock: SimulatedClock) -> Refreshing:
    if not setup.kills:
        return InProcess(settings, clock, setup.seed)
    random = Random(setup.seed)
    captured = sorted({capture.at.timestamp() for capture in setup.timeline.captures})
    fresh = random.sample(captured, min(setup.kills // 2, len(captured)))
    others = [random.uniform(clock.seconds, captured[-1]) for _ in range(setup.kills - len(fresh))]
    return Killed(settings, clock, random, sorted([*fresh, *others], reverse=True))


def _readers(setup: Setup, refused: Sequence[FollowedFeed]) -> list[Reader]:
    readers = []
    for place, kind in enumerate(setup.readers):
        feeds = (*setup.feeds, *(setup.measured if place == 0 else ()))
        readers.append(Reader(kind, [Subscription(kind, feed) for feed in feeds if feed not in refused]))
    return readers


def _is_refused(client: WsgiClient, feed: FollowedFeed) -> bool:
    return client.get(Subscription(ReaderKind("", 1, 1, "json"), feed).path).status == 400


@contextmanager
def _serving(settings: Settings, clock: SimulatedClock) -> Iterator[WsgiClient]:
    app = create_app(settings, at_work=False, clock=clock.time)
    try:
        yield WsgiClient(app.wsgi_app)
    finally:
        app.extensions["feedserver"].store.close()


@contextmanager
def _listening() -> Iterator[_Complaints]:
    root, complaints = logging.getLogger(), _Complaints()
    level = root.level
    root.addHandler(complaints)
    root.setLevel(logging.ERROR)  # with a handler there, the app leaves the rest as it is
    try:
        yield complaints
    finally:
        root.removeHandler(complaints)
        root.setLevel(level)


def _kept(settings: Settings) -> tuple[Sequence[Entry], Sequence[Sealed]]:
    store = open_store(settings)
    try:
        seals = [(seal.until, store.kept(seal.revision)) for seal in store.seals(datetime.min.replace(tzinfo=UTC))]
        sealed = [Sealed(until.timestamp(), kept.timestamp() if kept else 0.0) for until, kept in seals]
        return store.select(EVERYTHING, "listed", 10**9), sealed
    finally:
        store.close()


def _recheck(settings: Settings, clock: SimulatedClock, played: Played) -> int:
    """Compare what is closed with what was first delivered: by a server started anew, and after an import."""
    compared = 0
    for older in (None, played.setup.older):
        if older is not None:
            _import(settings, older, clock)
        with _serving(settings, clock) as client:
            for reader in played.readers:
                for subscription in reader.subscriptions:
                    if subscription.feed.most:
                        compared += subscription.compare(client)
    return compared


def _import(settings: Settings, older: Timeline, clock: SimulatedClock) -> None:
    """Import old captures, as ``feedserver import`` does."""
    store, now = open_store(settings), clock.now()
    for capture in older.captures:
        listing = parse_list(json.dumps(capture.elements()).encode(), "daily-papers", capture.day, now)
        store.put(replace(listing, captured=True), at=now)
    store.close()
