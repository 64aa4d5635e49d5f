"""The Protocol of a source: which addresses hold a listing, and how an answer becomes one. Neither opens a socket.

A source is a frozen dataclass: its fields, but for ``name``, are its settings in ``sources.toml``, and each says in its
metadata what it means (``setting``). ``name`` is what filters, the store and settings call the one that is set up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from feedserver.errors import FetchError
from feedserver.model import Listing, Unit
from feedserver.text import clean

_LONGEST_SAID = 300  # characters

CURRENT = "current"  # the key of the listing of a source that has but one


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask for: an address with its query parameters and headers.

    ``pause`` is how many seconds the host wants between two requests, where that is more than is waited anyway.
    """

    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: bytes, the address they came from in the end, the media type that was stated, what was asked for.

    Of a saved file, the bytes alone are known, and perhaps its address.
    """

    body: bytes
    url: str = ""
    content_type: str = ""
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing, and what to ask for to get the next one, if there may be one."""

    listing: Listing
    next: Request | None = None


class Source(Protocol):
    """One site's listings. A class that inherits from this has all but ``name``, ``request`` and ``parse``."""

    @property
    def name(self) -> str:
        """The name by which filters, the store and settings call the source: small letters, digits and hyphens."""
        ...

    @property
    def every(self) -> timedelta | None:
        """How long to wait between two looks at its one listing; None: it has a listing for each day, or ``unit``."""
        return timedelta(hours=1)

    @property
    def unit(self) -> Unit:
        """What each listing is of, where there is not one alone."""
        return "day"

    def request(self, key: str) -> Request:
        """Return what to ask for to get the first page of a listing.

        ``key`` is its day, week or month (``2026-01-31``, ``2026-W05``, ``2026-01``), or ``CURRENT`` of an only one.
        """
        ...

    def fallback(self, key: str) -> Request | None:  # noqa: ARG002  # for those that have one
        """Return what to ask for where the first request fails, or its answer is no listing."""
        return None

    def explain(self, body: bytes) -> str | None:  # noqa: ARG002  # for those that do
        """Return what upstream says is wrong, where it says so with an HTTP error; raise nothing."""
        return None

    def parse(self, answer: Answer, key: str | None, observed: datetime) -> Page:
        """Return the page that an answer holds. ``key`` is what was asked for, None of a saved file.

        Raises ListingError where the bytes are no listing at all; a single bad element is refused in the Listing.
        """
        ...


def explained(error: FetchError, source: Source) -> FetchError:
    """Return the error, with what upstream says is wrong where it says so."""
    said = clean(source.explain(error.body) or "")[:_LONGEST_SAID] if error.body else ""
    return type(error)(f"{error}; it says: {said}", status=error.status) if said else error


def setting(help: str, **options: Any) -> Any:  # noqa: A002  # as dataclasses' metadata calls it
    """Return a field of a source that is a setting: what it means in a line, and what ``dataclasses.field`` takes."""
    return field(metadata={"help": help}, **options)
