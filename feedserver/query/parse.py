"""Names and values -> Query, as the table of parameters says; what contradicts itself is refused."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from feedserver.errors import QueryError, suggest
from feedserver.filters.base import Filter, Tag, all_of, leaves
from feedserver.query.base import Query
from feedserver.query.parameters import PARAMETERS
from feedserver.text import clean

MOST_VALUES = 200  # of one parameter


def parse_query(
    given: Iterable[tuple[str, str]], base: Query | None = None, sources: Collection[str] | None = None
) -> Query:
    """Return the query that the parameters ask for; with ``base`` they refine it: filters add up, looks replace.

    Empty values count as not given. ``sources`` are the names of those that there are, where that is known. Raises
    QueryError for anything unknown or malformed.
    """
    base = base or Query()
    values = _collect(given)
    filters = [base.filter]
    looks: dict[str, Any] = {}
    for parameter in PARAMETERS:
        if parameter.name in values:
            try:
                if parameter.narrow:
                    filters.append(parameter.narrow(values[parameter.name]))
                    _check_sources(filters[-1], sources)
                if parameter.look:
                    looks |= parameter.look(values[parameter.name])
            except QueryError as error:
                where = f" at position {error.place.position}" if error.place else ""
                message = f"{parameter.name}{where}: {error}"
                raise QueryError(message, parameter=parameter.name, place=error.place) from error
    order = [parameter.name for parameter in PARAMETERS if parameter.name in values]
    spelled = tuple((one, ",".join(values[one])) for one in order)
    query = replace(base, filter=all_of(*filters), parameters=spelled, **looks)
    _check_together(query)
    return query


def _check_together(query: Query) -> None:
    """Refuse what contradicts itself."""
    if {"per_day", "per_week"} <= {name for name, _ in query.parameters}:
        raise QueryError("per_week: per_day says the same already; give one of them", parameter="per_week")
    if query.unit and query.sort:
        raise QueryError("sort: a top or a digest has an order of its own", parameter="sort")
    if query.unit and query.per_day:
        given = next((name for name, _ in query.parameters if name in {"top", "digest"}), "per_day")
        raise QueryError(
            f"{given}: a top or a digest takes the best of each period, not so many a day", parameter=given
        )
    if query.top and query.digest and query.top.unit != query.digest:
        raise QueryError(
            f"top: the best of each {query.top.unit} don't go into a digest of each {query.digest}", parameter="top"
        )


def _collect(given: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    known = {parameter.name: parameter for parameter in PARAMETERS}
    values: dict[str, list[str]] = {}
    for key, raw in given:
        if key not in known:
            raise QueryError(f"unknown parameter {clean(key)!r}{suggest(key, known)}", parameter=clean(key))
        pieces = raw.split(",") if known[key].several else [raw]
        cleaned = [piece for piece in map(clean, pieces) if piece]
        if cleaned and key in values and not known[key].several:
            raise QueryError(f"{key}: given twice; give it once", parameter=key)
        if len(values.get(key, ())) + len(cleaned) > MOST_VALUES:
            raise QueryError(f"{key}: more than {MOST_VALUES} values", parameter=key)
        if cleaned:
            values[key] = list(dict.fromkeys([*values.get(key, []), *cleaned]))
    return values


def _check_sources(part: Filter, sources: Collection[str] | None) -> None:
    for leaf in leaves(part):
        if isinstance(leaf, Tag) and leaf.field == "source" and sources is not None and leaf.value not in sources:
            raise QueryError(f"unknown source {leaf.value!r}{suggest(leaf.value, sources)}")
