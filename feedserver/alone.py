"""Work that one process of the machine does: a thread in each worker, of which the one that holds the lock works.

The lock is the operating system's on a file: when its holder dies, however that happens, another takes over.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

BETWEEN_TRIES = 3.0  # seconds from one try for the lock to the next

Look = Callable[[], float]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Alone:
    """Looks again and again at what is to be done, as long as it holds the lock, until it is stopped.

    ``task`` says what the process does, as in "this process refreshes". ``begin`` is called once the lock is held, and
    again where it failed; what it returns does the work and returns the seconds until the next look. ``retry`` is the
    time in seconds after whatever went wrong.
    """

    task: str
    begin: Callable[[], Look]
    retry: float
    lock_file: Path
    stopped: threading.Event

    def start(self) -> threading.Thread:
        """Run in a thread that does not keep the process alive."""
        thread = threading.Thread(target=self.run, name=self.task, daemon=True)
        thread.start()
        return thread

    def run(self) -> None:
        """Wait for the lock, then work."""
        lock = FileLock(self.lock_file)
        while not self.stopped.is_set():
            try:
                with lock.acquire(timeout=0):
                    logger.info("this process %s", self.task)
                    self._work()
            except Timeout:
                self.stopped.wait(BETWEEN_TRIES)
            except OSError as error:
                logger.error("the lock %s can't be taken: %s", self.lock_file, error)  # noqa: TRY400  # it says it all
                self.stopped.wait(self.retry)

    def _work(self) -> None:
        look: Look | None = None
        while not self.stopped.is_set():
            try:
                look = look or self.begin()
                pause = look()
            except Exception:  # whatever it was, the next look may go well, and feeds are served meanwhile
                logger.exception("the thread that %s failed, and goes on", self.task)
                pause = self.retry
            self.stopped.wait(pause)
