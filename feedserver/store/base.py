"""The Protocol of a store: it keeps entries for ever and answers any filter in feed order, whatever the engine."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

from feedserver.filters import Filter
from feedserver.filters.history import Enterings
from feedserver.model import Changes, Entry, Life, Listing, ListingRecord, Rise, Sort, SourceState


@dataclass(frozen=True, slots=True)
class Revision:
    """How often anything visible changed, and when last (1970 before the first change)."""

    number: int
    changed: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """How much a store holds: ``entries``, and the listing days of the newest and the oldest one."""

    entries: int
    newest: datetime | None
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Seal:
    """Everything that was to be observed before ``until`` had been kept when the store's revision was ``revision``."""

    until: datetime
    revision: int


class Sight(NamedTuple):
    """One state of one entry: its row, the revision that last changed it, and the one that it arrived with.

    It arrived when it first satisfied the filter, or, where the order does not ask for that, when it came. ``entered``
    is that moment, where the order asks for it. A row and a revision together never stand for anything else, so that
    what was made of them may be kept, with the moment that it shows.
    """

    row: int
    revision: int
    arrived: int
    entered: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """An answer: sights in feed order, and the entries among them that were not known already.

    ``revision`` is the one of the store that was looked at.
    """

    revision: Revision
    sights: tuple[Sight, ...]
    entries: Mapping[Sight, Entry]


Known = Callable[[Sequence[Sight]], Container[Sight]]  # sights -> those of them whose entries need not be read


class Arrival(NamedTuple):
    """When an entry first satisfied a filter: the revision, the entry's id, the moment. Arrivals are in this order."""

    revision: int
    id: str
    entered: datetime


class Climb(NamedTuple):
    """How an entry came into a feed, and how its upvotes rose: to how many, since when, since which revision.

    ``appeared`` is when a listing was first seen to carry it.
    """

    appeared: datetime
    enterings: Enterings
    upvotes: Sequence[tuple[int, datetime, int]]


class Store(Protocol):
    """Entries, the history of their counts, and what is known of each listing. Every method may raise StoreError."""

    def put(
        self,
        listing: Listing,
        record: ListingRecord | None = None,
        *,
        at: datetime | None = None,
        bookmark: str | None = None,
    ) -> Changes:
        """Keep a listing, all of it or nothing: new entries, changed facts, new maxima of counts. Nothing is removed.

        ``record`` is remembered of the listing, and which entries it showed. Where it holds an error, or far less was
        on the list than before, the time it was last good stays as it was. What a ``whole`` list shows no more, and no
        other listing either, is marked as withdrawn. Without a record nothing is remembered or marked: a file that was
        imported says nothing about what upstream shows.
        ``at`` is the time now, which the revision remembers; default: when the listing was observed.
        ``bookmark`` is remembered of the listing's source, in place of the one before.
        """
        ...

    def select(self, part: Filter, sort: Sort = "listed", limit: int = 50) -> tuple[Entry, ...]:
        """Return the first ``limit`` entries that a resolved filter admits, in feed order.

        Feed order is: the sort's value descending, then listing day, first sight and a hash of the id, all descending.
        ``entered`` is the moment at which an entry first satisfied the filter, by the history of its counts; once in,
        it stays in. ``trending`` knows only what gained votes in the week before ``rank`` was last called.
        """
        ...

    def find(self, part: Filter, sort: Sort, limit: int, known: Known) -> Finding:
        """Return the same as ``select``, in one view of the store; entries that are ``known`` by sight are not read."""
        ...

    def count(self, part: Filter) -> int:
        """Return how many entries a resolved filter admits."""
        ...

    def tally(self, part: Filter, since: datetime) -> Sequence[tuple[date, int]]:
        """Return, of each entry that a resolved filter admits and that was listed at ``since`` or later, two facts.

        They are the day of its listing (UTC) and its upvotes; the entries are in no order.
        """
        ...

    def get(self, entry_id: str) -> Entry | None:
        """Return the entry with that id."""
        ...

    def get_all(self, ids: Sequence[str]) -> tuple[Entry, ...]:
        """Return the entries with these ids, in their order; an id of no entry is passed over."""
        ...

    def history(self, entry_id: str) -> tuple[Rise, ...]:
        """Return each new maximum of the entry's counts, oldest first."""
        ...

    def bookmark(self, source: str) -> str | None:
        """Return the bookmark that was put last with a listing of a source."""
        ...

    def listings(self, source: str) -> Sequence[ListingRecord]:
        """Return what is known of every listing of a source, newest key first."""
        ...

    def listing(self, source: str, key: str) -> ListingRecord | None:
        """Return what is known of one listing."""
        ...

    def state(self, source: str) -> SourceState:
        """Return how a source fares, with what was sent to it in the last two hours that anything was."""
        ...

    def note(self, state: SourceState) -> None:
        """Remember how a source fares, but for what was sent to it."""
        ...

    def spend(self, source: str, requests: int, at: datetime) -> None:
        """Remember that so many requests more were sent to a source."""
        ...

    def seal(self, until: datetime) -> None:
        """Remember that all that was to be observed before ``until`` is kept, as of the present revision.

        Nothing is done where a seal of that time or a later one is there: sealing never goes backwards.
        """
        ...

    def seals(self, since: datetime) -> Sequence[Seal]:
        """Return the seals that reach to ``since`` or further, the earliest first."""
        ...

    def sealed_until(self, stop: int | None = None) -> datetime | None:
        """Return how far the last seal reaches, or the last one before a revision was kept."""
        ...

    def sealed(self, moments: Sequence[datetime]) -> Sequence[int | None]:
        """Return, for each of the moments, the revision of the first seal that reaches it, if one does."""
        ...

    def revision(self) -> Revision:
        """Return the revision; it rises with each change of anything visible, in the same transaction."""
        ...

    def kept(self, revision: int) -> datetime | None:
        """Return when a revision was kept; None where there is none of that number. The first is number 1."""
        ...

    def revisions(self, start: datetime, end: datetime) -> range:
        """Return the revisions that were kept from ``start`` on (included) until ``end`` (excluded)."""
        ...

    def arrivals(self, part: Filter, revisions: range) -> Sequence[Arrival]:
        """Return what first satisfied a resolved filter in one of these revisions, in the order of arrival.

        Whether it did is read from the history of its counts; its other facts are taken as they are now.
        """
        ...

    def lives(self, part: Filter, start: datetime, end: datetime, revisions: range) -> Sequence[Life]:
        """Return the lives of entries, in any order, and among them all that can have entered in a stretch of time.

        These are what satisfied a resolved filter, now or when it was still something else, and was listed, appeared
        or rose from ``start`` (included) to ``end`` (excluded), or came, rose or changed in one of the revisions.
        """
        ...

    def climbs(self, part: Filter, start: datetime, end: datetime, least: int) -> Sequence[Climb]:
        """Return how upvotes rose, of all entries that can have entered in a stretch of time and reached ``least``.

        There may be others among them, but none below ``least`` now. Rises to less are left out, and such to more than
        the filter admits.
        """
        ...

    def rank(self, now: datetime) -> None:
        """Find out anew which entries gained votes lately, for the order ``trending``; a change of it is a revision."""
        ...

    def oldest(self, revision: int | None = None) -> datetime | None:
        """Return when the first entry by day of listing was listed, as of a revision, or now; None: there is none."""
        ...

    def summary(self) -> Summary:
        """Return how much there is."""
        ...

    def tidy(self) -> None:
        """Bring the index into the form that is read fastest: worth it after an import; a minute for a million entries.

        Others may read and write meanwhile.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
