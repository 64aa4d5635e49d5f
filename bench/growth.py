"""A running server -> the memory of its workers over time, and whether it grows."""

from contextlib import suppress
from statistics import fmean, linear_regression
from threading import Event, Thread
from time import perf_counter

from bench.processes import KNOWN, memory
from bench.servers import Server

_EVERY = 1.0  # seconds
_MEBI = 1 << 20


class Growth:
    """Looks at the workers once a second, in a thread, from the beginning to the end of a block."""

    def __init__(self, server: Server) -> None:
        """Look at nothing yet."""
        self._server = server
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="growth")
        self._samples: list[tuple[float, float]] = []  # seconds, MiB of a worker, in the mean
        self.highest = 0.0

    def __enter__(self) -> "Growth":
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._stopped.set()
        self._thread.join()

    def second_half(self) -> tuple[float, float]:
        """Return the mean, and by how much a line through the second half of the samples rises: MiB of RSS."""
        half = self._samples[len(self._samples) // 2 :]
        if len(half) < 2:
            return 0.0, 0.0
        times, sizes = zip(*half, strict=True)
        return fmean(sizes), linear_regression(times, sizes).slope * (times[-1] - times[0])

    def _run(self) -> None:
        begin = perf_counter()
        while KNOWN and not self._stopped.wait(_EVERY):
            sizes = [size for pid in self._server.workers() if (size := _size(pid))]
            if sizes:
                self._samples.append((perf_counter() - begin, fmean(sizes)))
                self.highest = max(self.highest, *sizes)


def _size(pid: int) -> float:
    with suppress(OSError, KeyError):  # it ended just now
        return memory(pid).rss / _MEBI
    return 0.0
