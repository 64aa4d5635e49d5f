"""Stores of several sizes -> what an answer costs that nobody asked for before, beside a hot one and a bare one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat

from bench.client import Request
from bench.hot import PATH
from bench.load import in_turn, load
from bench.rounds import Rounds, shuffled
from bench.servers import Server
from bench.unseen import Tap

EVERYDAY, RARE, HOT, BARE = "everyday", "rare", "hot", "bare"
MIXES = (EVERYDAY, RARE)
RATE, SINGLE = "a second", "ms"


@dataclass(frozen=True, slots=True)
class Sized:
    """A server with a store of ``size`` entries, and where its unseen requests come from."""

    size: int
    server: Server
    taps: Mapping[str, Tap]


@dataclass(frozen=True, slots=True)
class Span:
    """How long each figure is measured: ``rounds`` of ``seconds`` of load and of ``singles`` requests in turn."""

    rounds: int
    seconds: float
    singles: int


def measure_sizes(sized: list[Sized], bare: Server, span: Span) -> Rounds:
    """Load one after another; the keys are (size, mix or HOT, RATE or SINGLE), and size 0 is the bare function."""
    figures = Rounds()
    for one in sized:  # the newest entries have been rendered in a server that runs for a while
        load(one.server.port, one.taps[EVERYDAY].take(span.singles), span.seconds)
    for number, order in enumerate(shuffled(sized, span.rounds), 1):
        figures.add((0, BARE, RATE), load(bare.port, [Request("/plain")], span.seconds).rate)
        figures.add((0, BARE, SINGLE), in_turn(bare.port, repeat(Request("/plain"), span.singles)))
        for one in order:
            _measure(one, span, figures)
        print(f"  unseen, round {number} of {span.rounds}: {'; '.join(_progress(figures, sized))}", flush=True)
    return figures


def _measure(one: Sized, span: Span, figures: Rounds) -> None:
    hot = repeat(Request(PATH), span.singles)
    figures.add((one.size, HOT, SINGLE), in_turn(one.server.port, hot))
    for mix in MIXES:
        single = in_turn(one.server.port, one.taps[mix].take(span.singles))
        expected = round(2 * span.seconds * 1000 / single)  # two workers, each as quick as it is alone
        figures.add((one.size, mix, SINGLE), single)
        figures.add((one.size, mix, RATE), _unseen_rate(one, mix, span.seconds, expected))


def _unseen_rate(one: Sized, mix: str, seconds: float, expected: int) -> float:
    """Return answers a second; with more requests at hand once more, if they did not last."""
    done = load(one.server.port, one.taps[mix].take(2 * expected), seconds)
    if done.repeated:
        return _unseen_rate(one, mix, seconds, 2 * expected)
    return done.rate


def _progress(figures: Rounds, sized: list[Sized]) -> Iterator[str]:
    for one in sized:
        for mix in MIXES:
            rate, single = (figures.median((one.size, mix, unit)) for unit in (RATE, SINGLE))
            yield f"{one.size:,} {mix} {rate:,.0f}/s, {single:.2f} ms"
