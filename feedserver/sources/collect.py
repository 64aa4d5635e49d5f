"""Elements of a list, and what makes an entry of one -> a Listing: each entry once, what is none with the reason."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from feedserver.errors import ListingError
from feedserver.model import Entry, Listing, Refusal

_Element = TypeVar("_Element")


def collect(  # noqa: PLR0913, PLR0917  # a listing's facts, and what it is made of
    source: str,
    key: str,
    observed: datetime,
    elements: Iterable[_Element],
    make: Callable[[_Element], Entry | None],
    label: Callable[[int, _Element], str],
) -> Listing:
    """Return the listing of elements. What ``make`` raises ListingError for is refused; None is what nobody asked for.

    ``label`` names an element by its place, from 0, and what it is.
    """
    entries: dict[str, Entry] = {}
    refused = []
    for place, element in enumerate(elements):
        try:
            entry = make(element)
        except ListingError as error:
            refused.append(Refusal(label(place, element), str(error)))
        else:
            if entry is not None:
                entries.setdefault(entry.id, entry)
    return Listing(source, key, observed, tuple(entries.values()), tuple(refused))


def some(listing: Listing) -> Listing:
    """Return the listing. Raises ListingError where it has elements, and none of them is an entry."""
    if listing.refused and not listing.entries:
        first = listing.refused[0].why
        raise ListingError(f"none of {len(listing.refused)} elements is an entry; the first: {first}")
    return listing
