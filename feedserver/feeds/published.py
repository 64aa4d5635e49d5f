"""A query, the store -> the entries of its tops and digests, which stay as they are for ever."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

from feedserver.feeds.address import Offer
from feedserver.feeds.editions import EVER, Edition, editions
from feedserver.feeds.words import feed_title
from feedserver.filters import Filter
from feedserver.model import Entry, Links
from feedserver.query import Query
from feedserver.render import digest_html, entry_title
from feedserver.store import Store

MOST_DIGESTS = 30  # in a feed
MOST_LISTED = 50  # entries in a digest


class Published(NamedTuple):
    """An entry of a top or a digest, and the revision at which its period was sealed."""

    revision: int
    entry: Entry


def published(store: Store, part: Filter, offer: Offer, revisions: range = EVER) -> Iterator[Published]:
    """Yield what a feed is made of that consists of editions, the newest first; of those sealed at the ``revisions``.

    The best of a period are one second apart, so that readers, which sort by date, show the best first.
    """
    query = offer.query
    if query.unit is None:
        return
    each = 1 if query.digest or query.top is None else query.top.count
    at_once = -(-most(query) // each) if revisions is EVER else len(revisions)
    for edition in editions(store, part, query.unit, offer.zone, at_once, revisions):
        entries = (_digest(edition, offer),) if query.digest else edition.entries[:each]
        for place, entry in enumerate(entries):
            yield Published(edition.revision, replace(entry, entered=edition.period.end - timedelta(seconds=place)))


def most(query: Query) -> int:
    """Return how many entries a feed has, at most."""
    return min(query.limit, MOST_DIGESTS) if query.digest else query.limit


def _digest(edition: Edition, offer: Offer) -> Entry:
    """Return one entry for all of an edition."""
    query, end = offer.query, edition.period.end
    listed = edition.entries[: query.top.count if query.top else MOST_LISTED]
    address = offer.address
    asked = tuple(pair for pair in query.parameters if pair[0] != "limit")  # how many there are makes no other of it
    return Entry(
        id=uuid5(NAMESPACE_URL, f"feedserver:{address.path}:{asked}:{edition.period.name}").urn,
        title=f"{feed_title(query)}: {edition.period}",
        summary="; ".join(entry_title(entry, query.view) for entry in listed),
        links=Links(f"{address.home_url}#{edition.period.name}"),
        published=end,
        listed=end,
        first_seen=end,
        updated=end,
        modified=end,
        sources=(),
        upvotes=sum(entry.upvotes for entry in listed),
        entered=end,
        content=digest_html(listed, 0 if query.top else len(edition.entries) - len(listed), query.view),
    )
