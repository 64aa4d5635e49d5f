"""Any other list of Hugging Face's, or one paper: a search, what is trending, a week, a month -> Listing.

Sources: https://huggingface.co/api/papers/search?q=WORDS, /api/daily_papers with sort=trending, week=YYYY-Www or
month=YYYY-MM, and /api/papers/ID. Each of them has a page, which holds the same.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from feedserver.errors import ConfigError
from feedserver.identity import arxiv_id
from feedserver.model import Unit
from feedserver.sources.base import Answer, Page, Request, Source, setting
from feedserver.sources.huggingface.answers import is_page, read_answer, read_error
from feedserver.sources.huggingface.elements import SITE, read_elements
from feedserver.sources.huggingface.paging import PAGE_SIZE, next_page

NAME = "huggingface"
_PERIODS: dict[str, Unit] = {"week": "week", "month": "month"}


@dataclass(frozen=True, slots=True)
class HuggingFacePapers(Source):
    """One list of papers, or one paper; most of them may be old, and count as listed on the day of their own date.

    There is a list for each week, for each month, and one alone of the others.
    Raises ConfigError where a setting that the list needs is missing.
    """

    list: Literal["search", "trending", "week", "month", "paper"] = setting(
        'which list: "search", "trending", "week", "month", or one "paper"', default="trending"
    )
    query: str = setting('the words that a "search" is for', default="")
    paper: str = setting('the arXiv id of the "paper"', default="")
    site: str = setting("the address of the site", default=SITE)
    name: str = NAME

    def __post_init__(self) -> None:
        """Refuse a search for nothing, and a paper without an id."""
        if self.list == "search" and not self.query.strip():
            raise ConfigError('list = "search" needs a query: the words to search for')
        if self.list == "paper" and arxiv_id(self.paper) is None:
            raise ConfigError(f'list = "paper" needs paper: its arXiv id, as in "2010.02502", not {self.paper!r}')

    @property
    def every(self) -> timedelta | None:
        """An hour, but for weeks and months."""
        return None if self.list in _PERIODS else timedelta(hours=1)

    @property
    def unit(self) -> Unit:
        """Weeks, or months."""
        return _PERIODS.get(self.list, "day")

    def request(self, key: str) -> Request:
        """Ask for the first page of a list, or for the paper."""
        limit = {"limit": str(PAGE_SIZE)}
        match self.list:
            case "search":
                return self._at("/api/papers/search", {"q": self.query} | limit)
            case "paper":
                return self._at(f"/api/papers/{arxiv_id(self.paper)}")
            case "trending":
                return self._at("/api/daily_papers", {"sort": "trending"} | limit)
        return self._at("/api/daily_papers", {self.list: key} | limit)

    def fallback(self, key: str) -> Request | None:
        """Ask for the page that a browser shows."""
        match self.list:
            case "search":
                return self._at("/papers", {"q": self.query})
            case "paper":
                return self._at(f"/papers/{arxiv_id(self.paper)}")
            case "trending":
                return self._at("/papers/trending")
        return self._at(f"/papers/{self.list}/{key}")

    def explain(self, body: bytes) -> str | None:
        """Read the object that an error is."""
        return read_error(body)

    def parse(self, answer: Answer, key: str | None, observed: datetime) -> Page:
        """Read a list, one paper, or a page of either; only weeks and months have further pages."""
        found = read_answer(answer.body)
        listing = read_elements(found.elements, self.name, None, observed, may_be_old=True)
        if self.list not in _PERIODS:
            return Page(replace(listing, moving=True))
        if key is None or is_page(answer.body):
            return Page(listing)
        return Page(listing, next_page(self.request(key), answer, listing))

    def _at(self, path: str, params: dict[str, str] | None = None) -> Request:
        return Request(self.site.rstrip("/") + path, params or {})
