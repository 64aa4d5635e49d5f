"""Requests, builds and refreshes -> how many of which kind, in this process: plain numbers, which somebody fetches.

An answer from memory takes microseconds, so counting one may take but a fraction of one.
"""

import re
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from feedserver.refresh import Outcome
from feedserver.render import RENDERERS
from feedserver.web.fast import Application, Environ, StartResponse
from feedserver.web.finished import Headers

MOST_HITS = 200_000  # between two readings, for each status; more than a process can answer in a second

_FEED = re.compile(rf"/(?:feed|feeds/([^/.]+))(/[^/.]+)?(\.(?:{'|'.join(RENDERERS)}))?")
_EMBED = re.compile(r"/embed(?:/([^/.]+))?(?:\.html)?")
_PAGES = frozenset({"/", "/build", "/build/preview", "/entry", "/feeds.opml", "/status"})

_Made = TypeVar("_Made")


class Kind(NamedTuple):
    """What an address is of: a defined ``feed``, a ``query``, an ``archive``, an ``embed``, a ``page`` or ``other``.

    ``feed`` is the defined feed's name, else empty. There are no more kinds than the definitions allow.
    """

    kind: str
    feed: str = ""


class Request(NamedTuple):
    """A request that was answered: its kind, the status line, and by what: ``memory`` or the ``app``."""

    kind: Kind
    status: str
    by: str


@dataclass(frozen=True, slots=True)
class Refresh:
    """One listing that was asked for: of which source, whether it was good, and how many seconds it took."""

    source: str
    good: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What happened between two readings; ``builds`` are seconds that feeds took to be built."""

    requests: Counter[Request] = field(default_factory=Counter)
    builds: list[float] = field(default_factory=list)
    refreshes: list[Refresh] = field(default_factory=list)


def kind_of(path: str, feeds: Container[str]) -> Kind:
    """Return the kind of a path below the site's own address; ``feeds`` are the names of those that are defined."""
    if path in _PAGES:
        return Kind("page")
    embed = _EMBED.fullmatch(path)
    found = embed or _FEED.fullmatch(path)
    if found is None or (found[1] and found[1] not in feeds):
        return Kind("other")
    if embed or not found[3]:
        return Kind("embed" if embed else "page", found[1] or "")
    return Kind("archive" if found[2] else "feed" if found[1] else "query", found[1] or "")


class Meter:
    """Counts in this process. Safe among threads."""

    def __init__(self, feeds: Callable[[], Container[str]], clock: Callable[[], float] = time.perf_counter) -> None:
        """Start at nothing; ``feeds`` returns the names of the defined feeds."""
        self._feeds = feeds
        self._clock = clock
        self._lock = threading.Lock()
        self._hits: dict[str, deque[str]] = {}
        self._reading = Reading()

    def hit(self, path: str, status: str) -> None:
        """Count an answer from memory. It takes 50 nanoseconds; what the path stands for is left to whoever reads."""
        try:
            self._hits[status].append(path)  # which no thread can lose, without a lock that costs as much again
        except KeyError:
            self._hits.setdefault(status, deque(maxlen=MOST_HITS)).append(path)

    def passed(self, path: str, status: str) -> None:
        """Count an answer of the app, to any path that strangers may think of."""
        request = Request(kind_of(path, self._feeds()), status, "app")
        with self._lock:
            self._reading.requests[request] += 1

    def timing(self, build: Callable[[], _Made]) -> Callable[[], _Made]:
        """Return the same function, with its time taken."""

        def timed() -> _Made:
            began = self._clock()
            made = build()
            with self._lock:
                self._reading.builds.append(self._clock() - began)
            return made

        return timed

    def refreshing(self, source: str, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """Yield the outcomes of refreshing a source, each with the time taken until it was there."""
        began = self._clock()
        for outcome in outcomes:
            with self._lock:
                self._reading.refreshes.append(Refresh(source, outcome.error is None, self._clock() - began))
            yield outcome
            began = self._clock()

    def read(self) -> Reading:
        """Return what happened since the last reading. One thread at a time reads."""
        with self._lock:
            reading, self._reading = self._reading, Reading()
        for status, paths in list(self._hits.items()):
            for path, number in Counter(paths.popleft() for _ in range(len(paths))).items():
                reading.requests[Request(kind_of(path, self._feeds()), status, "memory")] += number
        return reading


class Metered:
    """WSGI middleware around the app: counts its answers."""

    def __init__(self, app: Application, meter: Meter) -> None:
        """Wrap the app."""
        self._app = app
        self._meter = meter

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Let it answer."""

        def started(status: str, headers: Headers, *failure: object) -> object:
            self._meter.passed(environ.get("PATH_INFO", ""), status)
            return start_response(status, headers, *failure)

        return self._app(environ, started)
