"""A query, the store, an archive's name -> that archive: a part of a feed's history that does not change (RFC 5005, 4).

The sequence is that of arrival: the revision in which an entry first satisfied the filter. So whatever arrives later
stands later, also a paper that reaches a threshold after weeks. It is cut at the ends of months (UTC), and within a
month after every ``PART`` entries. A reader begins at ``r<revision>``, which the feed names: the last part of what had
arrived up to that revision.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Generic, get_args

from feedserver.errors import UnknownFeedError
from feedserver.feeds.address import Offer
from feedserver.feeds.build import BEGINNING, has_archives, make_feed
from feedserver.feeds.growth import Arrived, EditionGrowth, EntryGrowth, Growth
from feedserver.model import CountField, Feed, View
from feedserver.render import entry_updated
from feedserver.store import Revision, Store

PART = 200  # entries: less than a megabyte

_NAME = re.compile(
    r"r(?P<revision>[1-9]\d{0,14})|(?P<month>[12]\d{3}-(?:0[1-9]|1[0-2]))(?:-(?P<part>[2-9]|[1-9]\d{1,4}))?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class _Volume(Generic[Arrived]):
    """A part of a month's arrivals, the oldest first, and the names of what comes before and after.

    ``closed`` where nothing can arrive in it any more: it is full, or something was kept in a later month.
    """

    arrivals: Sequence[Arrived]
    closed: bool
    older: str | None
    newer: str | None


@dataclass(frozen=True, slots=True)
class _History(Generic[Arrived]):
    """The arrivals of a feed, between the time of the store's first revision and its last one.

    What is kept while this one looks is left to the next one, so that all it says is of the same moment. Whether a
    month is over is a question to the store, not to the clock: what was begun before midnight may be kept after it.
    """

    store: Store
    growth: Growth[Arrived]
    first: datetime
    last: Revision

    def volume(self, name: str) -> _Volume[Arrived]:
        """Return the part of that name. Raises UnknownFeedError."""
        asked = _NAME.fullmatch(name)
        if asked is None:
            raise _unknown(name, "a name is of the form r1234, 2026-01 or 2026-01-2")
        if asked["revision"]:
            return self._up_to(name, int(asked["revision"]))
        return self._part(name, datetime.strptime(asked["month"], "%Y-%m").replace(tzinfo=UTC), int(asked["part"] or 1))

    def _up_to(self, name: str, revision: int) -> _Volume[Arrived]:
        kept = self.store.kept(revision)
        if kept is None:
            raise _unknown(name, f"the last revision is {self.last.number}")
        month = _month(kept)
        arrivals = self._arrivals(month, revision)
        part = max(1, _parts(arrivals))
        closed = self.growth.is_settled(self._revisions(month, revision), self.last)
        return _Volume(arrivals[(part - 1) * PART :], closed, older=self._older(month, part), newer=None)

    def _part(self, name: str, month: datetime, part: int) -> _Volume[Arrived]:
        if not _month(self.first) <= month <= self.last.changed:
            raise _unknown(name, f"the history goes from {_name(self.first)} to {_name(self.last.changed)}")
        arrivals = self._arrivals(month, self.last.number)
        last_part = len(arrivals) // PART + 1
        if part > last_part:
            raise _unknown(name, f"the last part of that month is {_name(month, last_part)!r}")
        found = arrivals[(part - 1) * PART : part * PART]
        is_full, is_over = len(found) == PART, _next(month) <= self.last.changed
        newer = _name(month, part + 1) if is_full else _name(_next(month)) if is_over else None
        is_settled = self.growth.is_settled(self._revisions(month, self.last.number), self.last)
        return _Volume(found, closed=is_settled and (is_full or is_over), older=self._older(month, part), newer=newer)

    def _older(self, month: datetime, part: int) -> str | None:
        """Return the name of the part before; months without arrivals are passed over."""
        while part == 1 and self.first < month:
            month = _month(month - timedelta(days=1))
            part += _parts(self._arrivals(month, self.last.number))
        return _name(month, part - 1) if part > 1 else None

    def _arrivals(self, month: datetime, last: int) -> Sequence[Arrived]:
        """Return what arrived in a month, up to a revision."""
        return self.growth.arrivals(self._revisions(month, last))

    def _revisions(self, month: datetime, last: int) -> range:
        kept = self.store.revisions(month, _next(month))
        return range(kept.start, min(kept.stop, last + 1))


def build_archive(store: Store, offer: Offer, name: str) -> Feed:
    """Return the archive of that name; one that is still open is not yet called an archive. Raises UnknownFeedError."""
    if not has_archives(offer.query):
        raise _unknown(name, "a feed in which time decides what it holds has none")
    last, first = store.revision(), store.kept(1)
    if first is None:
        raise _unknown(name, "nothing was kept so far")
    if offer.query.unit:
        return _archive(offer, name, _History(store, EditionGrowth(store, offer), first, last), offer.query.view)
    return _archive(offer, name, _History(store, EntryGrowth(store, offer), first, last), _still(offer.query.view))


def _archive(offer: Offer, name: str, history: _History[Arrived], view: View) -> Feed:
    volume, address = history.volume(name), offer.address
    entries = history.growth.entries(volume.arrivals)
    others = {"prev-archive": volume.older, "next-archive": volume.newer}
    links = {relation: address.archive(other).self_urls for relation, other in others.items() if other}
    return make_feed(
        offer,
        self_urls=address.archive(name).self_urls,
        view=view,
        is_archive=volume.closed,
        hub_url=None,
        related={"current": address.self_urls, **links},
        updated=max((entry_updated(entry, view) for entry in entries), default=BEGINNING),
        signed=bool(entries) and all(entry.authors for entry in entries),
        entries=entries,
    )


def _still(view: View) -> View:
    """Return the view without what moves."""
    return replace(view, counted=False, show=tuple(fact for fact in view.show if fact not in get_args(CountField)))


def _month(time: datetime) -> datetime:
    """Return the beginning of the month that the time is in."""
    return time.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _next(month: datetime) -> datetime:
    return (month + timedelta(days=31)).replace(day=1)


def _parts(arrivals: Sequence[object]) -> int:
    return -(-len(arrivals) // PART)


def _name(month: datetime, part: int = 1) -> str:
    return f"{month:%Y-%m}" + (f"-{part}" if part > 1 else "")


def _unknown(name: str, why: str) -> UnknownFeedError:
    return UnknownFeedError(f"there is no archive {name!r}: {why}")
