"""Entries -> how many a second the store takes in, and a bare FTS5 table that is given the same texts."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.rounds import Rounds
from bench.stored import LISTING, ensure
from feedserver.model import Entry

STORE, BARE = "store", "bare"
_TABLE = """CREATE VIRTUAL TABLE bare USING fts5(
    title, summary, authors, organisation, submitter, keywords, ai_summary, categories, tokenize = 'unicode61')"""


def measure_import(entries: tuple[Entry, ...], rounds: int) -> Rounds:
    """Fill both in turn; the keys are STORE and BARE, the figures entries a second."""
    figures = Rounds()
    for number in range(1, rounds + 1):
        with TemporaryDirectory(prefix="feedserver-bench-") as folder:
            figures.add(STORE, ensure(Path(folder, "store.sqlite"), entries).rate)
            figures.add(BARE, len(entries) / _fill(Path(folder, "bare.sqlite"), entries))
        told = "; ".join(f"{key} {figures.median(key):,.0f}/s" for key in (STORE, BARE))
        print(f"  import, round {number} of {rounds}: {told}", flush=True)
    return figures


def _fill(path: Path, entries: tuple[Entry, ...]) -> float:
    """Insert as many in a transaction as the store is given in one; return the seconds."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(_TABLE)
        start = perf_counter()
        for first in range(0, len(entries), LISTING):
            with connection:
                texts = _texts(entries[first : first + LISTING])
                connection.executemany("INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?, ?)", texts)
        return perf_counter() - start


def _texts(entries: tuple[Entry, ...]) -> Iterator[tuple[str, ...]]:
    for entry in entries:
        yield (
            entry.title,
            entry.summary,
            ", ".join(entry.authors),
            entry.organisation.full_name if entry.organisation else "",
            entry.submitter.name if entry.submitter else "",
            ", ".join(entry.ai_keywords),
            entry.ai_summary or "",
            " ".join(entry.categories),
        )
