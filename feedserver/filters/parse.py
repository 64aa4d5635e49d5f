"""The text of ``q`` -> Filter. The grammar is in ``grammar.lark``; errors point at the position, with what would do."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import get_args

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken, v_args

from feedserver.errors import Place, QueryError, suggest
from feedserver.filters import values
from feedserver.filters.base import (
    DateField,
    Filter,
    NameField,
    Not,
    TagField,
    TextField,
    all_of,
    any_of,
    has,
    leaves,
    name,
    tag,
    text,
)
from feedserver.model import CountField

LONGEST = 2_000  # characters of one q
DEEPEST = 15  # parentheses within parentheses; SQLite's own parser goes to eighteen
MOST_CONDITIONS = 200

_STRAIGHT_QUOTES = str.maketrans("\u201c\u201d\u201e", '"""')
_SLIP = re.compile(r"([A-Za-z_]+)(:|>=|<=|>|<|=).*")
_TERMINALS = {
    "WORD": "a word",
    "PHRASE": '"a phrase"',
    "FIELD": "a field such as author:",
    "VALUE": "a value",
    "LPAR": "(",
    "RPAR": ")",
    "MINUS": "-",
    "NOT": "NOT",
    "OR": "OR",
    "AND": "AND",
    "$END": "the end",
}


def parse(q: str) -> Filter:
    """Return what the text asks for. Raises QueryError with a Place."""
    if len(q) > LONGEST:
        raise QueryError(f"q has {len(q)} characters; at most {LONGEST} are read")
    _check_depth(q)
    try:
        found: Filter = _PARSER.parse(q.translate(_STRAIGHT_QUOTES))  # type: ignore[assignment]  # made by _Builder
    except UnexpectedInput as error:
        raise _explained(error, q) from error
    if sum(1 for _ in leaves(found)) > MOST_CONDITIONS:
        raise QueryError(f"q has more than {MOST_CONDITIONS} conditions")
    return found


def _fields() -> Iterator[tuple[str, Callable[[str], Filter]]]:
    yield from ((field, partial(text, field)) for field in get_args(TextField) if field != "any")
    yield from ((field, partial(name, field)) for field in get_args(NameField))
    yield from ((field, partial(tag, field)) for field in get_args(TagField))
    yield from ((field, partial(values.number, field)) for field in get_args(CountField))
    yield from ((field, partial(values.date, field)) for field in get_args(DateField))
    yield "has", has


FIELDS: dict[str, Callable[[str], Filter]] = dict(_fields())


@v_args(inline=True)
class _Builder(Transformer[Token, Filter]):
    """Grammar rules -> filters, called by the parser as it goes."""

    def start(self, found: Filter) -> Filter:
        return found

    def all(self, *parts: Filter | Token) -> Filter:
        return all_of(*(part for part in parts if not isinstance(part, Token)))

    def any(self, *parts: Filter | Token) -> Filter:
        return any_of(*(part for part in parts if not isinstance(part, Token)))

    def negation(self, _sign: Token, part: Filter) -> Filter:
        return Not(part)

    def group(self, _left: Token, part: Filter, _right: Token) -> Filter:
        return part

    def word(self, token: Token) -> Filter:
        with _at(token):
            _refuse_slip(token.value)
            return text("any", token.value)

    def phrase(self, token: Token) -> Filter:
        with _at(token):
            return text("any", token.value[1:-1])

    def field(self, field: Token, value: Token) -> Filter:
        key = field.value[:-1].lower()
        with _at(field):
            if key not in FIELDS:
                raise QueryError(f"unknown field {key!r}{suggest(key, FIELDS)} (in quotes, it is text to search for)")
        with _at(value):
            if value.value.startswith("-") and not value.value[1:2].isdigit():
                raise QueryError(f"the minus belongs before the field: -{key}:{value.value[1:]}")
            return FIELDS[key](value.value.strip('"'))


def _refuse_slip(word: str) -> None:
    """Refuse what would be searched for as a word, though a condition was meant."""
    found = _SLIP.fullmatch(word)
    if found and found[1].lower() in FIELDS:
        operator = "" if found[2] == ":" else found[2]
        raise QueryError(
            f"write {found[1].lower()}:{operator}VALUE, without blanks (in quotes, it is text to search for)"
        )


_PARSER = Lark(
    (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8"), parser="lalr", transformer=_Builder()
)


@contextmanager
def _at(token: Token) -> Iterator[None]:
    """Give a QueryError raised inside the token's place."""
    try:
        yield
    except QueryError as error:
        raise QueryError(str(error), place=Place(token.start_pos or 0)) from error


def _check_depth(q: str) -> None:
    depth = 0
    quoted = False
    for position, character in enumerate(q.translate(_STRAIGHT_QUOTES)):
        quoted ^= character == '"'
        depth += 0 if quoted else {"(": 1, ")": -1}.get(character, 0)
        if depth > DEEPEST:
            raise QueryError(f"more than {DEEPEST} parentheses within each other", place=Place(position))


def _explained(error: UnexpectedInput, q: str) -> QueryError:
    ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    position = len(q) if ended else error.pos_in_stream or 0  # type: ignore[redundant-expr]  # it can be None
    terminals = getattr(error, "allowed" if isinstance(error, UnexpectedCharacters) else "expected", None) or ()
    place = Place(position, tuple(label for name, label in _TERMINALS.items() if name in terminals))
    return QueryError(f"{_reason(q[position:])}; expected {', '.join(place.expected) or 'something else'}", place=place)


def _reason(rest: str) -> str:
    if not rest:
        return "did not expect the end"
    found = rest[:20].split(maxsplit=1)[0]
    if found in {"OR", "AND"}:
        return f"{found!r} has nothing to join here, or AND and OR stand side by side: use parentheses"
    if found[0] in '"\u201c\u201d\u201e':
        return 'the quotation mark is never closed: write "a phrase"'
    return f"did not expect {found!r}"
