"""An entry, and how a feed shows it -> what a page shows of it: texts, with the words marked that were asked for."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode

from feedserver.filters import EVERYTHING, Filter, marks, reasons
from feedserver.model import Entry, Feed, View
from feedserver.render import entry_date, entry_link, entry_summary, entry_title, is_voted, plain
from feedserver.web.pages.base import Values
from feedserver.web.pages.words import spell_authors
from feedserver.web.site import current_site

_LONGEST_SUMMARY = 320  # characters
_BEFORE = 80  # characters before what is marked

Spans = tuple[tuple[int, int], ...]
Marked = tuple[str, Spans]


class Piece(NamedTuple):
    """A piece of a text, and whether it is why the entry is there."""

    text: str
    marked: bool = False


def shown(entry: Entry, view: View, part: Filter = EVERYTHING, *, brief: bool = False) -> Values:
    """Return what a list of entries shows of one that a resolved filter admits; a ``brief`` one leaves its text out."""
    title = entry_title(entry, view)
    marked = marks(part, "title", title)
    return {
        "title": list(_pieces(title, marked)),
        "link": entry_link(entry, view),
        "page": None if entry.content else entry_page(entry),
        "date": entry_date(entry, view),
        "authors": spell_authors(entry.authors),
        "organisation": entry.organisation and entry.organisation.full_name,
        "is_voted": is_voted(entry),
        "upvotes": entry.upvotes,
        "comments": entry.comments,
        "code": entry.links.code,
        "summary": [] if brief else list(_pieces(*_text(entry, view, part, told=bool(marked)))),
        "reasons": () if entry.content else reasons(part, entry),
    }


def _text(entry: Entry, view: View, part: Filter, *, told: bool) -> Marked:
    """Return the text of an entry, cut to length; where nothing tells yet why it is there, the part that does."""
    abstract = entry_summary(entry, view)
    short = plain(entry.ai_summary or "", view.maths) or abstract
    first = _beginning(short, marks(part, "summary", short))
    if told or first[1]:
        return first
    found = marks(part, "summary", abstract)
    return _around(abstract, found) if found else first


def says(feed: Feed) -> str:
    """Return the feed in words, as far as its title does not say the same."""
    return feed.subtitle.removeprefix(f"{feed.title}; ")


def entry_page(entry: Entry) -> str:
    """Return the address of the page about an entry."""
    return f"{current_site().base_url()}/entry?{urlencode({'id': entry.id})}"


def _beginning(text: str, spans: Spans) -> Marked:
    """Return a text cut off at a word's end, and the spans in what is left."""
    if len(text) <= _LONGEST_SUMMARY:
        return text, spans
    end = text.rfind(" ", 0, _LONGEST_SUMMARY)
    end = end if end > 0 else _LONGEST_SUMMARY
    return f"{text[:end]} …", tuple(span for span in spans if span[1] <= end)


def _around(text: str, spans: Spans) -> Marked:
    """Return the piece of a text with its first span in it, from a word's beginning, and the spans in that."""
    start = max(text.rfind(" ", 0, max(spans[0][0] - _BEFORE, 0)) + 1, 0)
    lead = "… " if start else ""
    moved = tuple((first - start + len(lead), last - start + len(lead)) for first, last in spans)
    return _beginning(lead + text[start:], moved)


def _pieces(text: str, spans: Spans) -> Iterator[Piece]:
    last = 0
    for start, end in spans:
        if last < start:
            yield Piece(text[last:start])
        yield Piece(text[start:end], marked=True)
        last = end
    if last < len(text) or not text:
        yield Piece(text[last:])
