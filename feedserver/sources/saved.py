"""Bytes of a saved file -> Listing, whoever wrote them: Hugging Face, arXiv, or any feed."""

from datetime import date, datetime

from feedserver.errors import ListingError
from feedserver.model import Listing
from feedserver.sources.arxiv_saved import looks_like_arxiv, read_saved_arxiv
from feedserver.sources.feed import looks_like_feed, read_saved_feed
from feedserver.sources.huggingface.saved import looks_like_huggingface
from feedserver.sources.huggingface.saved import read_saved as read_saved_huggingface


def read_saved(body: bytes, day: date | None, observed: datetime, year: int | None = None) -> Listing:
    """Return the listing that a file holds. ``day`` is that of a listing, ``year`` that of a page, if they are known.

    Raises ListingError where it is none that can be read.
    """
    if looks_like_arxiv(body):
        return read_saved_arxiv(body, observed)
    if looks_like_huggingface(body):
        return read_saved_huggingface(body, day, observed, year)
    if looks_like_feed(body):
        return read_saved_feed(body, observed)
    raise ListingError(f"neither an answer of Hugging Face or arXiv, nor a feed; it begins {body[:60]!r}")
