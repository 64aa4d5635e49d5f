"""The server's own refreshing, by plan, in one process of the machine."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import takewhile
from pathlib import Path

from feedserver.alone import Alone, Look
from feedserver.refresh.plan import Schedule, sealed_until
from feedserver.refresh.run import Outcome, Refresher

BETWEEN_LOOKS = 20.0  # seconds from one look at the plan to the next
_BETWEEN_SEALS = timedelta(minutes=30)

Heed = Callable[[str, Iterable[Outcome]], Iterable[Outcome]]  # a source's name and its outcomes -> the same, heeded


def unheeded(_source: str, outcomes: Iterable[Outcome]) -> Iterable[Outcome]:
    """Heed nothing."""
    return outcomes


@dataclass(frozen=True, slots=True)
class RefreshLoop:
    """Refreshes by plan until it is stopped. All outcomes go through ``heed``, each as soon as it is there."""

    make_refreshers: Callable[[], Sequence[Refresher]]
    schedule: Schedule
    lock_file: Path
    stopped: threading.Event
    heed: Heed = unheeded

    def start(self) -> threading.Thread:
        """Run in a thread that does not keep the process alive."""
        return self._alone().start()

    def run(self) -> None:
        """Wait for the lock, then work."""
        self._alone().run()

    def look(self, refreshers: Sequence[Refresher]) -> float:
        """Refresh what is due now, seal what is complete, and return the seconds until the next look.

        Sources with a listing a day are looked at again after each of the others: there may be many, and slow ones.
        """
        by_day = [refresher for refresher in refreshers if refresher.source.every is None]
        for refresher in refreshers:
            self._refresh(refresher)
            for other in by_day if refresher not in by_day else ():
                self._refresh(other)
        seal(refreshers, self.schedule)
        return BETWEEN_LOOKS

    def _refresh(self, refresher: Refresher) -> None:
        due = [poll.key for poll in refresher.plan(self.schedule) if poll.at <= refresher.now()]
        within_budget = takewhile(lambda _: refresher.may_ask(self.schedule), due)
        for _ in self.heed(refresher.source.name, refresher.refresh_all(within_budget)):
            pass

    def _alone(self) -> Alone:
        return Alone("refreshes", self._begin, self.schedule.retry.total_seconds(), self.lock_file, self.stopped)

    def _begin(self) -> Look:
        return partial(self.look, self.make_refreshers())


def seal(refreshers: Sequence[Refresher], schedule: Schedule) -> None:
    """Seal the refreshers' one store as far as their sources are complete, and find out anew what trends.

    Where an hour has begun since the last seal, or half of one has passed: that makes 48 seals a day.
    """
    if not refreshers:
        return
    store, now = refreshers[0].store, refreshers[0].now()
    until = sealed_until((refresher.known() for refresher in refreshers), schedule, now)
    this_hour = until.replace(minute=0, second=0)
    if not store.seals(max(this_hour, until - _BETWEEN_SEALS + timedelta(seconds=1))):
        store.seal(until)
        store.rank(now)
