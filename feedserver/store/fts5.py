"""Filter -> an FTS5 expression that holds of every match, and the index that it searches. SQLite only.

The index is contentless: it keeps terms, not texts, and to take an entry out of it the very terms that went in have to
be given again. FTS5 walks row ids downwards and stops at the limit, which is what makes a newest-first answer cheap.
Source: https://www.sqlite.org/fts5.html
"""

from collections.abc import Iterable

from sqlalchemy import Connection, text

from feedserver.filters.base import HIGHEST, All, Any, Date, Filter, Has, Name, Not, Number, Tag, Text, Threshold
from feedserver.store import terms

_NAMES = ", ".join(terms.COLUMNS)
_VALUES = ", ".join("?" for _ in terms.COLUMNS)

CREATE = text(
    f"CREATE VIRTUAL TABLE IF NOT EXISTS term_index USING fts5({_NAMES}, content='', columnsize=0, "
    "tokenize=\"ascii tokenchars '.-_~%+'\")"
)
# Whole tuples for the driver: to name a value in twenty, for each row, would take as long as to make the terms.
_INSERT = f"INSERT INTO term_index (rowid, {_NAMES}) VALUES (?, {_VALUES})"  # noqa: S608  # constants
_DELETE = f"INSERT INTO term_index (term_index, rowid, {_NAMES}) VALUES ('delete', ?, {_VALUES})"  # noqa: S608  # constants
_INSERT_FACETS = "INSERT INTO term_index (rowid, facet) VALUES (?, ?)"
_DELETE_FACETS = "INSERT INTO term_index (term_index, rowid, facet) VALUES ('delete', ?, ?)"
_DELETE_ALL = text("INSERT INTO term_index (term_index) VALUES ('delete-all')")

_MERGE = text("INSERT INTO term_index (term_index, rank) VALUES ('merge', :pages)")
MERGED_PAGES = 4_000  # in one transaction: some tenths of a second

_TEXT_COLUMNS = {"any": ("title", "summary"), "title": ("title",), "summary": ("summary",), "keyword": ("keyword",)}

Row = tuple[int, tuple[str, ...]]


def add(connection: Connection, rows: Iterable[Row]) -> None:
    """Index rows of ``terms.index_terms``."""
    _execute(connection, _INSERT, rows)


def remove(connection: Connection, rows: Iterable[Row]) -> None:
    """Take rows out; their terms must be those that went in."""
    _execute(connection, _DELETE, rows)


def replace_facets(connection: Connection, rows: Iterable[tuple[int, tuple[str, ...], tuple[str, ...]]]) -> None:
    """Give rows, whose terms were the former, the latter, which differ in facets alone.

    A term that is a facet stands in no other column, so that the rest of the row may stay where it is: a count that
    rose costs a hundredth of what a title does.
    """
    facets = [(row, set(before[-1].split()), set(after[-1].split())) for row, before, after in rows]
    for statement, change in (
        (_DELETE_FACETS, [(row, " ".join(sorted(before - after))) for row, before, after in facets]),
        (_INSERT_FACETS, [(row, " ".join(sorted(after - before))) for row, before, after in facets]),
    ):
        if values := [(row, terms) for row, terms in change if terms]:
            connection.exec_driver_sql(statement, values)


def clear(connection: Connection) -> None:
    """Empty the index."""
    connection.execute(_DELETE_ALL)


def merge(connection: Connection, pages: int) -> bool:
    """Merge so many pages of the pieces that the index lies in; say whether there was anything to merge."""
    driver = connection.connection.driver_connection
    before = driver.total_changes  # type: ignore[union-attr]  # sqlite3's
    connection.execute(_MERGE, {"pages": pages})
    return bool(driver.total_changes - before >= 2)  # type: ignore[union-attr]  # fewer: it was in one piece


def covering(part: Filter) -> str:
    """Return an expression true of every row that the filter admits, and of as few others as terms can tell."""
    match part:
        case All(parts):
            wanted = [covering(inner) for inner in parts if not isinstance(inner, Not)]
            unwanted = [_within(inner.part) for inner in parts if isinstance(inner, Not)]
            return _except(_join("AND", [each for each in wanted if each != _EVERY], _EVERY), unwanted)
        case Any(parts):
            return _join("OR", [covering(inner) for inner in parts], _NONE)
        case Not(inner):
            return _except(_EVERY, [_within(inner)])
        case Number(field, _, high):
            beyond = [_within(Number(field, high + 1))] if high < HIGHEST else []
            return _except(_facet(terms.number_facet(part)), beyond)
        case Threshold():
            return covering(part.lowest)
        case Date("published"):
            return _join("OR", [_facet(facet) for facet in terms.date_facets(part)], _NONE)
        case Date():
            return _EVERY
        case _:
            return _exact(part)


def with_facets(expression: str | None, facets: Iterable[str]) -> str:
    """Return an expression that is true of the same rows as far as they have one of these facets."""
    wanted = _join("OR", [_facet(facet) for facet in sorted(facets)], _NONE)
    return _join("AND", [wanted, *([expression] if expression else [])], _NONE)


def admits_every(expression: str) -> bool:
    """Say whether an expression narrows nothing down."""
    return expression == _EVERY


def _within(part: Filter) -> str:
    """Return an expression true only of rows that the filter admits, if not of all of them."""
    match part:
        case All(parts):
            return _join("AND", [_within(inner) for inner in parts], _EVERY)
        case Any(parts):
            return _join("OR", [_within(inner) for inner in parts], _NONE)
        case Not(inner):
            return _except(_EVERY, [covering(inner)])
        case Number():
            return _facet(terms.number_facet(part, within=True))
        case Threshold():
            return _within(part.highest)
        case Date():
            return _NONE
        case Name() if len(part.parts) > 2:
            return _NONE
        case _:
            return _exact(part)


def _exact(leaf: Text | Name | Tag | Has) -> str:
    match leaf:
        case Text():
            return _text(leaf)
        case Name(field):
            return _join("AND", [_match((field,), (term,)) for term in terms.name_terms(leaf)], _NONE)
        case Tag(field, value):
            return _facet(terms.tag_facet(field, value))
        case Has(what):
            return _facet(f"has.{what}")


def _text(leaf: Text) -> str:
    columns, phrase = _TEXT_COLUMNS[leaf.field], leaf.phrase
    if leaf.prefix:
        return _match((f"{column}_words" for column in columns), phrase) + " *"
    if len(phrase) == 1 or leaf.field == "keyword":
        return _match(columns, phrase)
    neighbours = [_match((f"{column}_pairs" for column in columns), (pair,)) for pair in terms.pairs(phrase)]
    return _join("AND", neighbours if len(phrase) == 2 else [*neighbours, _match(columns, phrase)], _NONE)


def _match(columns: Iterable[str], phrase: Iterable[str]) -> str:
    """Terms hold letters, digits, marks and ``. - _ ~ % +`` only, so that a quoted phrase needs no escape."""
    return f'{{{" ".join(columns)}}} : "{" ".join(phrase)}"'


def _facet(facet: str) -> str:
    return _match(("facet",), (facet,))


def _join(operator: str, expressions: list[str], none: str) -> str:
    distinct = list(dict.fromkeys(expressions))
    if len(distinct) < 2:
        return distinct[0] if distinct else none
    return f"({f' {operator} '.join(distinct)})"


def _except(expression: str, unwanted: list[str]) -> str:
    excluded = [each for each in unwanted if each != _NONE]
    return f"({expression} NOT {_join('OR', excluded, _NONE)})" if excluded else expression


def _execute(connection: Connection, statement: str, rows: Iterable[Row]) -> None:
    values = [(row, *columns) for row, columns in rows]
    if values:
        connection.exec_driver_sql(statement, values)


_EVERY = _facet(terms.EVERY)
_NONE = _facet(terms.NONE)
