"""Base entries -> the queries to measure, their words chosen by the share of entries that have them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice, pairwise

from feedserver.model import Entry
from feedserver.query import Query, parse_query
from feedserver.text import stem, terms, words

VARIANTS = 20  # queries of a kind, so that a round seldom asks for what the last one left in a cache
THRESHOLDS = (None, 20, 200)  # upvotes

_Given = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Case:
    """Queries of one kind, and the least upvotes that they ask for."""

    name: str
    queries: tuple[Query, ...]

    @property
    def example(self) -> str:
        """The parameters of the first query."""
        return "&".join(f"{name}={value}" for name, value in self.queries[0].parameters)


@dataclass(frozen=True, slots=True)
class _Shares:
    """In what share of the entries a word, a pair of adjoining words, an author occurs; words as they are spelled."""

    word: dict[str, float]
    pair: dict[tuple[str, str], float]
    author: dict[str, float]


def cases(base: Sequence[Entry]) -> tuple[Case, ...]:
    """Return every kind of query without and with ``min_upvotes``."""
    return tuple(_case(name, given, least) for name, given in _kinds(_count(base)) for least in THRESHOLDS)


def _case(name: str, given: Sequence[_Given], least: int | None) -> Case:
    more = [] if least is None else [("min_upvotes", str(least))]
    label = name if least is None else f"{name}, ≥ {least}"
    return Case(label, tuple(parse_query([*each, *more]) for each in given))


def _kinds(shares: _Shares) -> Iterator[tuple[str, list[_Given]]]:
    common = _between(shares.word, 0.5, 0.9)
    middling = _between(shares.word, 0.01, 0.05)
    rarest = min(shares.word.values())
    absent = [f"zzqx{letter}" for letter in "bcdfghjklmnpqrstvwxz"]
    frequent = _between(shares.word, 0.2, 0.9)
    strangers = ((one, other) for one in frequent for other in frequent if one != other)
    yield "common keyword", _each("keywords", common)
    yield "middling keyword", _each("keywords", middling)
    yield "rare keyword", _each("keywords", _between(shares.word, rarest, max(rarest, 0.0001)))
    yield "absent keyword", _each("keywords", absent)
    yield "author", _each("authors", _between(shares.author, 0.001, 0.05))
    yield "author of three names", _each("authors", (name for name in _by_share(shares.author) if len(words(name)) > 2))
    yield "phrase", _each("keywords", map(" ".join, _between(shares.pair, 0.01, 0.05)))
    yield "absent phrase of frequent words", _each("keywords", _never_adjoining(strangers, shares.pair))
    yield "exclusion", _each("exclude", common)
    yield "keyword, exclusion", _both(_each("keywords", middling), _each("exclude", common))


def _each(parameter: str, values: Iterable[str]) -> list[_Given]:
    return [[(parameter, value)] for value in islice(values, VARIANTS)]


def _both(some: list[_Given], others: list[_Given]) -> list[_Given]:
    return [one + other for one, other in zip(some, cycle(others), strict=False)]


def _between[T](shares: dict[T, float], low: float, high: float) -> list[T]: ...
