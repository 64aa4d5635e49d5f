"""A server and requests -> answers a second, at 16 connections: by wrk where it is installed, else by our own client.

wrk counts in whole seconds; a shorter load is always our own.
"""

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import median
from tempfile import NamedTemporaryFile
from time import perf_counter

from bench.client import Connection, Request
from bench.pacing import Pacer

CONNECTIONS = 16
ENTRIES = 50  # in each feed that is measured
_THREADS = 2
_SCRIPT = Path(__file__).with_name("wrk.lua")
_SUMMARY = re.compile(r"answered (\d+) in (\d+) us; refused (\d+), broken (\d+), repeated (\d+)")


@dataclass(frozen=True, slots=True)
class Load:
    """How many answers came in how many seconds, and how many of them to a request that was asked before."""

    answers: int
    seconds: float
    repeated: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


def generator(seconds: float) -> str:
    """Say what makes the load."""
    if (wrk := _wrk(seconds)) is None:
        return "bench/pacing.py, without wrk"
    said = subprocess.run([wrk, "--version"], capture_output=True, text=True, check=False).stdout.split()
    return f"wrk {said[1].rpartition('/')[2]}"


def load(port: int, requests: Sequence[Request], seconds: float) -> Load:
    """Ask as fast as answers come: one request again and again, several in turn, all with the headers of the first.

    Ends the program where an answer is wrong.
    """
    if _wrk(seconds) is None:
        return _by_ourselves(port, requests, seconds)
    if len(requests) == 1:
        return _by_wrk(port, requests[0], seconds)
    with NamedTemporaryFile("w", prefix="feedserver-bench-", suffix=".txt") as file:
        file.writelines(f"{request.path}\n" for request in requests)
        file.flush()
        return _by_wrk(port, requests[0], seconds, str(_THREADS), file.name)


def in_turn(port: int, requests: Iterable[Request]) -> float:
    """Return the median milliseconds of single requests, one after another on one connection; all are for feeds."""
    connection, times = Connection(port), []
    for request in requests:
        spelled = request.spell(port)
        start = perf_counter()
        answer = connection.ask(spelled)
        times.append((perf_counter() - start) * 1000)
        if answer.status != 200 or answer.body.count(b"<entry>") != ENTRIES:
            raise SystemExit(f"{request.path} was answered {answer.status}, not with {ENTRIES} entries")
    connection.close()
    return median(times)


def _wrk(seconds: float) -> str | None:
    return shutil.which("wrk") if seconds >= 1 else None


def _by_wrk(port: int, request: Request, seconds: float, *arguments: str) -> Load:
    headers = [part for name, value in request.headers for part in ("--header", f"{name}: {value}")]
    rounded = round(seconds)
    said = subprocess.run(
        [
            *(
                "wrk",
                f"-t{_THREADS}",
                f"-c{CONNECTIONS}",
                f"-d{rounded}s",
                "--timeout",
                "10s",
                "-s",
                str(_SCRIPT),
                *headers,
            ),
            *(f"http://127.0.0.1:{port}{request.path}", "--", *arguments),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=rounded + 30,
    ).stdout
    if (found := _SUMMARY.search(said)) is None:
        raise SystemExit(f"wrk said\n{said}")
    answered, microseconds, refused, broken, repeated = map(int, found.groups())
    if refused or broken:
        raise SystemExit(f"{request.path}: {refused} answers were errors, {broken} connections broke")
    return Load(answered, microseconds / 1e6, repeated)


def _by_ourselves(port: int, requests: Sequence[Request], seconds: float) -> Load:
    asked: Iterator[Request] = cycle(requests) if len(requests) == 1 else iter(requests)
    outcome = Pacer(port, CONNECTIONS).run(asked, seconds)
    if outcome.failures:
        raise SystemExit(outcome.failures[0])
    return Load(outcome.answered, outcome.seconds)
