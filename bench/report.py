"""Times -> Markdown: a table of calls with ratios to the other ways, a table of their parts, facts of the machine."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from importlib.metadata import version

from bench.cases import THRESHOLDS, VARIANTS
from bench.other_ways import SCANNED
from bench.results import table
from bench.stored import Built
from bench.timing import FIRSTS, LIMIT, Times

_CALLS = ("query", "matches", "median", "p99", "first", "by hand", "call / by hand", "scan", "scan / call")
_PARTS = ("query", "walked", "build statement", "walk index", "look up", "read documents", "decode", "SQLAlchemy")
_MEBI = 1 << 20


def tables(results: Sequence[Times], entries: int) -> str:
    """Return three tables and what their columns say."""
    unlimited = results[:: len(THRESHOLDS)]
    return f"""\
The newest {LIMIT} matches, in milliseconds. *First* is a call after a start, with the file out of the system's cache
(median of {FIRSTS}); all others are warm. *By hand* is a bare FTS5 query for the row ids alone. *Scan* decodes and asks
the predicate, newest first; a `>` tells that it gave up after {SCANNED:,} entries, before it was done.

{table(_CALLS, (_call(times, entries) for times in results))}

What a call is made of, in milliseconds (medians). *Walked* counts the rows of the index down to the last match;
*look up* is what the index can't decide.

{table(_PARTS, map(_parts, results))}

Each kind has up to {VARIANTS} queries, asked in turn. The first of them, without a threshold:

{table(("query", "parameters"), ((times.case.name, f"`{times.case.example}`") for times in unlimited), left=2)}
"""


def _call(times: Times, entries: int) -> tuple[str, ...]:
    more = "" if times.scan.complete else "> "
    return (
        times.case.name,
        f"{times.matches / entries:.3%}",
        f"{times.median:.2f}",
        f"**{times.p99:.2f}**",
        f"{times.first:.1f}",
        f"{times.by_hand:.2f}",
        f"{times.median / times.by_hand:.1f}",
        f"{more}{times.scan.time:.0f}",
        f"{more}{times.scan.time / times.median:.0f}",
    )


def _parts(times: Times) -> tuple[str, ...]:
    parts = times.parts
    costs = (parts.building, parts.walk, parts.look_ups, parts.documents, parts.decoding, times.sqlalchemy)
    return (times.case.name, f"{parts.walked:,.0f}", *(f"{max(cost, 0):.2f}" for cost in costs))


def facts(built: Built, memory: int) -> str:
    """Return what the numbers depend on: machine, versions, the store and how it was built."""
    sizes = ", ".join(f"{name} {size / _MEBI:,.0f}" for name, size in built.sizes.items() if size >= _MEBI)
    return f"""\
- {os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, \
SQLAlchemy {version("sqlalchemy")}
- {built.entries:,} entries, put in at {built.rate:,.0f} a second, with {built.memory / _MEBI:,.0f} MiB of memory at \
the peak
- MiB on disk: {sum(built.sizes.values()) / _MEBI:,.0f}; {sizes}
- Memory of this run at the peak: {memory / _MEBI:,.0f} MiB
"""
