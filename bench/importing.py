"""Entries -> how many a second the store takes in, and bare FTS5 tables: of the same texts, and of its very terms."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.rounds import Rounds
from bench.stored import LISTING, ensure
from feedserver.model import Entry
from feedserver.store.fts5 import CREATE
from feedserver.store.terms import index_terms

STORE, BARE, TERMS = "store", "bare", "terms"
_TABLE = """CREATE VIRTUAL TABLE bare USING fts5(
    title, summary, authors, organisation, submitter, keywords, ai_summary, categories, tokenize = 'unicode61')"""


def measure_import(entries: tuple[Entry, ...], rounds: int) -> Rounds:
    """Fill both in turn; the keys are STORE and BARE, the figures entries a second."""
    figures = Rounds()
    for number in range(1, rounds + 1):
        with TemporaryDirectory(prefix="feedserver-bench-") as folder:
            figures.add(STORE, ensure(Path(folder, "store.sqlite"), entries).rate)
            figures.add(BARE, len(entries) / _fill(Path(folder, "bare.sqlite"), _TABLE, list(map(_texts, entries))))
            rows = list(map(index_terms, entries))  # the work that the store does before it inserts
            figures.add(TERMS, len(entries) / _fill(Path(folder, "terms.sqlite"), str(CREATE), rows))
        told = "; ".join(f"{key} {figures.median(key):,.0f}/s" for key in (STORE, BARE, TERMS))
        print(f"  import, round {number} of {rounds}: {told}", flush=True)
    return figures


def _fill(path: Path, table: str, rows: Sequence[tuple[str, ...]]) -> float:
    """Insert as many in a transaction as the store is given in one; return the seconds."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(table)
        name = table.partition("USING")[0].split()[-1]
        columns = [column for _, column, *_ in connection.execute(f"PRAGMA table_info({name})")]
        values = ", ".join("?" * (1 + len(columns)))
        insert = f"INSERT INTO {name} (rowid, {', '.join(columns)}) VALUES ({values})"  # noqa: S608  # constants
        numbered = [(number, *row) for number, row in enumerate(rows, 1)]
        start = perf_counter()
        for first in range(0, len(rows), LISTING):
            with connection:
                connection.executemany(insert, numbered[first : first + LISTING])
        return perf_counter() - start


def _texts(entry: Entry) -> tuple[str, ...]:
    return (
        entry.title,
        entry.summary,
        ", ".join(entry.authors),
        entry.organisation.full_name if entry.organisation else "",
        entry.submitter.name if entry.submitter else "",
        ", ".join(entry.ai_keywords),
        entry.ai_summary or "",
        " ".join(entry.categories),
    )
