"""What every listing of arXiv says of a paper -> Entry, the same whichever of them said it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from feedserver.errors import ConfigError, ListingError
from feedserver.identity import arxiv_id, paper_links, paper_name, title_name
from feedserver.model import Entry
from feedserver.taxonomy import NAMES
from feedserver.text import clean

PAUSE = 3.0  # seconds between two requests: https://info.arxiv.org/help/api/tou.html

_CATEGORY = re.compile(r"[a-z][a-z-]+(?:\.[A-Za-z-]+)?", re.ASCII)  # classes of MSC and ACM may stand among them
_SPELLINGS = {code.lower(): code for code in NAMES}


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as it stands in a listing. The texts are as they came; categories have the primary one first."""

    identifier: str
    title: str
    summary: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    published: datetime
    listed: datetime


def make_entry(paper: Paper, source: str, observed: datetime) -> Entry:
    """Return the entry. Raises ListingError where there is no title."""
    title = clean(paper.title)
    if not title:
        raise ListingError("there is no title")
    return Entry(
        id=paper_name(paper.identifier),
        title=title,
        summary=clean(paper.summary),
        links=paper_links(paper.identifier),
        published=paper.published,
        listed=paper.listed,
        first_seen=observed,
        updated=paper.listed,
        modified=observed,
        sources=(source,),
        authors=tuple(filter(None, map(clean, paper.authors))),
        categories=tuple(dict.fromkeys(filter(_CATEGORY.fullmatch, paper.categories))),
        aliases=(title_name(title),),
        origin="arxiv",
    )


def read_id(text: str | None) -> str:
    """Return the arXiv id without version that a text is. Raises ListingError for anything else."""
    found = arxiv_id((text or "").strip())
    if found is None:
        raise ListingError(f"{text!r} is no arXiv id")
    return found


def check_categories(codes: Iterable[str]) -> None:
    """Raise ConfigError where arXiv has no such category or archive."""
    for code in codes:
        if code not in NAMES:
            near = get_close_matches(code.lower(), _SPELLINGS, n=1)
            remedy = f"did you mean {_SPELLINGS[near[0]]!r}?" if near else "see https://arxiv.org/category_taxonomy"
            raise ConfigError(f"unknown arXiv category {code!r}; {remedy}")
