"""The Protocol of a store: it keeps entries for ever and answers any filter in feed order, whatever the engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from feedserver.filters import Filter
from feedserver.model import Changes, Entry, Listing, ListingRecord, Sort, UpvoteRecord


@dataclass(frozen=True, slots=True)
class Revision:
    """How often anything visible changed, and when last (1970 before the first change)."""

    number: int
    changed: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """How much a store holds: ``entries``, and ``newest``, the listing day of the newest one."""

    entries: int
    newest: datetime | None


class Store(Protocol):
    """Entries, the history of their upvotes, and what is known of each listing. Every method may raise StoreError."""

    def put(self, listing: Listing, record: ListingRecord | None = None, *, at: datetime | None = None) -> Changes:
        """Keep a listing, all of it or nothing: new entries, changed facts, new maxima of upvotes. Nothing is removed.

        ``record`` is remembered of the listing; where it holds an error, the time it was last good stays as it was.
        Without it nothing is: a file that was imported says nothing about what upstream shows.
        ``at`` is the time now, which the revision remembers; default: when the listing was observed.
        """
        ...

    def select(self, part: Filter, sort: Sort = "listed", limit: int = 50) -> tuple[Entry, ...]:
        """Return the first ``limit`` entries that a resolved filter admits, in feed order.

        Feed order is: the sort's value descending, then listing day, first sight and a hash of the id, all descending.
        """
        ...

    def count(self, part: Filter) -> int:
        """Return how many entries a resolved filter admits."""
        ...

    def get(self, entry_id: str) -> Entry | None:
        """Return the entry with that id."""
        ...

    def history(self, entry_id: str) -> tuple[UpvoteRecord, ...]:
        """Return each new maximum of the entry's upvotes, oldest first."""
        ...

    def listings(self, source: str) -> Sequence[ListingRecord]:
        """Return what is known of every listing of a source, newest key first."""
        ...

    def revision(self) -> Revision:
        """Return the revision; it rises with each change of anything visible, in the same transaction."""
        ...

    def summary(self) -> Summary:
        """Return how much there is."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
