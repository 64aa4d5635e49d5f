"""An embed's own parameters -> how it looks; they stand in its address beside those of the query."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from feedserver.errors import QueryError, suggest
from feedserver.query import PARAMETERS, Parameter, one_of
from feedserver.text import clean
from feedserver.web.language import LANGUAGES

Theme = Literal["auto", "light", "dark"]
Layout = Literal["list", "compact", "cards"]

DEFAULT_COUNT, HIGHEST_COUNT = 10, 50
ACCENT = re.compile(r"[0-9a-f]{6}", re.ASCII)

Given = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Appearance:
    """How an embed looks: light or dark, how its entries stand, its colour (RRGGBB), how many entries at most.

    ``lang`` is the language of its own words.
    """

    theme: Theme = "auto"
    layout: Layout = "list"
    accent: str | None = None
    count: int = DEFAULT_COUNT
    lang: str = LANGUAGES[0]


def _accent(values: list[str]) -> Mapping[str, Any]:
    accent = values[0].lower()
    if not ACCENT.fullmatch(accent):
        raise QueryError(f"{values[0]!r} is no colour; give six digits from 0 to f, such as 7a3fb0")
    return {"accent": accent}


def _count(values: list[str]) -> Mapping[str, Any]:
    value = values[0]
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= HIGHEST_COUNT):
        raise QueryError(f"{value!r} is not a whole number from 1 to {HIGHEST_COUNT}")
    return {"count": int(value)}


APPEARANCE: tuple[Parameter, ...] = (
    Parameter("theme", f"{', '.join(get_args(Theme))}: the last two whatever the visitor prefers", "dark",
              look=one_of("theme", get_args(Theme))),
    Parameter("layout", f"how the entries stand: {', '.join(get_args(Layout))}", "cards",
              look=one_of("layout", get_args(Layout))),
    Parameter("accent", "the colour of links: six hexadecimal digits", "7a3fb0", look=_accent),
    Parameter("count", f"how many entries at most, 1 to {HIGHEST_COUNT}", str(DEFAULT_COUNT), look=_count),
    Parameter("lang", f"the language of its own words: {', '.join(LANGUAGES)}", LANGUAGES[-1],
              look=one_of("lang", LANGUAGES)),
)  # fmt: skip


def parse_appearance(given: Given, names: Collection[str]) -> tuple[Appearance, list[tuple[str, str]]]:
    """Return how an embed is to look, and the parameters that are the query's.

    ``names`` are those of APPEARANCE that mean something here. Empty values count as not given. Raises QueryError for
    anything malformed, and for a parameter that neither an embed nor a query has.
    """
    own = {parameter.name: parameter for parameter in APPEARANCE if parameter.name in names}
    known = {*own, *(parameter.name for parameter in PARAMETERS)}
    looks: dict[str, Any] = {}
    others: list[tuple[str, str]] = []
    for key, raw in given:
        if key not in known:
            raise QueryError(f"unknown parameter {clean(key)!r}{suggest(key, known)}", parameter=clean(key))
        if key not in own:
            others.append((key, raw))
        elif value := clean(raw):
            if key in looks:
                raise QueryError(f"{key}: given twice; give it once", parameter=key)
            looks |= _read(own[key], value)
    return Appearance(**looks), others


def _read(parameter: Parameter, value: str) -> Mapping[str, Any]:
    assert parameter.look  # noqa: S101  # each of them has one
    try:
        return parameter.look([value])
    except QueryError as error:
        raise QueryError(f"{parameter.name}: {error}", parameter=parameter.name) from error
