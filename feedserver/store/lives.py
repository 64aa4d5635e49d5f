"""A filter, a stretch of time -> the lives of what may have entered in it. SQLite only.

What is told of a period that is over must be told alike for ever, whatever is learnt later. So it is told of entries as
they were at a revision: their facts of then, which ``past`` remembers, and their counts of then, from their history.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import BindParameter, Connection, Integer, bindparam, exists, or_, select, type_coerce

from feedserver.errors import CostlyQueryError
from feedserver.filters import Filter
from feedserver.filters.history import moving, possible
from feedserver.model import Entry, Life
from feedserver.store import fts5, prepared, schema
from feedserver.store.late import appearances_between, facets_between
from feedserver.store.order import first_row
from feedserver.store.read import LISTED_ROWS, batches, read_histories
from feedserver.store.select import find_rows, plan

MOST_LIVES = 20_000  # about a second

_PAST, _RISE, _ENTRY = schema.past.c, schema.rise.c, schema.entry.c
_OF_ROWS: BindParameter[int] = bindparam("rows", expanding=True)
_BODIES = (
    select(_ENTRY.row, _ENTRY.born, type_coerce(_ENTRY.appeared, Integer), schema.document.c.body)
    .join(schema.document)
    .where(_ENTRY.row.in_(select(LISTED_ROWS.c.value)))
)
_START, _END, _FIRST, _LAST = (bindparam(name, type_=Integer) for name in ("start", "end", "first", "last"))
_ROSE = or_(type_coerce(_RISE.observed, Integer).between(_START, _END), _RISE.revision.between(_FIRST, _LAST))
_CHANGED = (
    select(_PAST.row)
    .join(schema.entry)
    .where(
        _PAST.until >= _FIRST,
        _ENTRY.upvotes >= bindparam("least"),
        or_(
            type_coerce(_PAST.listed, Integer).between(_START, _END),
            type_coerce(_ENTRY.appeared, Integer).between(_START, _END),
            _PAST.until.between(_FIRST, _LAST),
            exists().where(_RISE.row == _PAST.row, _ROSE),
        ),
    )
    .distinct()
)
_STATES = select(_PAST.row, _PAST.until, _PAST.body).where(_PAST.row.in_(_OF_ROWS)).order_by(_PAST.row, _PAST.until)


def lives(connection: Connection, part: Filter, start: datetime, end: datetime, revisions: range) -> list[Life]:
    """See Store.lives. Raises CostlyQueryError where it would be more than MOST_LIVES."""
    wanted = possible(part)
    rows = {
        *find_appeared(connection, part, start, end),
        *_risen(connection, wanted, start, end),
        *_brought(connection, wanted, revisions),
        *find_changed(connection, start, end, revisions),
    }
    return [life for _, life in read_lives(connection, check_cost(rows))]


def check_cost(rows: Collection[int]) -> list[int]:
    """Return rows in order. Raises CostlyQueryError where they are more than MOST_LIVES."""
    if len(rows) > MOST_LIVES:
        raise CostlyQueryError(f"the answer would take the histories of {len(rows):,} entries; ask for words as well")
    return sorted(rows)


def read_lives(connection: Connection, rows: Sequence[int]) -> Iterator[tuple[int, Life]]:
    """Yield rows and lives."""
    return (found for batch in batches(rows) for found in _read_batch(connection, batch))


def _read_batch(connection: Connection, rows: Sequence[int]) -> list[tuple[int, Life]]:
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


def find_appeared(connection: Connection, part: Filter, start: datetime, end: datetime) -> set[int]:
    """Return what was listed in a stretch of time, or appeared in it, on whichever day it was listed."""
    walk = plan(possible(part))
    low, high = first_row(start), first_row(end + timedelta(seconds=59))
    listed = find_rows(connection, replace(walk, low=max(low, walk.low), high=min(high, walk.high)))
    facets = appearances_between(int(start.timestamp()), int(end.timestamp()))
    late = find_rows(connection, replace(walk, expression=fts5.with_facets(walk.expression, facets)))
    return {*listed, *late}


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


def find_changed(
    connection: Connection, start: datetime, end: datetime, revisions: range, least: int = 0
) -> Sequence[int]:
    """Return what was listed, appeared or rose in the time, and changed since: it may have satisfied the filter then.

    What changed in the revisions may have begun to satisfy it by that. Less than ``least`` upvotes are left out.
    """
    times = {"start": int(start.timestamp()), "end": int(end.timestamp())}
    numbers = {"first": revisions.start, "last": revisions.stop - 1, "least": least}
    return [row for (row,) in prepared.read(connection, _CHANGED, times | numbers)]
