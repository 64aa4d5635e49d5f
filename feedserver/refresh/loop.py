"""The server's own refreshing: a thread in each worker, of which the one that holds the lock works.

The lock is the operating system's on a file: when its holder dies, however that happens, another takes over.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from feedserver.refresh.plan import Schedule, polls
from feedserver.refresh.run import Refresher

BETWEEN_LOOKS = 20.0  # seconds from one look at the plan to the next
BETWEEN_TRIES = 3.0  # seconds from one try for the lock to the next

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RefreshLoop:
    """Refreshes by plan until it is stopped."""

    make_refreshers: Callable[[], Sequence[Refresher]]
    schedule: Schedule
    lock_file: Path
    stopped: threading.Event

    def start(self) -> threading.Thread:
        """Run in a thread that does not keep the process alive."""
        thread = threading.Thread(target=self.run, name="refresh", daemon=True)
        thread.start()
        return thread

    def run(self) -> None:
        """Wait for the lock, then work."""
        lock = FileLock(self.lock_file)
        while not self.stopped.is_set():
            try:
                with lock.acquire(timeout=0):
                    logger.info("this process refreshes")
                    self._work()
            except Timeout:
                self.stopped.wait(BETWEEN_TRIES)
            except OSError as error:
                logger.error("the lock %s can't be taken: %s", self.lock_file, error)  # noqa: TRY400  # it says it all
                self.stopped.wait(self.schedule.retry.total_seconds())

    def _work(self) -> None:
        refreshers: Sequence[Refresher] = ()
        while not self.stopped.is_set():
            try:
                refreshers = refreshers or self.make_refreshers()
                pause = self.look(refreshers)
            except Exception:  # whatever it was, the next look may go well, and feeds are served meanwhile
                logger.exception("the refresh failed")
                pause = self.schedule.retry.total_seconds()
            self.stopped.wait(pause)

    def look(self, refreshers: Sequence[Refresher]) -> float:
        """Refresh what is due now and return the seconds until the next look."""
        reached = True
        for refresher in refreshers:
            due = polls(refresher.store.listings(refresher.source.name), self.schedule, refresher.now())
            outcomes = list(refresher.refresh_all(poll.day for poll in due))
            reached = reached and not any(outcome.unreachable for outcome in outcomes)
        return BETWEEN_LOOKS if reached else self.schedule.retry.total_seconds()
