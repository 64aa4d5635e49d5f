"""A store and a case -> its times in milliseconds: first and warm calls, their parts, and other ways beside them."""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass
from functools import partial
from itertools import cycle, islice
from math import ceil
from pathlib import Path
from statistics import median

from bench.cases import Case
from bench.other_ways import Scan, by_hand, scan
from bench.parts import Parting, Parts, connect, timed
from feedserver.filters import Filter
from feedserver.store import SqliteStore

LIMIT = 50
FIRSTS = 5  # first calls, fewer if there are fewer rounds


@dataclass(frozen=True, slots=True)
class Times:
    """What was measured of a case: every warm call in ``warm``, medians; ``matches`` are those of its first query."""

    case: Case
    matches: int
    warm: tuple[float, ...]
    first: float
    by_hand: float
    scan: Scan
    parts: Parts

    @property
    def median(self) -> float:
        """The warm call in the middle."""
        return median(self.warm)

    @property
    def p99(self) -> float:
        """What 99 of 100 warm calls stay within."""
        return sorted(self.warm)[ceil(0.99 * len(self.warm)) - 1]

    @property
    def sqlalchemy(self) -> float:
        """What a call takes beyond its parts: finding the compiled statement, a connection, the transaction."""
        return self.median - self.parts.total


def measure(path: Path, case: Case, rounds: int) -> Times:
    """Ask the queries of a case in turn: each once unmeasured, then ``rounds`` calls with the other ways in between."""
    filters = [query.filter for query in case.queries]
    first = median(_first_calls(path, list(islice(cycle(filters), min(FIRSTS, rounds)))))
    warm, hand, parts = [], [], []
    with closing(SqliteStore(path)) as store, closing(connect(path)) as bare, closing(Parting(path)) as parting:
        for asked in filters:
            store.select(asked, "listed", LIMIT)
        for asked in islice(cycle(filters), rounds):
            warm.append(timed(partial(store.select, asked, "listed", LIMIT))[0])
            hand.append(by_hand(bare, asked, LIMIT))
            parts.append(parting.take(asked, LIMIT))
        return Times(
            case=case,
            matches=store.count(filters[0]),
            warm=tuple(warm),
            first=first,
            by_hand=median(hand),
            scan=scan(bare, filters[0], LIMIT),
            parts=Parts(*map(median, zip(*map(astuple, parts), strict=True))),
        )


def _first_calls(path: Path, filters: Sequence[Filter]) -> Iterator[float]:
    """Ask as after a start: nothing compiled, and the file no longer in the system's cache where that can be had."""
    for asked in filters:
        _evict(path)
        with closing(SqliteStore(path)) as store:
            yield timed(partial(store.select, asked, "listed", LIMIT))[0]


def _evict(path: Path) -> None:
    if hasattr(os, "posix_fadvise"):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
