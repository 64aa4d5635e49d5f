"""What is known of each listing: when it was asked for, and which entries it showed; which of them are gone. SQLite."""

from collections.abc import Sequence
from dataclasses import asdict, replace

from sqlalchemy import ColumnElement, Connection, and_, exists, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from feedserver.merge import suspicion
from feedserver.model import Listing, ListingRecord
from feedserver.store import schema
from feedserver.store.read import batches

_LISTING, _APPEARANCE, _ENTRY = schema.listing, schema.appearance, schema.entry


def records(connection: Connection, source: str, key: str | None = None) -> list[ListingRecord]:
    """Return what is known of a source's listings, newest key first; or of the one under that key."""
    wanted = _LISTING.c.source == source
    statement = select(_LISTING).where(wanted if key is None else and_(wanted, _LISTING.c.key == key))
    found = connection.execute(statement.order_by(_LISTING.c.key.desc())).mappings()
    return [ListingRecord(**row) for row in found]


def remember(connection: Connection, listing: Listing, record: ListingRecord, seen: set[str]) -> list[str]:
    """Remember an answer, and what it showed, by id; return the ids of what no listing shows any more.

    An answer that is no good one shows what it shows, and says nothing of what is missing; nor does a window.
    """
    if listing.window:
        _record(connection, record)
        return []
    known = _shown(connection, listing)
    if record.error is None:
        record = replace(record, suspect=suspicion(known.keys(), seen))
    _record(connection, record)
    _appear(connection, listing, seen)
    is_believed = record.error is None and record.suspect is None
    if not (is_believed and listing.whole and not listing.captured):
        return []
    return _miss(connection, listing, {row: entry_id for entry_id, row in known.items() if entry_id not in seen})


def _record(connection: Connection, known: ListingRecord) -> None:
    """Remember the state of a listing; what is no good answer leaves when one was, and how large, as it was."""
    is_good = known.error is None and known.suspect is None
    values = asdict(known if is_good else replace(known, good=None, entries=0))
    values["failures"] = 0 if known.error is None else 1
    kept = {"source", "key"} if is_good else {"source", "key", "good", "entries"}
    changed = {name: value for name, value in values.items() if name not in kept}
    if known.error is not None:
        changed["failures"] = _LISTING.c.failures + 1
    statement = upsert(_LISTING).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["source", "key"], set_=changed))


def _shown(connection: Connection, listing: Listing) -> dict[str, int]:
    """Return id -> row of what the listing showed when it was last believed."""
    statement = select(_ENTRY.c.id, _ENTRY.c.row).join(_APPEARANCE, _APPEARANCE.c.row == _ENTRY.c.row)
    found = connection.execute(statement.where(_in(listing), _APPEARANCE.c.missing.is_(None)))
    return {entry_id: row for entry_id, row in found}  # noqa: C416  # rows are no pairs to mypy


def _appear(connection: Connection, listing: Listing, ids: set[str]) -> None:
    """Remember that the listing shows these entries, which are in the store."""
    rows = (row for batch in batches(sorted(ids)) for row in _rows(connection, batch))
    values = [{"row": row, "source": listing.source, "key": listing.key, "missing": None} for row in rows]
    if values:
        statement = upsert(_APPEARANCE)
        columns = ["row", "source", "key"]
        connection.execute(statement.on_conflict_do_update(index_elements=columns, set_={"missing": None}), values)


def _rows(connection: Connection, ids: Sequence[str]) -> Sequence[int]:
    return connection.scalars(select(_ENTRY.c.row).where(_ENTRY.c.id.in_(ids))).all()


def _miss(connection: Connection, listing: Listing, gone: dict[int, str]) -> list[str]:
    """Remember that the listing shows these entries no more; return the ids of those that no other shows either."""
    withdrawn: list[str] = []
    for rows in batches(sorted(gone)):
        missing = update(_APPEARANCE).where(_in(listing), _APPEARANCE.c.row.in_(rows))
        connection.execute(missing.values(missing=listing.observed))
        shown = exists().where(_APPEARANCE.c.row == _ENTRY.c.row, _APPEARANCE.c.missing.is_(None))
        withdrawn += connection.scalars(select(_ENTRY.c.id).where(_ENTRY.c.row.in_(rows), ~shown))
    return withdrawn


def _in(listing: Listing) -> ColumnElement[bool]:
    return and_(_APPEARANCE.c.source == listing.source, _APPEARANCE.c.key == listing.key)
