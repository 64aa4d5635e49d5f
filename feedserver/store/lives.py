"""A filter, a stretch of time -> the lives of what may have entered in it. SQLite only.

What is told of a period that is over must be told alike for ever, whatever is learnt later. So it is told of entries as
they were at a revision: their facts of then, which ``past`` remembers, and their counts of then, from their history.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import BindParameter, Connection, Integer, bindparam, exists, func, or_, select, type_coerce

from feedserver.errors import CostlyQueryError
from feedserver.filters import Filter
from feedserver.filters.history import moving, possible
from feedserver.model import Entry, Life
from feedserver.store import fts5, prepared, schema
from feedserver.store.late import appearances_between, facets_between
from feedserver.store.order import first_row
from feedserver.store.read import BATCH, read_histories
from feedserver.store.select import find_rows, plan

MOST_LIVES = 20_000  # about a second

_PAST, _RISE, _ENTRY = schema.past.c, schema.rise.c, schema.entry.c
_OF_ROWS: BindParameter[int] = bindparam("rows", expanding=True)
_LISTED_ROWS = func.json_each(bindparam("rows")).table_valued("value")
_BODIES = (
    select(_ENTRY.row, _ENTRY.born, type_coerce(_ENTRY.appeared, Integer), schema.document.c.body)
    .join(schema.document)
    .where(_ENTRY.row.in_(select(_LISTED_ROWS.c.value)))
)
_STATES = select(_PAST.row, _PAST.until, _PAST.body).where(_PAST.row.in_(_OF_ROWS)).order_by(_PAST.row, _PAST.until)


def lives(connection: Connection, part: Filter, start: datetime, end: datetime, revisions: range) -> list[Life]:
    """See Store.lives. Raises CostlyQueryError where it would be more than MOST_LIVES."""
    rows = find_alive(connection, part, start, end, revisions)
    batches = (rows[first : first + BATCH] for first in range(0, len(rows), BATCH))
    return [life for batch in batches for _, life in read_lives(connection, batch)]


def find_alive(connection: Connection, part: Filter, start: datetime, end: datetime, revisions: range) -> list[int]:
    """Return the rows of these lives, in order. Raises CostlyQueryError where it would be more than MOST_LIVES."""
    wanted = possible(part)
    rows = {
        *_listed(connection, wanted, start, end),
        *_appeared(connection, wanted, start, end),
        *_risen(connection, wanted, start, end),
        *_brought(connection, wanted, revisions),
        *_changed(connection, start, end, revisions),
    }
    if len(rows) > MOST_LIVES:
        raise CostlyQueryError(f"the answer would take the histories of {len(rows):,} entries; ask for words as well")
    return sorted(rows)


def read_lives(connection: Connection, rows: Sequence[int]) -> list[tuple[int, Life]]:
    """Return rows and lives; of up to BATCH rows."""
    histories = read_histories(connection, rows)
    before: dict[int, list[tuple[int, Entry]]] = {}
    for row, until, body in connection.execute(_STATES, {"rows": rows}):
        before.setdefault(row, []).append((until, schema.decode(body)))
    return [
        (
            row,
            Life(
                born,
                datetime.fromtimestamp(appeared, UTC),
                schema.decode(body),
                tuple(before.get(row, ())),
                tuple(histories[row]),
            ),
        )
        for row, born, appeared, body in prepared.read(connection, _BODIES, {"rows": json.dumps(rows)})
    ]


def _listed(connection: Connection, part: Filter, start: datetime, end: datetime) -> Sequence[int]:
    """Return what was listed in the time."""
    low, high = first_row(start), first_row(end + timedelta(seconds=59))
    walk = plan(part)
    return find_rows(connection, replace(walk, low=max(low, walk.low), high=min(high, walk.high)))


def _appeared(connection: Connection, part: Filter, start: datetime, end: datetime) -> Sequence[int]:
    """Return what appeared in the time, on whichever day it was listed."""
    walk = plan(part)
    facets = appearances_between(int(start.timestamp()), int(end.timestamp()))
    return find_rows(connection, replace(walk, expression=fts5.with_facets(walk.expression, facets)))


def _risen(connection: Connection, part: Filter, start: datetime, end: datetime) -> Sequence[int]:
    """Return what began to satisfy the filter by a count that rose in the time."""
    counts = moving(part)
    first, last = int(start.timestamp()), int(end.timestamp())
    facets = {facet for count in counts for facet in facets_between(count, first, last)}
    walk = plan(part)
    return find_rows(connection, replace(walk, expression=fts5.with_facets(walk.expression, facets))) if facets else ()


def _brought(connection: Connection, part: Filter, revisions: range) -> Sequence[int]:
    """Return what was kept, or rose, in the revisions, whenever it was listed."""
    if not revisions:
        return ()
    risen = _RISE.revision.between(revisions.start, revisions.stop - 1)
    return find_rows(connection, plan(part), condition=_ENTRY.row.in_(select(_RISE.row).where(risen)))


def _changed(connection: Connection, start: datetime, end: datetime, revisions: range) -> Sequence[int]:
    """Return what was listed, appeared or rose in the time, and changed since: it may have satisfied the filter then.

    What changed in the revisions may have begun to satisfy it by that.
    """
    last = revisions.stop - 1
    moved = or_(_RISE.observed.between(start, end), _RISE.revision.between(revisions.start, last))
    rose = exists().where(_RISE.row == _PAST.row, moved)
    here = or_(_PAST.listed.between(start, end), _ENTRY.appeared.between(start, end))
    then = or_(here, _PAST.until.between(revisions.start, last), rose)
    statement = select(_PAST.row).join(schema.entry).where(_PAST.until >= revisions.start, then)
    return connection.scalars(statement.distinct()).all()
