"""Base entries -> the queries to measure, their words chosen by the share of entries that have them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice, pairwise, permutations
from typing import TypeVar

from feedserver.model import Entry
from feedserver.query import Query, parse_query
from feedserver.text import stem, words

VARIANTS = 20  # queries of a kind, so that a round seldom asks for what the last one left in a cache
THRESHOLDS = (None, 20, 200)  # upvotes
SHORTEST = 5  # letters: nobody subscribes to "that"

_Given = list[tuple[str, str]]
_T = TypeVar("_T", str, tuple[str, str])


@dataclass(frozen=True, slots=True)
class Case:
    """Queries of one kind with one threshold."""

    name: str
    queries: tuple[Query, ...]

    @property
    def example(self) -> str:
        """The parameters of the first query."""
        return "&".join(f"{name}={value}" for name, value in self.queries[0].parameters)


@dataclass(frozen=True, slots=True)
class Shares:
    """In what share of the entries a word, a pair of adjoining words, an author occurs."""

    word: dict[str, float]
    pair: dict[tuple[str, str], float]
    author: dict[str, float]


def choose(base: Sequence[Entry]) -> tuple[Case, ...]:
    """Return every kind of query without and with ``min_upvotes``."""
    return tuple(_case(name, given, least) for name, given in _kinds(measure(base)) for least in THRESHOLDS)


def _case(name: str, given: Sequence[_Given], least: int | None) -> Case:
    more = [] if least is None else [("min_upvotes", str(least))]
    label = name if least is None else f"{name}, ≥ {least}"
    return Case(label, tuple(parse_query([*each, *more]) for each in given))


def _kinds(shares: Shares) -> Iterator[tuple[str, list[_Given]]]:
    common, middling = _between(shares.word, 0.5, 0.9), _between(shares.word, 0.01, 0.05)
    rarest = min(shares.word.values())
    triple = {name: share for name, share in shares.author.items() if len(words(name)) > 2}
    strangers = (pair for pair in permutations(_between(shares.word, 0.25, 0.9), 2) if pair not in shares.pair)
    yield "common keyword", _each("keywords", common)
    yield "middling keyword", _each("keywords", middling)
    yield "rare keyword", _each("keywords", _between(shares.word, rarest, max(rarest, 0.0001)))
    yield "absent keyword", _each("keywords", (f"zzqx{letter}" for letter in "bcdfghjklmnpqrstvwxz"))
    yield "author", _each("authors", _between(shares.author, 0.001, 0.05))
    yield "author of three names", _each("authors", _between(triple, 0.0005, 0.05))
    yield "phrase", _each("keywords", map(" ".join, _between(shares.pair, 0.01, 0.05)))
    yield "absent phrase of frequent words", _each("keywords", map(" ".join, strangers))
    yield "exclusion", _each("exclude", common)
    yield "keyword and exclusion", _both(_each("keywords", middling), _each("exclude", common))


def _each(parameter: str, values: Iterable[str]) -> list[_Given]:
    return [[(parameter, value)] for value in islice(values, VARIANTS)]


def _both(some: list[_Given], others: list[_Given]) -> list[_Given]:
    return [one + other for one, other in zip(some, cycle(others), strict=False)]


def _between(shares: dict[_T, float], low: float, high: float) -> list[_T]:
    """Return up to ``VARIANTS`` of what has such a share, from all over the range."""
    found = sorted((value for value, share in shares.items() if low <= share <= high), key=lambda v: (-shares[v], v))
    return found[:: -(-len(found) // VARIANTS)] if found else found


def measure(base: Sequence[Entry]) -> Shares:
    spelled: Counter[str] = Counter()
    word: Counter[str] = Counter()
    pair: Counter[tuple[str, str]] = Counter()
    author: Counter[str] = Counter()
    for entry in base:
        texts = [words(entry.title), words(entry.summary)]
        spelled.update(one for text in texts for one in text)
        stems = [[stem(one) for one in text] for text in texts]
        word.update({one for text in stems for one in text})
        pair.update({both for text in stems for both in pairwise(text)})
        author.update(set(entry.authors))
    spelling = _spellings(spelled)
    size = len(base)
    return Shares(
        {spelling[one]: count / size for one, count in word.items() if one in spelling},
        {
            (spelling[one], spelling[other]): count / size
            for (one, other), count in pair.items()
            if one in spelling and other in spelling
        },
        {name: count / size for name, count in author.items()},
    )


def _spellings(spelled: Counter[str]) -> dict[str, str]:
    """Return the most frequent spelling of each stem, where that can be a keyword."""
    usual = {stem(one): one for one in sorted(spelled, key=lambda one: (spelled[one], one))}
    return {each: one for each, one in usual.items() if len(one) >= SHORTEST and one.isascii() and one.isalpha()}
