"""Filter -> SQL over the tables of ``schema`` and the term index: what to walk, what to look up, where to stop."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, column, false, func, not_, or_, select, table, true

from feedserver.filters.base import All, Any, Date, Filter, Name, Not, Number, all_of, leaves
from feedserver.model import Sort
from feedserver.store import fts5, terms
from feedserver.store.order import first_row
from feedserver.store.schema import document, entry

index = table("term_index", column("rowid"), column("term_index"))

_UPVOTE_WINDOWS = (1000, 200, 50, 10, 2)
_PUBLISHED_WINDOWS = (31, 366, 3660)  # days


@dataclass(frozen=True, slots=True)
class Walk:
    """What is to be done for a filter: the index expression, the bounds of row ids, and what is left to look up."""

    expression: str | None
    low: int | None
    high: int | None
    residual: ColumnElement[bool] | None
    reads_document: bool


def plan(part: Filter) -> Walk:
    """Return how to answer a resolved filter."""
    expression = fts5.covering(part)
    low, high = _row_bounds(part)
    return Walk(
        expression=None if fts5.admits_every(expression) else expression,
        low=low,
        high=high,
        residual=_residual(part),
        reads_document=_has_long_name(part),
    )


def rows(walk: Walk, sort: Sort) -> Select[int]:
    """Return the statement for the matching row ids, in feed order."""
    by_value = None if sort == "listed" else entry.c[sort]
    row = entry.c.row if walk.expression is None else index.c.rowid
    source = entry if walk.expression is None else index
    if walk.expression is not None and (by_value is not None or walk.residual is not None):
        source = index.join(entry, entry.c.row == index.c.rowid)  # type: ignore[assignment]  # a join is a source too
    if walk.reads_document:
        source = source.join(document, document.c.row == row)  # type: ignore[assignment]
    statement = select(row.label("row")).select_from(source).where(*_conditions(walk, row))
    return statement.order_by(*(() if by_value is None else (by_value.desc(),)), row.desc())


def count(walk: Walk) -> Select[int]:
    """Return the statement that counts the matches."""
    return select(func.count()).select_from(rows(walk, "listed").order_by(None).subquery())


def documents(matching: Select[int], sort: Sort) -> Select[bytes]:
    """Return the statement for the bodies of the matching rows, in the same order."""
    found = matching.subquery()
    statement = select(document.c.body).select_from(found.join(document, document.c.row == found.c.row))
    if sort == "listed":
        return statement.order_by(found.c.row.desc())
    in_order = statement.join(entry, entry.c.row == found.c.row)
    return in_order.order_by(entry.c[sort].desc(), found.c.row.desc())


def windows(part: Filter, sort: Sort, newest: datetime | None) -> Iterator[Filter]:
    """Yield ever wider filters, the last of them ``part``: the first that gives enough entries gives the right ones.

    Sorting needs every match; where there are many, those in the top window are enough.
    """
    if sort == "upvotes":
        yield from (all_of(part, Number("upvotes", low)) for low in _UPVOTE_WINDOWS)
    if sort == "published" and newest is not None:
        yield from (all_of(part, Date("published", newest - timedelta(days=days))) for days in _PUBLISHED_WINDOWS)
    yield part


def _conditions(walk: Walk, row: ColumnElement[int]) -> Iterator[ColumnElement[bool]]:
    if walk.expression is not None:
        yield index.c.term_index.op("MATCH", is_comparison=True)(walk.expression)
    if walk.low is not None:
        yield row >= walk.low
    if walk.high is not None:
        yield row < walk.high
    if walk.residual is not None:
        yield walk.residual


def _row_bounds(part: Filter) -> tuple[int | None, int | None]:
    leaves = part.parts if isinstance(part, All) else (part,)
    dates = [leaf for leaf in leaves if isinstance(leaf, Date) and leaf.field == "listed"]
    lows = [first_row(leaf.low) for leaf in dates if isinstance(leaf.low, datetime)]
    highs = [first_row(leaf.high + timedelta(seconds=59)) for leaf in dates if isinstance(leaf.high, datetime)]
    return max(lows, default=None), min(highs, default=None)


def _residual(part: Filter) -> ColumnElement[bool] | None:
    """Return what the index expression leaves open, None where it decides."""
    if isinstance(part, All):
        open_parts = [left for left in map(_residual, part.parts) if left is not None]
        return and_(*open_parts) if open_parts else None
    return None if _is_decided(part) else _full(part)


def _is_decided(part: Filter) -> bool:
    match part:
        case All(parts) | Any(parts):
            return all(_is_decided(inner) for inner in parts)
        case Not(inner):
            return _is_decided(inner)
        case Number():
            return terms.is_exact(part)
        case Date():
            return False
        case Name():
            return len(part.parts) < 3
        case _:
            return True


def _full(part: Filter) -> ColumnElement[bool]:
    """Return the whole meaning of a filter as a condition on one row; what terms decide is one search of the index."""
    match part:
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
    decided = tuple(inner for inner in parts if _is_decided(inner))
    rest = [inner for inner in parts if not _is_decided(inner)]
    return [kind(decided), *rest] if decided else rest


def _full_leaf(leaf: Filter) -> ColumnElement[bool]:
    match leaf:
        case Number(field, low, high):
            value = entry.c[field]
            return and_(value.is_not(None), value.between(low, high))
        case Date(field, low, high):
            bounds = [entry.c[field] >= low] if low is not None else []
            return and_(true(), *bounds, *([entry.c[field] < high] if high is not None else []))
        case Name(field):
            return document.c[field].regexp_match(terms.name_pattern(leaf))
        case _:
            raise TypeError(f"the index decides {leaf!r}")


def _has_long_name(part: Filter) -> bool:
    return any(isinstance(leaf, Name) and len(leaf.parts) > 2 for leaf in leaves(part))
