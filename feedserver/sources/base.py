"""The Protocol of a source: which addresses hold a listing, and how bytes become a Listing. Neither opens a socket."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from feedserver.model import Listing


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask for: an address with its query parameters and headers."""

    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol):
    """One site's listings, a listing a day."""

    @property
    def name(self) -> str:
        """The name by which filters, the store and settings call the source."""
        ...

    def request(self, day: date, page: int = 0) -> Request:
        """Return what to ask for to get page ``page`` (from 0) of the listing of ``day``."""
        ...

    def parse(self, body: bytes, day: date | None, observed: datetime) -> Listing:
        """Return the listing that the bytes hold. ``day`` is what was asked for, None where that is unknown.

        Raises ListingError where the bytes are no listing at all; a single bad element is refused in the Listing.
        """
        ...

    def has_more(self, listing: Listing) -> bool:
        """Say whether another page may follow this one."""
        ...
