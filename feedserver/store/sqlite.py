"""The SQLite store: one file, write-ahead log, many readers beside one writer, FTS5 for the terms."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, event, func, insert, inspect, select, update
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from feedserver.errors import CostlyQueryError, StoreError
from feedserver.filters import Filter
from feedserver.model import EPOCH, Changes, Entry, Life, Listing, ListingRecord, Rise, Sort, SourceState
from feedserver.store import entering, fts5, listings, migrate, prepared, read, schema, seals, states, trends, write
from feedserver.store.arrivals import arrivals
from feedserver.store.base import Arrival, Climb, Finding, Known, Revision, Seal, Sight, Summary
from feedserver.store.climbs import climbs
from feedserver.store.connection import prepare
from feedserver.store.lives import lives
from feedserver.store.select import count, find, plan, windows
from feedserver.store.tally import tally
from feedserver.store.terms import RULES
from feedserver.store.work import Work

_NEWEST_PUBLISHED = select(func.max(schema.entry.c.published))
_LAST_NUMBER = select(func.max(schema.revision.c.number))

_WORK = Work()


class SqliteStore:
    """A Store in the file ``path``, made when it is not there. Safe to share among threads and processes."""

    def __init__(self, path: Path) -> None:
        """Open or make the file. Raises StoreError where it is no store, or one of a later schema."""
        self._path = path
        self._last_revision = Revision(0, EPOCH)  # what a revision is does not change: it need not be read again
        self._engine = create_engine(f"sqlite:///{path}")
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        with self._wrapping_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            if not self._is_ready():  # otherwise nothing needs the write lock, which somebody may hold for long
                with self._writing() as connection:
                    self._set_up(connection)
        self._engine.dispose()  # a connection must not be carried into a process that is forked from here

    def put(
        self,
        listing: Listing,
        record: ListingRecord | None = None,
        *,
        at: datetime | None = None,
        bookmark: str | None = None,
    ) -> Changes:
        """See Store.put."""
        with self._writing() as connection:
            if bookmark is not None:
                write.put_bookmark(connection, listing.source, bookmark)
            return write.put(connection, listing, record, at or listing.observed)

    def select(self, part: Filter, sort: Sort = "listed", limit: int = 50) -> tuple[Entry, ...]:
        """See Store.select."""
        found = self.find(part, sort, limit, known=lambda _: ())
        return tuple(found.entries[sight] for sight in found.sights)

    def find(self, part: Filter, sort: Sort, limit: int, known: Known) -> Finding:
        """See Store.find."""
        with self._reading() as connection:
            sights, last = _sights(connection, part, sort, limit)
            kept = known(sights)
            unknown = {sight.row: sight for sight in sights if sight not in kept}
            entries = {unknown[row]: entry for row, entry in read.read_entries(connection, list(unknown))}
            revision = self._last_revision
            if last != revision.number:
                self._last_revision = revision = read.read_revision(connection)
            for sight, entry in entries.items():
                if sight.entered:  # nobody has seen these values yet, and to replace one takes as long as to read it
                    object.__setattr__(entry, "entered", sight.entered)
            return Finding(revision, sights, entries)

    def count(self, part: Filter) -> int:
        """See Store.count."""
        with self._reading() as connection:
            return count(connection, plan(part))

    def tally(self, part: Filter, since: datetime) -> Sequence[tuple[date, int]]:
        """See Store.tally."""
        with self._reading() as connection:
            return tally(connection, part, since)

    def get(self, entry_id: str) -> Entry | None:
        """See Store.get."""
        entry, document = schema.entry, schema.document
        statement = select(document.c.body).join(entry, entry.c.row == document.c.row).where(entry.c.id == entry_id)
        with self._reading() as connection:
            body = connection.scalar(statement)
            return None if body is None else schema.decode(body)

    def get_all(self, ids: Sequence[str]) -> tuple[Entry, ...]:
        """See Store.get_all."""
        with self._reading() as connection:
            found = read.load(connection, ids)
            return tuple(found[entry_id].entry for entry_id in ids if entry_id in found)

    def history(self, entry_id: str) -> tuple[Rise, ...]:
        """See Store.history."""
        with self._reading() as connection:
            row = connection.scalar(select(schema.entry.c.row).where(schema.entry.c.id == entry_id))
            return () if row is None else tuple(read.read_histories(connection, [row])[row])

    def bookmark(self, source: str) -> str | None:
        """See Store.bookmark."""
        table = schema.bookmark
        with self._reading() as connection:
            return connection.scalar(select(table.c.value).where(table.c.source == source))

    def listings(self, source: str) -> Sequence[ListingRecord]:
        """See Store.listings."""
        with self._reading() as connection:
            return listings.records(connection, source)

    def listing(self, source: str, key: str) -> ListingRecord | None:
        """See Store.listing."""
        with self._reading() as connection:
            return next(iter(listings.records(connection, source, key)), None)

    def state(self, source: str) -> SourceState:
        """See Store.state."""
        with self._reading() as connection:
            return states.read(connection, source)

    def note(self, state: SourceState) -> None:
        """See Store.note."""
        with self._writing() as connection:
            states.note(connection, state)

    def spend(self, source: str, requests: int, at: datetime) -> None:
        """See Store.spend."""
        with self._writing() as connection:
            states.spend(connection, source, requests, at)

    def seal(self, until: datetime) -> None:
        """See Store.seal."""
        with self._writing() as connection:
            seals.seal(connection, until, read.read_revision(connection).number)

    def seals(self, since: datetime) -> Sequence[Seal]:
        """See Store.seals."""
        with self._reading() as connection:
            return seals.since(connection, since)

    def sealed_until(self, stop: int | None = None) -> datetime | None:
        """See Store.sealed_until."""
        with self._reading() as connection:
            return seals.last(connection, stop)

    def sealed(self, moments: Sequence[datetime]) -> Sequence[int | None]:
        """See Store.sealed."""
        with self._reading() as connection:
            return [seals.reaching(connection, moment) for moment in moments]

    def revision(self) -> Revision:
        """See Store.revision."""
        with self._reading() as connection:
            return read.read_revision(connection)

    def kept(self, revision: int) -> datetime | None:
        """See Store.kept."""
        table = schema.revision
        with self._reading() as connection:
            return connection.scalar(select(table.c.changed).where(table.c.number == revision))

    def revisions(self, start: datetime, end: datetime) -> range:
        """See Store.revisions."""
        number, changed = schema.revision.c.number, schema.revision.c.changed
        statement = select(func.min(number), func.max(number)).where(changed >= start, changed < end)
        with self._reading() as connection:
            first, last = connection.execute(statement).one()
            return range(first, last + 1) if first else range(0)

    def arrivals(self, part: Filter, revisions: range) -> Sequence[Arrival]:
        """See Store.arrivals."""
        with self._reading() as connection:
            return arrivals(connection, part, revisions)

    def lives(self, part: Filter, start: datetime, end: datetime, revisions: range) -> Sequence[Life]:
        """See Store.lives."""
        with self._reading() as connection:
            return lives(connection, part, start, end, revisions)

    def climbs(self, part: Filter, start: datetime, end: datetime, least: int) -> Sequence[Climb]:
        """See Store.climbs."""
        with self._reading() as connection:
            return climbs(connection, part, start, end, least)

    def rank(self, now: datetime) -> None:
        """See Store.rank."""
        with self._writing() as connection:
            if trends.rank(connection, now):
                write.note_revision(connection, now)

    def oldest(self, revision: int | None = None) -> datetime | None:
        """See Store.oldest."""
        with self._reading() as connection:
            return read.read_oldest(connection, revision)

    def summary(self) -> Summary:
        """See Store.summary."""
        entry = schema.entry
        with self._reading() as connection:
            entries = connection.scalar(select(func.count()).select_from(entry)) or 0
            newest = connection.scalar(select(entry.c.listed).order_by(entry.c.row.desc()).limit(1))
            return Summary(entries, newest, read.read_oldest(connection))

    def tidy(self) -> None:
        """See Store.tidy; others may write between its steps."""
        pages = -fts5.MERGED_PAGES  # the first step is to take all pieces together
        merging = True
        while merging:
            with self._writing() as connection:
                merging = fts5.merge(connection, pages)
            pages = fts5.MERGED_PAGES

    def close(self) -> None:
        """See Store.close."""
        self._engine.dispose()

    def _is_ready(self) -> bool:
        if not inspect(self._engine).has_table(schema.meta.name):
            return False
        with self._reading() as connection:
            known = read.read_meta(connection)
        return (known.get("schema"), known.get("analysis")) == (str(schema.SCHEMA), RULES)

    def _set_up(self, connection: Connection) -> None:
        schema.metadata.create_all(connection)
        connection.execute(fts5.CREATE)
        meta = schema.meta
        known = read.read_meta(connection)
        if not known:
            values = {"schema": str(schema.SCHEMA), "analysis": RULES}
            connection.execute(insert(meta), [{"name": name, "value": value} for name, value in values.items()])
            return
        if known["schema"] == str(migrate.FROM):
            migrate.migrate(connection)
            connection.execute(update(meta).where(meta.c.name == "schema").values(value=str(schema.SCHEMA)))
        elif known["schema"] != str(schema.SCHEMA):
            raise StoreError(
                f"{str(self._path)!r} has schema {known['schema']}, this version reads {schema.SCHEMA}; "
                "use the version that wrote it, or another data folder"
            )
        if known["analysis"] != RULES:
            write.reindex(connection)
            connection.execute(update(meta).where(meta.c.name == "analysis").values(value=RULES))

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._wrapping_errors(), self._engine.connect() as connection, _WORK.bounded():
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Take the write lock at once: a reader that turns writer half-way could be refused."""
        engine = self._engine.execution_options(writes=True)
        with self._wrapping_errors(), engine.begin() as connection:
            yield connection

    @contextmanager
    def _wrapping_errors(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            if _is_interrupted(error):
                raise CostlyQueryError(
                    "the answer would take too much reading; ask for words, names or a listing date as well"
                ) from error
            reason = error.orig if isinstance(error, DBAPIError) else error  # without the statement
            raise StoreError(f"the store {str(self._path)!r} can't be used: {reason}") from error


def _sights(connection: Connection, part: Filter, sort: Sort, limit: int) -> tuple[tuple[Sight, ...], int]:
    """Return the first matches, and the number of the last revision, -1 where nothing told."""
    if sort == "entered":
        return entering.newest(connection, part, limit)
    sights: tuple[Sight, ...] = ()
    newest = connection.scalar(_NEWEST_PUBLISHED) if sort == "published" else None
    for window in windows(part, sort, newest):
        walk = plan(window)
        found = find(connection, walk, sort, limit)
        sights = tuple(Sight(*each[:3]) for each in found)
        if len(sights) == limit:
            break
    return sights, found[0][-1] if found else -1


def _is_interrupted(error: Exception) -> bool:
    reason = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(reason, sqlite3.Error) and getattr(reason, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    prepare(connection, _WORK)


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    prepared.begin(connection, writes=writes)
