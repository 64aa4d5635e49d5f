"""Hugging Face Daily Papers: the JSON of ``/api/daily_papers`` -> Listing. Only this module knows that site's fields.

Source: https://huggingface.co/api/daily_papers?date=YYYY-MM-DD, a JSON list; an error is a JSON object. The top-level
``publishedAt`` is never used where another date is known: it has been New York time written as UTC since March 2025.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import quote, urlsplit

from feedserver.errors import ListingError
from feedserver.identity import ARXIV, arxiv_id, paper_name, title_name
from feedserver.model import Entry, Links, Listing, Organisation, Refusal, Submitter
from feedserver.sources.base import Answer, Page, Request, Source, setting
from feedserver.text import clean

NAME = "daily-papers"
SITE = "https://huggingface.co"
URL = f"{SITE}/api/daily_papers"
PAGE_SIZE = 100  # the most that upstream gives
UPSTREAM_DEFAULT = 50  # what upstream gives unasked, and at least this where it stops heeding `limit`

_ADDRESS_CHARACTERS = "%/:=&?~#+!$,;'@()*[]"  # RFC 3986: reserved characters, and % of what is encoded already
_FIRST_YEAR, _LAST_YEAR = 1970, 2099  # beyond these, a date is a slip of somebody's
_Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DailyPapers(Source):
    """The source ``daily-papers``: a listing a day. ``token`` is an optional access token."""

    url: str = setting("the address of the list call", default=URL)
    token: str | None = field(default=None, repr=False)
    name: str = NAME
    every: None = None

    def request(self, key: str) -> Request:
        """Ask for the first page of a day."""
        return self._page(key, 0)

    def parse(self, answer: Answer, key: str | None, observed: datetime) -> Page:
        """Read a list answer; a page with fewer entries than upstream gives unasked is the last one."""
        day = date.fromisoformat(key) if key else None
        listing = parse_list(answer.body, self.name, day, observed)
        if key is None or len(listing.entries) + len(listing.refused) < UPSTREAM_DEFAULT:
            return Page(listing)
        number = int(answer.request.params.get("p", "0")) if answer.request else 0
        return Page(listing, self._page(key, number + 1))

    def _page(self, key: str, number: int) -> Request:
        """``p=0`` is left out, so that the first page has one address only."""
        params = {"date": key, "limit": str(PAGE_SIZE)} | ({"p": str(number)} if number else {})
        return Request(self.url, params, {"Authorization": f"Bearer {self.token}"} if self.token else {})


def parse_list(body: bytes, source: str, day: date | None, observed: datetime) -> Listing:
    """Return the listing that a list answer holds. Raises ListingError where it is none, or none of it is an entry."""
    try:
        elements = json.loads(body)  # unlike quicker parsers, it lets a lone surrogate pass, which `clean` drops
    except (ValueError, RecursionError) as error:
        raise ListingError(f"not JSON ({error}); it begins {body[:60]!r}") from error
    if not isinstance(elements, list):
        raise ListingError(f"a JSON {type(elements).__name__}, not a list; it begins {body[:200]!r}")
    return read_elements(elements, source, day, observed)


def read_elements(elements: list[Any], source: str, day: date | None, observed: datetime) -> Listing:
    """Return the listing of the elements of a list. Raises ListingError where there are some, and none is an entry."""
    entries: dict[str, Entry] = {}
    refused = []
    for position, element in enumerate(elements):
        try:
            entry = replace(parse_entry(element, day, observed), sources=(source,))
        except ListingError as error:
            refused.append(Refusal(_label(element, position), str(error)))
        else:
            entries.setdefault(entry.id, entry)
    if refused and not entries:
        raise ListingError(f"none of {len(refused)} elements is an entry; the first: {refused[0].why}")
    key = day.isoformat() if day else "latest"
    return Listing(source, key, observed, tuple(entries.values()), tuple(refused))


def parse_entry(element: object, day: date | None, observed: datetime) -> Entry:
    """Return the entry for one element of the list. Raises ListingError without id, title or any date."""
    outer = _object(element)
    paper = _object(outer.get("paper"))
    identifier = arxiv_id(_text(paper, "id") or "")
    title = _text(paper, "title") or _text(outer, "title")
    listed = _listed(outer, paper, day)
    published = _instant(paper, "publishedAt") or listed
    if not identifier or not title:
        raise ListingError(f"paper.id {paper.get('id')!r} or title {title!r} is missing or malformed")
    if listed is None or published is None:
        raise ListingError("the day of listing is not known: no paper.submittedOnDailyAt, and no day was asked for")
    return Entry(
        id=paper_name(identifier),
        title=title,
        summary=_text(paper, "summary") or _text(outer, "summary") or "",
        links=_links(paper, identifier),
        published=published,
        listed=listed,
        first_seen=observed,
        updated=listed,
        modified=observed,
        sources=(NAME,),
        authors=tuple(_authors(paper)),
        organisation=_organisation(outer, paper),
        submitter=_submitter(outer, paper),
        upvotes=_count(paper, "upvotes") or 0,
        comments=_count(outer, "numComments") or 0,
        stars=_count(paper, "githubStars"),
        ai_summary=_text(paper, "ai_summary"),
        ai_keywords=_texts(paper.get("ai_keywords")),
        thumbnail=web_address(outer.get("thumbnail")),
        media=_media(outer, paper),
        aliases=(title_name(title),),
        origin="huggingface",
    )


def web_address(value: object) -> str | None:
    """Return an absolute http(s) address, percent-encoded where needed, or None for anything else."""
    address = quote(clean(value), safe=_ADDRESS_CHARACTERS) if isinstance(value, str) else ""
    try:
        parts = urlsplit(address)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return None
    return address if parts.scheme in {"http", "https"} and parts.hostname and port_is_valid else None


def _listed(outer: _Fields, paper: _Fields, day: date | None) -> datetime | None:
    """The UTC date of submission; else the day asked for; else the top-level date where it can be one of submission.

    The first two never differ, but where an answer is that of another day. Until March 2025 the top-level date was that
    of submission; since then it lies hours before ``paper.publishedAt``.
    """
    submitted = _instant(paper, "submittedOnDailyAt")
    if submitted is None and day is not None:
        return datetime.combine(day, time.min, UTC)
    if submitted is None:
        published, outer_date = _instant(paper, "publishedAt"), _instant(outer, "publishedAt")
        submitted = outer_date if published and outer_date and outer_date > published else None
    return submitted and datetime.combine(submitted.date(), time.min, UTC)


def _links(paper: _Fields, identifier: str) -> Links:
    return Links(
        page=f"{SITE}/papers/{identifier}",
        arxiv=paper_name(identifier),
        pdf=f"{ARXIV}/pdf/{identifier}",
        code=web_address(paper.get("githubRepo")),
        project=web_address(paper.get("projectPage")),
    )


def _authors(paper: _Fields) -> list[str]:
    authors = [_object(author) for author in _list(paper.get("authors"))]
    names = [_text(author, "name") for author in authors if author.get("hidden") is not True]
    return [name for name in names if name]


def _organisation(outer: _Fields, paper: _Fields) -> Organisation | None:
    for holder, key in ((paper, "organization"), (outer, "organization"), (outer, "submitterOrganization")):
        found = _object(holder.get(key, {}))
        if name := _text(found, "name"):
            return Organisation(name, _text(found, "fullname") or name)
    return None


def _submitter(outer: _Fields, paper: _Fields) -> Submitter | None:
    for holder, key in ((outer, "submittedBy"), (paper, "submittedOnDailyBy")):
        found = _object(holder.get(key, {}))
        if name := _text(found, "name") or _text(found, "user"):
            return Submitter(name, _text(found, "fullname"))
    return None


def _media(outer: _Fields, paper: _Fields) -> tuple[str, ...]:
    values = [*_list(paper.get("mediaUrls")), *_list(outer.get("mediaUrls")), outer.get("mediaUrl")]
    return tuple(dict.fromkeys(filter(None, map(web_address, values))))


def _label(element: object, position: int) -> str:
    paper = element.get("paper") if isinstance(element, dict) else None
    return f"element {position} (paper.id {paper.get('id') if isinstance(paper, dict) else None!r})"


def _object(value: object) -> _Fields:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(fields: _Fields, name: str) -> str | None:
    value = fields.get(name)
    return (clean(value) or None) if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...]:
    cleaned = (clean(text) for text in _list(value) if isinstance(text, str))
    return tuple(dict.fromkeys(text for text in cleaned if text))


def _count(fields: _Fields, name: str) -> int | None:
    value = fields.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None


def _instant(fields: _Fields, name: str) -> datetime | None:
    """Read ``YYYY-MM-DDTHH:MM:SS.mmmZ`` to the second."""
    value = fields.get(name)
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None
    return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None
