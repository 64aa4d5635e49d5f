"""A filter, revisions -> what first satisfied it in them, in that order: what a feed's history is made of. SQLite only.

A least count, once reached, stays reached; so that of such counts, or of none at all, SQL alone can tell since when
a filter holds. Any other use of counts (``upvotes:<3``, ``robot OR upvotes:50``) is judged entry by entry.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, Row, bindparam, func, select

from feedserver.errors import CostlyQueryError
from feedserver.filters import Filter
from feedserver.filters.history import entered, possible, split, thresholds
from feedserver.store import schema
from feedserver.store.base import Arrival
from feedserver.store.entering import admits, bounds_of, reached, shapes_of
from feedserver.store.read import batches, read_entries, read_histories
from feedserver.store.select import plan, rows

MOST_JUDGED = 50_000  # entries: about two seconds

_ENTRY, _RISE = schema.entry.c, schema.rise.c
_RISEN = _RISE.revision.between(bindparam("first"), bindparam("last"))
_BOUNDS = select(func.min(_RISE.row), func.max(_RISE.row)).where(_RISEN)


def arrivals(connection: Connection, part: Filter, revisions: range) -> list[Arrival]:
    """See Store.arrivals. Raises CostlyQueryError where more than MOST_JUDGED would have to be judged."""
    candidates = _candidates(connection, part, revisions) if revisions else ()
    found: Iterator[Arrival] = (
        Arrival(revision, entry_id, datetime.fromtimestamp(moment, UTC)) for _, revision, entry_id, moment in candidates
    )
    if thresholds(part) is None:
        found = _judged(connection, split(part)[1], {row: moment for row, _, _, moment in candidates})
    return sorted(arrival for arrival in found if arrival.revision in revisions)


def _candidates(connection: Connection, part: Filter, revisions: range) -> Sequence[Row[int, int, str, int]]:
    """Return row, the revision since when the thresholds are reached, id, and the moment, of what came or rose."""
    span = {"first": revisions.start, "last": revisions.stop - 1}
    lowest, highest = connection.execute(_BOUNDS, span).one()
    if lowest is None:
        return ()
    walk, least = plan(possible(part)), thresholds(part) or ()
    bounds = {"low": max(walk.low, lowest), "high": min(walk.high, highest + 1), **bounds_of(least)}
    shapes = shapes_of(least)
    since, moment = reached(shapes)
    statement = rows(walk, "listed").with_only_columns(_ENTRY.row, since, _ENTRY.id, moment).order_by(None).limit(None)
    risen = _ENTRY.row.in_(select(_RISE.row).where(_RISEN))
    return connection.execute(statement.where(risen, *admits(shapes)), {**walk.values, **span, **bounds}).all()


def _judged(connection: Connection, counting: Filter, found: Mapping[int, int]) -> Iterator[Arrival]:
    """Yield what arrived, of rows and the times when they appeared."""
    if len(found) > MOST_JUDGED:
        raise CostlyQueryError(f"the answer would take the histories of {len(found):,} entries; ask for words as well")
    for batch in batches(list(found)):
        histories = read_histories(connection, batch)
        for row, entry in read_entries(connection, batch):
            appeared = datetime.fromtimestamp(found[row], UTC)
            if when := entered(counting, entry, appeared, histories[row]):
                yield Arrival(when.revision, entry.id, when.moment)
