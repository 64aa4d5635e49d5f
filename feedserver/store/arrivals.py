"""Revisions -> the entries that came or rose in them, with their histories: what a feed's history is made of."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from sqlalchemy import BindParameter, Connection, bindparam, func, select

from feedserver.filters import Filter
from feedserver.model import Rise
from feedserver.store import schema
from feedserver.store.base import Arrival
from feedserver.store.select import plan, rows

_BATCH = 500  # entries read together

_RISE = schema.rise.c
_OF_ROWS: BindParameter[int] = bindparam("rows", expanding=True)
_BODIES = select(schema.document.c.row, schema.document.c.body).where(schema.document.c.row.in_(_OF_ROWS))
_RISES = (
    select(_RISE.row, _RISE.field, _RISE.count, _RISE.observed, _RISE.revision)
    .where(_RISE.row.in_(_OF_ROWS))
    .order_by(_RISE.row, _RISE.revision, _RISE.field)
)


def arrivals(connection: Connection, part: Filter, revisions: range) -> Iterator[Arrival]:
    """See Store.arrivals."""
    if not revisions:
        return
    risen = _RISE.revision.between(revisions.start, revisions.stop - 1)
    lowest = connection.scalar(select(func.min(_RISE.row)).where(risen)) or 0
    walk = plan(part)
    statement = rows(walk, "listed").where(schema.entry.c.row.in_(select(_RISE.row).where(risen)))
    values = {**walk.values, "low": max(walk.low, lowest)}
    found = connection.execute(statement.order_by(None).limit(None), values).scalars().all()
    for start in range(0, len(found), _BATCH):
        yield from _read(connection, found[start : start + _BATCH])


def _read(connection: Connection, rows: Sequence[int]) -> Iterator[Arrival]:
    histories = {
        row: [Rise(schema.COUNTS[field], *rest) for _, field, *rest in history]
        for row, history in groupby(connection.execute(_RISES, {"rows": rows}), key=lambda rise: rise.row)
    }
    for row, body in connection.execute(_BODIES, {"rows": rows}).all():
        yield Arrival(schema.decode(body), histories[row])
