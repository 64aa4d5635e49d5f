"""Fetch, parse, keep: the write path, one listing at a time."""

import logging
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from feedserver.errors import FetchError, ListingError, NothingThereError, RetryLaterError, StoreError
from feedserver.model import Changes, Listing, ListingRecord, SourceState
from feedserver.periods import period_named
from feedserver.refresh.budget import free_at
from feedserver.refresh.circuit import asked_pause, failed, put_off, reached
from feedserver.refresh.plan import Known, Poll, Schedule, plan
from feedserver.refresh.settled import is_over
from feedserver.sources import Answer, Page, Request, Source, explained
from feedserver.store import Store

if TYPE_CHECKING:
    from feedserver.fetch import Fetched, Fetcher

MOST_PAGES = 50  # of one day: 5,000 entries; the fullest day known had 100

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of asking for one listing; ``suspect`` says why the answer is not believed, though it is a list."""

    key: str
    changes: Changes = field(default_factory=Changes)
    entries: int = 0
    refused: int = 0
    error: str | None = None
    suspect: str | None = None
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class Refresher:
    """Brings a source's listings into a store.

    ``now`` is the clock; ``retry`` the pause after a first failure; ``jitter`` gives random numbers from 0 to 1.
    """

    source: Source
    fetcher: "Fetcher"
    store: Store
    now: Callable[[], datetime] = lambda: datetime.now(UTC).replace(microsecond=0)
    retry: timedelta = Schedule().retry
    jitter: Callable[[], float] = random.random

    def plan(self, schedule: Schedule) -> tuple[Poll, ...]:
        """Return what is due, and what comes then; see refresh.plan."""
        return plan(self.known(), schedule, self.now())

    def known(self) -> Known:
        """Return what the store knows of the source."""
        name = self.source.name
        return Known(self.store.listings(name), self.store.state(name), self.source.every, self.source.unit)

    def may_ask(self, schedule: Schedule) -> bool:
        """Say whether anything is left of the budget."""
        return free_at(self.store.state(self.source.name), schedule.budget, 1, self.now()) <= self.now()

    def refresh(self, key: str) -> Outcome:
        """Ask for one listing and keep what is good; a failure is recorded, and nothing known is lost."""
        listing, error = self._read(key, self.now())
        for refusal in listing.refused:
            logger.warning("%s %s: refused %s: %s", self.source.name, key, refusal.what, refusal.why)
        record = _record(listing, error)
        counts = (self.store.put(listing, record, at=self.now()), len(listing.entries), len(listing.refused))
        is_reached = not isinstance(error, FetchError) or isinstance(error, NothingThereError)
        self._note(error if isinstance(error, FetchError) and not is_reached else None, key)
        kept = self.store.listing(listing.source, listing.key)
        suspect = kept.suspect if kept else None
        if wrong := error or suspect:
            logger.warning("%s %s: %s", self.source.name, key, wrong)
        return Outcome(key, *counts, record.error, suspect, unreachable=not is_reached)

    def refresh_all(self, keys: Iterable[str]) -> Iterator[Outcome]:
        """Ask for several listings in turn; stop where upstream is out of reach or wants to be left alone."""
        for key in keys:
            outcome = self._leave_alone(key) or self._refresh_whatever_comes(key)
            yield outcome
            if outcome.unreachable:
                break

    def _note(self, error: FetchError | None, key: str) -> None:
        """Remember how the source fares after an answer, or a failure to get one."""
        before, now = self.store.state(self.source.name), self.now()
        after = self._after(before, error, key, now)
        if after != before:
            self.store.note(after)
        if after.open_since and not before.open_since:
            logger.error("%s is out of reach; one try at a time now, until one goes well", self.source.name)
        elif before.open_since and not after.open_since:
            logger.warning("%s is back; it was out of reach since %s", self.source.name, before.open_since)

    def _after(self, before: SourceState, error: FetchError | None, key: str, now: datetime) -> SourceState:
        if error is None:
            asked = self.fetcher.asked_pause(self.source.request(key).url)
            return reached(before, asked and _next_second(asked))
        if isinstance(error, RetryLaterError):
            return put_off(before, str(error), _next_second(error.until), now)
        return failed(before, str(error), self.retry, self.jitter(), now)

    def _leave_alone(self, key: str) -> Outcome | None:
        """Return an outcome without asking where upstream wanted a pause, whoever it said it to."""
        until = asked_pause(self.store.state(self.source.name), self.now())
        if until is None:
            return None
        message = f"{self.source.name} asked not to be called before {until:%Y-%m-%d %H:%M:%S} UTC"
        return Outcome(key, error=message, unreachable=True)

    def _refresh_whatever_comes(self, key: str) -> Outcome:
        """Turn what nobody foresaw into a recorded failure of that listing, so that it keeps from no other."""
        try:
            return self.refresh(key)
        except StoreError:
            raise
        except Exception as error:  # of a source, perhaps one that a package brought
            logger.exception("%s %s", self.source.name, key)
            failure = ListingError(f"{type(error).__name__}: {error}")
            listing = Listing(self.source.name, key, self.now(), ())
            self.store.put(listing, _record(listing, failure), at=self.now())
            return Outcome(key, error=str(failure))

    def _read(self, key: str, observed: datetime) -> tuple[Listing, FetchError | ListingError | None]:
        """Return what could be read, where need be of what the source falls back to, and why it is not all of it."""
        listing, error = self._read_pages(self.source.request(key), key, observed)
        fallback = self.source.fallback(key) if error and _is_answer(error) else None
        if fallback is None or listing.entries:
            return listing, error
        found, worse = self._read_pages(fallback, key, observed)
        if worse:
            return listing, error
        logger.warning("%s %s: %s; read from %s", self.source.name, key, error, fallback.url)
        return replace(found, whole=False), None

    def _read_pages(
        self, request: Request, key: str, observed: datetime
    ) -> tuple[Listing, FetchError | ListingError | None]:
        """Return what could be read, and why it is not all, or not fresh.

        Where a page repeats an entry, the list moved between two answers, or upstream turns no pages: something may be
        on it that was on none of them.
        """
        window = self.source.every is not None
        whole = not window and is_over(period_named(key), observed)
        listing = Listing(self.source.name, key, observed, (), whole=whole, window=window)
        stale: FetchError | None = None
        for _ in range(MOST_PAGES):
            try:
                fetched, page = self._read_page(request, key, observed)
            except (FetchError, ListingError) as error:
                return listing, error
            stale = stale or fetched.stale
            found = page.listing
            before = {entry.id for entry in listing.entries}
            new = {entry.id for entry in found.entries} - before
            is_whole = listing.whole and len(new) == len(found.entries) and not found.refused
            listing = replace(listing, moving=found.moving, whole=is_whole)
            if not new:
                return listing, stale  # an empty page, or one that was there before
            listing = replace(listing, entries=listing.entries + found.entries, refused=listing.refused + found.refused)
            if page.next is None:
                return listing, stale
            request = page.next
        return listing, ListingError(f"more than {MOST_PAGES} pages")

    def _read_page(self, request: Request, key: str, observed: datetime) -> "tuple[Fetched, Page]":
        fetched = self._ask(request)
        answer = Answer(fetched.body, fetched.url, fetched.content_type, request)
        try:
            return fetched, self.source.parse(answer, key, observed)
        except ListingError:
            self.fetcher.forget(request.url, request.params)
            raise

    def _ask(self, request: Request) -> "Fetched":
        """Fetch, and remember what that took, whatever comes of it."""
        before = self.fetcher.sent
        try:
            fetched = self.fetcher.get(request.url, request.params, request.headers, request.pause)
        except FetchError as error:
            raise explained(error, self.source) from error
        else:
            return replace(fetched, stale=explained(fetched.stale, self.source)) if fetched.stale else fetched
        finally:
            if sent := self.fetcher.sent - before:
                self.store.spend(self.source.name, sent, self.now())


def _is_answer(error: FetchError | ListingError) -> bool:
    """Say whether the server is there, and merely has no listing to give at that address."""
    return isinstance(error, ListingError | NothingThereError) or error.status is not None


def _next_second(time: datetime) -> datetime:
    """Round up, for the store keeps whole seconds, and a pause must not end early."""
    return time if time.microsecond == 0 else time.replace(microsecond=0) + timedelta(seconds=1)


def _record(listing: Listing, error: FetchError | ListingError | None) -> ListingRecord:
    if error is None:
        return ListingRecord(listing.source, listing.key, listing.observed, listing.observed, len(listing.entries))
    retry_at = error.until if isinstance(error, RetryLaterError) else None
    return ListingRecord(listing.source, listing.key, listing.observed, error=str(error), retry_at=retry_at)
