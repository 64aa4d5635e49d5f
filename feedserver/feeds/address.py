"""Where a feed, and each of its documents, is found, and on which terms."""

from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from feedserver.query import Query
from feedserver.render import RENDERERS

UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a feed is found: ``path`` without host and suffix (``feeds/diffusion``), its canonical query string."""

    base_url: str
    path: str
    query_string: str = ""

    @property
    def home_url(self) -> str:
        """The page about the feed."""
        return self._url("")

    @property
    def self_urls(self) -> dict[str, str]:
        """Format -> the feed's one address in that format."""
        return {format_name: self._url(f".{format_name}") for format_name in RENDERERS}

    def archive(self, name: str) -> "Address":
        """Return the address of an archive of the feed."""
        return replace(self, path=f"{self.path}/{name}")

    def _url(self, suffix: str) -> str:
        return f"{self.base_url}/{self.path}{suffix}" + (f"?{self.query_string}" if self.query_string else "")


@dataclass(frozen=True, slots=True)
class Offer:
    """A query at an address, how long a reader may wait before it asks again, and the site's WebSub hub, if any.

    ``zone`` is where the site's days begin.
    """

    query: Query
    address: Address
    max_age: timedelta
    hub: str | None = None
    zone: ZoneInfo = UTC

    def at_most(self, entries: int) -> "Offer":
        """Return what is offered, cut to so many entries."""
        return replace(self, query=replace(self.query, limit=min(self.query.limit, entries)))

    @property
    def hub_url(self) -> str | None:
        """The hub to announce: it is told of the definitions' own feeds, and of none that an address asks for."""
        return self.hub if self.address.path.startswith("feeds/") and not self.address.query_string else None
