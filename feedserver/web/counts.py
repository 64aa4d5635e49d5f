"""Keys -> how often each was counted, in this process: bounded in number, so that no flood fills the memory."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from limits.storage import Storage

SCHEME = "feedserver-memory"


class Counts(Storage):
    """A storage for the library ``limits``; the keys least recently counted go first. Safe among threads.

    The library's own memory storage starts a thread to forget, and keeps as many keys as strangers send.
    """

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  # the library declares it so

    def __init__(self, uri: str | None = None, most: int = 10_000, clock: Callable[[], float] = time.time) -> None:
        """Start empty; ``most`` keys take three megabytes."""
        super().__init__(uri)
        self._most = most
        self._clock = clock
        self._counted: OrderedDict[str, tuple[int, float]] = OrderedDict()  # the number, and when its window ends
        self._lock = threading.Lock()

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What can go wrong: nothing."""
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count ``amount`` more in a window of ``expiry`` seconds, which begins with its first; return the number."""
        with self._lock:
            number, until = self._current(key)
            self._counted[key] = (number + amount, until if number else self._clock() + expiry)
            self._counted.move_to_end(key)
            if len(self._counted) > self._most:
                self._counted.popitem(last=False)
        return number + amount

    def get(self, key: str) -> int:
        """Return the number in the window that is open."""
        return self._current(key)[0]

    def get_expiry(self, key: str) -> float:
        """Return when the window ends, in seconds since 1970; now, where none is open."""
        return self._current(key)[1]

    def check(self) -> bool:
        """Return whether it works: always."""
        return True

    def reset(self) -> int:
        """Forget everything; return how many keys there were."""
        with self._lock:
            number = len(self._counted)
            self._counted.clear()
        return number

    def clear(self, key: str) -> None:
        """Forget one key."""
        with self._lock:
            self._counted.pop(key, None)

    def _current(self, key: str) -> tuple[int, float]:
        now = self._clock()
        number, until = self._counted.get(key, (0, now))
        return (number, until) if until > now else (0, now)
