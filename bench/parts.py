"""A filter -> the parts of its answer, as statements over bare connections: times in milliseconds.

What looking up costs is the difference between two statements. Each has its own connection, so that it finds as little
in the cache as the store's call does. Only this module and ``other_ways`` look behind the store's public methods.
"""

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.dialects.sqlite import dialect

from feedserver.filters import Filter
from feedserver.store.schema import decode
from feedserver.store.select import Walk, plan, rows

_INDEX = """SELECT count(*) FROM (
    SELECT rowid FROM term_index WHERE term_index MATCH ? AND rowid >= ? ORDER BY rowid DESC LIMIT -1)"""
_BODIES = "SELECT body FROM document WHERE row IN ({})"

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Parts:
    """Milliseconds by part, and ``walked``: how many rows of the index lie down to the last match."""

    walked: float
    building: float
    walk: float
    look_ups: float
    documents: float
    decoding: float

    @property
    def total(self) -> float:
        """All of them together: a call without what SQLAlchemy adds to it."""
        return self.building + self.walk + self.look_ups + self.documents + self.decoding


class Parting:
    """Takes answers from one store apart."""

    def __init__(self, path: Path) -> None:
        """Open a connection for each part."""
        self._index, self._rows, self._documents = connect(path), connect(path), connect(path)

    def take(self, part: Filter, limit: int) -> Parts:
        """Answer the filter step by step."""
        building, walk = timed(lambda: plan(part))
        looking, found = _fetch(self._rows, *_spell(rows(walk, "listed"), {**walk.values, "limit": limit}))
        walking, walked = _fetch(self._index, *_down_to(walk, found[-1][0] if len(found) == limit else 0))
        reading, bodies = _fetch(
            self._documents, _BODIES.format(", ".join("?" * len(found))), [row for row, *_ in found]
        )
        decoding, _ = timed(lambda: [decode(body) for (body,) in bodies])
        return Parts(walked[0][0], building, walking, looking - walking, reading, decoding)

    def close(self) -> None:
        """Close the connections."""
        for connection in (self._index, self._rows, self._documents):
            connection.close()


def connect(path: Path) -> sqlite3.Connection:
    """Open the file without SQLAlchemy, with the one function that its dialect adds."""
    connection = sqlite3.connect(path)
    connection.create_function("regexp", 2, _occurs, deterministic=True)
    return connection


def timed(run: Callable[[], _T]) -> tuple[float, _T]:
    """Return how many milliseconds ``run`` takes, and what it returns."""
    start = perf_counter()
    result = run()
    return (perf_counter() - start) * 1000, result


def _fetch(connection: sqlite3.Connection, statement: str, values: Any) -> tuple[float, list[Any]]:
    return timed(lambda: connection.execute(statement, values).fetchall())


def _down_to(walk: Walk, row: int) -> tuple[str, tuple[object, ...]]:
    """Return the statement that walks through the index as far as the answer needs, and reads nothing else."""
    return _INDEX, (walk.expression, max(row, walk.low))


def _spell(statement: Select[Any], values: dict[str, object]) -> tuple[str, dict[str, object]]:
    compiled = statement.compile(dialect=dialect(paramstyle="named"))
    return str(compiled), {**compiled.params, **values}


def _occurs(pattern: str, text: str | None) -> bool:
    return text is not None and re.search(pattern, text) is not None
