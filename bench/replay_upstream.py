"""A timeline, a clock -> upstream's list call on loopback, which may fail, and a log of what it answered.

It answers as the service does: at most 100 elements and 50 unasked, ``[]`` for a page past the end and for a day of
which nothing is shown yet, 400 for a day that is still to come. The log says which answers were undamaged.
"""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from threading import Event, Thread
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from bench.replay_clock import SimulatedClock
from bench.replay_timeline import Element, Timeline

PATH = "/api/daily_papers"
LOOP = "/loop"  # whatever is asked for there leads there
UNASKED, MOST = 50, 100  # elements of a page


@dataclass(frozen=True, slots=True)
class Page:
    """An answer: ``elements`` where it is a list that is to be read, ``genuine`` where it is what was asked for."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    elements: Sequence[Element] = ()
    genuine: bool = True
    fault: str = ""


class Spoiler(Protocol):
    """Decides whether an answer is spoiled, and how."""

    def spoil(self, page: Page, day: date, upstream: "ReplayUpstream") -> "Page | Trouble":
        """Return the page as it is, another one, or what takes the place of an answer."""
        ...


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is no answer: its name, and what is done with the connection."""

    fault: str
    do: Callable[["_Handler", Page], None]
    page: Page


Notice = Callable[[float, date, Sequence[Element], bool], None]  # when, of which day, what, and whether it is genuine


class ReplayUpstream:
    """The server; ``with`` starts it. ``notice`` is told of every list that was answered, each page of it once."""

    def __init__(
        self, timeline: Timeline, clock: SimulatedClock, notice: Notice, spoiler: Spoiler | None = None
    ) -> None:
        """Listen nowhere yet."""
        self.timeline = timeline
        self.clock = clock
        self.answered: Counter[str] = Counter()  # fault or status -> answers
        self.early: list[tuple[float, float]] = []  # requests that came before the end of a pause that was asked for
        self.broken: list[str] = []  # requests that this module could not answer
        self.quiet_until = 0.0
        self._notice = notice
        self._spoiler = spoiler
        self._noticed: set[tuple[object, ...]] = set()
        self._page = lru_cache(maxsize=64)(self._make_page)
        self._server: _Server | None = None

    def __enter__(self) -> "ReplayUpstream":
        """Start on a free port."""
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.upstream = self
        Thread(target=self._server.serve_forever, args=(0.01,), name="upstream").start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and wait until every connection is closed."""
        if self._server is not None:
            self._server.end()
            self._server = None

    @property
    def url(self) -> str:
        """The address of the list call."""
        return f"http://127.0.0.1:{self._server.server_port if self._server else 0}{PATH}"

    def answer(self, params: Mapping[str, str]) -> Page | Trouble:
        """Return what a request is answered now, and log it."""
        now = self.clock.seconds
        if now < self.quiet_until:
            self.early.append((now, self.quiet_until))
        try:
            day = date.fromisoformat(params["date"])
            size, number = min(int(params.get("limit", UNASKED)), MOST), int(params.get("p", 0))
        except (KeyError, ValueError):
            return self._log(_refuse("Invalid date"), date.min)
        if day > self.clock.now().date():
            return self._log(_refuse("Date must not be in the future"), day)
        answer: Page | Trouble = self.page(day, number * size, size)
        if self._spoiler is not None and isinstance(answer, Page):
            answer = self._spoiler.spoil(answer, day, self)
        return self._log(answer, day)

    def page(self, day: date, start: int = 0, size: int = MOST) -> Page:
        """Return a part of what is shown of a day now."""
        return self._page(self.timeline.shown(day, self.clock.now()), start, size)

    def leave_alone(self, seconds: float) -> None:
        """Take note that nobody is to call for so long; the headers that say so know whole seconds only."""
        self.quiet_until = max(self.quiet_until, int(self.clock.seconds) + seconds)

    def _make_page(self, capture: Any, start: int, size: int) -> Page:
        elements = capture.elements()[start : start + size] if capture else []
        return listing(elements)

    def _log(self, answer: Page | Trouble, day: date) -> Page | Trouble:
        if isinstance(answer, Page) and answer.elements:
            key = (day, answer.headers.get("ETag"), answer.genuine)
            if key not in self._noticed:
                self._noticed.add(key)
                self._notice(self.clock.seconds, day, answer.elements, answer.genuine)
        return answer


def listing(elements: Sequence[Element], *, genuine: bool = True, fault: str = "") -> Page:
    """Return a list answer with its tag."""
    body = json.dumps(elements, ensure_ascii=False, separators=(",", ":")).encode()
    return Page(body, 200, {"ETag": tag_of(body)}, elements, genuine, fault)


def tag_of(body: bytes) -> str:
    """Return a validator as upstream has them."""
    return f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'


def _refuse(why: str) -> Page:
    return Page(json.dumps({"error": why}).encode(), 400)


class _Server(ThreadingHTTPServer):
    """Knows its connections, so that it can be ended."""

    daemon_threads = False  # closing waits for them
    upstream: ReplayUpstream

    def __init__(self, *arguments: Any) -> None:
        self.connections: set[socket] = set()
        self.ended = Event()
        super().__init__(*arguments)

    def get_request(self) -> tuple[socket, Any]:
        connection, address = super().get_request()
        self.connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that hang up: they are part of it."""
        if not isinstance(error := sys.exception(), OSError):
            self.upstream.broken.append(repr(error))

    def end(self) -> None:
        self.ended.set()
        self.shutdown()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes
    server: _Server

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == LOOP:
            self.write(Page(b"", 302, {"Location": self.path}))
            return
        answer = self.server.upstream.answer({name: values[-1] for name, values in parse_qs(address.query).items()})
        if isinstance(answer, Trouble):
            self.server.upstream.answered[answer.fault] += 1
            answer.do(self, answer.page)
            return
        status = self.write(answer)
        self.server.upstream.answered[answer.fault or str(status)] += 1

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def write(self, page: Page) -> int:
        """Answer, and return the status: 304 where the client has these bytes already."""
        known = "ETag" in page.headers and self.headers.get("If-None-Match") == page.headers["ETag"]
        status = 304 if known else page.status
        self.begin(status, page.headers, len(page.body))
        if not known:
            self.wfile.write(page.body)
        return status

    def begin(self, status: int, headers: Mapping[str, str], length: int) -> None:
        """Send the head."""
        self.send_response(status)
        for name, text in {"Content-Type": "application/json; charset=utf-8", **headers}.items():
            self.send_header(name, text)
        if status != 304:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def trickle(self, page: Page, pause: float) -> None:
        """Promise it all, and send a byte at a time, with a pause in seconds before each, until nobody listens."""
        self.close_connection = True
        self.begin(200, page.headers, len(page.body))
        with suppress(OSError):
            for byte in page.body:
                if self.server.ended.wait(pause):
                    return
                self.wfile.write(bytes([byte]))

    def be_silent(self, seconds: float) -> None:
        """Say nothing for so long, and hang up."""
        self.close_connection = True
        self.server.ended.wait(seconds)

    def cut_short(self, page: Page) -> None:
        """Promise it all, send half of it, and hang up."""
        self.close_connection = True
        self.begin(200, page.headers, len(page.body) + 2)
        self.wfile.write(page.body[: len(page.body) // 2])
