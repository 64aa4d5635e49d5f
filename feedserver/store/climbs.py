"""A filter, a stretch of time -> how the upvotes of what may have entered in it rose. SQLite only.

To find a threshold takes the histories of many entries and the texts of few. What was never anything else than it is
now entered when it appeared, unless counts decide, so that numbers alone are read of it.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Connection, Integer, bindparam, select, type_coerce

from feedserver.filters import Filter
from feedserver.filters.base import Number, all_of, split_upvotes
from feedserver.filters.history import Entering, Enterings, enterings, moving
from feedserver.store import prepared, schema
from feedserver.store.base import Climb
from feedserver.store.lives import check_cost, find_appeared, find_changed, read_lives
from feedserver.store.read import LISTED_ROWS

_RISE, _ENTRY, _PAST = schema.rise.c, schema.entry.c, schema.past.c
_OF_ROWS = select(LISTED_ROWS.c.value)
_BIRTHS = select(_ENTRY.row, _ENTRY.born, type_coerce(_ENTRY.appeared, Integer)).where(_ENTRY.row.in_(_OF_ROWS))
_RISES = (
    select(_RISE.row, _RISE.count, type_coerce(_RISE.observed, Integer), _RISE.revision)
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
    rows = {*find_appeared(connection, high, start, end), *find_changed(connection, start, end, range(0), least)}
    listed = {"rows": json.dumps(check_cost(rows))}
    births = {row: (born, came) for row, born, came in prepared.read(connection, _BIRTHS, listed)}
    rises = prepared.read(connection, _RISES, {**listed, "least": least, "most": split_upvotes(part)[1].high})
    risen = {row: list(group) for row, group in groupby(rises, key=itemgetter(0))}
    entered = _enterings(connection, part, list(risen))
    return [_climb(*births[row], group, entered.get(row)) for row, group in risen.items()]


def _enterings(connection: Connection, part: Filter, rows: Sequence[int]) -> dict[int, Enterings]:
    """Return row -> when the entry entered, where that does not follow from when it appeared."""
    if not moving(part):
        rows = [row for (row,) in prepared.read(connection, _CHANGED, {"rows": json.dumps(rows)})]
    return {row: enterings(part, life) for row, life in read_lives(connection, rows)}


def _climb(born: int, appeared: int, rises: Sequence[tuple[int, ...]], entered: Enterings | None) -> Climb:
    came = datetime.fromtimestamp(appeared, UTC)
    upvotes = [
        (count, came if revision == born else datetime.fromtimestamp(observed, UTC), revision)
        for _, count, observed, revision in rises
    ]
    return Climb(came, entered or Enterings((), Entering(born, came)), upvotes)
