"""A file that was saved from Hugging Face -> Listing: JSON of a list, a search or one paper, a page, or its text."""

import re
from datetime import date, datetime

from feedserver.errors import ListingError
from feedserver.model import Listing
from feedserver.sources.huggingface.answers import Found, is_page, read_answer
from feedserver.sources.huggingface.elements import DAILY, read_elements, tells_its_day
from feedserver.sources.huggingface.fields import fields_of
from feedserver.sources.huggingface.listing_text import parse_text
from feedserver.sources.huggingface.papers import NAME
from feedserver.sources.huggingface.rendering import is_rendering

_START = 65_536  # bytes, in which it shows what a file is

_STATE = re.compile(rb"""data-target=["']?(?:DailyPapers|PaperContent)\b""")
_EMPTY = re.compile(rb"\s*\[\s*\]\s*")
_ELEMENT = re.compile(rb'\s*\[\s*\{.*?"paper"\s*:\s*\{', re.DOTALL)
_PAPER = re.compile(rb'\s*\{.*?"id"\s*:\s*"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})"', re.DOTALL)


def looks_like_huggingface(body: bytes) -> bool:
    """Say whether bytes look like something that ``read_saved`` reads; nothing is decoded for that."""
    start = body[:_START]
    if is_page(body):
        return _STATE.search(body) is not None
    if start.lstrip()[:1] in {b"[", b"{"}:
        return any(known.match(start) for known in (_ELEMENT, _PAPER)) or _EMPTY.fullmatch(body) is not None
    return is_rendering(start)


def read_saved(body: bytes, day: date | None, observed: datetime, year: int | None = None) -> Listing:
    """Return the listing that a saved file holds; its entries are of ``daily-papers`` where it is the list of a day.

    ``day`` is the one that the file is named for: in JSON, it is the day whose list it is; a text was captured then, or
    before. ``year`` is the one in which a text was captured. Raises ListingError where it is none of all that.
    """
    if is_page(body) or body.lstrip()[:1] in {b"[", b"{"}:
        return _read_elements(read_answer(body), day, observed)
    if not is_rendering(body):
        raise ListingError(
            "neither JSON of Hugging Face's lists or papers, nor one of its pages with its state (data-props), nor the "
            f"text of a page of papers; it begins {body[:60]!r}"
        )
    return parse_text(body, NAME, observed, None if year else day, year)


def _read_elements(found: Found, day: date | None, observed: datetime) -> Listing:
    """Read elements: those of a page have the day that the page tells, those of a search or one paper have none."""
    if found.is_page:
        day = found.day
    if not found.is_list or any(_is_highlighted(element) for element in found.elements):
        day = None
    elif day or all(tells_its_day(element) for element in found.elements):
        return read_elements(found.elements, DAILY, day, observed)
    return read_elements(found.elements, NAME, day, observed, may_be_old=True)


def _is_highlighted(element: object) -> bool:
    """Say whether an element is of a search, which marks the words that were searched for."""
    return "highlightedTitle" in fields_of(element)
