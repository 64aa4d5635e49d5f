"""Definitions + store -> Edition: every configured feed by its topic, with the fingerprint of its bytes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from feedserver.feeds import LAST, Address, FragmentMemory, Offer, compose, holds, sealed_days
from feedserver.query import Definition, parse_query
from feedserver.render import RENDERERS
from feedserver.store import Store

Version = tuple[int, int, Mapping[str, Definition]]  # the store's revision, the days that are sealed, the definitions


@dataclass(frozen=True, slots=True)
class Edition:
    """The configured feeds at one version of the data: topic -> fingerprint. ``until`` then, spans have moved on."""

    version: Version
    fingerprints: Mapping[str, str]
    until: datetime

    def is_of(self, version: Version, now: datetime) -> bool:
        """Say whether nothing can have changed since."""
        return self.version == version and now < self.until


@dataclass(frozen=True, slots=True)
class Topics:
    """The configured feeds as a hub knows them.

    A topic is the address that the feed itself gives as its own in that format, letter for letter: hubs compare texts.
    """

    store: Store
    definitions: Callable[[], Mapping[str, Definition]]
    fragments: FragmentMemory
    base_url: str
    hub_url: str
    max_age: timedelta
    zone: ZoneInfo

    def version(self) -> Version:
        """Return the version of the data now; that is cheap. Raises StoreError."""
        return self.store.revision().number, sealed_days(self.store, self.zone), self.definitions()

    def edition(self, version: Version, now: datetime) -> Edition:
        """Render every feed in every format, as it is served at its own address. Raises StoreError."""
        fingerprints: dict[str, str] = {}
        until = LAST
        for name, definition in version[2].items():
            query = parse_query((), definition.query)  # what an address without parameters asks for
            offer = Offer(query, Address(self.base_url, f"feeds/{name}"), self.max_age, self.hub_url, self.zone)
            until = min(until, holds(query, now)[1])
            for renderer in RENDERERS.values():
                made = compose(self.store, offer, now, renderer, self.fragments)
                fingerprints[made.feed.self_urls[renderer.name]] = made.document.digest
        return Edition(version, fingerprints, until)
