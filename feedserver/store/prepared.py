"""Statements that are executed all the time, as text for the driver: compiled once, without a library in between.

To take a statement through SQLAlchemy takes longer than SQLite takes for many an answer. The text is SQLAlchemy's own.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

_DIALECT = SQLiteDialect_pysqlite(paramstyle="named")


def begin(connection: Connection, *, writes: bool) -> None:
    """Begin a transaction."""
    driver = connection.connection.driver_connection
    driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")  # type: ignore[union-attr]  # sqlite3's


def read(connection: Connection, statement: Select[*tuple[Any, ...]], values: Mapping[str, Any]) -> list[Any]:
    """Return the rows as plain tuples; ``values`` and columns are numbers, texts and bytes, as they lie in the file.

    ``statement`` is one that is kept: its text is found by what it is, not by what it says.
    """
    driver = connection.connection.driver_connection
    text, constants = _compile(statement)
    rows: list[Any] = driver.execute(text, {**constants, **values}).fetchall()  # type: ignore[union-attr]  # sqlite3's
    return rows


@lru_cache(maxsize=256)
def _compile(statement: Select[*tuple[Any, ...]]) -> tuple[str, Mapping[str, Any]]:
    """Return the text, and the values that stand in the statement itself."""
    compiled = statement.compile(dialect=_DIALECT)
    return str(compiled), {name: value for name, value in compiled.params.items() if value is not None}
