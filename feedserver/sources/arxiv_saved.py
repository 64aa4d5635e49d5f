"""A saved answer of arXiv, in whichever of its forms -> Listing."""

from dataclasses import replace
from datetime import datetime

from feedserver.model import Listing
from feedserver.sources import arxiv_api, arxiv_oai, arxiv_rss
from feedserver.sources.base import CURRENT

_HEAD = 4_000  # bytes
_FORMS = (b"<OAI-PMH", b"<feed", b"<rss")


def looks_like_arxiv(body: bytes) -> bool:
    """Say whether bytes begin like an answer of arXiv's search, feeds or OAI-PMH; they are not parsed."""
    head = body[:_HEAD]
    return b"arxiv.org" in head.lower() and any(form in head for form in _FORMS)


def read_saved_arxiv(body: bytes, observed: datetime) -> Listing:
    """Return the listing of a saved answer, with all that was announced in it. Raises ListingError where it is none.

    Of feeds, replacements too: they are dated by their ids, so that they take their place among old entries.
    """
    root = arxiv_oai.parse_purged(body)
    if "OAI-PMH" in root.tag:
        return arxiv_oai.read_harvest(root, arxiv_oai.NAME, observed).listing
    if root.find(arxiv_api.TOTAL) is not None:
        listing = arxiv_api.read_results(root, arxiv_api.NAME, CURRENT, observed)
    else:
        listing = arxiv_rss.read_announcements(root, arxiv_rss.NAME, CURRENT, arxiv_rss.ANNOUNCED, observed)
    return replace(listing, captured=True)
