"""Any page that lists something: a definition by selectors and the bytes of the page -> Listing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedserver.errors import ConfigError, ListingError
from feedserver.identity import web_address
from feedserver.model import Entry, Listing
from feedserver.sources.base import CURRENT, Answer, Page, Request, Source, setting
from feedserver.sources.collect import collect, some
from feedserver.sources.dates import DateHabits, DateOrder, check_language
from feedserver.sources.found import make_entry
from feedserver.sources.page_entry import PARTS, find_entry, link_of
from feedserver.sources.paging import check_pages, next_request, number_of
from feedserver.sources.selectors import Element, compile_selector, text_of
from feedserver.sources.webpage import WebPage, read_page

MOST_ENTRIES = 5_000  # of one page; a selector that catches more is not the right one
_LONGEST_SHOWN = 80  # characters of a refused element
_ORDERS = ("DMY", "MDY", "YMD")


@dataclass(frozen=True, slots=True)
class AnyPage(Source):
    """A source of kind ``page``. All selectors but ``next`` are relative to the entry; see selectors.py."""

    url: str = setting("the address of the page")
    entry: str = setting("what each entry is in: a CSS selector, or XPath")
    title: str | None = setting("its title; default: its first heading, else its first link", default=None)
    link: str | None = setting("where it leads; default: the link at its title, else its first one", default=None)
    date: str | None = setting("when it was published; default: its first time element", default=None)
    author: str | None = setting("its authors, one an element, or all in one", default=None)
    summary: str | None = setting("what it is about; markup is kept, sanitised", default=None)
    score: str | None = setting("how many votes it has", default=None)
    comments: str | None = setting("how many comments it has", default=None)
    categories: str | None = setting("its categories, one an element", default=None)
    id: str | None = setting("its permanent name upstream; default: the address it leads to", default=None)
    next: str | None = setting("the link to the next page, relative to the page", default=None)
    pages: int = setting("how many pages are read at most", default=1)
    every: timedelta = setting("how long to wait between two looks", default=timedelta(hours=1))
    language: str | None = setting("the language of its dates; default: the page's own, then English", default=None)
    date_order: DateOrder | None = setting("DMY, MDY or YMD: how to read 01/02/2026", default=None)
    may_be_empty: bool = setting("whether it is well that the page lists nothing", default=False)
    name: str = "page"

    def __post_init__(self) -> None:
        """Compile each selector. Raises ConfigError, which names the setting."""
        if web_address(self.url) is None:
            raise ConfigError(f"url: {self.url!r} is no address; give one that begins with http:// or https://")
        for part in ("entry", *PARTS, "next"):
            self._check(part, getattr(self, part))
        check_pages(self.next, self.pages)
        if self.date_order not in {None, *_ORDERS}:
            raise ConfigError(f"date_order: {self.date_order!r} is none of {', '.join(_ORDERS)}")
        if self.language is not None:
            self._check_language(self.language)

    def request(self, key: str) -> Request:  # noqa: ARG002  # there is but one listing
        """Ask for the first page."""
        return Request(self.url)

    def parse(self, answer: Answer, key: str | None, observed: datetime) -> Page:  # noqa: ARG002  # it has but one listing
        """Read one page. Raises ListingError where nothing is on the first one, or nothing that is an entry."""
        url = answer.url or (answer.request.url if answer.request else self.url)
        page = read_page(answer.body, url, answer.content_type)
        elements = compile_selector(self.entry).elements(page.root)
        if not elements and not self.may_be_empty and number_of(answer.request) == 1:
            raise ListingError(
                f"the selector {self.entry!r} finds nothing on the page, which is titled {page.title[:80]!r}"
            )
        if len(elements) > MOST_ENTRIES:
            raise ListingError(f"the selector {self.entry!r} finds {len(elements)} elements, more than {MOST_ENTRIES}")
        return Page(self._listing(elements, page, observed), self._next(page, answer.request))

    def _listing(self, elements: Iterable[Element], page: WebPage, observed: datetime) -> Listing:
        parts = {part: getattr(self, part) for part in PARTS}
        told = (self.language,) if self.language else (page.language, (page.language or "").partition("-")[0])
        habits = DateHabits(tuple(dict.fromkeys(filter(None, (*told, "en")))), self.date_order)

        def make(element: Element) -> Entry:
            found = find_entry(element, page, parts, observed, habits)
            return make_entry(found, self.name, self.url, observed)

        return some(collect(self.name, CURRENT, observed, elements, make, _label))

    def _next(self, page: WebPage, request: Request | None) -> Request | None:
        nodes = compile_selector(self.next).find(page.root) if self.next else ()
        links = (page.address(link) for node in nodes if (link := link_of(node)))
        return next_request(request, page.url, next(filter(None, links), None), self.pages)

    @staticmethod
    def _check(part: str, selector: str | None) -> None:
        if selector is None:
            return
        try:
            compile_selector(selector)
        except ConfigError as error:
            raise ConfigError(f"{part}: {error}") from error

    @staticmethod
    def _check_language(language: str) -> None:
        try:
            check_language(language)
        except ConfigError as error:
            raise ConfigError(f"language: {error}") from error


def _label(place: int, element: Element) -> str:
    return f"element {place} ({text_of(element)[:_LONGEST_SHOWN]!r})"
