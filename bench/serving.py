"""What was measured of serving -> Markdown: the claims first, then the figures that they rest on, then the plot."""

import os
import platform
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from importlib.metadata import version
from operator import itemgetter

from bench import importing, sizes
from bench.breakdown import ROOMS, Breakdown
from bench.claims import Claim, Target, claims_table
from bench.hot import BARE, BARE_GRANIAN, KINDS, NAIVE, NGINX, OURS, OURS_GRANIAN, PROCESSOR, RATE, VARIANTS
from bench.load import CONNECTIONS, generator
from bench.plot import Line
from bench.processes import Memory
from bench.rates import SHARE, Paced
from bench.results import table
from bench.rounds import Rounds
from bench.servers import WORKERS, missing, version_of
from bench.sizes import EVERYDAY, HOT, MIXES, RARE, SINGLE

_MEBI = 1 << 20
_LEAST = 0.01  # ms; what takes less is left out of the breakdown


@dataclass(frozen=True, slots=True)
class Measured:
    """All figures of one run.

    ``busy`` is the load average before it, ``starts`` are seconds, ``held`` are the bytes of the stores that were kept
    in memory.
    """

    origin: str
    sizes: Sequence[int]
    held: int
    seconds: float
    busy: float
    feed_bytes: int
    hot: Rounds
    unseen: Rounds
    paced: Mapping[str, Paced]
    starts: Rounds
    memory: Mapping[str, Sequence[Memory]]
    imported: Rounds
    breakdowns: Mapping[str, Breakdown]


def report(found: Measured) -> str:
    """Return the section."""
    return f"""\
`bench/serve.py`; {found.origin}.

{_facts(found)}

{claims_table(_claims(found))}

## One feed, again and again

Answers a second at {CONNECTIONS} connections for one feed of 50 entries ({found.feed_bytes:,} bytes), and what an
answer costs the workers in microseconds of processor time, which a busy machine changes less.{_absent()}

{table(("", *(f"{each}, {unit}" for each in VARIANTS for unit in ("/s", "µs"))), _hot_lines(found.hot))}

## Filters that nobody asked for before

50 entries each, plain, gunicorn. *Everyday* filters ask for what at least 1 entry in 100 has, *rare* ones for what
fewer than 1 in 1,000 have, so that their entries come from all over the store and were rendered by nobody before (in a
store of 10,000, all entries soon were). *Single* is the median of requests one after another on one connection.

{table(("entries", "filters", "/s", "of bare", "single, ms", "hot single, ms"), _unseen_lines(found), left=2)}

![Cost of a request by size of the store](serving.svg)

## At a fixed rate

Latencies in milliseconds at {SHARE:.0%} of what was measured above, from the moment at which each request was due.

{table(("", "requests/s", "p50", "p99"), _paced_lines(found.paced))}

## Memory

MiB of each worker after all that load, with {found.sizes[-1]:,} entries in the store. RSS counts what workers share in
each of them, PSS once.

{table(("", "RSS", "PSS"), _memory_lines(found.memory))}

## Where the time of an unseen request goes

Milliseconds, {found.sizes[-1]:,} entries, sampled inside of one process by the innermost room that was at work.

{table(("", *found.breakdowns), _breakdown_lines(found))}

The functions of our own that were at work for longest, with the libraries that they called:

{table(("everyday", "ms", "rare", "ms"), _function_lines(found.breakdowns))}
"""


def lines(found: Measured) -> tuple[Line, ...]:
    """Return what is to be plotted."""
    return tuple(
        Line(name, tuple((size, found.unseen.median((size, key, SINGLE))) for size in found.sizes))
        for name, key in (("unseen, rare", RARE), ("unseen, everyday", EVERYDAY), ("hot", HOT))
    )


def _facts(found: Measured) -> str:
    tools = [f"gunicorn {version('gunicorn')}", *([] if missing("granian") else [f"Granian {version('granian')}"])]
    tools += [] if missing("nginx") else [f"nginx {version_of('nginx')}"]
    return f"""\
- {os.cpu_count()} cores ({platform.machine()}) for servers and load together; Python {platform.python_version()}, \
SQLite {sqlite3.sqlite_version}, {", ".join(tools)}; {WORKERS} workers each
- Load: {generator(found.seconds)}; load average before the run: {found.busy:.2f}
- The stores' files are held in memory ({found.held / _MEBI:,.0f} MiB), as the system's cache would hold them
- Medians; a ratio is the median of the ratios within each round. Stores of {", ".join(f"{n:,}" for n in found.sizes)} \
entries"""


def _absent() -> str:
    absent = [name for name in ("nginx", "granian") if missing(name)]
    return f" Not installed here: {', '.join(absent)}." if absent else ""


def _claims(found: Measured) -> Iterator[Claim]:
    for variant in VARIANTS:
        yield _compared(found.hot, variant, OURS, BARE, Target("ratio", "≥", 0.9))
    for variant in VARIANTS:
        if (OURS_GRANIAN, variant, RATE) in found.hot:
            yield _compared(found.hot, variant, OURS_GRANIAN, BARE_GRANIAN)
            if (NGINX, variant, RATE) in found.hot:
                yield _compared(found.hot, variant, OURS_GRANIAN, NGINX, Target("ratio", "≥", 0.35))
    yield _compared(found.hot, VARIANTS[0], OURS, NAIVE)
    for mix in MIXES:
        yield from _unseen_claims(found, mix)
    ready, bare = found.starts.median(OURS), found.starts.median(BARE)
    beside = f"bare: {bare:.2f} s"
    yield Claim("start to the first feed", ready, "s", beside, ready / bare, Target("measured", "<", 1, "s"))
    if workers := found.memory.get(OURS):
        yield Claim(
            "largest worker, RSS", max(each.rss for each in workers) / _MEBI, "MiB",
            target=Target("measured", "<", 120, "MiB"),
        )  # fmt: skip
    for fts5, what in ((importing.TERMS, "the same terms, ready-made"), (importing.BARE, "the same texts")):
        yield Claim(
            "import", found.imported.median(importing.STORE), "entries/s",
            f"bare FTS5, {what}: {found.imported.median(fts5):,.0f}",
            found.imported.ratio(importing.STORE, fts5), Target("ratio", "≥", 0.5),
        )  # fmt: skip


def _compared(figures: Rounds, variant: str, ours: str, other: str, target: Target | None = None) -> Claim:
    one, two = (ours, variant, RATE), (other, variant, RATE)
    where = "Granian" if ours == OURS_GRANIAN else "gunicorn"
    what, beside = f"hot, {variant}, {where}", f"{other}: {figures.median(two):,.0f}"
    return Claim(what, figures.median(one), "/s", beside, figures.ratio(one, two), target)


def _unseen_claims(found: Measured, mix: str) -> Iterator[Claim]:
    figures, bare = found.unseen, (0, sizes.BARE, sizes.RATE)
    for size in found.sizes:
        key = (size, mix, sizes.RATE)
        what, beside = f"unseen, {mix}, {size:,} entries", f"bare function: {figures.median(bare):,.0f}"
        yield Claim(what, figures.median(key), "/s", beside, figures.ratio(key, bare), Target("ratio", "≥", 0.15))
    smallest, largest = ((size, mix, SINGLE) for size in (found.sizes[0], found.sizes[-1]))
    what = f"unseen, {mix}, {found.sizes[-1]:,} entries, single"
    yield Claim(what, figures.median(largest), "ms", target=Target("measured", "<", 5, "ms"))
    beside, growth = f"{found.sizes[0]:,} entries: {figures.median(smallest):.2f}", figures.ratio(largest, smallest)
    yield Claim(what, figures.median(largest), "ms", beside, growth, Target("ratio", "≤", 1.5))


def _hot_lines(figures: Rounds) -> Iterator[Sequence[str]]:
    for kind in KINDS:
        if (kind, VARIANTS[0], RATE) in figures:
            cells = [_cell(figures, (kind, each, unit)) for each in VARIANTS for unit in (RATE, PROCESSOR)]
            yield kind, *cells
    for ours, other in ((OURS, BARE), (OURS_GRANIAN, BARE_GRANIAN)):
        if (ours, VARIANTS[0], PROCESSOR) in figures:
            yield f"{ours} / bare", *_ratios(figures, ours, other)


def _cell(figures: Rounds, key: tuple[str, str, str]) -> str:
    return f"{figures.median(key):,.0f}" if key in figures else ""


def _ratios(figures: Rounds, ours: str, other: str) -> Iterator[str]:
    for variant in VARIANTS:
        for unit in (RATE, PROCESSOR):
            yield f"{figures.ratio((ours, variant, unit), (other, variant, unit)):.2f}"


def _unseen_lines(found: Measured) -> Iterator[Sequence[str]]:
    figures, bare = found.unseen, (0, sizes.BARE)
    for size in found.sizes:
        for mix in MIXES:
            rate, single = (size, mix, sizes.RATE), (size, mix, SINGLE)
            hot_single = figures.median((size, HOT, SINGLE))
            share = figures.ratio(rate, (*bare, sizes.RATE))
            cells = figures.median(rate), figures.median(single), hot_single
            yield f"{size:,}", mix, f"{cells[0]:,.0f}", f"{share:.2f}", *(f"{each:.2f}" for each in cells[1:])
    most, least = (figures.median((*bare, unit)) for unit in (sizes.RATE, SINGLE))
    yield "", "bare function", f"{most:,.0f}", "1", f"{least:.2f}", ""


def _paced_lines(paced: Mapping[str, Paced]) -> Iterator[Sequence[str]]:
    for name, one in paced.items():
        yield name, f"{one.rate:,.0f}", f"{one.p50:.2f}", f"{one.p99:.2f}"


def _memory_lines(memory: Mapping[str, Sequence[Memory]]) -> Iterator[Sequence[str]]:
    for kind, workers in memory.items():
        for one in workers:
            yield kind, f"{one.rss / _MEBI:.0f}", f"{one.pss / _MEBI:.0f}"


def _breakdown_lines(found: Measured) -> Iterator[Sequence[str]]:
    parts = list(found.breakdowns.values())
    for room in sorted(ROOMS, key=lambda each: -parts[0].rooms[each]):
        if any(part.rooms[room] >= _LEAST for part in parts):
            yield room, *(f"{part.rooms[room]:.2f}" for part in parts)
    yield "together", *(f"{part.total:.2f}" for part in parts)
    bare = found.unseen.median((0, sizes.BARE, SINGLE))
    yield "gunicorn, network, client: a bare function's single request", *([f"{bare:.2f}"] * len(parts))
    singles = (found.unseen.median((found.sizes[-1], mix, SINGLE)) for mix in found.breakdowns)
    yield "measured from outside", *(f"{each:.2f}" for each in singles)


def _function_lines(breakdowns: Mapping[str, Breakdown], count: int = 12) -> Iterator[Sequence[str]]:
    tops = [nlargest(count, part.functions.items(), key=itemgetter(1)) for part in breakdowns.values()]
    for pairs in zip(*tops, strict=False):
        yield tuple(cell for name, cost in pairs for cell in (f"`{name}`", f"{cost:.2f}"))
