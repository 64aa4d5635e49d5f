"""The Protocol of a renderer, and what all of them say alike of an entry: its link, its date, its people, its tags."""

from datetime import datetime
from typing import Protocol

from feedserver.model import Entry, Feed, View

MOST_AUTHORS = 100  # named one by one in a feed; the largest collaboration known has 3,303


class Renderer(Protocol):
    """Feed -> bytes in one format. The same feed gives the same bytes, always and everywhere."""

    name: str
    title: str
    media_type: str

    def render(self, feed: Feed) -> bytes:
        """Return the document, UTF-8."""
        ...


def entry_link(entry: Entry, view: View) -> str:
    """Return where the entry's title leads: the target asked for, or the page where the entry has no such link."""
    return getattr(entry.links, view.link) or entry.links.page


def entry_date(entry: Entry, view: View) -> datetime:
    """Return the date that readers sort by."""
    return entry.published if view.dated == "published" else entry.listed


def entry_updated(entry: Entry, view: View) -> datetime:
    """Return when the entry last changed in a way worth telling, never before its date."""
    return max(entry.updated, entry_date(entry, view))


def author_names(entry: Entry) -> tuple[str, ...]:
    """Return the authors that are named one by one."""
    return entry.authors[:MOST_AUTHORS]


def entry_tags(entry: Entry) -> tuple[str, ...]:
    """Return categories and keywords, each once."""
    return tuple(dict.fromkeys((*entry.categories, *entry.ai_keywords)))


def discussion_link(entry: Entry) -> str:
    """Return where the entry is talked about."""
    return f"{entry.links.page}#community"
