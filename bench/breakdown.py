"""Requests through the app in this process -> where their time goes, by room of the house: sampled, not traced.

A sample is taken twice in a millisecond and weighs as much as has passed since the last one, so that a long call into C
counts in full although no signal is handled during it. A tracing profiler would make many small calls look dear.
"""

import gc
import signal
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import PurePath
from time import perf_counter
from types import FrameType
from typing import Any

from werkzeug.test import create_environ

from bench.client import Request
from feedserver.config import load_settings
from feedserver.web import create_app

_EVERY = 0.0005  # seconds
PARSING, SQLITE, SQLALCHEMY, STORE, FEED, RENDERING, HASHING, WEB, FLASK, REST = ROOMS = (
    "parameters to query", "SQLite", "SQLAlchemy", "rest of the store", "feed", "render", "hashing", "rest of web/",
    "Flask", "unknown",
)  # fmt: skip

_OWN = {
    "query": PARSING, "filters": PARSING, "text": PARSING, "store": STORE, "feeds": FEED, "model": FEED,
    "render": RENDERING, "web": WEB,
}  # fmt: skip
_LIBRARIES = {
    "sqlalchemy": SQLALCHEMY, "lark": PARSING, "feedgen": RENDERING, "lxml": RENDERING, "markupsafe": RENDERING,
    "flask": FLASK, "werkzeug": FLASK,
}  # fmt: skip
_FUNCTIONS = {"do_execute": SQLITE, "_raw_all_rows": SQLITE, "fetchall": SQLITE, "finish": HASHING}  # call into C


@dataclass(slots=True)
class Breakdown:
    """Milliseconds of one request by room, and by the innermost function of our own that was at work."""

    requests: int
    rooms: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    functions: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    @property
    def total(self) -> float:
        """All rooms together."""
        return sum(self.rooms.values())


def break_down(environment: Mapping[str, str], warming: Sequence[Request], requests: Sequence[Request]) -> Breakdown:
    """Answer the first requests unobserved, then observe the others."""
    app = create_app(load_settings(environment)).wsgi_app
    for request in warming:
        _answer(app, create_environ(request.path))
    found = Breakdown(len(requests))
    environs = [create_environ(request.path) for request in requests]
    gc.collect()
    with _sampling(found):
        for environ in environs:
            _answer(app, environ)
    return found


def _answer(app: Any, environ: dict[str, Any]) -> None:
    statuses: list[str] = []
    body = app(environ, lambda status, _headers, _failure=None: statuses.append(status))
    for _ in body:
        pass
    if statuses != ["200 OK"]:
        raise SystemExit(f"{environ['QUERY_STRING']} was answered {statuses}")


@contextmanager
def _sampling(found: Breakdown) -> Iterator[None]:
    last = perf_counter()

    def take(_signal: int, frame: FrameType | None) -> None:
        nonlocal last
        now = perf_counter()
        weight = (now - last) * 1000 / found.requests
        last = now
        found.rooms[_room(frame)] += weight
        found.functions[_function(frame)] += weight

    before = signal.signal(signal.SIGALRM, take)
    signal.setitimer(signal.ITIMER_REAL, _EVERY, _EVERY)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _room(frame: FrameType | None) -> str:
    """Return the room of the innermost frame that belongs to one; the standard library works for whoever called it."""
    for each, parts in _outwards(frame):
        own = _after("feedserver", parts)
        room = _OWN.get(own or "") or _LIBRARIES.get(_after("site-packages", parts) or "")
        if room is not None:
            return _FUNCTIONS.get(each.f_code.co_name, room)
    return REST


def _function(frame: FrameType | None) -> str:
    for each, parts in _outwards(frame):
        if "feedserver" in parts:
            where = "/".join(parts[len(parts) - parts[::-1].index("feedserver") :])
            return f"{where}: {each.f_code.co_qualname}"
    return "Flask, before and after"


def _outwards(frame: FrameType | None) -> Iterator[tuple[FrameType, tuple[str, ...]]]:
    while frame is not None:
        yield frame, PurePath(frame.f_code.co_filename).parts
        frame = frame.f_back


def _after(folder: str, parts: tuple[str, ...]) -> str | None:
    """Return the name that follows a folder's in a path, without suffix."""
    found = [PurePath(name).stem for known, name in pairwise(parts) if known == folder]
    return found[-1] if found else None
