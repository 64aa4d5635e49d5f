"""What upstream answered, the store's seals -> the editions of a top or digest as they have to be. Brute force.

To a period belongs what entered the feed in it, ranked by the highest counts that had been answered when a seal reached
its end. No line of this is shared with the server.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from bench.replay_oracle import Oracle

EDGE = 120.0  # seconds around the end of a period, in which it is not sure to which one an answer belongs: a poll lasts


class Sealed(NamedTuple):
    """Until when all is kept, and when the last change of the store was that the seal knows of; seconds since 1970."""

    until: float
    kept: float


@dataclass(frozen=True, slots=True)
class Edition:
    """A period, from ``start`` to ``end`` in seconds since 1970, and what entered in it, with the upvotes by its seal.

    ``unsure`` is what may belong to this period or to the one beside it.
    """

    start: float
    end: float
    votes: dict[str, int]
    unsure: frozenset[str]

    def best(self, most: int) -> int:
        """Return how many entries it shows, of so many at most, where nothing is unsure."""
        return min(most, len(self.votes))


def editions(oracle: Oracle, feed: str, period: str, seals: Sequence[Sealed]) -> Iterator[Edition]:
    """Yield the editions that have been sealed, the earliest first; empty ones too."""
    entered = sorted((at, name) for name, at in oracle.possible[feed].items())
    votes: dict[str, int] = {}
    answers = iter(oracle.heard)
    answer = next(answers, None)
    for start, end in _periods(oracle.heard[0][0], period) if oracle.heard else ():
        seal = next((seal for seal in seals if seal.until >= end), None)
        if seal is None:
            return
        while answer and int(answer[0]) <= seal.kept:
            votes.update((name, max(count, votes.get(name, 0))) for name, count in answer[1])
            answer = next(answers, None)
        near = {name: at for at, name in entered if start - EDGE <= at < end + EDGE and name in votes}
        unsure = frozenset(name for name, at in near.items() if min(abs(at - start), abs(at - end)) <= EDGE)
        yield Edition(start, end, {name: votes[name] for name in near}, unsure)


def _periods(first: float, kind: str) -> Iterator[tuple[float, float]]:
    """Yield days or weeks, from the one in which a moment lies."""
    day, length = datetime.fromtimestamp(first, UTC).date(), timedelta(days=1 if kind == "day" else 7)
    if kind == "week":
        day -= timedelta(days=day.weekday())
    while True:
        yield _start(day), _start(day + length)
        day += length


def _start(day: date) -> float:
    return datetime.combine(day, time.min, UTC).timestamp()


def faults(edition: Edition, shown: Sequence[str], most: int) -> Iterator[str]:
    """Yield what is wrong with what a top shows of a period, the best first, or a digest lists."""
    least = min(most, len(edition.votes) - len(edition.unsure))
    if not least <= len(shown) <= edition.best(most):
        yield f"{len(shown)} entries, not {edition.best(most)}"
    if strange := [name for name in shown if name not in edition.votes]:
        yield f"{strange[0]} did not enter in it"
        return
    votes = [edition.votes[name] for name in shown]
    if votes != sorted(votes, reverse=True):
        yield "not the best first"
    others = [count for name, count in edition.votes.items() if name not in {*shown, *edition.unsure}]
    if votes and max(others, default=0) > votes[-1] and len(shown) >= least:
        yield f"something with {max(others)} upvotes is missing, and something with {votes[-1]} is there"
