"""A query in words: the titles and subtitles of feeds."""

from feedserver.filters import EVERYTHING, describe
from feedserver.query import Query

_ORDERS = {
    "listed": "newest listing first",
    "published": "newest paper first",
    "upvotes": "most upvotes first",
    "entered": "newest in the feed first",
    "trending": "most votes of late first",
}
_DIGESTS = {"day": "Daily digest", "week": "Weekly digest", "month": "Monthly digest"}


def feed_title(query: Query) -> str:
    """Return the title that was given, else one made of the filter."""
    return query.title or default_title(query)


def default_title(query: Query) -> str:
    """Return a title for a feed that was given none: its filter in words, and how much of it there is."""
    about = "all papers" if query.filter == EVERYTHING else describe(query.filter)
    title = "All papers" if query.filter == EVERYTHING else f"Papers: {about}"
    if query.digest:
        title = f"{_DIGESTS[query.digest]}: {about}"
    if query.top:
        title = f"{title}, the best {query.top.count} of each {query.top.unit}"
    return f"{title}, {_rate(query.per_day)}" if query.per_day else title


def subtitle(query: Query, threshold: int | None = None) -> str:
    """Return the whole query in words; ``threshold`` is what the wanted number of entries comes to now."""
    now = "" if threshold is None else f"; now: {threshold} {'upvote' if threshold == 1 else 'upvotes'}"
    return f"{default_title(query)}; {_ORDERS[query.order]}{now}"


def _rate(per_day: float) -> str:
    if per_day >= 1:
        return f"about {per_day:.3g} a day"
    return f"about {7 * per_day:.3g} a week"
