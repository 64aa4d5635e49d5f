"""What a page or an answer says of one entry, in whatever form -> an Entry; and of all of them -> a Listing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from feedserver.errors import ListingError
from feedserver.identity import is_name, link_name, made_name, paper_at, paper_links, paper_name, title_name
from feedserver.model import Entry, Links, midnight
from feedserver.text import clean


@dataclass(frozen=True, slots=True)
class Found:
    """What is said of one entry: clean texts, an absolute address, a moment in UTC.

    ``identifier`` is what upstream calls the entry. ``html`` is the summary as upstream marked it up, sanitised.
    """

    title: str
    link: str | None = None
    identifier: str | None = None
    published: datetime | None = None
    authors: tuple[str, ...] = ()
    summary: str = ""
    html: str | None = None
    upvotes: int = 0
    comments: int = 0
    categories: tuple[str, ...] = ()


def make_entry(found: Found, source: str, url: str, observed: datetime) -> Entry:
    """Return the entry; ``url`` is the address of the list that it stands on. Raises ListingError without a title.

    Where no date is told, it is the day of ``observed``: the store keeps the one of the first sight.
    """
    if not found.title:
        raise ListingError("it has no title")
    today = midnight(observed.date())
    published = found.published or today
    listed = min(midnight(published.date()), today)
    paper = paper_at(found.identifier or "") or paper_at(found.link or "")
    return Entry(
        id=paper_name(paper) if paper else _name(found, url),
        title=found.title,
        summary=found.summary,
        links=paper_links(paper, found.link) if paper else Links(found.link or url),
        published=published,
        listed=listed,
        first_seen=observed,
        updated=listed,
        modified=observed,
        sources=(source,),
        authors=found.authors,
        upvotes=found.upvotes,
        comments=found.comments,
        categories=found.categories,
        html=found.html,
        aliases=_aliases(found, url, paper),
    )


def split_names(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the names in texts; a single text may hold several, between commas, semicolons or ``and``."""
    names = [clean(text) for text in texts]
    if len(names) == 1:
        names = _apart(names[0])
    return tuple(dict.fromkeys(name for name in names if name))


def _apart(text: str) -> list[str]:
    """A comma between two single words parts a family name from a given one."""
    text = clean(text[3:] if text[:3].lower() == "by " else text)
    if ";" in text:
        return [clean(part) for part in text.split(";")]
    parts = [clean(part) for part in text.replace(" & ", ", ").replace(" and ", ", ").split(",")]
    is_one = len(parts) == 2 and not any(" " in part for part in parts)
    return [text] if is_one else parts


def _name(found: Found, url: str) -> str:
    """Return upstream's own name, the link, or a name that is made of the list's address and what is told."""
    if found.identifier:
        return found.identifier if is_name(found.identifier) else made_name(url, found.identifier)
    if found.link and _leads_away(found.link, url):
        return link_name(found.link)
    return made_name(url, title_name(found.title))


def _aliases(found: Found, url: str, paper: str | None) -> tuple[str, ...]:
    if paper:
        return (title_name(found.title),)
    return (link_name(found.link),) if found.link and _leads_away(found.link, url) else ()


def _leads_away(link: str, url: str) -> bool:
    return link_name(link) != link_name(url)
