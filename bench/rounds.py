"""Figures by round -> medians and ratios: what is compared is measured in turn, so that a busy machine touches both."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from random import Random
from statistics import median
from typing import TypeVar

_T = TypeVar("_T")


class Rounds:
    """What was measured, by what it is of, one figure a round."""

    def __init__(self) -> None:
        """Start empty."""
        self._figures: dict[Hashable, list[float]] = defaultdict(list)

    def add(self, key: Hashable, figure: float) -> None:
        """Keep a figure of the current round."""
        self._figures[key].append(figure)

    def __contains__(self, key: Hashable) -> bool:
        """Whether there is any figure."""
        return key in self._figures

    def median(self, key: Hashable) -> float:
        """Return the middle one."""
        return median(self._figures[key])

    def ratio(self, key: Hashable, other: Hashable) -> float:
        """Return the median of the rounds' ratios."""
        return median(one / two for one, two in zip(self._figures[key], self._figures[other], strict=True))


def shuffled(things: Sequence[_T], rounds: int, seed: int = 1) -> Iterator[list[_T]]:
    """Yield the things in an order of its own for each round."""
    random = Random(seed)
    for _ in range(rounds):
        yield random.sample(things, len(things))
