"""Fetch, parse, keep: the write path, one day's listing at a time."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from feedserver.errors import FetchError, ListingError, RetryLaterError
from feedserver.fetch import Fetched, Fetcher
from feedserver.model import Changes, Listing, ListingRecord
from feedserver.sources import Source
from feedserver.store import Store

MOST_PAGES = 50  # of one day: 5,000 entries; the fullest day known had 100

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of asking for one day."""

    day: date
    changes: Changes = field(default_factory=Changes)
    entries: int = 0
    refused: int = 0
    error: str | None = None
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class Refresher:
    """Brings a source's listings into a store. ``now`` is the clock."""

    source: Source
    fetcher: Fetcher
    store: Store
    now: Callable[[], datetime] = lambda: datetime.now(UTC).replace(microsecond=0)

    def refresh(self, day: date) -> Outcome:
        """Ask for one day and keep what is good; a failure is recorded, and nothing known is lost."""
        observed = self.now()
        listing, error = self._read_pages(day, observed)
        for refusal in listing.refused:
            logger.warning("%s %s: refused %s: %s", self.source.name, day, refusal.what, refusal.why)
        record = _record(listing, error)
        counts = (self.store.put(listing, record), len(listing.entries), len(listing.refused))
        if error is None:
            return Outcome(day, *counts)
        logger.warning("%s %s: %s", self.source.name, day, error)
        return Outcome(day, *counts, record.error, isinstance(error, FetchError))

    def refresh_all(self, days: Iterable[date]) -> Iterator[Outcome]:
        """Ask for several days in turn; stop where upstream is out of reach or wants to be left alone."""
        for day in days:
            outcome = self.refresh(day)
            yield outcome
            if outcome.unreachable:
                break

    def _read_pages(self, day: date, observed: datetime) -> tuple[Listing, FetchError | ListingError | None]:
        """Return what could be read, and why it is not all, or not fresh."""
        listing = Listing(self.source.name, day.isoformat(), observed, ())
        stale = None
        for page in range(MOST_PAGES):
            try:
                fetched, found = self._read_page(day, page, observed)
            except (FetchError, ListingError) as error:
                return listing, error
            stale = stale or fetched.stale
            listing = replace(listing, entries=listing.entries + found.entries, refused=listing.refused + found.refused)
            if not self.source.has_more(found):
                break
        return listing, stale

    def _read_page(self, day: date, page: int, observed: datetime) -> tuple[Fetched, Listing]:
        request = self.source.request(day, page)
        fetched = self.fetcher.get(request.url, request.params, request.headers)
        try:
            return fetched, self.source.parse(fetched.body, day, observed)
        except ListingError:
            self.fetcher.forget(request.url, request.params)
            raise


def _record(listing: Listing, error: FetchError | ListingError | None) -> ListingRecord:
    if error is None:
        return ListingRecord(listing.source, listing.key, listing.observed, listing.observed, len(listing.entries))
    retry_at = error.until if isinstance(error, RetryLaterError) else None
    return ListingRecord(listing.source, listing.key, listing.observed, error=str(error), retry_at=retry_at)
