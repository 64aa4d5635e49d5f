"""A filter, revisions -> what first satisfied it in them, in that order: what a feed's history is made of. SQLite only.

A least count, once reached, stays reached; so that of such counts, or of none at all, SQL alone can tell since when
a filter holds. Any other use of counts (``upvotes:<3``, ``robot OR upvotes:50``) is judged entry by entry.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from sqlalchemy import BindParameter, ColumnElement, Connection, Row, bindparam, func, select

from feedserver.errors import CostlyQueryError
from feedserver.filters import Filter
from feedserver.filters.base import HIGHEST, All, Number
from feedserver.filters.history import entered, possible, split
from feedserver.model import Rise
from feedserver.store import schema
from feedserver.store.base import Arrival
from feedserver.store.select import plan, rows

MOST_JUDGED = 50_000  # entries: about two seconds
_BATCH = 500  # entries read together

_ENTRY, _RISE = schema.entry.c, schema.rise.c
_RISEN = _RISE.revision.between(bindparam("first"), bindparam("last"))
_BOUNDS = select(func.min(_RISE.row), func.max(_RISE.row)).where(_RISEN)
_OF_ROWS: BindParameter[int] = bindparam("rows", expanding=True)
_BODIES = select(schema.document.c.row, schema.document.c.body).where(schema.document.c.row.in_(_OF_ROWS))
_RISES = (
    select(_RISE.row, _RISE.field, _RISE.count, _RISE.observed, _RISE.revision)
    .where(_RISE.row.in_(_OF_ROWS))
    .order_by(_RISE.row, _RISE.revision, _RISE.field)
)


def arrivals(connection: Connection, part: Filter, revisions: range) -> list[Arrival]:
    """See Store.arrivals. Raises CostlyQueryError where more than MOST_JUDGED would have to be judged."""
    counting = split(part)[1]
    counts = counting.parts if isinstance(counting, All) else (counting,)
    least = [count for count in counts if isinstance(count, Number) and count.high == HIGHEST]
    candidates = _candidates(connection, possible(part), least, revisions) if revisions else ()
    found: Iterator[Arrival] = (Arrival(revision, entry_id) for _, revision, entry_id in candidates)
    if len(least) < len(counts):
        found = _judged(connection, counting, [row for row, *_ in candidates])
    return sorted(arrival for arrival in found if arrival.revision in revisions)


def _candidates(
    connection: Connection, part: Filter, least: Sequence[Number], revisions: range
) -> Sequence[Row[int, int, str]]:
    """Return row, the revision since when the least counts are reached, and id, of what came or rose in revisions."""
    span = {"first": revisions.start, "last": revisions.stop - 1}
    lowest, highest = connection.execute(_BOUNDS, span).one()
    if lowest is None:
        return ()
    walk = plan(part)
    bounds = {"low": max(walk.low, lowest), "high": min(walk.high, highest + 1)}
    since = func.max(_ENTRY.born, 0, *map(_reached, least))  # of several values: the highest, SQLite's own
    statement = rows(walk, "listed").with_only_columns(_ENTRY.row, since, _ENTRY.id).order_by(None).limit(None)
    risen = _ENTRY.row.in_(select(_RISE.row).where(_RISEN))
    return connection.execute(statement.where(risen), {**walk.values, **span, **bounds}).all()


def _reached(least: Number) -> ColumnElement[int]:
    """Return the revision in which the entry reached a count."""
    place = schema.COUNTS.index(least.field)
    rises = select(func.min(_RISE.revision)).where(_RISE.row == _ENTRY.row, _RISE.field == place)
    return rises.where(_RISE.count >= least.low).scalar_subquery()


def _judged(connection: Connection, counting: Filter, found: Sequence[int]) -> Iterator[Arrival]:
    if len(found) > MOST_JUDGED:
        raise CostlyQueryError(f"the answer would take the histories of {len(found):,} entries; ask for words as well")
    for start in range(0, len(found), _BATCH):
        batch = {"rows": found[start : start + _BATCH]}
        histories = {
            row: [Rise(schema.COUNTS[field], *rest) for _, field, *rest in risen]
            for row, risen in groupby(connection.execute(_RISES, batch), key=itemgetter(0))
        }
        for row, body in connection.execute(_BODIES, batch).all():
            entry = schema.decode(body)
            revision = entered(counting, entry, histories[row])
            if revision is not None:
                yield Arrival(revision, entry.id)
