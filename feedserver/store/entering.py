"""A filter -> what entered its feed last: by the history of counts, exact for any threshold. SQLite only.

What satisfied the filter when it came entered when it appeared on a listing; where nobody watched, that is the order of
the index. All else entered when a count rose. Facets tell in which hour an entry appeared or rose (``late.py``). So the
newest matches by listing are joined with these, of ever longer stretches of time, until there are enough.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    Select,
    bindparam,
    case,
    func,
    select,
    type_coerce,
)

from feedserver.filters import Filter
from feedserver.filters.base import Number, Threshold
from feedserver.filters.history import entered, moving, possible, split, thresholds
from feedserver.model import EPOCH
from feedserver.store import fts5, prepared, schema
from feedserver.store.base import Sight
from feedserver.store.late import appearances_between, facets_between, stretch
from feedserver.store.read import batches, read_entries, read_histories
from feedserver.store.select import Walk, execute, plan, statement_of

_ENTRY, _RISE, _NUMBER = schema.entry.c, schema.rise.c, schema.number.c
_APPEARED = type_coerce(_ENTRY.appeared, Integer)
_REVISION = schema.revision.c
_LAST_REVISION = (
    select(_REVISION.number, type_coerce(_REVISION.changed, Integer)).order_by(_REVISION.number.desc()).limit(1)
)
_LISTED = type_coerce(_ENTRY.listed, Integer)
_OBSERVED = type_coerce(_RISE.observed, Integer)

# How far back to look for what rose, in seconds: as far as the newest by listing go, for as many rise in that time as
# are listed in it. Where these are of few days, they say little, for a listing is dated by its day: then at first a
# part of that, and so much further as it takes to find enough, at the rate of what was found.
_MANY_A_DAY, _PARTS, _LEAST_SPAN = 3 * 86_400, 2, 3_600
_RESERVE, _LEAST_GROWTH, _MOST_GROWTH = 1.3, 1.5, 9


# A match, as it is sorted: the moment of entering in seconds since 1970, row, revision, and the one it arrived with.
# Plain tuples, as the driver makes them, for there may be hundreds.
_Found = tuple[int, int, int, int]

Shape = tuple[str, int]  # which count is asked for, and in how many steps


def newest(connection: Connection, part: Filter, limit: int) -> tuple[tuple[Sight, ...], int]:
    """Return the ``limit`` matches that entered last, the last one first, and the number of the last revision."""
    number, changed = next(iter(prepared.read(connection, _LAST_REVISION, {})), (0, 0))
    found = _search(part).newest(connection, limit, changed)
    return tuple(Sight(row, revision, arrived, _moment(moment)) for moment, row, revision, arrived in found), number


def reached(shapes: Sequence[Shape]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Return the revision and the moment in which an entry had reached all that ``bounds_of`` names.

    A source of which nothing is told has shown it since it came.
    """
    revisions: list[ColumnElement[int]] = []
    moments: list[ColumnElement[int]] = []
    for place, (field, steps) in enumerate(shapes):
        kind, _, source = field.partition(":")
        numbered = select(_NUMBER.field).where(_NUMBER.source == source).scalar_subquery()
        step = select(_RISE.revision).where(
            _RISE.row == _ENTRY.row, _RISE.field == (numbered if source else schema.COUNTS.index(kind))
        )
        first = step.where(_RISE.count >= _asked(place, steps)).order_by(_RISE.count).limit(1)
        came_with = _RISE.revision == (-1 if source else _ENTRY.born)  # a source has a time of its own
        moment = case((came_with, _APPEARED), else_=_OBSERVED)
        revision, since = first.scalar_subquery(), first.with_only_columns(moment).scalar_subquery()
        revisions.append(func.coalesce(revision, _ENTRY.born) if source else revision)
        moments.append(func.coalesce(since, _APPEARED) if source else since)
    # Of several values, the highest: with one value alone, SQLite's max() would go over all rows.
    return func.max(_ENTRY.born, 0, *revisions), func.max(_APPEARED, 0, *moments)


def admits(shapes: Sequence[Shape]) -> list[ColumnElement[bool]]:
    """Return the conditions that differ by the day of listing: of those, a walk knows the lowest alone."""
    return [_ENTRY[field] >= _asked(place, steps) for place, (field, steps) in enumerate(shapes) if steps > 1]


def _asked(place: int, steps: int) -> ColumnElement[int]:
    """Return what is asked of a count: one number, or the one of the last step before the entry was listed."""
    later = [(_bound("from", place, step) <= _LISTED, _bound("least", place, step)) for step in range(steps - 1, 0, -1)]
    return case(*later, else_=_bound("least", place, 0)) if later else _bound("least", place, 0)


def _bound(name: str, place: int, step: int) -> BindParameter[int]:
    return bindparam(f"{name}_{place}_{step}", type_=Integer)


def shapes_of(least: Sequence[Number | Threshold]) -> tuple[Shape, ...]:
    """Return what tells the expressions of ``reached`` from others."""
    return tuple(("upvotes", len(each.steps)) if isinstance(each, Threshold) else (each.field, 1) for each in least)


def bounds_of(least: Sequence[Number | Threshold]) -> dict[str, int]:
    """Return what the expressions of ``reached`` are to be executed with."""
    bounds = {}
    for place, asked in enumerate(least):
        steps = asked.steps if isinstance(asked, Threshold) else ((EPOCH, asked.low),)
        for step, (start, count) in enumerate(steps):
            bounds[f"least_{place}_{step}"] = count
            bounds[f"from_{place}_{step}"] = int(start.timestamp())
    return bounds


@dataclass(frozen=True, slots=True)
class _Search:
    """How to find the matches of a filter: a walk, and the statements' shapes and values.

    Where thresholds do not say it all, each is judged by ``counting``. ``counts`` are all that is asked of counts; as
    far as matches did not reach one of them when they appeared, or later, their ``appearing`` is looked for too.
    """

    walk: Walk
    shapes: tuple[Shape, ...]
    values: Mapping[str, object]
    counting: Filter | None
    counts: Sequence[Number]
    appearing: bool

    def newest(self, connection: Connection, limit: int, last: int) -> list[_Found]:
        """Return the newest ones. The store last changed at ``last``, in seconds: nothing rose later."""
        found: set[_Found] = set()
        upper = self.walk.high
        while len(found) < limit:
            batch = self._listed(connection, upper, limit)
            found.update(self._judge(connection, batch))
            if len(batch) < limit:
                return sorted(found, reverse=True)[:limit]
            upper = batch[-1][1]
        # Of what entered on the day of its listing, no more belongs into the answer: the rest of that is older than the
        # oldest of these. But others may have appeared or risen since.
        oldest, until, span = min(found)[0], last, last - min(found)[0]
        if span < _MANY_A_DAY:
            span = max(_LEAST_SPAN, span // _PARTS)
        while True:
            start, end = stretch(max(oldest, last - span), until)
            found.update(self._judge(connection, self._risen(connection, start, end)))
            newest = sum(each[0] >= start for each in found)
            if newest >= limit or start <= oldest:
                return sorted(found, reverse=True)[:limit]
            span = int((last - start) * min(max(_RESERVE * limit / (newest + 1), _LEAST_GROWTH), _MOST_GROWTH))
            until = start - 1

    def _risen(self, connection: Connection, start: int, end: int) -> Sequence[_Found]:
        """Return what may have entered in a stretch of time, later than it was listed."""
        facets = {facet for count in self.counts for facet in facets_between(count, start, end)}
        if self.appearing:
            facets.update(appearances_between(start, end))
        expression = fts5.with_facets(self.walk.expression, facets)
        statement = _unordered(self.walk.fields, self.shapes)
        values = {**self.values, "expression": expression}
        return execute(connection, statement, self.walk, values)

    def _listed(self, connection: Connection, upper: int, limit: int) -> Sequence[_Found]:
        """Return the newest by listing, of rows below a bound."""
        statement = _statement(self.walk.fields, self.shapes, self.walk.expression is not None)
        values = {**self.values, "high": upper, "limit": limit}
        return execute(connection, statement, self.walk, values)

    def _judge(self, connection: Connection, found: Sequence[_Found]) -> Iterable[_Found]:
        """Return what ever satisfied the filter; where it is more than thresholds, by the history of each entry."""
        if self.counting is None:
            return found
        return [each for batch in batches(found) for each in _judged(connection, batch, self.counting)]


@lru_cache(maxsize=256)
def _search(part: Filter) -> _Search:
    """Find out how to search: for a feed that is asked for again and again, once."""
    least, walk = thresholds(part), plan(possible(part))
    shapes, values = shapes_of(least or ()), {**walk.values, **bounds_of(least or ())}
    counting = split(part)[1] if least is None else None
    appearing = not any(field in schema.COUNTS for field, _ in shapes)
    return _Search(walk, shapes, values, counting, moving(part), appearing)


def _judged(connection: Connection, found: Sequence[_Found], counting: Filter) -> Iterator[_Found]:
    rows = [row for _, row, *_ in found]
    histories = read_histories(connection, rows)
    documents = dict(read_entries(connection, rows))
    for appeared, row, revision, _ in found:
        when = entered(counting, documents[row], _moment(appeared), histories[row])
        if when is not None:
            yield int(when.moment.timestamp()), row, revision, when.revision


@lru_cache(maxsize=64)
def _statement(
    counts: tuple[str, ...],
    least: tuple[Shape, ...],
    indexed: bool,  # a key of the cache
) -> Select[int, int, int, int]:
    arrived, moment = reached(least)
    statement = statement_of("listed", counts, indexed=indexed).where(*admits(least))
    return statement.with_only_columns(moment, _ENTRY.row, _ENTRY.revision, arrived)


@lru_cache(maxsize=64)
def _unordered(counts: tuple[str, ...], least: tuple[Shape, ...]) -> Select[int, int, int, int]:
    """Build the same of all that the index finds; it is slower in going backwards."""
    return _statement(counts, least, indexed=True).order_by(None).limit(None)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
