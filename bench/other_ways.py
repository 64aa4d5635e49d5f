"""A filter -> the time of an answer by other means: the index asked by hand, and a scan that asks the predicate."""

import sqlite3
from dataclasses import dataclass

from bench.parts import timed
from feedserver.filters import Filter, matches
from feedserver.store.schema import decode
from feedserver.store.select import plan

SCANNED = 500  # entries that a scan may read

_BY_HAND = "SELECT rowid FROM term_index WHERE term_index MATCH ? ORDER BY rowid DESC LIMIT ?"
_NEWEST = "SELECT body FROM document ORDER BY row DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class Scan:
    """Milliseconds, how many entries were read, and whether that was enough for the answer."""

    time: float
    entries: int
    complete: bool


def by_hand(connection: sqlite3.Connection, part: Filter, limit: int) -> float:
    """Return the milliseconds of a bare FTS5 query for row ids; its matches may still fall short of a threshold."""
    expression = plan(part).expression
    return timed(lambda: connection.execute(_BY_HAND, (expression, limit)).fetchall())[0]


def scan(connection: sqlite3.Connection, part: Filter, limit: int) -> Scan:
    """Decode entry by entry, the newest first, until enough of them match or ``SCANNED`` are read."""
    connection.execute(_NEWEST, (SCANNED,)).fetchall()  # as warm as the calls
    time, (found, read) = timed(lambda: _scan(connection, part, limit))
    return Scan(time, read, found == limit or read < SCANNED)


def _scan(connection: sqlite3.Connection, part: Filter, limit: int) -> tuple[int, int]:
    found = read = 0
    for (body,) in connection.execute(_NEWEST, (SCANNED,)):
        read += 1
        found += matches(part, decode(body))
        if found == limit:
            break
    return found, read
