"""A query in words: the titles and subtitles of feeds."""

from feedserver.filters import EVERYTHING, describe
from feedserver.query import Query

_ORDERS = {
    "listed": "newest listing first",
    "published": "newest paper first",
    "upvotes": "most upvotes first",
    "entered": "newest in the feed first",
}


def feed_title(query: Query) -> str:
    """Return the title that was given, else one made of the filter."""
    return query.title or default_title(query)


def default_title(query: Query) -> str:
    """Return a title for a feed that was given none: its filter in words."""
    return "All papers" if query.filter == EVERYTHING else f"Papers: {describe(query.filter)}"


def subtitle(query: Query) -> str:
    """Return the whole query in words."""
    return f"{default_title(query)}; {_ORDERS[query.order]}"
