"""A query, the store -> how its feed grew: what arrived in it at which revisions, entries or editions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from feedserver.feeds.address import Offer
from feedserver.feeds.published import Published, published
from feedserver.feeds.volume import is_settled, volume
from feedserver.filters.base import all_of
from feedserver.model import Entry
from feedserver.periods import Period, period_at
from feedserver.store import Arrival, Revision, Store

Arrived = TypeVar("Arrived")


class Growth(Protocol[Arrived]):
    """What arrived in a feed."""

    def is_settled(self, revisions: range, last: Revision) -> bool:
        """Say whether nothing more can arrive at these revisions of a store that has come to a last one."""
        ...

    def arrivals(self, revisions: range) -> Sequence[Arrived]:
        """Return what arrived at these revisions, the first first."""
        ...

    def entries(self, arrivals: Sequence[Arrived]) -> tuple[Entry, ...]:
        """Return the entries that arrived, the last first."""
        ...


@dataclass(frozen=True, slots=True)
class EntryGrowth:
    """The growth of a feed of entries, each of which arrives when it first satisfies the filter; as they are now."""

    store: Store
    offer: Offer

    def is_settled(self, revisions: range, last: Revision) -> bool:
        """See Growth: unless the threshold of a week may still be another one."""
        if self.offer.query.per_day is None:
            return True
        return all(is_settled(self.store, week.start, last.changed) for week in self._weeks(revisions))

    def arrivals(self, revisions: range) -> Sequence[Arrival]:
        """See Growth. Each week has its own threshold, where so many entries a day are wanted."""
        part, per_day = self.offer.query.filter, self.offer.query.per_day
        if per_day is None:
            return self.store.arrivals(part, revisions)
        return [arrival for week in self._weeks(revisions) for arrival in self._arrivals_in(week, per_day, revisions)]

    def entries(self, arrivals: Sequence[Arrival]) -> tuple[Entry, ...]:
        """See Growth."""
        moments = {arrival.id: arrival.entered for arrival in arrivals}
        found = self.store.get_all([arrival.id for arrival in reversed(arrivals)])
        return tuple(replace(entry, entered=moments[entry.id]) for entry in found)

    def _weeks(self, revisions: range) -> Iterator[Period]:
        """Yield the weeks in which revisions were kept, the first first."""
        first, last = (self.store.kept(end) for end in (revisions.start, revisions.stop - 1))
        if first is None or last is None:
            return
        week = period_at(first, "week", self.offer.zone)
        while week.start <= last:
            yield week
            week = week.after

    def _arrivals_in(self, week: Period, per_day: float, revisions: range) -> Sequence[Arrival]:
        part, kept = self.offer.query.filter, self.store.revisions(week.start, week.end)
        judged = all_of(part, volume(self.store, part, per_day, self.offer.zone, week.start).filter)
        return self.store.arrivals(judged, range(max(kept.start, revisions.start), min(kept.stop, revisions.stop)))


@dataclass(frozen=True, slots=True)
class EditionGrowth:
    """The growth of a top or a digest, whose entries arrive when their period is sealed, and stay as they are."""

    store: Store
    offer: Offer

    def is_settled(self, revisions: range, last: Revision) -> bool:
        """See Growth: a day on which nothing was kept is sealed at the last revision of the day before."""
        return revisions.stop <= last.number

    def arrivals(self, revisions: range) -> Sequence[Published]:
        """See Growth."""
        return list(published(self.store, self.offer.query.filter, self.offer, revisions))[::-1]

    def entries(self, arrivals: Sequence[Published]) -> tuple[Entry, ...]:
        """See Growth."""
        return tuple(each.entry for each in reversed(arrivals))
