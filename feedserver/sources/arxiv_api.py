"""arXiv's search: its Atom -> Listing. Only this module knows how that Atom says what is wrong.

Source: https://info.arxiv.org/help/api/user-manual.html. An error is a feed with one entry, titled Error. Now and then
a page comes empty although there is more; then it helps to ask again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lxml.etree import _Element

from feedserver.errors import ConfigError, ListingError
from feedserver.model import Entry, Listing
from feedserver.sources.arxiv_dates import announced
from feedserver.sources.arxiv_entry import PAUSE, Paper, check_categories, make_entry, read_id
from feedserver.sources.base import CURRENT, Answer, Page, Request, Source, setting
from feedserver.sources.collect import collect
from feedserver.sources.xml import parse_xml
from feedserver.taxonomy import has_categories

NAME = "arxiv"
URL = "https://export.arxiv.org/api/query"

ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
_OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
TOTAL = f"{_OPENSEARCH}totalResults"  # what tells an answer of the search from any other Atom
_ABSTRACT_PAGE = re.compile(r"https?://arxiv\.org/abs/(.+)")
_ERRORS = "/api/errors"


@dataclass(frozen=True, slots=True)
class ArxivApi(Source):
    """The newest papers of some categories, or of a search, by the time of their submission."""

    categories: tuple[str, ...] = setting("such as cs.LG or stat.ML; papers of any of them", default=())
    query: str = setting("a search in arXiv's own language, such as ti:diffusion", default="")
    url: str = setting("the address of the search", default=URL)
    page_size: int = setting("how many entries to ask for at once, at most 2000", default=100)
    most: int = setting("how many entries to read at one look", default=300)
    every: timedelta = setting("between two looks; arXiv adds to it once a day", default=timedelta(hours=3))
    name: str = NAME

    def __post_init__(self) -> None:
        """Raise ConfigError where there is nothing to search for, or a category that arXiv doesn't have."""
        check_categories(self.categories)
        if not (self.categories or self.query.strip()):
            raise ConfigError(f"{self.name}: give categories, such as ['cs.LG'], or a query, such as 'ti:diffusion'")

    def request(self, key: str) -> Request:  # noqa: ARG002  # there is but one listing
        """Ask for the first page."""
        return self._page(0)

    def parse(self, answer: Answer, key: str | None, observed: datetime) -> Page:
        """Read a page; there is another where more were found, and fewer were read than are wanted."""
        root = parse_xml(answer.body)
        listing = read_results(root, self.name, key or CURRENT, observed)
        read = _number(root, "startIndex") + len(root.findall(f"{ATOM}entry"))
        is_more = key is not None and read < min(_number(root, "totalResults"), self.most)
        return Page(listing, self._page(read) if is_more else None)

    def explain(self, body: bytes) -> str | None:
        """Read the feed that an error is."""
        try:
            return _error(parse_xml(body))
        except ListingError:
            return None

    def _page(self, start: int) -> Request:
        params = {
            "search_query": self._search(),
            "sortBy": "submittedDate",
            "sortOrder": "descending",
            "start": str(start),
            "max_results": str(min(self.page_size, self.most - start)),
        }
        return Request(self.url, params, pause=PAUSE)

    def _search(self) -> str:
        """An archive stands for all of its categories."""
        codes = [f"{code}.*" if has_categories(code) else code for code in self.categories]
        either = " OR ".join(f"cat:{code}" for code in codes)
        return f"({either}) AND ({self.query})" if either and self.query.strip() else either or self.query


def read_results(root: _Element, source: str, key: str, observed: datetime) -> Listing:
    """Return the listing of a page of results.

    Raises ListingError where it is none, or that of an error, or empty although there is more.
    """
    if root.tag != f"{ATOM}feed" or root.find(TOTAL) is None:
        raise ListingError(f"no answer of arXiv's search, but <{root.tag}>")
    elements = root.findall(f"{ATOM}entry")
    if wrong := _error(root):
        raise ListingError(f"arXiv says: {wrong}")
    start, total = _number(root, "startIndex"), _number(root, "totalResults")
    if not elements and start < total:
        raise ListingError(f"an empty page at {start} of {total} results; arXiv does that at times: ask again")

    def make(element: _Element) -> Entry:
        return make_entry(_paper(element, observed), source, observed)

    return collect(
        source, key, observed, elements, make, lambda place, each: f"entry {place} (id {_text(each, 'id')!r})"
    )


def _error(root: _Element) -> str | None:
    """Return what is wrong, where the feed is that of an error."""
    errors = (entry for entry in root.iterfind(f"{ATOM}entry") if _ERRORS in _text(entry, "id"))
    return next((_text(entry, "summary") or _text(entry, "id") for entry in errors), None)


def _paper(element: _Element, observed: datetime) -> Paper:
    address = _ABSTRACT_PAGE.fullmatch(_text(element, "id"))
    identifier = read_id(address[1] if address else None)
    submitted = _instant(_text(element, "published"))
    return Paper(
        identifier,
        _text(element, "title"),
        _text(element, "summary"),
        tuple(_text(author, "name") for author in element.findall(f"{ATOM}author")),
        tuple(_categories(element)),
        submitted,
        announced(identifier, submitted, observed),
    )


def _categories(element: _Element) -> Iterator[str]:
    """Yield the primary one first; it stands among the others again."""
    for each in (*element.findall(f"{ARXIV}primary_category"), *element.findall(f"{ATOM}category")):
        yield each.get("term", "")


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise ListingError(f"published {text!r} is no time") from error


def _text(element: _Element, name: str) -> str:
    return (element.findtext(f"{ATOM}{name}") or "").strip()


def _number(root: _Element, name: str) -> int:
    text = (root.findtext(f"{_OPENSEARCH}{name}") or "").strip()
    return int(text) if text.isascii() and text.isdigit() else 0
