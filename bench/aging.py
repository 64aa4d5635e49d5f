"""A store of entries that came with all their upvotes -> the same with a history, of the first day and some weeks.

Shares and times are those of the captured days, where the median rises from 2 to 8 to 13 within a day.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import Connection, create_engine, delete, insert, select

from feedserver.model import Rise
from feedserver.store import fts5, schema
from feedserver.store.late import late_facets

_LIFE = (
    (0.2, 0),
    (0.6, 5),
    (0.85, 20),
    (0.93, 60),
    (0.97, 200),
    (1, 600),
)  # share of the upvotes, hours; the first is birth
_BATCH = 10_000
_UPVOTES = schema.COUNTS.index("upvotes")


def age(path: Path, seed: int) -> None:
    """Give the entries of a store their history."""
    random = Random(seed)
    engine = create_engine(f"sqlite:///{path}")
    with closing(engine.raw_connection()), engine.begin() as connection:
        last, changed = connection.execute(
            select(schema.revision).order_by(schema.revision.c.number.desc()).limit(1)
        ).one()
        later = [{"number": last + step, "changed": changed} for step in range(1, len(_LIFE))]
        connection.execute(insert(schema.revision), later)
        low = -1
        while rows := _rows(connection, low):
            _age(connection, rows, random)
            low = rows[-1][0]
    engine.dispose()


def _rows(connection: Connection, low: int) -> Sequence[tuple[int, int, object, int]]:
    entry = schema.entry.c
    statement = select(entry.row, entry.born, entry.listed, entry.upvotes).where(entry.row > low)
    return connection.execute(statement.order_by(entry.row).limit(_BATCH)).tuples().all()


def _age(connection: Connection, rows, random: Random) -> None:
    rise = schema.rise.c
    span = rise.row.between(rows[0][0], rows[-1][0])
    connection.execute(delete(schema.rise).where(span, rise.field == _UPVOTES))
    lives = [(row, born, listed, list(_life(born, listed, upvotes, random))) for row, born, listed, upvotes in rows]
    connection.execute(
        insert(schema.rise),
        [
            {"row": row, "field": _UPVOTES, "count": each.count, "observed": each.observed, "revision": each.revision}
            for row, _, _, life in lives
            for each in life
        ],
    )
    facets = ((row, ("",), (" ".join(sorted(late_facets(born, life))),)) for row, born, listed, life in lives)
    fts5.replace_facets(connection, facets)


def _life(born: int, listed, upvotes: int, random: Random) -> Iterator[Rise]:
    highest = -1
    for place, (share, hours) in enumerate(_LIFE):
        count = int(share * upvotes)
        if count > highest:
            observed = listed + timedelta(minutes=int(60 * hours * random.uniform(0.3, 1.7)) + 5)
            yield Rise("upvotes", count, observed, born + place)
            highest = count
