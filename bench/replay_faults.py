"""Whatever an upstream in trouble may answer: a third of the time by default, in every way, by a seed."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from email.utils import format_datetime
from random import Random
from typing import Any

from bench.replay_upstream import LOOP, Page, ReplayUpstream, Trouble, listing, tag_of

SHARE = 1 / 3
LONG_ENOUGH = 0.6  # seconds: longer than the replay's refresher waits
HTML = b"<!doctype html><title>Just a moment...</title><p>Sign in to go on"
OUTAGES = (4 * 3600.0, 12 * 3600.0)  # seconds: the shortest and the longest time of total failure
BETWEEN_OUTAGES = 12 * 86_400.0  # seconds, in the mean

Make = Callable[["Faults", Page, date, ReplayUpstream], Page | Trouble]


@dataclass
class Faults:
    """Spoils a share of the answers at random, and all of them during outages."""

    random: Random
    share: float = SHARE
    _outage: tuple[float, float] = field(default=(0.0, 0.0))

    def spoil(self, page: Page, day: date, upstream: ReplayUpstream) -> Page | Trouble:
        """See Spoiler."""
        if self._is_out(upstream.clock.seconds):
            return _status(503, HTML, "outage", {"Content-Type": "text/html"})
        if self.random.random() >= self.share:
            return page
        name = self.random.choices(list(FAULTS), [weight for weight, _ in FAULTS.values()])[0]
        spoiled = FAULTS[name][1](self, page, day, upstream)
        return replace(spoiled, fault=name)

    def _is_out(self, now: float) -> bool:
        begin, end = self._outage
        if now >= end:
            begin = now + self.random.expovariate(1 / BETWEEN_OUTAGES) if end else now + BETWEEN_OUTAGES / 2
            self._outage = (begin, begin + self.random.uniform(*OUTAGES))
        return self._outage[0] <= now < self._outage[1]


def _status(status: int, body: bytes = b"", fault: str = "", headers: Mapping[str, str] | None = None) -> Page:
    return Page(body, status, headers or {}, fault=fault)


def _plain(status: int, body: bytes = b"", **headers: str) -> Make:
    spelled = {name.replace("_", "-"): text for name, text in headers.items()}
    return lambda *_: _status(status, body, "", spelled)


def _later(faults: Faults, _page: Page, _day: date, upstream: ReplayUpstream) -> Page:
    """Ask for a pause, in one of the two spellings of Retry-After."""
    seconds = faults.random.choice((5, 60, 900, 3 * 3600))
    upstream.leave_alone(seconds)
    until = upstream.clock.now() + timedelta(seconds=seconds)
    spelled = faults.random.choice((str(seconds), format_datetime(until, usegmt=True)))
    return _status(faults.random.choice((429, 503)), b"{}", headers={"Retry-After": spelled})


def _silence(_faults: Faults, page: Page, *_: object) -> Trouble:
    return Trouble("", lambda handler, _page: handler.be_silent(LONG_ENOUGH), page)


def _slow(_faults: Faults, page: Page, *_: object) -> Trouble:
    return Trouble("", lambda handler, sent: handler.trickle(sent, 0.02), page)


def _cut(_faults: Faults, page: Page, *_: object) -> Trouble:
    return Trouble("", lambda handler, sent: handler.cut_short(sent), page)


def _hang_up(_faults: Faults, page: Page, *_: object) -> Trouble:
    return Trouble("", lambda handler, _page: setattr(handler, "close_connection", True), page)


def _truncated(faults: Faults, page: Page, *_: object) -> Page:
    """Send half of the JSON as if it were all, with a validator of its own."""
    body = page.body[: faults.random.randrange(len(page.body))]
    return Page(body, 200, {"ETag": tag_of(body)})


def _empty(*_: object) -> Page:
    return replace(listing([]), genuine=False)


def _one(faults: Faults, page: Page, *_: object) -> Page:
    return listing([faults.random.choice(page.elements)] if page.elements else [], genuine=False)


def _part(faults: Faults, page: Page, *_: object) -> Page:
    return listing(page.elements[: faults.random.randrange(len(page.elements) + 1)], genuine=False)


def _yesterdays(_faults: Faults, _page: Page, day: date, upstream: ReplayUpstream) -> Page:
    return replace(upstream.page(day - timedelta(days=1)), genuine=False)


def _garbage(_faults: Faults, page: Page, *_: object) -> Page:
    elements: list[Any] = [{"paper": {"id": "none"}}, None, 7, {}]
    return Page(listing(elements).body, 200, {"ETag": tag_of(page.body + b"x")})


def _bomb(*_: object) -> Page:
    return Page(gzip.compress(b"[" + b" " * 30_000_000 + b"]"), 200, {"Content-Encoding": "gzip"})


# name -> how often it is chosen, among the others, and what it is; what takes real time is rare
FAULTS: Mapping[str, tuple[float, Make]] = {
    "status 500": (10, _plain(500, b"Internal Server Error")),
    "status 502 with HTML": (5, _plain(502, HTML, Content_Type="text/html")),
    "status 404": (3, _plain(404, b'{"error":"Not Found"}')),
    "status 403": (3, _plain(403, b"Forbidden")),
    "Retry-After": (4, _later),
    "silence": (1, _silence),
    "slow bytes": (1, _slow),
    "cut off": (5, _cut),
    "hung up": (5, _hang_up),
    "truncated JSON": (10, _truncated),
    "HTML with status 200": (8, _plain(200, HTML, Content_Type="text/html")),
    "an error object": (5, _plain(200, b'{"error":"Internal"}')),
    "null": (2, _plain(200, b"null")),
    "no bytes": (3, _plain(200, b"")),
    "an empty list": (10, _empty),
    "a one-paper list": (10, _one),
    "a part of the list": (5, _part),
    "yesterday's list": (8, _yesterdays),
    "a list of other things": (4, _garbage),
    "redirects in a loop": (3, _plain(302, Location=LOOP)),
    "garbage for gzip": (3, _plain(200, b"no gzip", Content_Encoding="gzip")),
    "a gzip bomb": (0.3, _bomb),
}
