"""Bytes of Hugging Face's answers -> elements: of lists in JSON, of one paper in JSON, of the state of a page.

A page holds the state that it was made from, in the form of the API's answers:
``<div data-target="DailyPapers" data-props="{JSON}">``. The class names around it change; these attributes do not.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn

from lxml import etree

from feedserver.errors import ListingError
from feedserver.sources.huggingface.fields import Fields, fields_of, text_of

_LIST, _PAPER = "DailyPapers", "PaperContent"  # what the state of a page is for


@dataclass(frozen=True, slots=True)
class Found:
    """The elements that an answer holds, a list or one paper; and the day whose page it is, if it is one."""

    elements: list[Any]
    is_list: bool = True
    is_page: bool = False
    day: date | None = None


def is_page(body: bytes) -> bool:
    """Say whether bytes are a page of HTML, rather than JSON or text."""
    return body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def read_answer(body: bytes) -> Found:
    """Return what an answer holds: a list, one paper, or a page of either. Raises ListingError where it is neither."""
    if is_page(body):
        return read_page(body)
    answer = _decode(body)
    if isinstance(answer, dict) and text_of(answer, "id") and text_of(answer, "title"):
        return Found([{"paper": answer}], is_list=False)
    return Found(answer if isinstance(answer, list) else _not_a_list(answer, body))


def read_list(body: bytes) -> list[Any]:
    """Return the elements of a list in JSON. Raises ListingError where the bytes are none."""
    elements = _decode(body)
    return elements if isinstance(elements, list) else _not_a_list(elements, body)


def read_error(body: bytes) -> str | None:
    """Return what an answer says is wrong, if it does: ``{"error": "..."}``."""
    try:
        return text_of(fields_of(_decode(body)), "error")
    except ListingError:
        return None


def read_page(body: bytes) -> Found:
    """Return what the state of a page holds. Raises ListingError where the page has none, or one of another kind."""
    for target, state in _states(body):
        if target == _LIST and isinstance(state.get("dailyPapers"), list):
            return Found(state["dailyPapers"], is_page=True, day=_day(state))
        if target == _PAPER and isinstance(state.get("paper"), dict):
            return Found([{"paper": state["paper"]}], is_list=False, is_page=True)
    raise ListingError(f"a page without papers in the state of {_LIST} or {_PAPER}; it begins {body[:60]!r}")


def _states(body: bytes) -> list[tuple[str, Fields]]:
    """Return the states that may be read, each with what it is for."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)  # a state may be longer than 10 MB, its usual limit
    try:
        tree = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise ListingError(f"a page that can't be read ({error}); it begins {body[:60]!r}") from error
    found = [] if tree is None else tree.iter("div")
    divs = [(str(div.get("data-target")), str(div.get("data-props", ""))) for div in found]
    return [(target, _state(props)) for target, props in divs if target in {_LIST, _PAPER}]


def _state(props: str) -> Fields:
    try:
        return fields_of(json.loads(props))
    except (ValueError, RecursionError) as error:
        raise ListingError(f"the state of a page is not JSON ({error}); it begins {props[:60]!r}") from error


def _day(state: Fields) -> date | None:
    """Return the day of a day's page, ``dateString``, or ``date`` as it was in 2024; None of a week, a month, a search.

    The address does not tell it: upstream redirects from days without a list to others.
    """
    if state.get("periodType", "day") != "day":
        return None
    stated = text_of(state, "dateString") or text_of(state, "date") or ""
    try:
        return date.fromisoformat(stated[:10])
    except ValueError:
        return None


def _decode(body: bytes) -> object:
    try:
        answer: object = json.loads(body)  # unlike quicker parsers, it lets a lone surrogate pass, which `clean` drops
    except (ValueError, RecursionError) as error:
        raise ListingError(f"not JSON ({error}); it begins {body[:60]!r}") from error
    return answer


def _not_a_list(answer: object, body: bytes) -> NoReturn:
    raise ListingError(f"a JSON {type(answer).__name__}, not a list; it begins {body[:200]!r}")
