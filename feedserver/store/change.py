"""An entry as it lies in the store and as it is to be -> the terms and the history that follow. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from feedserver.merge import appeared
from feedserver.model import Entry, Rise
from feedserver.store import schema
from feedserver.store.base import Revision
from feedserver.store.late import late_facets
from feedserver.store.read import Loaded
from feedserver.store.terms import index_terms


@dataclass(frozen=True, slots=True)
class Change:
    """What is kept of an entry, with its history, and what is to be kept, at row ``target``.

    ``since`` is when a source carried it that had not told of it before. Where the change ``is_backdated``, the entry
    is to be as if it had come like that: nothing was published yet of what only saved files told.
    """

    known: Loaded
    merged: Entry
    target: int
    history: Sequence[Rise]
    revision: Revision
    since: datetime | None = None
    is_backdated: bool = False

    @property
    def appeared(self) -> datetime:
        """When a listing carried it first."""
        return appeared(self.merged) if self.is_backdated else self.known.appeared

    @property
    def risen(self) -> tuple[Rise, ...]:
        """The counts that are higher than before, and the sources that are new."""
        kept, number = self.known.entry, self.revision.number
        observed = self.since or min(self.merged.modified, self.revision.changed)
        counts = ((field, count_of(self.merged, field)) for field in schema.COUNTS)
        higher = [(field, count) for field, count in counts if count > count_of(kept, field)]
        further = [(f"source:{source}", 1) for source in self.merged.sources if source not in kept.sources]
        return tuple(Rise(field, count, observed, number) for field, count in (*higher, *further))

    @property
    def after(self) -> tuple[Rise, ...]:
        """The history from now on."""
        return tuple(born_with(self.merged, self.known.born)) if self.is_backdated else (*self.history, *self.risen)

    @property
    def is_of_counts(self) -> bool:
        """Whether nothing but counts changed."""
        kept = self.known.entry
        moving = {field: getattr(kept, field) for field in (*schema.COUNTS, "modified")}
        return replace(self.merged, **moving) == kept

    @property
    def terms(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The terms that it is found by, and those it is to be found by."""
        born, kept = self.known.born, self.known.entry
        before = index_terms(kept, late(born, self.known.appeared, kept, self.history))
        return before, index_terms(self.merged, late(born, self.appeared, self.merged, self.after))


def born_with(entry: Entry, revision: int, *, moving: bool = False) -> Iterator[Rise]:
    """Yield the history of an entry that comes; onto a ``moving`` list, it came when it was seen there."""
    counts = [(field, count_of(entry, field)) for field in schema.COUNTS]
    sources = [(f"source:{source}", 1) for source in entry.sources if moving]
    return (Rise(field, count, entry.first_seen, revision) for field, count in (*counts, *sources) if count >= 0)


def late(born: int, appeared: datetime, entry: Entry, history: Sequence[Rise]) -> set[str]:
    """Return the facets of an entry's history."""
    return late_facets(born, int(appeared.timestamp()), int(entry.listed.timestamp()), history)


def count_of(entry: Entry, field: str) -> int:
    """Return a count, -1 where it is not known."""
    count: int | None = getattr(entry, field)
    return -1 if count is None else count
