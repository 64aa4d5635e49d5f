"""A fixed rate -> latencies, counted from the moment at which each request was due."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from bench.client import Request
from bench.pacing import Pacer, percentile

CONNECTIONS = 32
SHARE = 0.5  # of what was measured that the server can do


@dataclass(frozen=True, slots=True)
class Paced:
    """Milliseconds at a rate (requests a second): medians over some runs, each with connections of its own."""

    rate: float
    p50: float
    p99: float


def at_rate(port: int, requests: Iterator[Request], rate: float, runs: int, seconds: float) -> Paced:
    """Ask at a rate. Ends the program where an answer is wrong."""
    p50s, p99s = [], []
    for _ in range(runs):
        outcome = Pacer(port, CONNECTIONS).run(requests, seconds, rate)
        if outcome.failures:
            raise SystemExit(outcome.failures[0])
        times = [each for some in outcome.latencies.values() for each in some]
        p50s.append(percentile(times, 0.5))
        p99s.append(percentile(times, 0.99))
    return Paced(rate, median(p50s), median(p99s))
