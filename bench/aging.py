"""A store of entries that came with all their upvotes -> the same with a history, of the first day and some weeks.

Shares and times are those of the captured days, where the median rises from 2 to 8 to 13 within a day.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import Connection, create_engine, delete, insert, select, update

from feedserver.model import Rise
from feedserver.store import fts5, schema
from feedserver.store.late import late_facets
from feedserver.store.read import read_histories

_LIFE = (
    (0.2, 0),
    (0.6, 5),
    (0.85, 20),
    (0.93, 60),
    (0.97, 200),
    (1, 600),
)  # share of the upvotes, hours; the first is birth
_SPREAD = (0.6, 1.4)  # of these hours
_BATCH = 10_000
_UPVOTES = schema.COUNTS.index("upvotes")


def age(path: Path, seed: int) -> None:
    """Give the entries of a store their history."""
    random = Random(seed)
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        last, changed = connection.execute(
            select(schema.revision).order_by(schema.revision.c.number.desc()).limit(1)
        ).one()
        connection.execute(update(schema.revision).values(changed=changed))  # all of it came at once, as by an import
        later = [{"number": last + step, "changed": changed} for step in range(1, len(_LIFE))]
        connection.execute(insert(schema.revision), later)
        low = -1
        while rows := _rows(connection, low):
            _age(connection, rows, int(changed.timestamp()), random)
            low = rows[-1][0]
    engine.dispose()


def _rows(connection: Connection, low: int) -> Sequence[tuple[int, int, datetime, int, datetime]]:
    entry = schema.entry.c
    statement = select(entry.row, entry.born, entry.listed, entry.upvotes, entry.appeared).where(entry.row > low)
    return connection.execute(statement.order_by(entry.row).limit(_BATCH)).tuples().all()


def _age(
    connection: Connection, rows: Sequence[tuple[int, int, datetime, int, datetime]], last: int, random: Random
) -> None:
    rise = schema.rise.c
    before = read_histories(connection, [row for row, *_ in rows])
    connection.execute(delete(schema.rise).where(rise.row.between(rows[0][0], rows[-1][0]), rise.field == _UPVOTES))
    lives = {row: list(_life(born, listed, last, upvotes, random)) for row, born, listed, upvotes, _ in rows}
    connection.execute(insert(schema.rise), [_values(row, each) for row, life in lives.items() for each in life])
    facets = (
        (row, *(_facets(born, appeared, listed, life) for life in (before[row], lives[row])))
        for row, born, listed, _, appeared in rows
    )
    fts5.replace_facets(connection, facets)


def _values(row: int, rise: Rise) -> dict[str, object]:
    return {
        "row": row, "field": _UPVOTES, "count": rise.count, "observed": rise.observed, "revision": rise.revision
    }  # fmt: skip


def _facets(born: int, appeared: datetime, listed: datetime, life: Sequence[Rise]) -> tuple[str, ...]:
    """Return those of the upvotes, without what tells of the appearing."""
    upvotes = [rise for rise in life if rise.field == "upvotes"]
    times = int(appeared.timestamp()), int(listed.timestamp())
    return (" ".join(sorted(late_facets(born, *times, upvotes) - late_facets(born, *times, ()))),)


def _life(born: int, listed: datetime, last: int, upvotes: int, random: Random) -> Iterator[Rise]:
    """Yield the rises of an entry; a life that is not over by the ``last`` second goes faster."""
    highest, hours_left = -1, max(0.0, (last - listed.timestamp()) / 3600 - 1)
    pace = min(1, hours_left / (_LIFE[-1][1] * _SPREAD[1]))
    for place, (share, hours) in enumerate(_LIFE):
        count = int(share * upvotes)
        if count > highest:
            delay = timedelta(minutes=int(60 * hours * pace * random.uniform(*_SPREAD)) + 5)
            yield Rise("upvotes", count, listed + delay, born + place)
            highest = count
