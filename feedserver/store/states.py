"""How a source fares, and how many requests were sent to it in which minute. SQLite only."""

from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select
from sqlalchemy.dialects.sqlite import insert as upsert

from feedserver.model import SourceState, Spent
from feedserver.store import schema

_REMEMBERED = timedelta(hours=2)  # an hour counts

_SOURCE, _SPENT = schema.source, schema.spent


def read(connection: Connection, source: str) -> SourceState:
    """See Store.state."""
    found = connection.execute(select(_SOURCE).where(_SOURCE.c.source == source)).mappings().first()
    minutes = select(_SPENT.c.minute, _SPENT.c.requests).where(_SPENT.c.source == source).order_by(_SPENT.c.minute)
    spent = tuple(Spent(*row) for row in connection.execute(minutes))
    return SourceState(**found, spent=spent) if found else SourceState(source, spent=spent)


def note(connection: Connection, state: SourceState) -> None:
    """See Store.note."""
    values = {name: value for name, value in asdict(state).items() if name != "spent"}
    statement = upsert(_SOURCE).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["source"], set_=values))


def spend(connection: Connection, source: str, requests: int, at: datetime) -> None:
    """See Store.spend."""
    minute = at.replace(second=0, microsecond=0)
    statement = upsert(_SPENT).values(source=source, minute=minute, requests=requests)
    more = {"requests": _SPENT.c.requests + requests}
    connection.execute(statement.on_conflict_do_update(index_elements=["source", "minute"], set_=more))
    of_no_use = or_(_SPENT.c.minute < at - _REMEMBERED, _SPENT.c.minute > at)  # the latter: the clock went back
    connection.execute(delete(_SPENT).where(_SPENT.c.source == source, of_no_use))
