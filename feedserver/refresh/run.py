"""Fetch, parse, keep: the write path, one day's listing at a time."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from feedserver.errors import FetchError, ListingError, NothingThereError, RetryLaterError, StoreError
from feedserver.model import Changes, Listing, ListingRecord
from feedserver.refresh.plan import asked_pause
from feedserver.sources import Source
from feedserver.store import Store

if TYPE_CHECKING:
    from feedserver.fetch import Fetched, Fetcher

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
    fetcher: "Fetcher"
    store: Store
    now: Callable[[], datetime] = lambda: datetime.now(UTC).replace(microsecond=0)

    def refresh(self, day: date) -> Outcome:
        """Ask for one day and keep what is good; a failure is recorded, and nothing known is lost."""
        listing, error = self._read_pages(day, self.now())
        for refusal in listing.refused:
            logger.warning("%s %s: refused %s: %s", self.source.name, day, refusal.what, refusal.why)
        record = _record(listing, error)
        counts = (self.store.put(listing, record, at=self.now()), len(listing.entries), len(listing.refused))
        if error is None:
            return Outcome(day, *counts)
        logger.warning("%s %s: %s", self.source.name, day, error)
        reached = not isinstance(error, FetchError) or isinstance(error, NothingThereError)
        return Outcome(day, *counts, record.error, unreachable=not reached)

    def refresh_all(self, days: Iterable[date]) -> Iterator[Outcome]:
        """Ask for several days in turn; stop where upstream is out of reach or wants to be left alone."""
        for day in days:
            outcome = self._leave_alone(day) or self._refresh_whatever_comes(day)
            yield outcome
            if outcome.unreachable:
                break

    def _leave_alone(self, day: date) -> Outcome | None:
        """Return an outcome without asking where upstream wanted a pause, whoever it said it to."""
        until = asked_pause(self.store.listings(self.source.name), self.now())
        if until is None:
            return None
        message = f"{self.source.name} asked not to be called before {until:%Y-%m-%d %H:%M:%S} UTC"
        return Outcome(day, error=message, unreachable=True)

    def _refresh_whatever_comes(self, day: date) -> Outcome:
        """Turn what nobody foresaw into a recorded failure of that day, so that it keeps from no other day."""
        try:
            return self.refresh(day)
        except StoreError:
            raise
        except Exception as error:
            logger.exception("%s %s", self.source.name, day)
            failure = ListingError(f"{type(error).__name__}: {error}")
            listing = Listing(self.source.name, day.isoformat(), self.now(), ())
            self.store.put(listing, _record(listing, failure), at=self.now())
            return Outcome(day, error=str(failure))

    def _read_pages(self, day: date, observed: datetime) -> tuple[Listing, FetchError | ListingError | None]:
        """Return what could be read, and why it is not all, or not fresh."""
        listing = Listing(self.source.name, day.isoformat(), observed, ())
        stale: FetchError | None = None
        for page in range(MOST_PAGES):
            try:
                fetched, found = self._read_page(day, page, observed)
            except (FetchError, ListingError) as error:
                return listing, error
            stale = stale or fetched.stale
            if not {entry.id for entry in found.entries} - {entry.id for entry in listing.entries}:
                return listing, stale  # an empty page, or one that was there before
            listing = replace(listing, entries=listing.entries + found.entries, refused=listing.refused + found.refused)
            if not self.source.has_more(found):
                return listing, stale
        return listing, ListingError(f"more than {MOST_PAGES} pages")

    def _read_page(self, day: date, page: int, observed: datetime) -> "tuple[Fetched, Listing]":
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
