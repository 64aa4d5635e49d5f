"""Requests -> answers and latencies over some connections: as fast as answers come, or each when it is due.

At a fixed rate a request is due whether or not earlier ones were answered, and its latency counts from then; so a
server that stalls is charged for all who waited meanwhile ("coordinated omission" would be to ask them later).
"""

import gc
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import ceil
from selectors import EVENT_READ, SelectSelector
from time import perf_counter

from bench.client import LONGEST_WAIT, Answer, Broken, Connection, Request

Judge = Callable[[Request, Answer, float], str | None]  # request, answer, when it was sent -> what is wrong


@dataclass(slots=True)
class Outcome:
    """What came of the requests: seconds, latencies in milliseconds by kind, and what went wrong, in sentences.

    ``retries`` counts requests that were sent once more, on a new connection, because the server had closed a
    connection that was reused before any byte of an answer arrived.
    """

    seconds: float = 0.0
    latencies: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)
    retries: int = 0

    @property
    def answered(self) -> int:
        """How many answers came."""
        return sum(map(len, self.latencies.values()))

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds


@dataclass(slots=True)
class _Pending:
    request: Request
    spelled: bytes
    due: float
    sent: float
    retried: bool = False


def percentile(values: list[float], share: float) -> float:
    """Return what this share of the values stays within."""
    return sorted(values)[max(ceil(share * len(values)) - 1, 0)]


def good(request: Request, answer: Answer, _sent: float) -> str | None:
    """Judge by the status alone."""
    return None if answer.status in {200, 304} else f"{request.path} was answered {answer.status}"


class Pacer:
    """Keeps some connections to one port busy; in one thread, in its own process at best."""

    def __init__(self, port: int, connections: int, judge: Judge = good) -> None:
        """Open nothing yet."""
        self._port = port
        self._judge = judge
        self._idle = deque(Connection(port) for _ in range(connections))
        self._busy: dict[Connection, _Pending] = {}
        self._selector = SelectSelector()  # its timeouts are in microseconds, those of epoll in milliseconds
        self.outcome = Outcome()

    def run(self, requests: Iterator[Request], seconds: float, rate: float | None = None) -> Outcome:
        """Ask for so many seconds, or until there are no more requests; ``rate`` is in requests a second."""
        begin = perf_counter()
        end = begin + seconds
        gc.disable()  # a pause of the client would look like one of the server
        try:
            for number, request in enumerate(requests):
                due = begin + number / rate if rate else perf_counter()
                if due >= end:
                    break
                self._wait_until(due)
                self._send(request, due if rate else perf_counter())
            while self._busy:
                self._receive(LONGEST_WAIT)
        finally:
            gc.enable()
            self._close()
        self.outcome.seconds = perf_counter() - begin
        return self.outcome

    def _wait_until(self, due: float) -> None:
        """Take answers until the time has come and a connection is idle."""
        while (left := due - perf_counter()) > 0 or not self._idle:
            self._receive(left if left > 0 else LONGEST_WAIT)

    def _send(self, request: Request, due: float) -> None:
        self._start(self._idle.popleft(), _Pending(request, request.spell(self._port), due, perf_counter()))

    def _start(self, connection: Connection, pending: _Pending) -> None:
        try:
            connection.send(pending.spelled)
        except Broken as broken:
            self._mend(connection, pending, broken)
            return
        self._busy[connection] = pending
        self._selector.register(connection, EVENT_READ)

    def _receive(self, seconds: float) -> None:
        ready = self._selector.select(seconds)
        for key, _ in ready:
            self._take(key.fileobj)  # type: ignore[arg-type]  # only connections are registered
        if not ready and seconds >= LONGEST_WAIT:
            self._give_up()

    def _take(self, connection: Connection) -> None:
        try:
            answer = connection.receive()
        except Broken as broken:
            self._mend(connection, self._release(connection), broken)
            return
        if answer is not None:
            pending = self._release(connection)
            self._idle.append(connection)
            self.outcome.latencies[pending.request.kind].append((perf_counter() - pending.due) * 1000)
            if (wrong := self._judge(pending.request, answer, pending.sent)) is not None:
                self.outcome.failures.append(wrong)

    def _mend(self, connection: Connection, pending: _Pending, broken: Broken) -> None:
        """Send the request once more where HTTP allows it, else note that it failed."""
        if broken.idle and not pending.retried:
            self.outcome.retries += 1
            pending.retried = True
            self._start(connection, pending)
            return
        self.outcome.failures.append(f"{pending.request.path} failed: {broken}")
        self._idle.append(connection)

    def _give_up(self) -> None:
        for connection in list(self._busy):
            pending = self._release(connection)
            connection.close()
            self.outcome.failures.append(f"{pending.request.path} had no answer within {LONGEST_WAIT:.0f} s")
            self._idle.append(connection)

    def _release(self, connection: Connection) -> _Pending:
        self._selector.unregister(connection)  # finds it even if it is closed by now
        return self._busy.pop(connection)

    def _close(self) -> None:
        for connection in self._idle:
            connection.close()
        self._selector.close()
