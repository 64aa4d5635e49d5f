"""How Hugging Face's list call turns pages: by ``p``, from 0; nothing tells how many there are."""

from dataclasses import replace

from feedserver.model import Listing
from feedserver.sources.base import Answer, Request

PAGE_SIZE = 100  # the most that upstream gives
UPSTREAM_DEFAULT = 50  # what upstream gives unasked, and at least this where it stops heeding `limit`


def next_page(first: Request, answer: Answer, listing: Listing) -> Request | None:
    """Return what to ask for after the page that an answer held; one with fewer entries than unasked is the last.

    ``p=0`` is left out of the ``first``, so that it has one address only.
    """
    if len(listing.entries) + len(listing.refused) < UPSTREAM_DEFAULT:
        return None
    number = int(answer.request.params.get("p", "0")) if answer.request else 0
    return replace(first, params={**first.params, "p": str(number + 1)})
