"""How much work one call may make SQLite do: counted in its virtual machine's steps, the same on every machine."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

MOST_STEPS = 50_000_000  # of one call that reads: about two seconds
STRIDE = 100_000  # steps after which SQLite asks whether to go on (https://www.sqlite.org/c3ref/progress_handler.html)


class Work(threading.local):
    """What the calls of a thread have left."""

    _left = sys.maxsize

    @contextmanager
    def bounded(self) -> Iterator[None]:
        """Allow MOST_STEPS inside."""
        before, self._left = self._left, MOST_STEPS
        try:
            yield
        finally:
            self._left = before

    def must_stop(self) -> bool:
        """Answer SQLite's question."""
        self._left -= STRIDE
        return self._left <= 0
