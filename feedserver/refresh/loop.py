"""The server's own refreshing, by plan, in one process of the machine."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from feedserver.alone import Alone, Look
from feedserver.refresh.plan import Schedule, polls
from feedserver.refresh.run import Outcome, Refresher

BETWEEN_LOOKS = 20.0  # seconds from one look at the plan to the next

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
        """Refresh what is due now and return the seconds until the next look."""
        reached = True
        for refresher in refreshers:
            due = polls(refresher.store.listings(refresher.source.name), self.schedule, refresher.now())
            outcomes = list(self.heed(refresher.source.name, refresher.refresh_all(poll.day for poll in due)))
            reached = reached and not any(outcome.unreachable for outcome in outcomes)
        return BETWEEN_LOOKS if reached else self.schedule.retry.total_seconds()

    def _alone(self) -> Alone:
        return Alone("refreshes", self._begin, self.schedule.retry.total_seconds(), self.lock_file, self.stopped)

    def _begin(self) -> Look:
        return partial(self.look, self.make_refreshers())
