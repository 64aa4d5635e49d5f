"""Hugging Face Daily Papers, a list a day: its addresses, and JSON or the page of a day -> Listing.

Source: https://huggingface.co/api/daily_papers?date=YYYY-MM-DD, a JSON list; an error is a JSON object. Where that
fails, the page of the day holds the same.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import urljoin

from feedserver.errors import ListingError
from feedserver.model import Listing
from feedserver.sources.base import Answer, Page, Request, Source, setting
from feedserver.sources.huggingface.answers import is_page, read_error, read_list, read_page
from feedserver.sources.huggingface.elements import DAILY, SITE, read_elements
from feedserver.sources.huggingface.paging import PAGE_SIZE, next_page

NAME = DAILY
URL = f"{SITE}/api/daily_papers"
PAGE = "/papers/date"

__all__ = ["NAME", "PAGE", "URL", "DailyPapers", "parse_list"]


@dataclass(frozen=True, slots=True)
class DailyPapers(Source):
    """The source ``daily-papers``: a listing a day. ``token`` is an optional access token."""

    url: str = setting("the address of the list call", default=URL)
    page: str = setting(
        "the address of the pages of days, up to the day, read where the list call fails; relative to url, or empty",
        default=PAGE,
    )
    token: str | None = field(default=None, repr=False)
    name: str = NAME
    every: None = None

    def request(self, key: str) -> Request:
        """Ask for the first page of a day."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return Request(self.url, {"date": key, "limit": str(PAGE_SIZE)}, headers)

    def fallback(self, key: str) -> Request | None:
        """Ask for the page that a browser shows of a day."""
        return Request(urljoin(self.url, f"{self.page.rstrip('/')}/{key}")) if self.page else None

    def explain(self, body: bytes) -> str | None:
        """Read the object that an error is."""
        return read_error(body)

    def parse(self, answer: Answer, key: str | None, observed: datetime) -> Page:
        """Read a list, or the page of a day, which has all of it. Raises ListingError on the page of another day."""
        day = date.fromisoformat(key) if key else None
        if is_page(answer.body):
            return Page(self._read_page(answer.body, day, observed))
        listing = parse_list(answer.body, self.name, day, observed)
        return Page(listing, next_page(self.request(key), answer, listing) if key else None)

    def _read_page(self, body: bytes, day: date | None, observed: datetime) -> Listing:
        found = read_page(body)
        if day and found.day and found.day != day:
            raise ListingError(
                f"the page of {found.day}, not of {day}: upstream leads from days without a list to others"
            )
        return read_elements(found.elements, self.name, found.day, observed)


def parse_list(body: bytes, source: str, day: date | None, observed: datetime) -> Listing:
    """Return the listing that a list answer holds. Raises ListingError where it is none, or none of it is an entry."""
    return read_elements(read_list(body), source, day, observed)
