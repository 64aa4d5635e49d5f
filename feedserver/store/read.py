"""Rows -> entries, histories, revisions: what every other part of the store looks up. SQLite only."""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, Integer, bindparam, exists, func, select, type_coerce

from feedserver.model import EPOCH, Entry, Rise
from feedserver.store import prepared, schema
from feedserver.store.base import Revision

_Value = TypeVar("_Value")

BATCH = 500  # entries looked up and written together; SQLite takes 32,766 values a statement

_LAST_REVISION = (
    select(schema.revision.c.number, schema.revision.c.changed).order_by(schema.revision.c.number.desc()).limit(1)
)
_ENTRY = schema.entry.c
_PAST, _LATER = schema.past.c, schema.past.alias().c
_IN_TIME = _ENTRY.born <= bindparam("revision")
_CHANGED_SINCE = exists().where(_PAST.row == _ENTRY.row, _PAST.until > bindparam("revision"))
_OLDEST = select(type_coerce(_ENTRY.listed, Integer)).where(_IN_TIME, ~_CHANGED_SINCE).order_by(_ENTRY.row).limit(1)
_OLDEST_BEFORE = (
    select(func.min(type_coerce(_PAST.listed, Integer)))
    .join(schema.entry, _ENTRY.row == _PAST.row)
    .where(
        _IN_TIME,
        _PAST.until > bindparam("revision"),
        ~exists().where(_LATER.row == _PAST.row, _LATER.until.between(bindparam("revision") + 1, _PAST.until - 1)),
    )
)
LISTED_ROWS = func.json_each(bindparam("rows")).table_valued("value")
_RISE, _NUMBER = schema.rise.c, schema.number.c
_RISES = (
    select(_RISE.row, _RISE.field, _RISE.count, type_coerce(_RISE.observed, Integer), _RISE.revision, _NUMBER.source)
    .outerjoin(schema.number, _NUMBER.field == _RISE.field)
    .where(_RISE.row.in_(select(LISTED_ROWS.c.value)))
    .order_by(_RISE.row, _RISE.revision, _RISE.field)
)
_DOCUMENTS = select(schema.document.c.row, schema.document.c.body).where(
    schema.document.c.row.in_(select(LISTED_ROWS.c.value))
)


class Loaded(NamedTuple):
    """An entry as it lies in the store, its row, the revision that brought it, and when it appeared."""

    row: int
    born: int
    appeared: datetime
    entry: Entry


def batches(values: Sequence[_Value]) -> Iterator[Sequence[_Value]]:
    """Yield values in lots of up to BATCH, in their order."""
    return (values[first : first + BATCH] for first in range(0, len(values), BATCH))


def read_revision(connection: Connection) -> Revision:
    """Return the last revision; number 0, of 1970, in a store that nothing was put into."""
    last = connection.execute(_LAST_REVISION).first()
    return Revision(last.number, last.changed) if last else Revision(0, EPOCH)


def read_oldest(connection: Connection, revision: int | None = None) -> datetime | None:
    """See Store.oldest: an entry that turned up on an earlier list since counts as what it was then."""
    values = {"revision": sys.maxsize if revision is None else revision}
    found = (prepared.read(connection, statement, values) for statement in (_OLDEST, _OLDEST_BEFORE))
    moments = [listed for rows in found for (listed,) in rows if listed is not None]
    return datetime.fromtimestamp(min(moments), UTC) if moments else None


def load(connection: Connection, ids: Sequence[str]) -> dict[str, Loaded]:
    """Return id -> what is there of those entries."""
    return {known.entry.id: known for known in _load(connection, schema.entry.c.id.in_(ids))}


def read_rows(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    """Return id -> row."""
    entry = schema.entry.c
    found = connection.execute(select(entry.id, entry.row).where(entry.id.in_(ids)))
    return {entry_id: row for entry_id, row in found}  # noqa: C416  # rows are no pairs to mypy


def load_rows(connection: Connection, rows: Sequence[int]) -> dict[int, Loaded]:
    """Return row -> what is there."""
    return {known.row: known for known in _load(connection, schema.entry.c.row.in_(rows))} if rows else {}


def _load(connection: Connection, condition: ColumnElement[bool]) -> Iterator[Loaded]:
    entry, document = schema.entry, schema.document
    columns = select(entry.c.row, entry.c.born, entry.c.appeared, document.c.body)
    found = connection.execute(columns.join(document, document.c.row == entry.c.row).where(condition))
    return (Loaded(row, born, appeared, schema.decode(body)) for row, born, appeared, body in found)


def read_histories(connection: Connection, rows: Sequence[int]) -> defaultdict[int, list[Rise]]:
    """Return row -> history, oldest first."""
    found: defaultdict[int, list[Rise]] = defaultdict(list)
    if rows:
        for row, field, count, observed, revision, source in prepared.read(
            connection, _RISES, {"rows": json.dumps(rows)}
        ):
            named = schema.COUNTS[field] if source is None else f"source:{source}"
            found[row].append(Rise(named, count, datetime.fromtimestamp(observed, UTC), revision))
    return found


def read_entries(connection: Connection, rows: Sequence[int]) -> Iterator[tuple[int, Entry]]:
    """Yield row and entry, of those that are there."""
    found = prepared.read(connection, _DOCUMENTS, {"rows": json.dumps(rows)}) if rows else ()
    return ((row, schema.decode(body)) for row, body in found)


def read_meta(connection: Connection) -> dict[str, str]:
    """Return what the store knows of itself; empty in a new file."""
    return {row.name: row.value for row in connection.execute(select(schema.meta))}
