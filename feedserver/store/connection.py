"""A new connection to the file -> one as the store needs it: write-ahead log, patient, bounded in its work."""

import sqlite3
import time

from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor

from feedserver.store.work import STRIDE, Work

_PATIENCE = 10_000  # milliseconds that a connection waits for others
_BETWEEN_TRIES = 20
_PRAGMAS = (
    f"PRAGMA busy_timeout = {_PATIENCE}",  # before all others, which may need to wait themselves
    "PRAGMA synchronous = NORMAL",  # a killed process loses nothing; a power cut at worst the last refresh
    "PRAGMA foreign_keys = ON",
)


def prepare(connection: DBAPIConnection, work: Work) -> None:
    """Set up sqlite3's connection. Raises sqlite3.Error, where the file is none of SQLite's for one."""
    connection.isolation_level = None  # transactions begin where we say
    connection.set_progress_handler(work.must_stop, STRIDE)
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    _write_ahead(cursor)
    cursor.close()


def _write_ahead(cursor: DBAPICursor) -> None:
    """Turn the write-ahead log on.

    Where a new file is being set up by another process, SQLite refuses at once, whatever ``busy_timeout`` says: each
    might wait for the other. Here it can't, for nothing has begun.
    """
    tries = _PATIENCE // _BETWEEN_TRIES
    for left in reversed(range(tries)):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not left:
                raise
            time.sleep(_BETWEEN_TRIES / 1000)
        else:
            return
