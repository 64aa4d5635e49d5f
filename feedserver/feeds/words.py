"""A query in words: the titles and subtitles of feeds."""

from feedserver.filters import EVERYTHING, describe
from feedserver.model import Unit
from feedserver.query import Query

_ORDERS = {
    "listed": "newest listing first",
    "published": "newest paper first",
    "upvotes": "most upvotes first",
    "entered": "newest in the feed first",
    "trending": "most votes of late first",
}
_UNITS: dict[Unit, int] = {"day": 1, "week": 7, "month": 30}  # days
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
    return f"{title}, {spell_rate(query.per_day)}" if query.per_day else title


def subtitle(query: Query, threshold: int | None = None) -> str:
    """Return the whole query in words; ``threshold`` is what the wanted number of entries comes to now."""
    now = "" if threshold is None else f"; now: {threshold} {'upvote' if threshold == 1 else 'upvotes'}"
    return f"{default_title(query)}; {_ORDERS[query.order]}{now}"


def spell_rate(per_day: float) -> str:
    """Return how many that is, rounded and in the unit that people would choose: ``about 3 a week``."""
    rate = rounded_rate(per_day)
    return f"about {rate[0]:,} a {rate[1]}" if rate else "hardly any"


def rounded_rate(per_day: float) -> tuple[float, Unit] | None:
    """Return how many that is in the unit that people would choose; None for less than one a month."""
    for unit, days in _UNITS.items():
        if per_day * days >= 1:
            return _rounded(per_day * days), unit
    return None


def _rounded(amount: float) -> float:
    """Keep the halves of what is below three, and two digits of what is above a hundred; what is whole is an int."""
    if amount < 3:
        halves = round(2 * amount)
        return halves / 2 if halves % 2 else halves // 2
    return round(amount) if amount < 100 else round(float(f"{amount:.2g}"))
