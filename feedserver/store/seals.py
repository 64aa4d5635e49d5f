"""Until when all is kept that was to be observed, and as of which revision. SQLite only."""

from datetime import datetime

from sqlalchemy import Connection, Integer, bindparam, func, insert, select, type_coerce

from feedserver.store import prepared, schema
from feedserver.store.base import Seal

_SEAL = schema.seal
_UNTIL = type_coerce(_SEAL.c.until, Integer)
_REACHING = select(_SEAL.c.revision).where(_UNTIL.op(">=")(bindparam("moment"))).order_by(_UNTIL).limit(1)


def seal(connection: Connection, until: datetime, revision: int) -> None:
    """See Store.seal."""
    reached = last(connection)
    if reached is None or reached < until:
        connection.execute(insert(_SEAL), {"until": until, "revision": revision})


def since(connection: Connection, moment: datetime) -> list[Seal]:
    """See Store.seals."""
    statement = select(_SEAL).where(_SEAL.c.until >= moment).order_by(_SEAL.c.until)
    return [Seal(**row) for row in connection.execute(statement).mappings()]


def last(connection: Connection, stop: int | None = None) -> datetime | None:
    """See Store.sealed_until."""
    statement = select(func.max(_SEAL.c.until))
    until: datetime | None = connection.scalar(statement if stop is None else statement.where(_SEAL.c.revision < stop))
    return until


def last_revision(connection: Connection) -> int:
    """Return the revision of the last seal, 0 where there is none: what came later was published in no edition."""
    return connection.scalar(select(func.max(_SEAL.c.revision))) or 0


def reaching(connection: Connection, moment: datetime) -> int | None:
    """Return the revision of the first seal that reaches a moment."""
    found = prepared.read(connection, _REACHING, {"moment": int(moment.timestamp())})
    return found[0][0] if found else None
