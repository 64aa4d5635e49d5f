"""A query, the store -> the editions of its top or digest: what entered in each period that is over, ranked.

An edition is told of the store as it was when the period was sealed: at the revision at which all was kept that was to
be observed in it. Nothing that is learnt later changes it. What was learnt too late for its own period stands in the
first one that was sealed after that, unless it is history by then.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from feedserver.filters import Filter
from feedserver.filters.history import enterings
from feedserver.model import Entry, Life, Unit
from feedserver.periods import Period, period_at
from feedserver.store import Store

LATE = timedelta(days=7)  # what became known later than this after it entered stands in no edition
EVER = range(sys.maxsize)  # revisions
_LOOKED_BACK = {"day": timedelta(days=400), "week": timedelta(weeks=120), "month": timedelta(days=1_826)}
_MOST_AT_ONCE = 8  # periods
_EARLIER = {"day": 8, "week": 2, "month": 1}  # periods, LATE in all: what was published in them is not published again


@dataclass(frozen=True, slots=True)
class Edition:
    """What entered in a period, as it was when that was sealed, at a revision; the best first."""

    period: Period
    revision: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class _Closed:
    """A period, the revision at which it was sealed, and the one at which the period before was."""

    period: Period
    revision: int
    former: int


def editions(  # noqa: PLR0913, PLR0917  # of what, in which periods, how many
    store: Store, part: Filter, unit: Unit, zone: ZoneInfo, at_once: int, revisions: range = EVER
) -> Iterator[Edition]:
    """Yield the editions of a resolved filter, the newest first, of all closed periods in which anything entered.

    ``at_once`` is how many are likely to be needed; only those that were sealed at one of the ``revisions`` are, and
    none of a time long before the first of these was kept.
    """
    until = store.sealed_until(revisions.stop) if revisions else None
    if until is None:
        return
    closed, known = _closed(store, period_at(until, unit, zone), until), list[_Closed]()
    since = (store.kept(revisions.start) or until) - _LOOKED_BACK[unit]
    size, start = max(1, min(at_once, _MOST_AT_ONCE)), 0
    while True:
        end = start + size
        known += islice(closed, end + _EARLIER[unit] - len(known))
        if start >= len(known) or known[start].revision < revisions.start or known[start].period.end <= since:
            return
        for edition in _of(store, part, known[start:end], known[end : end + _EARLIER[unit]]):
            if edition.revision in revisions and edition.period.end > since:
                yield edition
        start = end


def sealed_days(store: Store, zone: ZoneInfo) -> int:
    """Return a number that rises with each day that is sealed: tops, digests and thresholds follow from that."""
    until = store.sealed_until()
    return until.astimezone(zone).toordinal() if until else 0


def rank(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return entries, those with most upvotes first; of equals, those that were listed last, then by id."""
    return tuple(sorted(entries, key=lambda entry: (entry.upvotes, entry.listed, entry.id), reverse=True))


def _closed(store: Store, period: Period, until: datetime) -> Iterator[_Closed]:
    """Yield the periods that are sealed, from one that may reach beyond ``until`` back to the store's first listing."""
    oldest = store.oldest() or until
    if period.end > until:
        period = period.before
    while period.end > oldest:
        former, revision = store.sealed((period.start, period.end))
        if revision is not None:
            yield _Closed(period, revision, former or 0)
        period = period.before


def _of(store: Store, part: Filter, chunk: Sequence[_Closed], earlier: Sequence[_Closed]) -> Iterator[Edition]:
    """Yield the editions of consecutive periods, the latest first; ``earlier`` are those before."""
    first, last = chunk[-1], chunk[0]
    found: dict[_Closed, list[Entry]] = {closed: [] for closed in chunk}
    revisions = range(first.former + 1, last.revision + 1)
    for life in store.lives(part, first.period.start, last.period.end, revisions):
        placed = _place(part, life, [*reversed(earlier), *reversed(chunk)])
        if placed and placed[0] in found:
            found[placed[0]].append(placed[1])
    yield from (Edition(closed.period, closed.revision, rank(entries)) for closed, entries in found.items() if entries)


def _place(part: Filter, life: Life, periods: Sequence[_Closed]) -> tuple[_Closed, Entry] | None:
    """Return the first period in which an entry stands, and the entry as it was then; None where it is in none.

    What was known when a period was sealed is told of in that one, even if it did not satisfy the filter for a while.
    """
    entering, first = enterings(part, life), periods[0]
    if entering.known(first.former, first.period.start):
        return None
    for closed in periods:
        if when := entering.known(closed.revision, closed.period.end):
            entry = life.at(closed.revision)
            is_news = when.moment >= closed.period.start - LATE
            return (closed, replace(entry, entered=when.moment)) if entry and is_news else None
    return None
