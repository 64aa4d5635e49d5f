"""Any JSON that lists something: a definition by JMESPath and the bytes of the answer -> Listing.

The expressions are those of https://jmespath.org/specification.html.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions
from jmespath.parser import ParsedResult

from feedserver.errors import ConfigError, ListingError, suggest
from feedserver.identity import web_address
from feedserver.markup import plain_text, sanitise
from feedserver.model import Entry
from feedserver.sources.base import CURRENT, Answer, Page, Request, Source, setting
from feedserver.sources.collect import collect, some
from feedserver.sources.counts import read_count
from feedserver.sources.dates import read_date, read_unix_time
from feedserver.sources.found import Found, make_entry, split_names
from feedserver.sources.paging import check_pages, next_request, number_of
from feedserver.text import clean

MOST_ENTRIES = 5_000  # of one answer
_PARTS = ("title", "link", "date", "author", "summary", "score", "comments", "categories", "id")
_MARKUP = re.compile(
    r"</?(?:p|br|a|em|strong|b|i|ul|ol|li|div|span|h[1-6]|blockquote|code|pre|img|table)\b[^<>]*>", re.IGNORECASE
)
_MOST_COUNT = 2**31
_LONGEST_SHOWN = 80  # characters of a refused element


@dataclass(frozen=True, slots=True)
class AnyJson(Source):
    """A source of kind ``json``. All expressions but ``entries`` and ``next`` are relative to the entry."""

    url: str = setting("the address of the answer")
    entries: str = setting("the list of entries: a JMESPath expression", default="@")
    title: str = setting("its title", default="title")
    link: str | None = setting("where it leads", default="url || link")
    date: str | None = setting("when it was published: a text, or Unix time in seconds or milliseconds", default=None)
    author: str | None = setting("its authors: a text, or a list of them", default=None)
    summary: str | None = setting("what it is about; markup is kept, sanitised", default=None)
    score: str | None = setting("how many votes it has", default=None)
    comments: str | None = setting("how many comments it has", default=None)
    categories: str | None = setting("its categories: a text, or a list of them", default=None)
    id: str | None = setting("its permanent name upstream; default: the address it leads to", default=None)
    next: str | None = setting("the address of the next page, relative to the answer", default=None)
    pages: int = setting("how many pages are read at most", default=1)
    every: timedelta = setting("how long to wait between two looks", default=timedelta(hours=1))
    may_be_empty: bool = setting("whether it is well that the answer lists nothing", default=False)
    name: str = "json"

    def __post_init__(self) -> None:
        """Compile each expression. Raises ConfigError, which names the setting and the position."""
        if web_address(self.url) is None:
            raise ConfigError(f"url: {self.url!r} is no address; give one that begins with http:// or https://")
        for part in ("entries", *_PARTS, "next"):
            if (expression := getattr(self, part)) is not None:
                _check(part, expression)
        check_pages(self.next, self.pages)

    def request(self, key: str) -> Request:  # noqa: ARG002  # there is but one listing
        """Ask for the first page."""
        return Request(self.url, headers={"Accept": "application/json"})

    def parse(self, answer: Answer, key: str | None, observed: datetime) -> Page:  # noqa: ARG002  # it has but one listing
        """Read one page. Raises ListingError where the first one lists nothing, or nothing that is an entry."""
        url = answer.url or (answer.request.url if answer.request else self.url)
        document = _load(answer.body)
        elements = _search(self.entries, document)
        if not isinstance(elements, list):
            raise ListingError(
                f"entries: {self.entries!r} is {_kind(elements)}, not a list; the answer is {_kind(document)}"
            )
        if not elements and not self.may_be_empty and number_of(answer.request) == 1:
            raise ListingError(f"entries: {self.entries!r} is an empty list")
        if len(elements) > MOST_ENTRIES:
            raise ListingError(f"entries: {self.entries!r} has {len(elements)} elements, more than {MOST_ENTRIES}")

        def make(element: object) -> Entry:
            return make_entry(self._find(element, url, observed), self.name, self.url, observed)

        listing = some(collect(self.name, CURRENT, observed, elements, make, _label))
        return Page(listing, self._next(document, url, answer.request))

    def _find(self, element: object, url: str, observed: datetime) -> Found:
        values = {part: _search(path, element) if (path := getattr(self, part)) else None for part in _PARTS}
        link = _text("link", values["link"])
        summary = _text("summary", values["summary"])
        return Found(
            title=_words(_text("title", values["title"])),
            link=_address(url, link) if link else None,
            identifier=clean(_text("id", values["id"])) or None,
            published=_date(values["date"], observed),
            authors=split_names(_texts("author", values["author"])),
            summary=_words(summary),
            html=sanitise(summary, url) if _MARKUP.search(summary) else None,
            upvotes=_count("score", values["score"]),
            comments=_count("comments", values["comments"]),
            categories=tuple(dict.fromkeys(filter(None, map(clean, _texts("categories", values["categories"]))))),
        )

    def _next(self, document: object, url: str, request: Request | None) -> Request | None:
        address = _text("next", _search(self.next, document)) if self.next else ""
        return next_request(request, url, _address(url, address) if address else None, self.pages)


def _load(body: bytes) -> object:
    try:
        return json.loads(body)  # RFC 8259, section 8.1: UTF-8; it also tells UTF-16 and UTF-32
    except (ValueError, RecursionError) as error:
        raise ListingError(f"not JSON ({error}); it begins {body[:60]!r}") from error


def _check(part: str, expression: str) -> None:
    try:
        compiled = _compile(expression)
    except JMESPathError as error:
        position = getattr(error, "lex_position", getattr(error, "lexer_position", None))
        where = "" if position is None else f" at character {position + 1}"
        reason = clean(str(error)).partition(" For expression")[0]
        raise ConfigError(f"{part}: {expression!r}: not JMESPath{where}: {reason}") from error
    for name in _functions(compiled.parsed):
        if name not in Functions.FUNCTION_TABLE:
            known = suggest(name, Functions.FUNCTION_TABLE)
            raise ConfigError(f"{part}: {expression!r}: JMESPath has no function {name!r}{known}")


@lru_cache(maxsize=1_000)
def _compile(expression: str) -> ParsedResult:
    return jmespath.compile(expression)


def _functions(node: Mapping[str, Any]) -> list[str]:
    own = [node["value"]] if node["type"] == "function_expression" else []
    return own + [name for child in node["children"] if isinstance(child, dict) for name in _functions(child)]


def _search(expression: str, document: object) -> object:
    try:
        return _compile(expression).search(document)
    except (JMESPathError, RecursionError, TypeError, ValueError) as error:
        raise ListingError(f"{expression!r} fails: {clean(str(error))[:200]}") from error


def _text(part: str, value: object) -> str:
    """Return a text; a number is one, null and what is missing is an empty one."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ListingError(f"{part} is {_kind(value)}, not a text")


def _texts(part: str, value: object) -> list[str]:
    return [_text(part, one) for one in value] if isinstance(value, list) else [_text(part, value)]


def _words(text: str) -> str:
    return plain_text(text) if _MARKUP.search(text) else clean(text)


def _count(part: str, value: object) -> int:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return round(value) if 0 <= value < _MOST_COUNT else 0
    return read_count(_text(part, value))


def _date(value: object, observed: datetime) -> datetime | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return read_unix_time(value)
    return read_date(_text("date", value), observed)


def _address(url: str, link: str) -> str | None:
    try:
        return web_address(urljoin(url, link.strip()))
    except ValueError:
        return None


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    return kinds.get(type(value), "a number")


def _label(place: int, element: object) -> str:
    return f"element {place} ({json.dumps(element, ensure_ascii=False)[:_LONGEST_SHOWN]!r})"
