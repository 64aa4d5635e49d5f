"""Listing -> rows: what is new, what changed, in as few statements as there are kinds of change. SQLite only."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, exists, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from feedserver.merge import appeared, merge, merge_captured, withdraw
from feedserver.model import EPOCH, Changes, CountField, Entry, Listing, ListingRecord, Rise
from feedserver.store import fts5, listings, prepared, schema
from feedserver.store.base import Revision
from feedserver.store.late import late_facets
from feedserver.store.order import feed_order
from feedserver.store.terms import index_terms, spelled_names

_LAST_REVISION = (
    select(schema.revision.c.number, schema.revision.c.changed).order_by(schema.revision.c.number.desc()).limit(1)
)
_RISE = schema.rise.c
_RISES = (
    select(_RISE.row, _RISE.field, _RISE.count, _RISE.observed, _RISE.revision)
    .where(_RISE.row.in_(bindparam("rows", expanding=True)))
    .order_by(_RISE.row, _RISE.revision, _RISE.field)
)
_LISTED_ROWS = func.json_each(bindparam("rows")).table_valued("value")
_DOCUMENTS = select(schema.document.c.row, schema.document.c.body).where(
    schema.document.c.row.in_(select(_LISTED_ROWS.c.value))
)
BATCH = 500  # entries looked up and written together; SQLite takes 32,766 values a statement


class Loaded(NamedTuple):
    """An entry as it lies in the store, its row, the revision that brought it, and when it appeared."""

    row: int
    born: int
    appeared: datetime
    entry: Entry


@dataclass(frozen=True, slots=True)
class _Change:
    """An entry as it lies in the store and as it is to be, with its history up to now."""

    row: int
    born: int
    appeared: datetime
    kept: Entry
    merged: Entry
    target: int
    history: Sequence[Rise]
    revision: Revision

    @property
    def risen(self) -> tuple[Rise, ...]:
        """The counts that are higher than before."""
        return tuple(
            Rise(
                field,
                _count(self.merged, field),
                min(self.merged.modified, self.revision.changed),
                self.revision.number,
            )
            for field in schema.COUNTS
            if _count(self.merged, field) > _count(self.kept, field)
        )

    @property
    def is_of_counts(self) -> bool:
        """Whether nothing but counts changed."""
        moving = {field: getattr(self.kept, field) for field in (*schema.COUNTS, "modified")}
        return replace(self.merged, **moving) == self.kept

    @property
    def terms(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The terms that it is found by, and those it is to be found by."""
        before = _late(self.born, self.appeared, self.kept, self.history)
        after = _late(self.born, self.appeared, self.merged, (*self.history, *self.risen))
        return index_terms(self.kept, before), index_terms(self.merged, after)


def put(connection: Connection, listing: Listing, record: ListingRecord | None, at: datetime) -> Changes:
    """Keep the entries of a listing inside the transaction of ``connection``; see Store.put."""
    entries = _distinct(listing.entries)
    changes = Changes()
    revision = _next_revision(connection, at)
    for start in range(0, len(entries), BATCH):
        batch = entries[start : start + BATCH]
        changes += _put_batch(connection, batch, revision, captured=listing.captured)
    if record is not None:
        gone = listings.remember(connection, listing, record)
        changes += _withdraw(connection, gone, revision, listing.observed)
    if changes.new or changes.updated:
        note_revision(connection, at)
    return changes


def put_bookmark(connection: Connection, source: str, value: str) -> None:
    """Remember a bookmark in place of the one before."""
    statement = upsert(schema.bookmark).values(source=source, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=["source"], set_={"value": value}))


def note_revision(connection: Connection, at: datetime) -> None:
    """Let the revision rise."""
    revision = _next_revision(connection, at)
    connection.execute(insert(schema.revision), {"number": revision.number, "changed": revision.changed})


def _next_revision(connection: Connection, at: datetime) -> Revision:
    last = read_revision(connection)
    return Revision(last.number + 1, max(last.changed, at))


def read_revision(connection: Connection) -> Revision:
    """Return the last revision; number 0, of 1970, in a store that nothing was put into."""
    last = connection.execute(_LAST_REVISION).first()
    return Revision(last.number, last.changed) if last else Revision(0, EPOCH)


def _withdraw(connection: Connection, ids: Sequence[str], revision: Revision, at: datetime) -> Changes:
    """Mark what no listing shows any more."""
    loaded = load(connection, ids).values()
    histories = read_histories(connection, [known.row for known in loaded])
    marked = [_Change(*known, withdraw(known.entry, at), known.row, histories[known.row], revision) for known in loaded]
    changes = [change for change in marked if change.merged != change.kept]
    _update(connection, changes, revision.number)
    return Changes(updated=len(changes))


def load(connection: Connection, ids: Sequence[str]) -> dict[str, Loaded]:
    """Return id -> what is there of those entries."""
    entry, document = schema.entry, schema.document
    columns = select(entry.c.row, entry.c.born, entry.c.appeared, document.c.body)
    found = connection.execute(columns.join(document, document.c.row == entry.c.row).where(entry.c.id.in_(ids)))
    loaded = (Loaded(row, born, appeared, schema.decode(body)) for row, born, appeared, body in found)
    return {known.entry.id: known for known in loaded}


def read_histories(connection: Connection, rows: Sequence[int]) -> defaultdict[int, list[Rise]]:
    """Return row -> history, oldest first."""
    found: defaultdict[int, list[Rise]] = defaultdict(list)
    if rows:
        for row, field, *rest in connection.execute(_RISES, {"rows": rows}):
            found[row].append(Rise(schema.COUNTS[field], *rest))
    return found


def read_entries(connection: Connection, rows: Sequence[int]) -> Iterator[tuple[int, Entry]]:
    """Yield row and entry, of those that are there."""
    found = prepared.read(connection, _DOCUMENTS, {"rows": json.dumps(rows)}) if rows else ()
    return ((row, schema.decode(body)) for row, body in found)


def read_meta(connection: Connection) -> dict[str, str]:
    """Return what the store knows of itself; empty in a new file."""
    return {row.name: row.value for row in connection.execute(select(schema.meta))}


def reindex(connection: Connection) -> None:
    """Make the term index anew from the documents, after the rules of text analysis changed."""
    fts5.clear(connection)
    table = schema.document
    last = -1
    entry = schema.entry.c
    columns = select(table.c.row, entry.born, entry.appeared, table.c.body).join(schema.entry)
    while batch := connection.execute(columns.where(table.c.row > last).order_by(table.c.row).limit(BATCH)).all():
        histories = read_histories(connection, [row for row, *_ in batch])
        found = ((row, born, appeared, schema.decode(body)) for row, born, appeared, body in batch)
        late = ((row, known, _late(born, appeared, known, histories[row])) for row, born, appeared, known in found)
        fts5.add(connection, ((row, index_terms(known, facets)) for row, known, facets in late))
        last = batch[-1].row


def _put_batch(connection: Connection, entries: Sequence[Entry], revision: Revision, *, captured: bool) -> Changes:
    kept = load(connection, [entry.id for entry in entries])
    new = [entry for entry in entries if entry.id not in kept]
    join = merge_captured if captured else merge
    merged = [(kept[entry.id], join(kept[entry.id].entry, entry)) for entry in entries if entry.id in kept]
    changed = [(known, better) for known, better in merged if better != known.entry]
    moved = [better for known, better in changed if feed_order(known.entry) != feed_order(better)]
    rows = _place(connection, [*new, *moved])
    _insert(connection, sorted(((rows[entry.id], entry) for entry in new), key=itemgetter(0)), revision)
    histories = read_histories(connection, [known.row for known, _ in changed])
    changes = [
        _Change(*known, better, rows.get(better.id, known.row), histories[known.row], revision)
        for known, better in changed
    ]
    _update(connection, changes, revision.number)
    return Changes(len(new), len(changed), len(merged) - len(changed))


def _distinct(entries: Iterable[Entry]) -> list[Entry]:
    """Merge what stands twice under one id."""
    found: dict[str, Entry] = {}
    for entry in entries:
        found[entry.id] = merge(found[entry.id], entry) if entry.id in found else entry
    return list(found.values())


def _place(connection: Connection, entries: Sequence[Entry]) -> dict[str, int]:
    """Return id -> row for entries that need one: one further where another entry has it already."""
    wanted = {feed_order(entry) for entry in entries}
    taken = set(connection.scalars(select(schema.entry.c.row).where(schema.entry.c.row.in_(wanted))))
    rows = {}
    for entry in entries:
        row = feed_order(entry)
        while row in taken:
            row = _next_free(connection, row + 1)
        taken.add(row)
        rows[entry.id] = row
    return rows


def _next_free(connection: Connection, row: int) -> int:
    while connection.scalar(select(exists().where(schema.entry.c.row == row))):
        row += 1
    return row


def _insert(connection: Connection, placed: Sequence[tuple[int, Entry]], revision: Revision) -> None:
    """Add entries in the order of their rows: FTS5 begins a new segment at every row id below the last one."""
    if not placed:
        return
    born = {"born": revision.number, "revision": revision.number}
    appearances = [appeared(entry) for _, entry in placed]
    connection.execute(
        insert(schema.entry),
        [
            {**_entry_values(row, entry), **born, "appeared": moment}
            for (row, entry), moment in zip(placed, appearances, strict=True)
        ],
    )
    connection.execute(insert(schema.document), [_document_values(row, entry) for row, entry in placed])
    connection.execute(
        insert(schema.rise),
        [
            _rise_values(row, Rise(field, _count(entry, field), entry.first_seen, revision.number))
            for row, entry in placed
            for field in schema.COUNTS
            if _count(entry, field) >= 0
        ],
    )
    late = (_late(revision.number, moment, entry, ()) for (_, entry), moment in zip(placed, appearances, strict=True))
    fts5.add(connection, ((row, index_terms(entry, next(late))) for row, entry in placed))


def _late(born: int, appeared: datetime, entry: Entry, history: Sequence[Rise]) -> set[str]:
    return late_facets(born, int(appeared.timestamp()), int(entry.listed.timestamp()), history)


def _update(connection: Connection, changes: Sequence[_Change], revision: int) -> None:
    if not changes:
        return
    _remember(connection, [change for change in changes if not change.is_of_counts])
    terms = [(change, *change.terms) for change in changes]
    stale = [each for each in terms if not _is_of_facets(*each)]
    fts5.replace_facets(connection, ((each[0].row, *each[1:]) for each in terms if _is_of_facets(*each)))
    fts5.remove(connection, ((change.row, old) for change, old, _ in stale))
    fts5.add(connection, ((change.target, new) for change, _, new in stale))
    entry, document = schema.entry, schema.document
    connection.execute(  # the documents and the history follow by ON UPDATE CASCADE
        update(entry).where(entry.c.row == bindparam("old_row")),
        [
            {"old_row": change.row, "revision": revision, **_entry_values(change.target, change.merged)}
            for change in changes
        ],
    )
    connection.execute(
        update(document).where(document.c.row == bindparam("old_row")),
        [{"old_row": change.target, **_document_values(change.target, change.merged)} for change in changes],
    )
    if risen := [_rise_values(change.target, rise) for change in changes for rise in change.risen]:
        connection.execute(insert(schema.rise), risen)


def _is_of_facets(change: _Change, before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    """Say whether the entry stays where it is in the index, with all terms but facets."""
    return change.row == change.target and before[:-1] == after[:-1]


def _remember(connection: Connection, changes: Sequence[_Change]) -> None:
    """Keep what entries were before this revision."""
    values = [
        {
            "row": change.row,
            "until": change.revision.number,
            "listed": change.kept.listed,
            "body": schema.encode(change.kept),
        }
        for change in changes
    ]
    if values:
        connection.execute(insert(schema.past), values)


def _entry_values(row: int, entry: Entry) -> dict[str, object]:
    columns = ("id", "listed", "published", "upvotes", "comments", "stars")
    return {"row": row, **{name: getattr(entry, name) for name in columns}}


def _document_values(row: int, entry: Entry) -> dict[str, object]:
    return {
        "row": row,
        "author": spelled_names("author", entry),
        "org": spelled_names("org", entry),
        "submitter": spelled_names("submitter", entry),
        "body": schema.encode(entry),
    }


def _rise_values(row: int, rise: Rise) -> dict[str, object]:
    place = schema.COUNTS.index(rise.field)
    return {"row": row, "field": place, "count": rise.count, "observed": rise.observed, "revision": rise.revision}


def _count(entry: Entry, field: CountField) -> int:
    """Return a count, -1 where it is not known."""
    count: int | None = getattr(entry, field)
    return -1 if count is None else count
