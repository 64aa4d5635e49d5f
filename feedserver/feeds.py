"""A query, the store, the time -> Feed: the read path, before any format."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from feedserver.errors import UnknownFeedError, suggest
from feedserver.filters import EVERYTHING, describe, resolve
from feedserver.filters.base import Ago, Date, leaves
from feedserver.model import EPOCH, Feed
from feedserver.query import Definition, Query
from feedserver.render import RENDERERS
from feedserver.render.base import entry_updated
from feedserver.store import Store

LAST = datetime(9999, 1, 1, tzinfo=UTC)
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # the time of a feed without entries: readers doubt dates before 1990

_ORDERS = {"listed": "newest listing first", "published": "newest paper first", "upvotes": "most upvotes first"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a feed is found: ``path`` without host and suffix (``feeds/diffusion``), its canonical query string.

    ``hub`` is the WebSub hub of the site, if any.
    """

    base_url: str
    path: str
    query_string: str = ""
    hub: str | None = None

    @property
    def hub_url(self) -> str | None:
        """The hub to announce: it is told of the definitions' own feeds, and of none that an address asks for."""
        return self.hub if self.path.startswith("feeds/") and not self.query_string else None

    @property
    def home_url(self) -> str:
        """The page about the feed."""
        return self._url("")

    @property
    def self_urls(self) -> Mapping[str, str]:
        """Format -> the feed's one address in that format."""
        return {format_name: self._url(f".{format_name}") for format_name in RENDERERS}

    def _url(self, suffix: str) -> str:
        return f"{self.base_url}/{self.path}{suffix}" + (f"?{self.query_string}" if self.query_string else "")


def build_feed(store: Store, query: Query, address: Address, now: datetime) -> Feed:
    """Return the feed; nothing in it depends on ``now`` but spans such as ``within=7d``."""
    entries = store.select(resolve(query.filter, now), query.sort, query.limit)
    return Feed(
        id=uuid5(NAMESPACE_URL, f"feedserver:{address.path}:{query.parameters}").urn,
        title=feed_title(query),
        subtitle=subtitle(query),
        home_url=address.home_url,
        icon_url=f"{address.base_url}/static/icon.png",
        self_urls=dict(address.self_urls),
        updated=max((entry_updated(entry, query.view) for entry in entries), default=BEGINNING),
        view=query.view,
        entries=entries,
        hub_url=address.hub_url,
    )


def holds(query: Query, now: datetime) -> tuple[datetime, datetime]:
    """Return between which times the passing of time alone does not change the answer: an hour, a day, or all time."""
    dates = [leaf for leaf in leaves(query.filter) if isinstance(leaf, Date)]
    units = {moment.unit for leaf in dates for moment in (leaf.low, leaf.high) if isinstance(moment, Ago)}
    if not units:
        return EPOCH, LAST
    unit: Literal["h", "d"] = "h" if "h" in units else "d"
    return Ago(0, unit).before(now), Ago(-1, unit).before(now)


def feed_title(query: Query) -> str:
    """Return the title that was given, else one made of the filter."""
    return query.title or default_title(query)


def default_title(query: Query) -> str:
    """Return a title for a feed that was given none: its filter in words."""
    return "All papers" if query.filter == EVERYTHING else f"Papers: {describe(query.filter)}"


def subtitle(query: Query) -> str:
    """Return the whole query in words."""
    return f"{default_title(query)}; {_ORDERS[query.sort]}"


def definition_named(definitions: Mapping[str, Definition], name: str) -> Definition:
    """Return the definition. Raises UnknownFeedError with a suggestion."""
    if name not in definitions:
        raise UnknownFeedError(f"no feed is named {name!r}{suggest(name, definitions)}")
    return definitions[name]
