"""The tables that every store engine shares, and how an Entry and a time look inside them."""

from datetime import UTC, datetime
from typing import get_args

import msgspec
from sqlalchemy import BigInteger, Column, Dialect, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.types import TypeDecorator

from feedserver.model import CountField, Entry

SCHEMA = 4

ROWID = BigInteger().with_variant(Integer, "sqlite")  # SQLite: only INTEGER is the row id itself


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as whole seconds since 1970 UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002  # SQLAlchemy's
        """Turn a datetime into seconds."""
        return None if value is None else int(value.timestamp())

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's
        """Turn seconds into an aware datetime."""
        return None if value is None else datetime.fromtimestamp(value, UTC)


metadata = MetaData()

meta = Table("meta", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

# Narrow on purpose: conditions that the term index can't decide are looked up here, many rows to a page.
entry = Table(
    "entry",
    metadata,
    Column("row", ROWID, primary_key=True, autoincrement=False),  # feed order, see order.py
    Column("id", Text, nullable=False, unique=True),
    Column("listed", Instant, nullable=False),
    Column("appeared", Instant, nullable=False),  # when a listing carried it first; never changes
    Column("published", Instant, nullable=False),
    Column("upvotes", Integer, nullable=False),
    Column("comments", Integer, nullable=False),
    Column("stars", Integer),
    Column("born", Integer, nullable=False),  # the revision that brought the entry
    Column("revision", Integer, nullable=False),  # ... and the last one that changed it
    Index("entry_by_published", "published", "row"),
    Index("entry_by_upvotes", "upvotes", "row"),
)


def _entry_row() -> ForeignKey:
    """A column with this follows the entry when a listing of an earlier day gives it another row."""
    return ForeignKey("entry.row", ondelete="CASCADE", onupdate="CASCADE")


document = Table(
    "document",
    metadata,
    Column("row", ROWID, _entry_row(), primary_key=True, autoincrement=False),
    Column("author", Text, nullable=False),
    Column("org", Text, nullable=False),
    Column("submitter", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

rise = Table(
    "rise",
    metadata,
    Column("row", ROWID, _entry_row(), primary_key=True, autoincrement=False),
    Column("field", Integer, primary_key=True, autoincrement=False),  # where it stands in COUNTS; of a source, beyond
    Column("count", Integer, primary_key=True, autoincrement=False),
    Column("observed", Instant, nullable=False),
    Column("revision", Integer, nullable=False),
    Index("rise_by_revision", "revision"),
    sqlite_with_rowid=False,
)

# What an entry was before something else than a count changed. Counts as they were follow from ``rise``.
past = Table(
    "past",
    metadata,
    Column("row", ROWID, _entry_row(), primary_key=True, autoincrement=False),
    Column("until", Integer, primary_key=True, autoincrement=False),  # the revision in which it changed
    Column("listed", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("past_by_until", "until"),
    Index("past_by_listed", "listed"),
)

# What else an entry is called: links, titles, ids that it came with; its own id is not among them.
alias = Table(
    "alias",
    metadata,
    Column("name", Text, primary_key=True),
    Column("row", ROWID, _entry_row(), nullable=False),
    Index("alias_by_row", "row"),
    sqlite_with_rowid=False,
)

# What each source tells of an entry, where several do.
sight = Table(
    "sight",
    metadata,
    Column("row", ROWID, _entry_row(), primary_key=True, autoincrement=False),
    Column("source", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

# Sources as numbers, for ``rise.field``: from FIRST_SOURCE on.
number = Table(
    "number",
    metadata,
    Column("source", Text, primary_key=True),
    Column("field", Integer, nullable=False, unique=True),
)

revision = Table(
    "revision",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("changed", Instant, nullable=False),
)

listing = Table(
    "listing",
    metadata,
    Column("source", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("attempted", Instant, nullable=False),
    Column("good", Instant),
    Column("entries", Integer, nullable=False),
    Column("error", Text),
    Column("retry_at", Instant),
    Column("failures", Integer, nullable=False),
    Column("suspect", Text),
    sqlite_with_rowid=False,
)

# Which listing showed which entry, and since when it does no more.
appearance = Table(
    "appearance",
    metadata,
    Column("row", ROWID, _entry_row(), primary_key=True, autoincrement=False),
    Column("source", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("missing", Instant),
    Index("appearance_by_listing", "source", "key"),
    sqlite_with_rowid=False,
)

source = Table(
    "source",
    metadata,
    Column("source", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("error", Text),
    Column("failed", Instant),
    Column("next_try", Instant),
    Column("open_since", Instant),
    Column("retry_at", Instant),
    sqlite_with_rowid=False,
)

spent = Table(
    "spent",
    metadata,
    Column("source", Text, primary_key=True),
    Column("minute", Instant, primary_key=True),
    Column("requests", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# How far a list of many pages was read, in the words of whoever reads it.
bookmark = Table(
    "bookmark",
    metadata,
    Column("source", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

# What gained votes lately, as of some minutes ago; see trends.py.
trend = Table(
    "trend",
    metadata,
    Column("row", ROWID, _entry_row(), primary_key=True, autoincrement=False),
    Column("score", Integer, nullable=False),
    Index("trend_by_score", "score", "row"),
)

seal = Table(
    "seal",
    metadata,
    Column("until", Instant, primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False),
    sqlite_with_rowid=False,
)

COUNTS = get_args(CountField)
FIRST_SOURCE = 16

_DECODER = msgspec.json.Decoder(Entry)


def encode(value: Entry) -> bytes:
    """Return the entry as JSON."""
    return msgspec.json.encode(value)


def decode(body: bytes) -> Entry:
    """Return the entry that was encoded."""
    return _DECODER.decode(body)
