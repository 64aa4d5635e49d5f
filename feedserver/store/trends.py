"""The history of upvotes -> how much each entry gained lately: a table that is made anew on a schedule. SQLite only.

An entry's score is the sum of the votes it gained in the last week, each worth half as much for every day that has
passed since it was observed. A day halves all scores alike, so that their order changes with votes alone.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from heapq import nlargest

from sqlalchemy import Connection, delete, func, insert, select

from feedserver.model import Rise
from feedserver.store import schema
from feedserver.store.read import batches, read_histories

SPAN = timedelta(days=7)
HALF_LIFE = timedelta(days=1)
MOST = 1_000  # entries
_LEAST = 0.5  # votes: one that is a day old
_SCALE = 1_000

_TREND = schema.trend


def rank(connection: Connection, now: datetime) -> bool:
    """Make the table anew, as of ``now``; say whether the order changed."""
    before = connection.scalars(select(_TREND.c.row).order_by(_TREND.c.score.desc(), _TREND.c.row.desc())).all()
    scores = nlargest(MOST, _scores(connection, now))
    connection.execute(delete(_TREND))
    if scores:
        connection.execute(insert(_TREND), [{"row": row, "score": score} for score, row in scores])
    return [row for _, row in scores] != list(before)


def _scores(connection: Connection, now: datetime) -> Iterator[tuple[int, int]]:
    for batch in batches(_moved(connection, now)):
        for row, history in read_histories(connection, batch).items():
            score = sum(_worth(history, now))
            if score >= _LEAST:
                yield round(_SCALE * score), row


def _moved(connection: Connection, now: datetime) -> Sequence[int]:
    """Return what came or rose in the span."""
    revision, rise = schema.revision.c, schema.rise.c
    first = connection.scalar(select(func.min(revision.number)).where(revision.changed >= now - SPAN))
    if first is None:
        return ()
    statement = select(rise.row).where(rise.revision >= first, rise.field == schema.COUNTS.index("upvotes"))
    return connection.scalars(statement.distinct().order_by(rise.row)).all()


def _worth(history: Sequence[Rise], now: datetime) -> Iterator[float]:
    """Yield what the votes of each rise are worth."""
    count = 0
    for rise in history:
        if rise.field == "upvotes":
            if now - rise.observed <= SPAN:
                age = max((now - rise.observed) / HALF_LIFE, 0)
                yield (rise.count - count) * 0.5**age
            count = rise.count
