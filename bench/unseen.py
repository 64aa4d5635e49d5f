"""Base entries -> requests for feeds that nobody asked for before, no two alike, each with 50 entries.

Everyday ones ask for words, phrases and names that at least one entry in a hundred has. Rare ones ask for some that
fewer than one in a thousand has, just so many of them that the 50 entries come from all over the store.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from random import Random
from typing import TypeVar
from urllib.parse import urlencode

from bench.cases import Shares
from bench.client import Request
from feedserver.errors import QueryError
from feedserver.query import parse_query
from feedserver.store import SqliteStore

LIMIT = 50
EVERYDAY, RARE = 0.01, 0.001  # shares of the entries: at least, below
_COMMON = 0.25
_THRESHOLDS = range(5, 51)  # upvotes
_MOST_VALUES = 60  # of a parameter
_MOST_MISSES = 3_000  # candidates in a row that fall short of 50 entries

_Parameters = dict[str, str]
_T = TypeVar("_T", str, tuple[str, str])


class Supply:
    """Candidates that one store answers with 50 entries, found as they are needed."""

    def __init__(self, store: Path, candidates: Iterator[_Parameters]) -> None:
        """Ask nothing yet."""
        self._store = store
        self._candidates = candidates
        self._found: list[Request] = []
        self._known: set[frozenset[tuple[str, str]]] = set()

    def part(self, start: int, count: int) -> list[Request]:
        """Return ``count`` requests from a position on; fewer where there are no more to be found."""
        if (lacking := start + count - len(self._found)) > 0:
            self._find(lacking)
        return self._found[start : start + count]

    def _find(self, count: int) -> None:
        misses = 0
        with closing(SqliteStore(self._store)) as store:
            while count and misses < _MOST_MISSES:
                parameters = next(self._candidates)
                if self._is_new(parameters) and _fills(store, parameters):
                    self._found.append(Request(f"/feed.atom?{urlencode(parameters)}", kind="unseen"))
                    count, misses = count - 1, 0
                else:
                    misses += 1

    def _is_new(self, parameters: _Parameters) -> bool:
        alike = frozenset((name, part) for name, value in parameters.items() for part in value.split(","))
        new = alike not in self._known
        self._known.add(alike)
        return new


class Tap:
    """One server's way through a supply: what was taken once never comes again."""

    def __init__(self, supply: Supply) -> None:
        """Begin at the beginning."""
        self._supply = supply
        self._taken = 0

    def take(self, count: int) -> list[Request]:
        """Return the next requests. Ends the program where there are none."""
        requests = self._supply.part(self._taken, count)
        self._taken += len(requests)
        if not requests:
            raise SystemExit(f"after {self._taken} requests there are no more that give {LIMIT} entries")
        return requests


def everyday(shares: Shares, seed: int) -> Iterator[_Parameters]:
    """Yield candidates without end: any of two words, both, one without the other, phrases, names."""
    random = Random(seed)
    common = _within(shares.word, _COMMON, 0.9)
    middling = _within(shares.word, EVERYDAY, _COMMON)
    phrases = [" ".join(pair) for pair in _within(shares.pair, EVERYDAY, 1)]
    authors = {name: share for name, share in shares.author.items() if share >= RARE}
    while True:
        one, other, usual = *random.sample(middling, 2), random.choice(common)
        yield random.choice(
            [
                {"keywords": f"{one},{other}"},
                {"q": f"{one} {usual}"},
                {"q": f"{one} -{other}"},
                {"q": f"{usual} -{one}"},
                {"keywords": random.choice(phrases), "exclude": one},
                {"keywords": f"{random.choice(phrases)},{one}"},
                {"authors": ",".join(_together(authors, EVERYDAY, random))},
            ]
        ) | _threshold(random)


def rare(shares: Shares, size: int, seed: int) -> Iterator[_Parameters]:
    """Yield candidates without end for a store of that size: any of some rare words, any of some rare names."""
    random = Random(seed)
    enough = LIMIT / size
    words, authors = (_rarest(each, enough) for each in (shares.word, shares.author))
    while True:
        name, pool = random.choice([("keywords", words), ("authors", authors)])
        more = _threshold(random)
        wanted = enough * random.uniform(1.3, 2) * (random.uniform(1, 4) if more else 1)
        yield {name: ",".join(_together(pool, wanted, random))} | more


def _fills(store: SqliteStore, parameters: _Parameters) -> bool:
    try:
        query = parse_query(parameters.items())
    except QueryError:  # some names are more than a name
        return False
    return len(store.select(query.filter, "listed", LIMIT)) == LIMIT


def _within(shares: dict[_T, float], low: float, high: float) -> Sequence[_T]:
    return sorted(each for each, share in shares.items() if low <= share < high)


def _rarest(shares: dict[str, float], enough: float) -> dict[str, float]:
    """Return what is rare, and where one alone is enough for an answer, the rarest of that."""
    below = max(RARE, 10 * enough / _MOST_VALUES)  # a small store has too few entries with any one rare word
    most = min(below, max(2 * enough, 1.5 * min(shares.values())))
    return {each: share for each, share in shares.items() if min(enough / 8, most / 2) <= share < most}


def _together(shares: dict[str, float], wanted: float, random: Random) -> Sequence[str]:
    """Draw until all that was drawn has the share that is wanted."""
    known, chosen = list(shares), set[str]()
    while sum(shares[each] for each in chosen) < wanted and len(chosen) < min(_MOST_VALUES, len(known)):
        chosen.add(random.choice(known))
    return sorted(chosen)


def _threshold(random: Random) -> _Parameters:
    """Ask for upvotes in one case of three."""
    return {"min_upvotes": str(random.choice(_THRESHOLDS))} if random.randrange(3) == 0 else {}
