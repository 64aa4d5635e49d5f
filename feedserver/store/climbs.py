"""A filter, a stretch of time -> how the upvotes of what may have entered in it rose. SQLite only.

To find a threshold takes the histories of many entries and the texts of few. What was never anything else than it is
now entered when it appeared, unless counts decide, so that numbers alone are read of it.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Connection, Integer, bindparam, func, select, type_coerce

from feedserver.filters import Filter
from feedserver.filters.base import HIGHEST, All, Number, all_of
from feedserver.filters.history import Entering, Enterings, enterings, moving
from feedserver.store import prepared, schema
from feedserver.store.base import Climb
from feedserver.store.lives import find_alive, read_lives
from feedserver.store.read import BATCH

_RISE, _ENTRY, _PAST = schema.rise.c, schema.entry.c, schema.past.c
_LISTED_ROWS = func.json_each(bindparam("rows")).table_valued("value")
_OF_ROWS = select(_LISTED_ROWS.c.value)
_RISES = (
    select(
        _RISE.row,
        _ENTRY.born,
        type_coerce(_ENTRY.appeared, Integer),
        _RISE.count,
        type_coerce(_RISE.observed, Integer),
        _RISE.revision,
    )
    .join(schema.entry, _ENTRY.row == _RISE.row)
    .where(
        _RISE.row.in_(_OF_ROWS),
        _RISE.field == schema.COUNTS.index("upvotes"),
        _RISE.count.between(bindparam("least"), bindparam("most")),
    )
    .order_by(_RISE.row, _RISE.count)
)
_CHANGED = select(_PAST.row).where(_PAST.row.in_(_OF_ROWS)).distinct()


def climbs(connection: Connection, part: Filter, start: datetime, end: datetime, least: int) -> list[Climb]:
    """See Store.climbs. Raises CostlyQueryError where too many entries would have to be looked at."""
    high = all_of(part, Number("upvotes", least)) if least else part
    alive = find_alive(connection, high, start, end, range(0))
    rises = prepared.read(connection, _RISES, {"rows": json.dumps(alive), "least": least, "most": _most(part)})
    risen = [list(group) for _, group in groupby(rises, key=itemgetter(0))]
    entered = _enterings(connection, part, [group[0][0] for group in risen])
    return [_climb(group, entered.get(group[0][0])) for group in risen]


def _most(part: Filter) -> int:
    """Return the most upvotes that an entry of the filter may have."""
    parts = part.parts if isinstance(part, All) else (part,)
    asked = (inner.high for inner in parts if isinstance(inner, Number) and inner.field == "upvotes")
    return min(asked, default=HIGHEST)


def _enterings(connection: Connection, part: Filter, rows: Sequence[int]) -> dict[int, Enterings]:
    """Return row -> when the entry entered, where that does not follow from when it appeared."""
    if not moving(part):
        rows = [row for (row,) in prepared.read(connection, _CHANGED, {"rows": json.dumps(rows)})]
    batches = (rows[first : first + BATCH] for first in range(0, len(rows), BATCH))
    return {row: enterings(part, life) for batch in batches for row, life in read_lives(connection, batch)}


def _climb(rises: Sequence[tuple[int, ...]], entered: Enterings | None) -> Climb:
    _, born, appeared, *_ = rises[0]
    came = datetime.fromtimestamp(appeared, UTC)
    upvotes = tuple(
        (count, came if revision == born else datetime.fromtimestamp(observed, UTC), revision)
        for *_, count, observed, revision in rises
    )
    return Climb(came, entered or Enterings((), Entering(born, came)), upvotes)
