"""What was changed when, and answers -> whether one of them shows less than was to be seen when it was asked for.

Each change carries a number: a mark is the title of a new entry, an edit that of the feed. So the newest numbers in an
answer, or in the answer that a 304 confirms, tell how old it is.
"""

import gzip
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from time import perf_counter

from bench.client import Answer, Request

MARK, EDIT = "soakmark", "soakedit"
ALLOWED = {MARK: 1.0, EDIT: 1.5}  # seconds; definitions are looked at once a second, the data four times
_SHOWN = re.compile(rb"<title[^>]*>(?:<!\[CDATA\[)?(soakmark|soakedit) (\d+)")
_TOP = 150_000  # bytes of a feed in which the newest entries stand


@dataclass(slots=True)
class Freshness:
    """When each number was committed, and how long after the next one the oldest answer was asked for."""

    moments: dict[str, list[float]] = field(default_factory=lambda: {MARK: [], EDIT: []})
    worst: dict[str, float] = field(default_factory=lambda: dict.fromkeys((MARK, EDIT), 0.0))
    stale: int = 0
    tags: dict[str, dict[str, int]] = field(default_factory=dict)
    latest: str = ""

    def next_number(self, kind: str) -> int:
        """Return the number of the next change; the first one is 0."""
        return len(self.moments[kind])

    def changed(self, kind: str) -> None:
        """Say that the next change is visible to whoever looks from now on."""
        self.moments[kind].append(perf_counter())

    def judge(self, request: Request, answer: Answer, sent: float) -> str | None:
        """Return what is wrong with an answer to a request that was sent at a moment."""
        if answer.status not in {200, 304}:
            return f"{request.path} was answered {answer.status}: {answer.body[:200]!r}"
        shown = self._shown(request, answer)
        if shown is None:
            return f"{request.path} was answered 304 without having been answered before"
        wrong = [self._old(kind, number, sent) for kind, number in shown.items()]
        return next((f"{request.kind}: {each}" for each in wrong if each), None)

    def _shown(self, request: Request, answer: Answer) -> dict[str, int] | None:
        if answer.status == 304:  # what the client has is confirmed, under whatever tag the server knows it
            return self.tags.get(dict(request.headers).get("If-None-Match", ""))
        tag = answer.header("ETag") or ""
        body = gzip.decompress(answer.body) if answer.header("Content-Encoding") == "gzip" else answer.body
        shown = {} if request.kind == "unseen" else {EDIT: -1}
        shown[MARK] = -1
        for kind, number in _SHOWN.findall(body[:_TOP]):
            if (name := kind.decode()) in shown:
                shown[name] = max(shown[name], int(number))
        if request.kind != "unseen":
            self.tags[tag], self.latest = shown, tag
        return shown

    def _old(self, kind: str, number: int, sent: float) -> str | None:
        """Return a sentence where a later change had been there for longer than is allowed."""
        moments = self.moments[kind]
        if number + 1 >= len(moments) or (age := sent - moments[number + 1]) <= 0:
            return None
        self.worst[kind] = max(self.worst[kind], age)
        if age <= ALLOWED[kind]:
            return None
        self.stale += 1
        there = bisect_right(moments, sent) - 1
        return f"showed {kind} {number} when {there} was there, the next one for {age:.2f} s"
