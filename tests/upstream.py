"""Hugging Face's list call, played on loopback: a real HTTP server that answers, counts, and fails as scripted.

With it go what stands on it: hand-written papers in upstream's form, a time that only passes when somebody sleeps.
"""

import gzip
import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from socket import SHUT_RDWR, socket
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from feedserver.fetch import Clock, Fetcher, Guard, Limits, Sender

PATH = "/api/daily_papers"
# Who plays upstream or hub listens here, where nobody may be asked unless that is said; the same for settings files.
HERE = Guard(allow=(ip_network("127.0.0.1"), ip_network("::1")))
FETCH = '[fetch]\nallow = ["127.0.0.1"]\npause = "0s"\nattempts = 1\n'
NOW = datetime(2026, 1, 9, 12, tzinfo=UTC)
DAY = date(2026, 1, 9)

DDIM = ("2010.02502", "Denoising Diffusion Implicit Models", ("Jiaming Song", "Chenlin Meng", "Stefano Ermon"))
DPM_SOLVER = (
    "2206.00927",
    "DPM-Solver: A Fast ODE Solver for Diffusion Probabilistic Model Sampling in Around 10 Steps",
    ("Cheng Lu", "Yuhao Zhou", "Fan Bao", "Jianfei Chen", "Chongxuan Li", "Jun Zhu"),
)
ADAM = ("1412.6980", "Adam: A Method for Stochastic Optimization", ("Diederik P. Kingma", "Jimmy Ba"))


def paper(
    arxiv_id: str = DDIM[0],
    title: str = DDIM[1],
    authors: Sequence[str] = DDIM[2],
    *,
    day: date = DAY,
    outer: Mapping[str, Any] | None = None,
    **facts: Any,
) -> dict[str, Any]:
    """Return one element of the list call, as upstream writes it since June 2026.

    ``facts`` go into its ``paper``, ``outer`` beside it; None takes a key away, for upstream never says null.
    """
    inner = {
        "id": arxiv_id,
        "title": title,
        "summary": f"The abstract of {title}.",
        "authors": [{"_id": f"{number:024x}", "name": name, "hidden": False} for number, name in enumerate(authors)],
        "publishedAt": f"{day - timedelta(days=1)}T00:00:00.000Z",
        "submittedOnDailyAt": f"{day}T00:00:00.000Z",
        "submittedOnDailyBy": {"_id": "0" * 24, "user": "someone", "fullname": "Someone", "type": "user"},
        "upvotes": 8,
        "discussionId": "1" * 24,
    }
    envelope = {
        "paper": _without_none(inner | facts),
        "publishedAt": f"{day - timedelta(days=2)}T20:00:00.000Z",
        "title": title,
        "summary": inner["summary"],
        "thumbnail": f"https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/{arxiv_id}.png",
        "numComments": 2,
        "submittedBy": {"_id": "0" * 24, "name": "someone", "fullname": "Someone", "type": "user", "isHf": False},
        "isAuthorParticipating": False,
    }
    return _without_none(envelope | dict(outer or {}))


def papers(count: int, *, first: int = 1, day: date = DAY) -> list[dict[str, Any]]:
    """Return so many different elements, with the ids 2601.0000N."""
    return [
        paper(f"2601.{number:05}", f"Paper {number}", ["A. Author"], day=day) for number in range(first, first + count)
    ]


def encode(elements: object) -> bytes:
    """Return JSON as upstream spells it."""
    return json.dumps(elements, ensure_ascii=False, separators=(",", ":")).encode()


def _without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


@dataclass(slots=True)
class Asked:
    """One request that upstream got, and the status of its answer; 0 where it gave none. ``params`` may be a form's."""

    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    status: int = 0

    @property
    def page(self) -> tuple[str, int]:
        """The day and the page that were asked for."""
        return self.params["date"], int(self.params.get("p", 0))


Answer = Callable[["_Handler"], None]


def say(body: bytes = b"", status: int = 200, **headers: str) -> Answer:
    """Answer with just that; the header ``Retry_After`` is sent as ``Retry-After``."""
    spelled = {name.replace("_", "-"): text for name, text in headers.items()}
    return lambda handler: handler.write(body, status, spelled)


def late(seconds: float) -> Answer:
    """Say nothing for so long, then that the list is empty."""

    def answer(handler: "_Handler") -> None:
        if not handler.server.killed.wait(seconds):
            handler.write(b"[]")

    return answer


def slowly(body: bytes, pause: float) -> Answer:
    """Send a byte at a time, with a pause (in seconds) before each."""
    return lambda handler: handler.write_pieces(len(body), [(pause, bytes([byte])) for byte in body])


def cut_short(body: bytes) -> Answer:
    """Promise the whole body, send the first half, hang up."""
    return lambda handler: handler.write_pieces(len(body), [(0, body[: len(body) // 2])])


def gzipped(body: bytes) -> Answer:
    """Answer compressed."""
    return say(gzip.compress(body), Content_Encoding="gzip")


def pour(begin: bytes, piece: bytes, pause: float = 0) -> Answer:
    """Send bytes as they are, then a piece again and again, with a pause (in seconds) before each, without an end."""

    def answer(handler: "_Handler") -> None:
        handler.close_connection = True
        handler.wfile.write(begin)
        while piece and not handler.server.killed.wait(pause):
            handler.wfile.write(piece)

    return answer


def hang_up(handler: "_Handler") -> None:
    """Close the connection at once."""
    handler.close_connection = True


def go_round(handler: "_Handler") -> None:
    """Redirect to the address that was asked for."""
    handler.write(b"", 302, {"Location": handler.path})


# An upstream in trouble: what is no answer at all, and what is an answer but no listing.
NO_ANSWER: Mapping[str, Answer] = {
    "status 500": say(b"Internal Server Error", 500),
    "status 503 with an HTML page": say(b"<html>maintenance</html>", 503, Content_Type="text/html"),
    "status 404": say(b'{"error":"Not Found"}', 404),
    "status 403": say(b"Forbidden", 403),
    "status 204": say(status=204),
    "a closed connection": hang_up,
    "a body shorter than its Content-Length": cut_short(encode([paper()])),
    "garbage where gzip was promised": say(b"this is no gzip", Content_Encoding="gzip"),
    "a redirect loop": go_round,
    "a redirect to a file": say(status=302, Location="file:///etc/hostname"),
    "a redirect to a closed port": say(status=301, Location="http://127.0.0.1:1/"),
    "a huge body": say(b"[" + b" " * 2_000_000 + b"]"),
    "a gzip bomb": gzipped(b"[" + b" " * 5_000_000 + b"]"),
    "silence": late(30),
}
NO_LISTING: Mapping[str, Answer] = {
    "an empty body": say(),
    "HTML with status 200": say(b"<!doctype html><title>Sign in</title>", Content_Type="text/html"),
    "an error object": say(b'{"error":"Invalid date"}'),
    "truncated JSON": say(encode([paper()])[:200]),
    "a list of other things": say(b'[{"id":1},{"id":2}]'),
    "null": say(b"null"),
    "a byte that is not UTF-8": say(b'["\xff"]'),
}
# Bounds under which all of these fail quickly.
IMPATIENT = Limits(connect=2, read=0.3, total=2, size=1_000_000, attempts=2, backoff=0, longest_wait=0, pause=0)


@dataclass(slots=True)
class Upstream:
    """The server; ``with`` starts it, and everything may be changed while it runs.

    ``days`` holds each day's elements and ``captured`` each day's captured file; any other day is ``[]``. Answered
    instead is what stands in ``script``, an answer a request; then ``trouble``; then what ``bad_days`` say of a day.
    """

    days: dict[date, list[dict[str, Any]]] = field(default_factory=dict)
    captured: dict[date, Path] = field(default_factory=dict)
    largest_page: int = 100
    etags: bool = True
    script: deque[Answer] = field(default_factory=deque)
    trouble: Answer | None = None
    bad_days: dict[date, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    host: str = "127.0.0.1"
    _server: "_Server | None" = None

    def __enter__(self) -> "Upstream":
        """Start on a free port."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and wait until every connection is closed."""
        self.kill()

    @property
    def url(self) -> str:
        """The address of the list call."""
        return f"http://{self.host}:{self.port}{PATH}"

    @property
    def pages(self) -> list[tuple[str, int]]:
        """Which days and pages of the list call were asked for, in order."""
        return [asked.page for asked in self.asked if "date" in asked.params]

    @property
    def statuses(self) -> list[int]:
        """What was answered, in order."""
        return [asked.status for asked in self.asked]

    def start(self) -> None:
        """Listen; where it listened before, if it did."""
        self._server = _Server((self.host, self.port), _Handler)
        self._server.upstream = self
        self.port = self._server.server_port
        Thread(target=self._server.serve_forever, args=(0.01,), name="upstream").start()

    def kill(self) -> None:
        """Hang up on everybody and listen no more."""
        if self._server is not None:
            self._server.kill()
            self._server = None

    def answer(self, params: Mapping[str, str]) -> Answer:
        """Return what a request is answered now."""
        if self.script:
            return self.script.popleft()
        try:
            day = date.fromisoformat(params.get("date", ""))
        except ValueError:
            return self.trouble or say(b'{"error":"Invalid date"}', 400)
        return self.trouble or self.bad_days.get(day) or say(encode(self._page(day, params)))

    def _page(self, day: date, params: Mapping[str, str]) -> list[Any]:
        elements = json.loads(self.captured[day].read_bytes()) if day in self.captured else self.days.get(day, [])
        size = min(int(params.get("limit", 50)), self.largest_page)
        start = int(params.get("p", 0)) * size
        return elements[start : start + size]


class _Server(ThreadingHTTPServer):
    """Knows its connections, so that it can be killed."""

    daemon_threads = False  # closing waits for them
    upstream: Upstream

    def __init__(self, *arguments: Any) -> None:
        self.connections: set[socket] = set()
        self.killed = Event()
        super().__init__(*arguments)

    def get_request(self) -> tuple[socket, Any]:
        connection, address = super().get_request()
        self.connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up are what the tests are about."""

    def kill(self) -> None:
        self.killed.set()
        self.shutdown()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes
    server: _Server
    asked: Asked

    def do_GET(self) -> None:
        self._answer(urlsplit(self.path).query)

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

    def _answer(self, query: str) -> None:
        address = urlsplit(self.path)
        params = {name: values[-1] for name, values in parse_qs(query).items()}
        self.asked = Asked(address.path, params, dict(self.headers))
        self.server.upstream.asked.append(self.asked)
        self.server.upstream.answer(params)(self)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def write(self, body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Answer; 304 where the client has these bytes already."""
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'
        validated = status == 200 and self.server.upstream.etags
        if validated and self.headers.get("If-None-Match") == etag:
            body, status = b"", 304
        self._begin(status, len(body), {**({"ETag": etag} if validated else {}), **(headers or {})})
        self.wfile.write(body)

    def write_pieces(self, length: int, pieces: Iterable[tuple[float, bytes]]) -> None:
        """Answer with pieces, each after a pause in seconds, and hang up; ``length`` is what is promised."""
        self.close_connection = True
        self._begin(200, length, {})
        for pause, piece in pieces:
            if self.server.killed.wait(pause):
                return
            self.wfile.write(piece)

    def _begin(self, status: int, length: int, headers: Mapping[str, str]) -> None:
        self.asked.status = status
        self.send_response(status)
        for name, text in {"Content-Type": "application/json; charset=utf-8", **headers}.items():
            self.send_header(name, text)
        if status not in {204, 304}:
            self.send_header("Content-Length", str(length))
        self.end_headers()


@dataclass(slots=True)
class Time:
    """A clock that stands still until somebody sleeps; ``slept`` says for how long, each time."""

    now: datetime = NOW
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Pass at once."""
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    @property
    def clock(self) -> Clock:
        """The same, as the fetcher sees it; its jitter is a half."""
        return Clock(now=lambda: self.now, sleep=self.sleep, jitter=lambda: 0.5)


@contextmanager
def fetching(
    folder: Path, limits: Limits = IMPATIENT, time: Time | None = None, guard: Guard = HERE
) -> Iterator[Fetcher]:
    """Open a fetcher whose cache lies in ``folder``, and close it."""
    fetcher = Fetcher(folder / "http-cache.sqlite", "feedserver/test", limits, (time or Time()).clock, guard)
    try:
        yield fetcher
    finally:
        fetcher.close()


@contextmanager
def sending(limits: Limits = IMPATIENT, time: Time | None = None, guard: Guard = HERE) -> Iterator[Sender]:
    """Open a sender, and close it."""
    sender = Sender("feedserver/test", limits, (time or Time()).clock, guard)
    try:
        yield sender
    finally:
        sender.close()
