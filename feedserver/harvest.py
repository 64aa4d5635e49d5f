"""All records of a repository -> the store, page by page: fetch, put, remember how far it is in the same transaction.

A harvest of arXiv takes hours. Whatever ends it, the next run of the same harvest goes on after the last page that was
kept; and where all was harvested, with what was changed since then.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import msgspec

from feedserver.errors import BadTokenError
from feedserver.model import Changes, Refusal
from feedserver.sources.arxiv_oai import ArxivOai, Harvest, Selection
from feedserver.sources.base import Request
from feedserver.store import Store

if TYPE_CHECKING:
    from feedserver.fetch import Fetcher

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a harvest is: the token of the next page; None where there is none yet, or none any more.

    ``records`` are those read since the beginning of the list, ``size`` is how many it has, if that is told.
    ``reached`` is the day of change up to which all is kept: None in the beginning, or where the list is in no such
    order (``is_ordered``), so that it can't be told.
    """

    token: str | None = None
    records: int = 0
    size: int | None = None
    reached: date | None = None
    is_ordered: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one page: how far the harvest is, how many records it had, what was kept, what was refused."""

    mark: Mark
    records: int
    changes: Changes = field(default_factory=Changes)
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Harvester:
    """Brings a repository's records into a store. ``now`` is the clock, in whole seconds."""

    repository: ArxivOai
    fetcher: "Fetcher"
    store: Store
    now: Callable[[], datetime]

    def mark(self, selection: Selection) -> Mark:
        """Return how far the harvest of a selection is."""
        return decode(self.store.bookmark(self._name(selection)))

    def run(self, selection: Selection) -> Iterator[Step]:
        """Harvest from where it is to the end of the list; yield after each page that was kept.

        Raises FetchError or ListingError where upstream fails; all that was yielded is kept, and another run goes on.
        """
        mark = self.mark(selection)
        stranded: Mark | None = None  # where a token was bad last
        while True:
            try:
                page = self._read(self._request(selection, mark))
            except BadTokenError as error:
                if mark.token is None or (stranded and stranded.reached == mark.reached):
                    raise  # going on from that day has led here before
                logger.warning("%s: %s; going on from %s", self.repository.name, error, mark.reached or "the beginning")
                stranded, mark = mark, restarted(mark)
                continue
            mark = advanced(mark, page)
            listing = replace(page.listing, source=self._name(selection))
            changes = self.store.put(listing, bookmark=msgspec.json.encode(mark).decode())
            yield Step(mark, page.records, changes, page.listing.refused)
            if mark.token is None:
                return

    def _request(self, selection: Selection, mark: Mark) -> Request:
        if mark.token is not None:
            return self.repository.following(mark.token)
        return self.repository.first(replace(selection, since=mark.reached or selection.since))

    def _read(self, request: Request) -> Harvest:
        """Fetch a page. It is not kept in the cache: there are thousands, and none is asked for again."""
        fetched = self.fetcher.get(request.url, request.params, request.headers)
        self.fetcher.forget(request.url, request.params)
        if fetched.stale is not None:
            raise fetched.stale
        return self.repository.parse(fetched.body, self.now())

    def _name(self, selection: Selection) -> str:
        """Return the name of a harvest, by which its bookmark is kept: each selection has its own."""
        bounds = {"set": selection.subset, "from": selection.since, "until": selection.until}
        given = "&".join(f"{name}={value}" for name, value in bounds.items() if value is not None)
        return f"{self.repository.name}?{given}" if given else self.repository.name


def decode(bookmark: str | None) -> Mark:
    """Return what a bookmark says; the beginning where there is none."""
    return msgspec.json.decode(bookmark, type=Mark) if bookmark else Mark()


def advanced(mark: Mark, page: Harvest) -> Mark:
    """Return how far a harvest is when a page was kept."""
    begun = restarted(mark) if mark.token is None else mark
    in_order = mark.reached is None or page.earliest is None or page.earliest >= mark.reached
    is_ordered = begun.is_ordered and in_order
    latest = max(filter(None, (mark.reached, page.latest)), default=None)
    return Mark(
        token=page.token,
        records=begun.records + page.records,
        size=page.size if page.size is not None else begun.size,
        reached=latest if is_ordered else None,
        is_ordered=is_ordered,
    )


def restarted(mark: Mark) -> Mark:
    """Return where a new list begins, after one that ended or whose token is not known any more: at the day reached."""
    return Mark(reached=mark.reached)
