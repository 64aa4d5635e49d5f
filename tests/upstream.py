"""Hugging Face's list call, played on loopback: a real HTTP server that answers listings, counts, and fails as scripted.

With it go what stands on it: hand-written papers in upstream's form, a time that only passes when somebody sleeps.
"""

import gzip
import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR, socket
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from feedserver.fetch import Clock, Fetcher, Limits

PATH = "/api/daily_papers"
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


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that upstream got, and the status of its answer; 0 where it gave none."""

    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    status: int

    @property
    def page(self) -> tuple[str, int]:
        """The day and the page that were asked for."""
        return self.params["date"], int(self.params.get("p", 0))


Answer = Callable[["_Handler"], int]  # writes an answer and returns its status


def say(body: bytes = b"", status: int = 200, **headers: str) -> Answer:
    """Answer with just that; ``Retry_After`` is written ``Retry-After``."""
    return lambda handler: handler.write(body, status, {name.replace("_", "-"): text for name, text in headers.items()})


def late(seconds: float) -> Answer:
    """Say nothing for so long, then that the list is empty."""
    return lambda handler: handler.write(b"[]" if handler.wait(seconds) else b"", 200, {})


def slowly(body: bytes, pause: float) -> Answer:
    """Send a byte at a time, with a pause before each."""
    return lambda handler: handler.write(body, 200, {}, pieces=[(pause, bytes([byte])) for byte in body])


def cut_short(body: bytes) -> Answer:
    """Promise the whole body, send the first half, hang up."""
    return lambda handler: handler.write(body, 200, {}, pieces=[(0, body[: len(body) // 2])])


def closed(handler: "_Handler") -> int:
    """Hang up at once."""
    handler.close_connection = True
    return 0


def in_circles(handler: "_Handler") -> int:
    """Redirect to the address that was asked for."""
    return handler.write(b"", 302, {"Location": handler.path})


def gzipped(body: bytes) -> Answer:
    """Answer compressed."""
    return say(gzip.compress(body), Content_Encoding="gzip")


# What an upstream in trouble answers. None of it is a listing; all of it has been seen, or is in the RFCs.
UNREACHABLE: Mapping[str, Answer] = {
    "status 500": say(b"Internal Server Error", 500),
    "status 503 with an HTML page": say(b"<html>maintenance</html>", 503, Content_Type="text/html"),
    "status 404": say(b'{"error":"Not Found"}', 404),
    "status 403": say(b"Forbidden", 403),
    "status 204": say(b"", 204),
    "connection closed at once": closed,
    "body shorter than promised": cut_short(encode([paper()])),
    "garbage where gzip was promised": say(b"this is no gzip", Content_Encoding="gzip"),
    "a circle of redirects": in_circles,
    "redirect to a file": say(b"", 302, Location="file:///etc/hostname"),
    "redirect to nowhere": say(b"", 301, Location="http://127.0.0.1:1/"),
    "more bytes than allowed": say(b"[" + b" " * 2_000_000 + b"]"),
    "a gzip bomb": gzipped(b"[" + b" " * 20_000_000 + b"]"),
    "no answer in time": late(30),
}
NO_LISTING: Mapping[str, Answer] = {
    "an empty body": say(b""),
    "HTML with status 200": say(b"<!doctype html><title>Sign in</title>", Content_Type="text/html"),
    "an error object": say(b'{"error":"Invalid date"}'),
    "truncated JSON": say(encode([paper()])[:200]),
    "a list of something else": say(b'[{"id":1},{"id":2}]'),
    "null": say(b"null"),
    "a byte that is no UTF-8": say(b'["\xff"]'),
}
# What the tests allow a fetch of these.
IMPATIENT = Limits(connect=2, read=0.3, total=2, size=1_000_000, attempts=2, backoff=0, longest_wait=0, pause=0)


@dataclass(slots=True)
class Upstream:
    """The server. Start it with ``with``; everything but ``asked`` may be changed while it runs.

    ``days`` holds each day's elements, ``captured`` each day's file as it was captured; other days are ``[]``.
    ``script`` is answered first, an answer a request; then ``trouble``, for as long as it is set, and ``bad_days``.
    """

    days: dict[date, list[dict[str, Any]]] = field(default_factory=dict)
    captured: dict[date, Path] = field(default_factory=dict)
    largest_page: int = 100
    script: deque[Answer] = field(default_factory=deque)
    trouble: Answer | None = None
    bad_days: dict[date, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
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
        return f"http://127.0.0.1:{self.port}{PATH}"

    @property
    def pages(self) -> list[tuple[str, int]]:
        """Which days and pages were asked for, in order."""
        return [asked.page for asked in self.asked]

    @property
    def statuses(self) -> list[int]:
        """What was answered, in order."""
        return [asked.status for asked in self.asked]

    def start(self) -> None:
        """Listen, where it listened before if it did."""
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.upstream = self
        self.port = self._server.server_port
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, name="upstream", daemon=True).start()

    def kill(self) -> None:
        """Hang up on everybody and listen no more."""
        if self._server is not None:
            self._server.kill()
            self._server = None

    def answer(self, params: Mapping[str, str]) -> Answer:
        """Return what a request is answered now."""
        if self.script:
            return self.script.popleft()
        day = _day(params)
        broken = self.trouble or (self.bad_days.get(day) if day else None)
        return broken or (
            say(encode(self._page(day, params)), ETag="") if day else say(b'{"error":"Invalid date"}', 400)
        )

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
            with suppress_os_error():
                connection.shutdown(SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:  # noqa: N802  # http.server's name
        address = urlsplit(self.path)
        params = {name: values[-1] for name, values in parse_qs(address.query).items()}
        upstream = self.server.upstream
        position = len(upstream.asked)
        upstream.asked.append(Asked(address.path, params, dict(self.headers), 0))
        status = upstream.answer(params)(self)
        upstream.asked[position] = Asked(address.path, params, dict(self.headers), status)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def wait(self, seconds: float) -> bool:
        """Let time pass; say whether the server still runs."""
        return not self.server.killed.wait(seconds)
