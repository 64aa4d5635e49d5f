"""Measure the server over HTTP: hot feeds, filters nobody asked for before, latencies, start, memory, import, profile.

``python bench/serve.py`` builds stores first, or takes those that it built before; ``--smoke`` takes seconds, needs
neither nginx nor wrk nor Granian, and fails where an answer is wrong; ``--write`` keeps the tables in
``bench/RESULTS.md`` and the plot in ``bench/serving.svg``. Times are noisy: read the ratios, which come from rounds in
which all that is compared is measured in turn.
"""

import gc
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.pop(0)  # this folder, in which a file stands for the standard library's `select`
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from itertools import repeat
from tempfile import TemporaryDirectory

import click

from bench.base import DATA, SEED, Base, load_base
from bench.breakdown import Breakdown, break_down
from bench.cases import measure
from bench.folders import furnish
from bench.hot import BARE, OURS, OURS_GRANIAN, PATH, PLAIN, RATE, Contestant, contestants, measure_hot
from bench.importing import measure_import
from bench.plot import draw
from bench.processes import KNOWN, Memory, memory
from bench.rates import SHARE, Paced, at_rate
from bench.resident import resident
from bench.results import SERVING, write_section
from bench.rounds import Rounds
from bench.servers import gunicorn, running
from bench.serving import Measured, lines, report
from bench.sizes import EVERYDAY, MIXES, RARE, Sized, Span, measure_sizes
from bench.sizes import RATE as UNSEEN_RATE
from bench.stored import CACHE
from bench.unseen import Supply, Tap, everyday, rare

PLOT = Path(__file__).with_name("serving.svg")


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured; times in seconds."""

    sizes: tuple[int, ...]
    hot_rounds: int
    seconds: float
    span: Span
    paced_runs: int
    paced_seconds: float
    starts: int
    imported: int
    imports: int
    profiled: int


FULL = Extent((10_000, 100_000, 1_000_000), 15, 1, Span(7, 2, 100), 3, 10, 7, 20_000, 3, 500)
SMOKE = Extent((1_000, 2_000), 1, 0.3, Span(1, 0.3, 5), 1, 0.5, 1, 500, 1, 20)


@click.command()
@click.option("--sizes", default="", help="Entries in the stores, with commas; default: 10000,100000,1000000.")
@click.option("--rounds", type=int, help="How often each hot feed is measured; unseen ones half as often.")
@click.option("--captured", "saved", type=click.Path(path_type=Path), default=DATA, help="Folder of list answers.")
@click.option("--smoke", is_flag=True, help="Small stores, one short round of everything.")
@click.option("--write", is_flag=True, help="Keep the tables in bench/RESULTS.md and the plot beside it.")
def main(sizes: str, rounds: int | None, saved: Path, smoke: bool, write: bool) -> None:
    """Measure how the server serves."""
    if smoke and write:
        raise click.UsageError("--smoke measures too little to be written down")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended as well
    extent, base = (SMOKE, load_base(saved).some()) if smoke else (FULL, load_base(saved))
    if sizes or rounds:
        extent = _changed(extent, sizes, rounds)
    with TemporaryDirectory(prefix="feedserver-bench-") as folder:
        found = _measure(base, extent, Path(folder), Path(folder, "stores") if smoke else CACHE)
    text, plot = report(found), draw("Cost of a request, gunicorn, one connection", lines(found))
    print(f"\n{text}")
    if write:
        write_section(SERVING, text)
        PLOT.write_text(plot, encoding="utf-8")


def _changed(extent: Extent, sizes: str, rounds: int | None) -> Extent:
    wanted = tuple(sorted(map(int, sizes.split(",")))) if sizes else extent.sizes
    hot_rounds = rounds or extent.hot_rounds
    span = replace(extent.span, rounds=max(1, hot_rounds // 2)) if rounds else extent.span
    return replace(extent, sizes=wanted, hot_rounds=hot_rounds, span=span)


def _measure(base: Base, extent: Extent, folder: Path, stores_folder: Path) -> Measured:
    busy, _, _ = os.getloadavg()
    stores = {size: _built(base, size, stores_folder) for size in extent.sizes}
    environments = {size: furnish(folder / str(size), store) for size, store in stores.items()}
    largest = extent.sizes[-1]
    supplies = _supplies(base, stores)
    entries = base.drawn(extent.imported)
    gc.collect()
    gc.freeze()  # what is here by now stays, and the garbage collector need not look at it
    with ExitStack() as stack:
        held_bytes = stack.enter_context(resident(stores.values()))
        found = stack.enter_context(contestants(stores[largest], environments[largest], folder / "feed"))
        hot = measure_hot(found, extent.hot_rounds, extent.seconds)
        sized = []
        for size in extent.sizes:
            server = (
                found[OURS].server if size == largest
                else stack.enter_context(running(gunicorn(), environments[size], PATH))
            )  # fmt: skip
            sized.append(Sized(size, server, {mix: Tap(supplies[size, mix]) for mix in MIXES}))
        unseen = measure_sizes(sized, found[BARE].server, extent.span)
        capacity = {"hot": hot.median((OURS, PLAIN, RATE)), **_capacities(unseen, largest)}
        paced = dict(_pace(found, sized[-1], capacity, extent))
        held = dict(_memory(found)) if KNOWN else {}
        feed_bytes = (folder / "feed" / "feed.atom").stat().st_size
        starts = _starts(environments[largest], {"FEEDBENCH_FOLDER": str(folder / "feed")}, extent.starts)
    imported = measure_import(entries, extent.imports)
    with resident([stores[largest]]):
        breakdowns = dict(_breakdowns(environments[largest], supplies, largest, extent.profiled))
    return Measured(
        str(base),
        extent.sizes,
        held_bytes,
        extent.seconds,
        busy,
        feed_bytes,
        hot,
        unseen,
        paced,
        starts,
        held,
        imported,
        breakdowns,
    )


def _built(base: Base, size: int, folder: Path) -> Path:
    print(f"a store of {size:,} entries", flush=True)
    return base.store(size, folder)[0]


def _supplies(base: Base, stores: Mapping[int, Path]) -> dict[tuple[int, str], Supply]:
    """Return where requests come from: the same everyday ones for all stores, rare ones for each."""
    shares = measure(base.entries)
    usual = Supply(stores[min(stores)], everyday(shares, SEED))
    return {(size, EVERYDAY): usual for size in stores} | {
        (size, RARE): Supply(store, rare(shares, size, SEED)) for size, store in stores.items()
    }


def _capacities(unseen: Rounds, size: int) -> dict[str, float]:
    return {mix: unseen.median((size, mix, UNSEEN_RATE)) for mix in MIXES}


def _pace(
    found: Mapping[str, Contestant], sized: Sized, capacity: Mapping[str, float], extent: Extent
) -> Iterator[tuple[str, Paced]]:
    runs, seconds = extent.paced_runs, extent.paced_seconds
    rate = SHARE * capacity["hot"]
    for kind in (BARE, OURS):
        asked = found[kind]
        paced = at_rate(asked.server.port, repeat(asked.requests[PLAIN]), rate, runs, seconds)
        yield f"hot: {kind}", paced
    for mix in MIXES:
        rate = SHARE * capacity[mix]
        requests = sized.taps[mix].take(round(rate * seconds * runs) + runs)
        yield f"unseen, {mix}: {OURS}", at_rate(sized.server.port, iter(requests), rate, runs, seconds)
    print("  fixed rates done", flush=True)


def _memory(found: Mapping[str, Contestant]) -> Iterator[tuple[str, list[Memory]]]:
    for kind in (OURS, OURS_GRANIAN):
        if kind in found:
            yield kind, [memory(pid) for pid in found[kind].server.workers()]


def _starts(ours: Mapping[str, str], bare: Mapping[str, str], runs: int) -> Rounds:
    figures = Rounds()
    for _ in range(runs):
        for kind, command, environment, path in (
            (OURS, gunicorn(), ours, PATH),
            (BARE, gunicorn("bench.bare:app"), bare, "/plain"),
        ):
            with running(command, environment, path) as server:
                figures.add(kind, server.seconds)
    return figures


def _breakdowns(
    environment: Mapping[str, str], supplies: Mapping[tuple[int, str], Supply], size: int, count: int
) -> Iterator[tuple[str, Breakdown]]:
    """Take requests apart that the servers know by now, but not this process."""
    for mix in MIXES:
        supply = supplies[size, mix]
        warming = supplies[size, EVERYDAY].part(count, count // 4)
        yield mix, break_down(environment, warming, supply.part(0, count))


if __name__ == "__main__":
    main()
