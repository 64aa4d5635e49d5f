"""A query, the store -> the entries of its tops and digests, which stay as they are for ever."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from uuid import NAMESPACE_URL, uuid5

from feedserver.feeds.address import Offer
from feedserver.feeds.editions import Edition, editions
from feedserver.feeds.words import feed_title
from feedserver.filters import Filter
from feedserver.model import Entry, Links
from feedserver.render import digest_html, entry_title
from feedserver.store import Store

MOST_DIGESTS = 30  # in a feed
MOST_LISTED = 50  # entries in a digest


def closed_entries(store: Store, part: Filter, offer: Offer) -> tuple[Entry, ...]:
    """Return the entries of a feed that is made of editions, the newest first."""
    query = offer.query
    if query.digest:
        limit = min(query.limit, MOST_DIGESTS)
        found = editions(store, part, query.digest, offer.zone, limit)
        return tuple(_digest(edition, offer) for edition in islice(found, limit))
    return tuple(islice(_best(store, part, offer), query.limit))


def _best(store: Store, part: Filter, offer: Offer) -> Iterator[Entry]:
    """Yield the best of each period, one second apart, so that readers, which sort by date, show the best first."""
    top = offer.query.top
    if top is None:
        return
    for edition in editions(store, part, top.unit, offer.zone, -(-offer.query.limit // top.count)):
        for place, entry in enumerate(edition.entries[: top.count]):
            yield replace(entry, entered=edition.period.end - timedelta(seconds=place))


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
