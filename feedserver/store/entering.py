"""A filter -> what entered its feed last: by the history of counts, exact for any threshold. SQLite only.

What satisfied the filter when it came entered when it was listed, which is the order of the index. All else entered
when a count rose, and facets tell in which hour (``late.py``). So the newest matches by listing are joined with the
risen ones, of ever longer stretches of time, until there are enough.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from heapq import nlargest
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Integer, Select, bindparam, case, func, select, type_coerce

from feedserver.filters import Filter
from feedserver.filters.base import Number, leaves
from feedserver.filters.history import entered, possible, split, thresholds
from feedserver.model import CountField
from feedserver.store import fts5, schema
from feedserver.store.base import Sight
from feedserver.store.late import facets_between
from feedserver.store.select import Walk, narrow, plan, statement_of
from feedserver.store.write import BATCH, read_entries, read_histories, read_revision

_ENTRY, _RISE = schema.entry.c, schema.rise.c
_LISTED = type_coerce(_ENTRY.listed, Integer)
_OBSERVED = type_coerce(_RISE.observed, Integer)

# How far back to look for what rose: at first an hour, or a share of what the newest by listing span; then so much
# further as it takes to find enough, at the rate of what was found, and a bit more.
_LEAST_SPAN, _FIRST_SHARE = 3600, 8
_LEAST_GROWTH, _MOST_GROWTH, _RESERVE = 1.5, 8, 1.2


class _Found(NamedTuple):
    """A match, in the order of entering: the moment in seconds since 1970, and its row."""

    entered: int
    row: int
    revision: int
    arrived: int


def newest(connection: Connection, part: Filter, limit: int) -> tuple[Sight, ...]:
    """Return the ``limit`` matches that entered last, the last one first."""
    last = int(read_revision(connection).changed.timestamp())
    found = _Search(connection, part, plan(possible(part)), last).newest(limit)
    return tuple(
        Sight(each.row, each.revision, each.arrived, datetime.fromtimestamp(each.entered, UTC)) for each in found
    )


def reached(least: Sequence[CountField]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Return the revision and the moment in which an entry had reached all of the counts ``least_0`` and so on."""
    revisions, moments = [], []
    for place, field in enumerate(least):
        step = select(_RISE.revision).where(_RISE.row == _ENTRY.row, _RISE.field == schema.COUNTS.index(field))
        first = step.where(_RISE.count >= bindparam(f"least_{place}")).order_by(_RISE.count).limit(1)
        moment = case((_RISE.revision == _ENTRY.born, _LISTED), else_=_OBSERVED)
        revisions.append(first.scalar_subquery())
        moments.append(first.with_only_columns(moment).scalar_subquery())
    # Of several values, the highest: with one value alone, SQLite's max() would go over all rows.
    return func.max(_ENTRY.born, 0, *revisions), func.max(_LISTED, 0, *moments)


def bounds_of(least: Sequence[Number]) -> dict[str, int]:
    """Return what the expressions of ``reached`` are to be executed with."""
    return {f"least_{place}": number.low for place, number in enumerate(least)}


@dataclass(frozen=True, slots=True)
class _Search:
    """The matches of a filter; ``last`` is when the store last changed, in seconds: nothing rose after that."""

    connection: Connection
    part: Filter
    walk: Walk
    last: int

    def newest(self, limit: int) -> list[_Found]:
        """Return the newest ones."""
        found: set[_Found] = set()
        upper = self.walk.high
        while len(found) < limit:
            batch = self._read(self.walk, upper, limit)
            found |= set(self._judge(batch))
            if len(batch) < limit:
                return nlargest(limit, found)
            upper = batch[-1].row
        # Of what entered by being listed, no more belongs into the answer: the rest of that is older than the oldest of
        # these. But others may have risen since.
        oldest, until = min(found).entered, self.last
        start = max(oldest, until - max(_LEAST_SPAN, (until - oldest) // _FIRST_SHARE))
        while True:
            found |= set(self._judge(self._risen(start, until)))
            newest = sum(each.entered >= start for each in found)
            if newest >= limit or start == oldest:
                return nlargest(limit, found)
            growth = min(_MOST_GROWTH, max(_LEAST_GROWTH, _RESERVE * limit / max(newest, 1)))
            start, until = max(oldest, self.last - int(growth * (self.last - start))), start

    def _risen(self, start: int, until: int) -> Sequence[_Found]:
        """Return what may have entered by a rise in a stretch of time."""
        counts = [leaf for leaf in leaves(self.part) if isinstance(leaf, Number)]
        facets = {facet for count in counts for facet in facets_between(count, start, until)}
        if not facets:
            return ()
        walk = replace(self.walk, expression=fts5.with_facets(self.walk.expression, facets))
        return self._read(walk, walk.high, -1)

    def _read(self, walk: Walk, upper: int, limit: int) -> Sequence[_Found]:
        least = self._least
        statement = _statement(walk.fields, tuple(each.field for each in least), indexed=walk.expression is not None)
        values = {**walk.values, **bounds_of(least), "high": upper, "limit": limit}
        return [_Found(*row) for row in self.connection.execute(narrow(statement, walk), values).all()]

    @property
    def _least(self) -> Sequence[Number]:
        return thresholds(self.part) or ()

    def _judge(self, found: Sequence[_Found]) -> Iterator[_Found]:
        """Yield what ever satisfied the filter; where it is more than thresholds, by the history of each entry."""
        if thresholds(self.part) is not None:
            yield from found
            return
        for start in range(0, len(found), BATCH):
            yield from self._judge_batch(found[start : start + BATCH])

    def _judge_batch(self, found: Sequence[_Found]) -> Iterator[_Found]:
        counting = split(self.part)[1]
        rows = [each.row for each in found]
        histories = read_histories(self.connection, rows)
        documents = dict(read_entries(self.connection, rows))
        for each in found:
            when = entered(counting, documents[each.row], histories[each.row])
            if when is not None:
                yield each._replace(entered=int(when.moment.timestamp()), arrived=when.revision)


@lru_cache(maxsize=64)
def _statement(
    counts: tuple[CountField, ...], least: tuple[CountField, ...], *, indexed: bool
) -> Select[int, int, int, int]:
    arrived, moment = reached(least)
    return statement_of("listed", counts, indexed=indexed).with_only_columns(
        moment, _ENTRY.row, _ENTRY.revision, arrived
    )
