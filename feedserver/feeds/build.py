"""A query, the store, the time -> the feed with its entries, or its document, put together of rendered fragments."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Literal, NamedTuple, Protocol
from uuid import NAMESPACE_URL, uuid5

from feedserver.feeds.address import Offer
from feedserver.feeds.published import most, published
from feedserver.feeds.volume import volume
from feedserver.feeds.words import feed_title, subtitle
from feedserver.filters import Filter, resolve
from feedserver.filters.base import Ago, Date, all_of, leaves
from feedserver.model import EPOCH, Entry, Feed
from feedserver.query import Query
from feedserver.render import Document, Fragment, Renderer, assemble, entry_updated, make_document, make_fragment
from feedserver.store import Sight, Store

LAST = datetime(9999, 1, 1, tzinfo=UTC)
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # the time of a feed without entries: readers doubt dates before 1990


class FragmentMemory(Protocol):
    """A memory of rendered entries that may forget; a style is a format and a view."""

    def recall(self, style: str, sights: Sequence[Sight]) -> dict[Sight, Fragment]:
        """Return what is known of these."""
        ...

    def keep(self, style: str, made: Mapping[Sight, Fragment]) -> None:
        """Take note of fragments."""
        ...


class Composed(NamedTuple):
    """A feed without its entries, its document, and when the store last changed, whatever it was that changed."""

    feed: Feed
    document: Document
    changed: datetime


def build_feed(store: Store, offer: Offer, now: datetime) -> Feed:
    """Return the feed; nothing in it depends on ``now`` but spans such as ``within=7d``."""
    query = offer.query
    part = resolve(query.filter, now)
    if query.unit:
        newest = list(islice(published(store, part, offer), most(query)))
        older = _older(offer, [each.revision for each in newest])
        return _filled(offer, tuple(each.entry for each in newest), related=older)
    part, threshold = _judged(store, offer, part, now)
    found = store.find(part, query.order, query.limit, known=lambda _: ())
    entries = tuple(found.entries[sight] for sight in found.sights)
    older = _older(offer, [sight.arrived for sight in found.sights])
    return _filled(offer, entries, related=older, subtitle=subtitle(query, threshold))


def compose(store: Store, offer: Offer, now: datetime, renderer: Renderer, memory: FragmentMemory) -> Composed:
    """Return the same feed's document; what was rendered before is not read again."""
    query = offer.query
    if query.unit:
        changed = store.revision().changed
        feed = build_feed(store, offer, now)
        return Composed(replace(feed, entries=()), make_document(renderer, feed), changed)
    part, threshold = _judged(store, offer, resolve(query.filter, now), now)
    style = f"{renderer.name} {query.view}"
    fragments: dict[Sight, Fragment] = {}

    def known(sights: Sequence[Sight]) -> dict[Sight, Fragment]:
        fragments.update(memory.recall(style, sights))
        return fragments

    found = store.find(part, query.order, query.limit, known)
    made = {sight: make_fragment(renderer, entry, query.view) for sight, entry in found.entries.items()}
    memory.keep(style, made)
    fragments |= made
    parts = [fragments[sight] for sight in found.sights]
    feed = make_feed(
        offer,
        related=_older(offer, [sight.arrived for sight in found.sights]),
        subtitle=subtitle(query, threshold),
        updated=max((part.updated for part in parts), default=BEGINNING),
        signed=bool(parts) and all(part.signed for part in parts),
    )
    return Composed(feed, assemble(renderer, feed, parts), found.revision.changed)


def _judged(store: Store, offer: Offer, part: Filter, now: datetime) -> tuple[Filter, int | None]:
    """Return the filter with the threshold that gives as many entries as are wanted, and that threshold."""
    if offer.query.per_day is None:
        return part, None
    found = volume(store, offer.query.filter, offer.query.per_day, offer.zone, now)
    return all_of(part, found.filter), found.threshold


def _filled(offer: Offer, entries: tuple[Entry, ...], **known: Any) -> Feed:
    return make_feed(
        offer,
        updated=max((entry_updated(entry, offer.query.view) for entry in entries), default=BEGINNING),
        signed=bool(entries) and all(entry.authors for entry in entries),
        entries=entries,
        **known,
    )


def make_feed(offer: Offer, **known: Any) -> Feed:
    """Return the feed that is offered, with what else is known of it."""
    query, address = offer.query, offer.address
    usual = {
        "subtitle": subtitle(query),
        "self_urls": address.self_urls,
        "view": query.view,
        "max_age": offer.max_age,
        "hub_url": offer.hub_url,
    }
    return Feed(
        id=uuid5(NAMESPACE_URL, f"feedserver:{address.path}:{query.parameters}").urn,
        title=feed_title(query),
        home_url=address.home_url,
        icon_url=f"{address.base_url}/static/icon.png",
        **{**usual, **known},
    )


def holds(query: Query, now: datetime) -> tuple[datetime, datetime]:
    """Return between which times the passing of time alone does not change the answer: an hour, a day, or all time."""
    units = {moment.unit for moment in _spans(query)} | ({"h"} if query.per_day else set())
    if not units:
        return EPOCH, LAST
    unit: Literal["h", "d"] = "h" if "h" in units else "d"
    return Ago(0, unit).before(now), Ago(-1, unit).before(now)


def has_archives(query: Query) -> bool:
    """Say whether the feed has a history by arrival: not where time decides what is in it."""
    return not (_spans(query) or query.order == "trending")


def _spans(query: Query) -> list[Ago]:
    dates = [leaf for leaf in leaves(query.filter) if isinstance(leaf, Date)]
    return [moment for leaf in dates for moment in (leaf.low, leaf.high) if isinstance(moment, Ago)]


def _older(offer: Offer, arrived: Sequence[int]) -> dict[str, dict[str, str]]:
    """Return the link to what lies beyond the newest entries: all that arrived up to the revision of the last of them.

    It changes only when the entries do, so that the feed's bytes stay the same as long as its entries are.
    """
    if len(arrived) < most(offer.query) or not has_archives(offer.query):
        return {}
    return {"prev-archive": offer.address.archive(f"r{max(arrived)}").self_urls}
