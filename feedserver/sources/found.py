"""What a page or an answer says of one entry, in whatever form -> an Entry; and of all of them -> a Listing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from feedserver.errors import ListingError
from feedserver.identity import ARXIV, link_name, paper_at, paper_name, title_name
from feedserver.model import Entry, Links, Listing, Refusal
from feedserver.sources.base import CURRENT
from feedserver.text import clean

_LONGEST_SHOWN = 80  # characters of a refused element in its label
_ID_SCHEMES = {"http", "https", "urn", "tag", "doi", "oai"}

_Element = TypeVar("_Element")


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
    today = datetime.combine(observed.date(), time.min, UTC)
    published = found.published or today
    listed = min(datetime.combine(published.date(), time.min, UTC), today)
    paper = paper_at(found.identifier or "") or paper_at(found.link or "")
    return Entry(
        id=paper_name(paper) if paper else _name(found, url),
        title=found.title,
        summary=found.summary,
        links=_links(found, url, paper),
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


def collect(
    source: str,
    observed: datetime,
    elements: Iterable[_Element],
    make: Callable[[_Element], Entry],
    show: Callable[[_Element], str],
) -> Listing:
    """Return the listing of elements, each entry once. Raises ListingError where none of them is one."""
    entries: dict[str, Entry] = {}
    refused = []
    for position, element in enumerate(elements):
        try:
            entry = make(element)
        except ListingError as error:
            refused.append(Refusal(f"element {position} ({show(element)[:_LONGEST_SHOWN]!r})", str(error)))
        else:
            entries.setdefault(entry.id, entry)
    if refused and not entries:
        raise ListingError(f"none of {len(refused)} elements is an entry; the first: {refused[0].why}")
    return Listing(source, CURRENT, observed, tuple(entries.values()), tuple(refused))


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
    """Upstream's own name, the link, or a name made of the list's address and what tells the entry from the others.

    A link to a place on the list itself is no name of its own, for link_name leaves the place out.
    """
    if found.identifier and _is_absolute(found.identifier):
        return found.identifier
    if found.identifier:
        return _urn(url, found.identifier)
    if found.link and _leads_away(found.link, url):
        return link_name(found.link)
    return _urn(url, (found.link and urlsplit(found.link).fragment) or title_name(found.title))


def _urn(url: str, what: str) -> str:
    return uuid5(NAMESPACE_URL, f"{link_name(url)}#{what}").urn


def _aliases(found: Found, url: str, paper: str | None) -> tuple[str, ...]:
    if paper:
        return (title_name(found.title),)
    return (link_name(found.link),) if found.link and _leads_away(found.link, url) else ()


def _leads_away(link: str, url: str) -> bool:
    return link_name(link) != link_name(url)


def _links(found: Found, url: str, paper: str | None) -> Links:
    if paper is None:
        return Links(page=found.link or url)
    return Links(page=found.link or paper_name(paper), arxiv=paper_name(paper), pdf=f"{ARXIV}/pdf/{paper}")


def _is_absolute(identifier: str) -> bool:
    """Say whether upstream's name can stand in Atom as it is (RFC 4287, 4.2.6); ``post:7`` can't."""
    try:
        parts = urlsplit(identifier)
    except ValueError:
        return False
    told = parts.hostname if parts.scheme in {"http", "https"} else parts.path
    return parts.scheme in _ID_SCHEMES and bool(told) and identifier.isascii() and " " not in identifier
