"""A house to refresh in: a store, what fills it, the upstream that it is filled from, and a time that stands still."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from feedserver.fetch import Fetcher
from feedserver.filters import EVERYTHING
from feedserver.model import Entry, ListingRecord, SourceState
from feedserver.refresh import Refresher, RefreshLoop, Schedule
from feedserver.sources import DailyPapers
from feedserver.store import SqliteStore
from tests.upstream import ADAM, DAY, DDIM, DPM_SOLVER, Time, Upstream, paper

DEFAULT = Schedule()
LISTED = [paper(*DDIM), paper(*DPM_SOLVER), paper(*ADAM)]


@dataclass(frozen=True, slots=True)
class House:
    """A store, what fills it, the upstream it is filled from, and the time."""

    upstream: Upstream
    fetcher: Fetcher
    store: SqliteStore
    time: Time

    @property
    def refresher(self) -> Refresher:
        """A refresher on all that."""
        source = DailyPapers(url=self.upstream.url, page="")
        return Refresher(source, self.fetcher, self.store, now=lambda: self.time.now, jitter=lambda: 0.5)

    def record(self, day: date = DAY) -> ListingRecord:
        """Return what is remembered of a day."""
        return next(record for record in self.store.listings("daily-papers") if record.key == day.isoformat())

    def state(self) -> SourceState:
        """Return how the source fares."""
        return self.store.state("daily-papers")

    def entries(self) -> tuple[Entry, ...]:
        """Return all there is."""
        return self.store.select(EVERYTHING, limit=10_000)


def make_loop(
    tmp_path: Path, make_refreshers: Callable[[], list[Refresher]], schedule: Schedule = DEFAULT
) -> RefreshLoop:
    """Return a loop whose lock lies in ``tmp_path``."""
    return RefreshLoop(make_refreshers, schedule, tmp_path / "refresh.lock", threading.Event())
