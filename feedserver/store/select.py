"""Filter -> SQL over the tables of ``schema`` and the term index: what to walk, what to look up, where to stop."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any as Anything
from typing import TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    column,
    false,
    func,
    not_,
    or_,
    select,
    table,
    true,
)

from feedserver.filters.base import All, Any, Date, Filter, Name, Not, Number, Threshold, all_of, conjuncts, leaves
from feedserver.model import Sort
from feedserver.store import fts5, prepared, terms
from feedserver.store.order import first_row
from feedserver.store.schema import document, entry, revision, trend

index = table("term_index", column("rowid"), column("term_index"))

Columns = TypeVarTuple("Columns")

LAST_ROW = 2**63 - 1
_UPVOTE_WINDOWS = (1000, 200, 50, 10, 2)
_PUBLISHED_WINDOWS = (31, 366, 3660)  # days


@dataclass(frozen=True, slots=True)
class Walk:
    """What is to be done for a filter: the index expression, the bounds of row ids, and what is left to look up.

    Of the latter, ``counts`` are what every entry has to reach, ``residual`` is the rest.
    """

    expression: str | None
    low: int
    high: int
    counts: tuple[Number, ...]
    residual: ColumnElement[bool] | None
    reads_document: bool

    @property
    def fields(self) -> tuple[str, ...]:
        """What the counts are of."""
        return tuple(count.field for count in self.counts)

    @property
    def values(self) -> dict[str, object]:
        """What the statements of this walk are to be executed with."""
        bounds = {
            f"{bound}_{place}": getattr(count, bound)
            for place, count in enumerate(self.counts)
            for bound in ("low", "high")
        }
        return {"expression": self.expression, "low": self.low, "high": self.high, **bounds}


def plan(part: Filter) -> Walk:
    """Return how to answer a resolved filter."""
    expression = fts5.covering(part)
    low, high = _row_bounds(part)
    parts = conjuncts(part)
    counts = tuple(inner for inner in parts if isinstance(inner, Number) and not terms.is_exact(inner))
    return Walk(
        expression=None if fts5.admits_every(expression) else expression,
        low=low,
        high=high,
        counts=counts,
        residual=_residual(tuple(inner for inner in parts if inner not in counts and not _is_bound(inner))),
        reads_document=_has_long_name(part),
    )


def rows(walk: Walk, sort: Sort) -> Select[int, int, int, int]:
    """Return the statement for the sights of the matches, in feed order, each with the number of the last revision.

    It takes ``Walk.values`` and a ``limit``.
    """
    return _narrow(statement_of(sort, walk.fields, walk.expression is not None), walk)


def find(connection: Connection, walk: Walk, sort: Sort, limit: int) -> Sequence[Anything]:
    """Return the sights of the first matches in feed order, each with the number of the last revision."""
    statement = statement_of(sort, walk.fields, walk.expression is not None)
    return execute(connection, statement, walk, {**walk.values, "limit": limit})


def find_rows(connection: Connection, walk: Walk, condition: ColumnElement[bool] | None = None) -> Sequence[int]:
    """Return the rows of all matches, in any order, of which something else may be true as well."""
    statement = _rows_of(walk.fields, walk.expression is not None)
    if condition is None:
        return [row for (row,) in execute(connection, statement, walk, walk.values)]
    return connection.scalars(_narrow(statement.where(condition), walk), walk.values).all()


@lru_cache(maxsize=16)
def _rows_of(counts: tuple[str, ...], indexed: bool) -> Select[int]:
    statement = statement_of("listed", counts, indexed).with_only_columns(entry.c.row)
    return statement.order_by(None).limit(None)


def execute(
    connection: Connection, statement: Select[*Columns], walk: Walk, values: Mapping[str, Anything]
) -> Sequence[Anything]:
    """Return the rows of a statement that is kept, narrowed down to a walk; all columns are whole numbers."""
    if walk.residual is None and not walk.reads_document:
        return prepared.read(connection, statement, values)
    return connection.execute(_narrow(statement, walk), values).all()


def _narrow(statement: Select[*Columns], walk: Walk) -> Select[*Columns]:
    """Return the statement with the conditions that differ from walk to walk."""
    if walk.reads_document:
        statement = statement.join(document, document.c.row == entry.c.row)
    return statement if walk.residual is None else statement.where(walk.residual)


def count(connection: Connection, walk: Walk) -> int:
    """Return how many matches there are."""
    return int(execute(connection, _count_of(walk.fields, walk.expression is not None), walk, walk.values)[0][0])


@lru_cache(maxsize=16)
def _count_of(counts: tuple[str, ...], indexed: bool) -> Select[int]:
    statement = statement_of("listed", counts, indexed).with_only_columns(func.count())
    return statement.order_by(None).limit(None)


def windows(part: Filter, sort: Sort, newest: datetime | None) -> Iterator[Filter]:
    """Yield ever wider filters, the last of them ``part``: the first that gives enough entries gives the right ones.

    Sorting needs every match; where there are many, those in the top window are enough.
    """
    if sort == "upvotes":
        yield from (all_of(part, Number("upvotes", low)) for low in _UPVOTE_WINDOWS)
    if sort == "published" and newest is not None:
        yield from (all_of(part, Date("published", newest - timedelta(days=days))) for days in _PUBLISHED_WINDOWS)
    yield part


@lru_cache(maxsize=64)
def statement_of(sort: Sort, counts: tuple[str, ...], indexed: bool) -> Select[int, int, int, int]:
    """Build each statement once: to do so for each query would cost more than to execute it."""
    row = index.c.rowid if indexed else entry.c.row
    source = index.join(entry, entry.c.row == index.c.rowid) if indexed else entry
    if sort == "trending":  # few gained votes lately
        source = source.join(trend, trend.c.row == row)
    last = select(func.max(revision.c.number)).scalar_subquery()
    statement = select(entry.c.row, entry.c.revision, entry.c.born, last).select_from(source)
    if indexed:
        statement = statement.where(index.c.term_index.op("MATCH", is_comparison=True)(bindparam("expression")))
    for place, field in enumerate(counts):
        statement = statement.where(entry.c[field].between(bindparam(f"low_{place}"), bindparam(f"high_{place}")))
    by_value = () if sort == "listed" else (trend.c.score.desc() if sort == "trending" else entry.c[sort].desc(),)
    bounded = statement.where(row >= bindparam("low"), row < bindparam("high"))
    return bounded.order_by(*by_value, row.desc()).limit(bindparam("limit"))


def _row_bounds(part: Filter) -> tuple[int, int]:
    dates = [inner for inner in conjuncts(part) if isinstance(inner, Date) and inner.field == "listed"]
    lows = [first_row(date.low) for date in dates if isinstance(date.low, datetime)]
    highs = [first_row(date.high + timedelta(seconds=59)) for date in dates if isinstance(date.high, datetime)]
    return max(lows, default=0), min(highs, default=LAST_ROW)


def _is_bound(part: Filter) -> bool:
    """Say whether the bounds of row ids decide: they count minutes of listing, in the years that a row id can hold."""
    if not isinstance(part, Date) or part.field != "listed":
        return False
    given = [moment for moment in (part.low, part.high) if moment is not None]
    return all(isinstance(each, datetime) and each.second == 0 and 1970 < each.year < 2097 for each in given)


def _residual(parts: tuple[Filter, ...]) -> ColumnElement[bool] | None:
    """Return what the index expression leaves open of parts that all have to hold, None where it decides."""
    left = [_full(part) for part in parts if not _is_decided(part)]
    return and_(*left) if left else None


def _is_decided(part: Filter) -> bool:
    match part:
        case All(parts) | Any(parts):
            return all(_is_decided(inner) for inner in parts)
        case Not(inner):
            return _is_decided(inner)
        case Number():
            return terms.is_exact(part)
        case Date() | Threshold():
            return False
        case Name():
            return len(part.parts) < 3
        case _:
            return True


def _full(part: Filter) -> ColumnElement[bool]:
    """Return the whole meaning of a filter as a condition on one row; what terms decide is one search of the index."""
    match part:
        case Number():
            return _full_leaf(part)
        case _ if _is_decided(part):
            here = index.alias()
            found = here.c.term_index.op("MATCH", is_comparison=True)(fts5.covering(part))
            return entry.c.row.in_(select(here.c.rowid).where(found))
        case All(parts):
            return and_(true(), *map(_full, _decided_together(parts, All)))
        case Any(parts):
            return or_(false(), *map(_full, _decided_together(parts, Any)))
        case Not(inner):
            return not_(_full(inner))
        case _:
            return _full_leaf(part)


def _decided_together(parts: tuple[Filter, ...], kind: type[All | Any]) -> list[Filter]:
    """Join what the index decides, but counts: these stand in the row, and a search would list half of the store."""
    decided = tuple(inner for inner in parts if _is_decided(inner) and not isinstance(inner, Number))
    rest = [inner for inner in parts if inner not in decided]
    return [kind(decided), *rest] if decided else rest


def _full_leaf(leaf: Filter) -> ColumnElement[bool]:
    match leaf:
        case Number(field, low, high):
            value = entry.c[field]
            return and_(value.is_not(None), value.between(low, high))
        case Threshold(steps):
            later = [(entry.c.listed >= start, least) for start, least in reversed(steps[1:])]
            return entry.c.upvotes >= (case(*later, else_=steps[0][1]) if later else steps[0][1])
        case Date(field, low, high):
            bounds = [entry.c[field] >= low] if low is not None else []
            return and_(true(), *bounds, *([entry.c[field] < high] if high is not None else []))
        case Name(field):
            return document.c[field].regexp_match(terms.name_pattern(leaf))
        case _:
            raise TypeError(f"the index decides {leaf!r}")


def _has_long_name(part: Filter) -> bool:
    return any(isinstance(leaf, Name) and len(leaf.parts) > 2 for leaf in leaves(part))
