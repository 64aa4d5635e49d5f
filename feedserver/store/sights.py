"""What each source tells of an entry, where several do. SQLite only."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, func, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from feedserver.model import Entry
from feedserver.store import schema

_SIGHT, _NUMBER = schema.sight.c, schema.number.c
_SIGHTS = select(_SIGHT.row, _SIGHT.source, _SIGHT.body).where(_SIGHT.row.in_(bindparam("rows", expanding=True)))


def read(connection: Connection, rows: Sequence[int]) -> defaultdict[int, dict[str, Entry]]:
    """Return row -> source -> what it tells."""
    found: defaultdict[int, dict[str, Entry]] = defaultdict(dict)
    if rows:
        for row, source, body in connection.execute(_SIGHTS, {"rows": rows}):
            found[row][source] = schema.decode(body)
    return found


def keep(connection: Connection, told: Iterable[tuple[int, Mapping[str, Entry]]]) -> None:
    """Keep what sources tell of rows, in the place of what they told before."""
    values = [
        {"row": row, "source": source, "body": schema.encode(sight)}
        for row, sights in told
        for source, sight in sights.items()
    ]
    if values:
        statement = upsert(schema.sight)
        replaced = {"body": statement.excluded.body}
        connection.execute(statement.on_conflict_do_update(index_elements=["row", "source"], set_=replaced), values)


def number(connection: Connection, source: str) -> int:
    """Return the number of a source, as ``rise.field``; a new one where it has none."""
    known = connection.scalar(select(_NUMBER.field).where(_NUMBER.source == source))
    if known is None:
        known = (connection.scalar(select(func.max(_NUMBER.field))) or schema.FIRST_SOURCE - 1) + 1
        connection.execute(insert(schema.number), {"source": source, "field": known})
    return known
