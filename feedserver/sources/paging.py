"""The next page of a listing: an address that a page names -> what to ask for, or nothing.

Which page it will be travels with the request, so that a source needs no memory.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from feedserver.errors import ConfigError
from feedserver.sources.base import Request

MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class NumberedRequest(Request):
    """What to ask for to get one more page; ``number`` counts from 1, which is the page that the source names."""

    number: int = 2


def number_of(request: Request | None) -> int:
    """Return which page a request is for."""
    return request.number if isinstance(request, NumberedRequest) else 1


def next_request(request: Request | None, page: str, address: str | None, most: int) -> NumberedRequest | None:
    """Return what to ask for after a page; None after the last of ``most``, and where the address leads elsewhere.

    A page says where its next one is, but not that another host is to be asked, nor the same page again.
    """
    number = number_of(request) + 1
    if address is None or number > most or address == page or _host(address) != _host(page):
        return None
    return NumberedRequest(address, headers=request.headers if request else {}, number=number)


def check_pages(next_: str | None, pages: int) -> None:
    """Raise ConfigError where the number of pages and the way to the next one do not go together."""
    if not 1 <= pages <= MOST_PAGES:
        raise ConfigError(f"pages: {pages} is not between 1 and {MOST_PAGES}")
    if pages > 1 and not next_:
        raise ConfigError(f"pages: {pages} pages need a way to the next one; set next")
    if pages == 1 and next_:
        raise ConfigError("next: is never followed with pages = 1; set pages to how many may be read")


def _host(address: str) -> str:
    return urlsplit(address).netloc.lower().removeprefix("www.")
