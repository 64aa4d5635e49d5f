"""The Protocol of a renderer, and what all of them say alike of an entry: its link, its date, its people, its tags."""

from collections.abc import Hashable
from datetime import datetime
from typing import Protocol

from feedserver.model import Entry, Feed, View

MOST_AUTHORS = 100  # named one by one in a feed; the largest collaboration known has 3,303


class Renderer(Protocol):
    """Feed -> bytes in one format. The same feed gives the same bytes, always and everywhere."""

    name: str
    title: str
    media_type: str

    separator: bytes

    def frame(self, feed: Feed) -> tuple[bytes, bytes]:
        """Return what stands before and what stands after the entries, UTF-8."""
        ...

    def fragment(self, entry: Entry, view: View) -> bytes:
        """Return one entry as it stands inside of any feed of that view."""
        ...


class Fragments(Protocol):
    """A memory of rendered entries: a mapping that may forget."""

    def get(self, key: Hashable, /) -> bytes | None:
        """Return what was kept under the key, if it still is."""
        ...

    def __setitem__(self, key: Hashable, fragment: bytes, /) -> None:
        """Keep a fragment."""
        ...


def render(renderer: Renderer, feed: Feed, fragments: Fragments | None = None) -> bytes:
    """Return the feed's document; entries rendered before that are still the same come from ``fragments``."""
    head, tail = renderer.frame(feed)
    memory: Fragments = {} if fragments is None else fragments
    parts = (_fragment(renderer, entry, feed.view, memory) for entry in feed.entries)
    return head + renderer.separator.join(parts) + tail


def _fragment(renderer: Renderer, entry: Entry, view: View, fragments: Fragments) -> bytes:
    key = (renderer.name, view, entry.id, hash(entry))
    fragment = fragments.get(key)
    if fragment is None:
        fragment = fragments[key] = renderer.fragment(entry, view)
    return fragment


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
