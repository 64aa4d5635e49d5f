"""Listing -> rows: what is new, what changed, in as few statements as there are kinds of change. SQLite only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import itemgetter

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from feedserver.merge import appeared, join, merge, withdraw
from feedserver.model import Changes, Entry, Listing, ListingRecord, Rise
from feedserver.store import fts5, listings, names, schema, seals, sights
from feedserver.store.base import Revision
from feedserver.store.change import Change, born_with, late
from feedserver.store.order import feed_order
from feedserver.store.read import BATCH, Loaded, batches, load, read_histories, read_revision, read_rows
from feedserver.store.terms import index_terms, spelled_names


def put(connection: Connection, listing: Listing, record: ListingRecord | None, at: datetime) -> Changes:
    """Keep the entries of a listing inside the transaction of ``connection``; see Store.put."""
    listed = _distinct(replace(entry, captured=listing.captured) for entry in listing.entries)
    called = names.distinct(listed)
    entries = [replace(entry, aliases=()) for entry in listed]  # they are kept beside the entries
    changes, shown = Changes(), set[str]()
    revision = _next_revision(connection, at)
    for batch in batches(entries):
        known = names.find(connection, batch, called, shown)
        changes += _put_batch(connection, batch, known, revision, moving=listing.moving and not listing.captured)
        ids = {entry.id: known[entry.id].entry.id if entry.id in known else entry.id for entry in batch}
        places = read_rows(connection, list(ids.values()))
        names.remember(connection, ((places[kept], kept, (name, *called[name])) for name, kept in ids.items()))
        shown.update(ids.values())
    if record is not None:
        gone = listings.remember(connection, listing, record, shown)
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


def _withdraw(connection: Connection, ids: Sequence[str], revision: Revision, at: datetime) -> Changes:
    """Mark what no listing shows any more, unless another source tells of it."""
    loaded = [known for known in load(connection, ids).values() if len(known.entry.sources) == 1]
    histories = read_histories(connection, [known.row for known in loaded])
    marked = [Change(known, withdraw(known.entry, at), known.row, histories[known.row], revision) for known in loaded]
    changes = [change for change in marked if change.merged != change.known.entry]
    _update(connection, changes, revision.number)
    return Changes(updated=len(changes))


def reindex(connection: Connection) -> None:
    """Make the term index anew from the documents, after the rules of text analysis changed."""
    fts5.clear(connection)
    table = schema.document
    last = -1
    entry = schema.entry.c
    columns = select(table.c.row, entry.born, entry.appeared, table.c.body).join(schema.entry)
    while batch := connection.execute(columns.where(table.c.row > last).order_by(table.c.row).limit(BATCH)).all():
        histories = read_histories(connection, [row for row, *_ in batch])
        found = ((row, born, moment, schema.decode(body)) for row, born, moment, body in batch)
        terms = (
            (row, index_terms(known, late(born, moment, known, histories[row]))) for row, born, moment, known in found
        )
        fts5.add(connection, terms)
        last = batch[-1].row


def _put_batch(
    connection: Connection,
    entries: Sequence[Entry],
    known: Mapping[str, Loaded],
    revision: Revision,
    *,
    moving: bool,
) -> Changes:
    new = [entry for entry in entries if entry.id not in known]
    told = sights.read(connection, [each.row for each in known.values() if len(each.entry.sources) > 1])
    open_since = seals.last_revision(connection)
    joined = [
        (kept, join(kept.entry, entry, told[kept.row], is_open=kept.born > open_since, moving=moving))
        for entry in entries
        if (kept := known.get(entry.id))
    ]
    changed = [(kept, better) for kept, better in joined if better.entry != kept.entry]
    moved = [better.entry for kept, better in changed if feed_order(kept.entry) != feed_order(better.entry)]
    rows = _place(connection, [*new, *moved])
    _insert(connection, sorted(((rows[entry.id], entry) for entry in new), key=itemgetter(0)), revision, moving=moving)
    histories = read_histories(connection, [kept.row for kept, _ in changed])
    changes = [
        Change(
            kept,
            better.entry,
            rows.get(kept.entry.id, kept.row),
            histories[kept.row],
            revision,
            better.since,
            is_backdated=kept.entry.captured and better.entry.captured and kept.born > open_since,
        )
        for kept, better in changed
    ]
    _update(connection, changes, revision.number)
    places = {kept.row: rows.get(kept.entry.id, kept.row) for kept, _ in joined}
    sights.keep(connection, ((places[kept.row], better.sights) for kept, better in joined))
    return Changes(len(new), len(changed), len(joined) - len(changed))


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


def _insert(connection: Connection, placed: Sequence[tuple[int, Entry]], revision: Revision, *, moving: bool) -> None:
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
    histories = [tuple(born_with(entry, revision.number, moving=moving)) for _, entry in placed]
    _add_rises(
        connection, ((row, rise) for (row, _), history in zip(placed, histories, strict=True) for rise in history)
    )
    known = zip(placed, appearances, histories, strict=True)
    facets = (late(revision.number, moment, entry, history) for (_, entry), moment, history in known)
    fts5.add(connection, ((row, index_terms(entry, next(facets))) for row, entry in placed))


def _add_rises(connection: Connection, risen: Iterable[tuple[int, Rise]]) -> None:
    values = [
        {
            "row": row,
            "field": _field_number(connection, rise.field),
            "count": rise.count,
            "observed": rise.observed,
            "revision": rise.revision,
        }
        for row, rise in risen
    ]
    if values:
        connection.execute(insert(schema.rise), values)


def _field_number(connection: Connection, field: str) -> int:
    kind, _, source = field.partition(":")
    return sights.number(connection, source) if source else schema.COUNTS.index(kind)


def _update(connection: Connection, changes: Sequence[Change], revision: int) -> None:
    if not changes:
        return
    _remember(connection, [change for change in changes if not (change.is_of_counts or change.is_backdated)])
    terms = [(change, *change.terms) for change in changes]
    stale = [each for each in terms if not _is_of_facets(*each)]
    fts5.replace_facets(connection, ((each[0].target, *each[1:]) for each in terms if _is_of_facets(*each)))
    fts5.remove(connection, ((change.known.row, old) for change, old, _ in stale))
    fts5.add(connection, ((change.target, new) for change, _, new in stale))
    entry, document = schema.entry, schema.document
    connection.execute(  # the documents and the history follow by ON UPDATE CASCADE
        update(entry).where(entry.c.row == bindparam("old_row")),
        [
            {
                "old_row": change.known.row,
                "revision": revision,
                "appeared": change.appeared,
                **_entry_values(change.target, change.merged),
            }
            for change in changes
        ],
    )
    connection.execute(
        update(document).where(document.c.row == bindparam("old_row")),
        [{"old_row": change.target, **_document_values(change.target, change.merged)} for change in changes],
    )
    rewritten = [change.target for change in changes if change.is_backdated]
    if rewritten:
        connection.execute(delete(schema.rise).where(schema.rise.c.row.in_(rewritten)))
    new = ((change.target, change.after if change.is_backdated else change.risen) for change in changes)
    _add_rises(connection, ((row, rise) for row, risen in new for rise in risen))


def _is_of_facets(change: Change, before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    """Say whether the entry stays where it is in the index, with all terms but facets."""
    return change.known.row == change.target and before[:-1] == after[:-1]


def _remember(connection: Connection, changes: Sequence[Change]) -> None:
    """Keep what entries were before this revision."""
    values = [
        {
            "row": change.known.row,
            "until": change.revision.number,
            "listed": change.known.entry.listed,
            "body": schema.encode(change.known.entry),
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
