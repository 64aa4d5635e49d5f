"""A query, the store, an archive's name -> that archive: a part of a feed's history that does not change (RFC 5005, 4).

The sequence is that of arrival: the revision in which an entry first satisfied the filter. So whatever arrives later
stands later, also a paper that reaches a threshold after weeks. It is cut at the ends of months (UTC), and within a
month after every ``PART`` entries. A reader begins at ``r<revision>``, which the feed names: the last part of what had
arrived up to that revision.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import get_args

from feedserver.errors import UnknownFeedError
from feedserver.feeds.address import Offer
from feedserver.feeds.build import BEGINNING, LAST, has_archives, make_feed
from feedserver.filters import Filter
from feedserver.filters.history import entered, split
from feedserver.model import CountField, Entry, Feed, View
from feedserver.render import entry_updated
from feedserver.store import Store

PART = 200  # entries: about 600 kB

_NAME = re.compile(
    r"r(?P<revision>[1-9]\d{0,14})|(?P<month>[12]\d{3}-(?:0[1-9]|1[0-2]))(?:-(?P<part>[2-9]|[1-9]\d{1,4}))?"
)


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive as a feed, and until when it can't change: for ever, or till the end of its month."""

    feed: Feed
    closed: bool
    until: datetime


@dataclass(frozen=True, slots=True)
class _Volume:
    """A part of a month's arrivals, the oldest first, and the names of what comes before and after."""

    month: datetime
    entries: tuple[Entry, ...]
    closed: bool
    older: str | None
    newer: str | None


@dataclass(frozen=True, slots=True)
class _History:
    """The arrivals of a filter."""

    store: Store
    filter: Filter

    def volume(self, name: str, now: datetime) -> _Volume:
        """Return the part of that name. Raises UnknownFeedError."""
        asked = _NAME.fullmatch(name)
        if asked is None:
            raise _unknown(name, "write r1234, 2026-01 or 2026-01-2")
        if asked["revision"]:
            return self._up_to(name, int(asked["revision"]))
        month = datetime.strptime(asked["month"], "%Y-%m").replace(tzinfo=UTC)
        return self._part(name, month, int(asked["part"] or 1), now)

    def _up_to(self, name: str, revision: int) -> _Volume:
        kept = self.store.kept(revision)
        if kept is None:
            raise _unknown(name, "no such revision")
        month = kept.replace(day=1, hour=0, minute=0, second=0)
        arrivals = self._arrivals(month, revision)
        part = max(1, -(-len(arrivals) // PART))
        entries = arrivals[(part - 1) * PART :]
        return _Volume(month, tuple(entries), True, self._older(month, part), None)

    def _part(self, name: str, month: datetime, part: int, now: datetime) -> _Volume:
        first = self.store.kept(1)
        if first is None or not first < _next(month) or month > now:
            raise _unknown(name, "nothing was kept in that month")
        arrivals = self._arrivals(month)
        if len(arrivals) < (part - 1) * PART:
            raise _unknown(name, f"that month has {-(-len(arrivals) // PART)} parts")
        entries = arrivals[(part - 1) * PART : part * PART]
        is_full, is_over = len(entries) == PART, _next(month) <= now
        newer = _name(month, part + 1) if is_full else _name(_next(month), 1) if is_over else None
        return _Volume(month, tuple(entries), is_full or is_over, self._older(month, part), newer)

    def _older(self, month: datetime, part: int) -> str | None:
        """Return the name of the part before; months without arrivals are passed over."""
        first = self.store.kept(1)
        while part == 1 and first is not None and first < month:
            month = (month - timedelta(days=1)).replace(day=1)
            part += -(-len(self._arrivals(month)) // PART)
        return _name(month, part - 1) if part > 1 else None

    def _arrivals(self, month: datetime, last: int | None = None) -> list[Entry]:
        """Return what arrived in a month, up to a revision, the oldest first."""
        kept = self.store.revisions(month, _next(month))
        revisions = kept if last is None else range(kept.start, last + 1)
        free, counting = split(self.filter)
        judged = ((entered(counting, *arrival), arrival.entry) for arrival in self.store.arrivals(free, revisions))
        found = [(revision, entry.id, entry) for revision, entry in judged if revision in revisions]
        return [entry for _, _, entry in sorted(found, key=lambda each: each[:2])]


def build_archive(store: Store, offer: Offer, name: str, now: datetime) -> Archive:
    """Return the archive of that name. Raises UnknownFeedError where there is none."""
    query, address = offer.query, offer.address
    if not has_archives(query):
        raise _unknown(name, "a feed that entries leave as time passes has none")
    volume = _History(store, query.filter).volume(name, now)
    view = _still(query.view)
    others = {"prev-archive": volume.older, "next-archive": volume.newer}
    links = {relation: address.archive(other).self_urls for relation, other in others.items() if other}
    feed = make_feed(
        offer,
        self_urls=address.archive(name).self_urls,
        view=view,
        is_archive=True,
        hub_url=None,
        related={"current": address.self_urls, **links},
        updated=max((entry_updated(entry, view) for entry in volume.entries), default=BEGINNING),
        signed=bool(volume.entries) and all(entry.authors for entry in volume.entries),
        entries=volume.entries[::-1],
    )
    return Archive(feed, volume.closed, LAST if volume.closed else _next(volume.month))


def _still(view: View) -> View:
    """Return the view without what moves."""
    return replace(view, counted=False, show=tuple(fact for fact in view.show if fact not in get_args(CountField)))


def _next(month: datetime) -> datetime:
    return (month + timedelta(days=31)).replace(day=1)


def _name(month: datetime, part: int) -> str:
    return f"{month:%Y-%m}" + (f"-{part}" if part > 1 else "")


def _unknown(name: str, why: str) -> UnknownFeedError:
    return UnknownFeedError(f"there is no archive {name!r}: {why}")
