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


class Piece(NamedTuple):
    """A piece of a text, and whether it is why the entry is there."""

    text: str
    marked: bool = False


def shown(entry: Entry, view: View, part: Filter = EVERYTHING) -> Values:
    """Return what a list of entries shows of one that a resolved filter admits."""
    title = entry_title(entry, view)
    summary = plain(entry.ai_summary or "", view.maths) or entry_summary(entry, view)
    return {
        "title": list(_pieces(title, marks(part, "title", title))),
        "link": entry_link(entry, view),
        "page": None if entry.content else entry_page(entry),
        "date": entry_date(entry, view),
        "authors": spell_authors(entry.authors),
        "organisation": entry.organisation and entry.organisation.full_name,
        "is_voted": is_voted(entry),
        "upvotes": entry.upvotes,
        "comments": entry.comments,
        "code": entry.links.code,
        "summary": list(_pieces(*_beginning(summary, marks(part, "summary", summary)))),
        "reasons": reasons(part, entry),
    }


def says(feed: Feed) -> str:
    """Return the feed in words, as far as its title does not say the same."""
    return feed.subtitle.removeprefix(f"{feed.title}; ")


def entry_page(entry: Entry) -> str:
    """Return the address of the page about an entry."""
    return f"{current_site().base_url()}/entry?{urlencode({'id': entry.id})}"


def _beginning(text: str, spans: tuple[tuple[int, int], ...]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return a text cut off at a word's end, and the spans in what is left."""
    if len(text) <= _LONGEST_SUMMARY:
        return text, spans
    end = text.rfind(" ", 0, _LONGEST_SUMMARY)
    end = end if end > 0 else _LONGEST_SUMMARY
    return f"{text[:end]} …", tuple(span for span in spans if span[1] <= end)


def _pieces(text: str, spans: tuple[tuple[int, int], ...]) -> Iterator[Piece]:
    last = 0
    for start, end in spans:
        if last < start:
            yield Piece(text[last:start])
        yield Piece(text[start:end], marked=True)
        last = end
    if last < len(text) or not text:
        yield Piece(text[last:])
