"""One exception tree: whatever can go wrong here is a FeedserverError that says what, which, and what would be right.

FeedserverError
├── ConfigError        a setting or a definition in config/ or the environment is not valid
├── QueryError         a query is not valid: unknown parameter, bad value, syntax error
│   └── CostlyQueryError  ... or its answer would take too much work
├── UnknownFeedError   no feed is defined under that name
├── MovedFeedError     a feed is defined under another name now
├── GoneFeedError      a feed was defined under that name, and no other took its place
├── FetchError         an address gave no usable answer
│   ├── RefusedAddressError ... for it may not be asked, or leads where nobody may ask
│   ├── NothingThereError ... though the server is well: this address alone has nothing to give
│   └── RetryLaterError   ... and asked not to be called again before a time
├── ListingError       bytes are not the listing they should be
│   └── BadTokenError      ... for the list that they were to go on with is not known any more
└── StoreError         the store can't be opened, read or written
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches


class FeedserverError(Exception):
    """The root: catch this to catch everything that the project raises on purpose."""


class ConfigError(FeedserverError):
    """A setting or a definition is not valid; the message names file, key and remedy."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a query text the reader stumbled, and what would have been right there.

    ``position`` counts characters from 0; ``expected`` holds short noun phrases.
    """

    position: int
    expected: tuple[str, ...] = ()


class QueryError(FeedserverError):
    """A query is not valid; ``parameter`` is its name in URLs, ``place`` the position for syntax errors in ``q``."""

    def __init__(self, message: str, *, parameter: str | None = None, place: Place | None = None) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.place = place


class CostlyQueryError(QueryError):
    """The answer would take more work than one request may cause."""


class UnknownFeedError(FeedserverError):
    """No feed is defined under that name."""


class MovedFeedError(FeedserverError):
    """The feed is defined under another name now, ``successor``."""

    def __init__(self, message: str, *, successor: str) -> None:
        super().__init__(message)
        self.successor = successor


class GoneFeedError(FeedserverError):
    """A feed was defined under that name, and no other took its place."""


class FetchError(FeedserverError):
    """An address gave no usable answer: no connection, time or size limit, HTTP error.

    Of an HTTP error, its ``status`` is known, and the ``body`` that came with it.
    """

    def __init__(self, message: str, *, status: int | None = None, body: bytes = b"") -> None:
        super().__init__(message)
        self.status = status
        self.body = body


class RefusedAddressError(FetchError):
    """The address, or one that it leads to, may not be asked: its network, its port, or a password in it."""


class NothingThereError(FetchError):
    """The server answers, but has nothing to give at this address (400, 404, 410, 422)."""


class RetryLaterError(FetchError):
    """The server asked for a pause (429 or 503 with Retry-After, or a spent RateLimit) until ``until``."""

    def __init__(self, message: str, *, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class ListingError(FeedserverError):
    """Bytes are not the listing they should be: HTML, truncated JSON, an error object, an empty body."""


class BadTokenError(ListingError):
    """The repository does not know, or no longer, the resumption token of a list."""


class StoreError(FeedserverError):
    """The store can't be opened, read or written."""


def suggest(given: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the nearest known word, else the list of all known words."""
    words = sorted(known)
    near = get_close_matches(given.lower(), words, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(words) or 'none'}"
