"""A filter, a moment -> day of listing and upvotes of each match listed since: what charts are made of. SQLite only."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache

from sqlalchemy import Connection, Integer, Select, type_coerce

from feedserver.filters import Filter
from feedserver.filters.base import Date, all_of
from feedserver.store.schema import entry
from feedserver.store.select import execute, plan, statement_of

_DAY = 86_400  # seconds


def tally(connection: Connection, part: Filter, since: datetime) -> Sequence[tuple[date, int]]:
    """See Store.tally. The row ids bound what is walked, and of a match only its narrow row is read."""
    walk = plan(all_of(part, Date("listed", since)))
    found = execute(connection, _statement(walk.fields, walk.expression is not None), walk, walk.values)
    return [(_date(day), upvotes) for day, upvotes in found]


@lru_cache(maxsize=16)
def _statement(counts: tuple[str, ...], indexed: bool) -> Select[int, int]:
    day = type_coerce(entry.c.listed, Integer).op("/")(_DAY)
    statement = statement_of("listed", counts, indexed).with_only_columns(day, entry.c.upvotes)
    return statement.order_by(None).limit(None)


@lru_cache(maxsize=1_024)
def _date(day: int) -> date:
    return datetime.fromtimestamp(day * _DAY, UTC).date()
