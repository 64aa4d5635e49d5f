"""Elements of Hugging Face's lists -> entries. All its lists, in JSON or in a page's state, have elements of one form.

The top-level ``publishedAt`` is never used where another date is known: it has been New York time written as UTC since
March 2025.
"""

from datetime import date, datetime
from typing import Any

from feedserver.errors import ListingError
from feedserver.identity import arxiv_id, paper_links, paper_name, title_name, web_address
from feedserver.model import Entry, Links, Listing, Organisation, Submitter, midnight
from feedserver.sources.collect import collect, some
from feedserver.sources.huggingface.fields import (
    Fields,
    count_of,
    elements_of,
    fields_of,
    instant_of,
    text_of,
    texts_of,
)

SITE = "https://huggingface.co"
DAILY = "daily-papers"  # the source whose lists are those of days
LATEST = "latest"  # the key of a saved list that does not tell its day


def read_elements(
    elements: list[Any], source: str, day: date | None, observed: datetime, *, may_be_old: bool = False
) -> Listing:
    """Return the listing of the elements of a list. Raises ListingError where there are some, and none is an entry."""

    def make(element: object) -> Entry:
        return parse_entry(element, source, day, observed, may_be_old=may_be_old)

    return some(collect(source, day.isoformat() if day else LATEST, observed, elements, make, _label))


def parse_entry(
    element: object, source: str, day: date | None, observed: datetime, *, may_be_old: bool = False
) -> Entry:
    """Return the entry for one element of a source's list. Raises ListingError without id, title or any date.

    ``day`` is the one whose list it is. ``may_be_old`` of a list that also has papers which were on no day's list: they
    count as listed on the day of their own date, so that an old one never looks new.
    """
    outer = fields_of(element)
    paper = fields_of(outer.get("paper"))
    identifier = arxiv_id(text_of(paper, "id") or "")
    title = text_of(paper, "title") or text_of(outer, "title")
    listed = _listed(outer, paper, day) or (_own_day(paper, observed) if may_be_old else None)
    published = instant_of(paper, "publishedAt") or listed
    if not identifier or not title:
        raise ListingError(f"paper.id {paper.get('id')!r} or title {title!r} is missing or malformed")
    if listed is None or published is None:
        raise ListingError("the day of listing is not known: no paper.submittedOnDailyAt, and no day was asked for")
    return Entry(
        id=paper_name(identifier),
        title=title,
        summary=text_of(paper, "summary") or text_of(outer, "summary") or "",
        links=_links(paper, identifier),
        published=published,
        listed=listed,
        first_seen=observed,
        updated=listed,
        modified=observed,
        sources=(source,),
        authors=tuple(_authors(paper)),
        organisation=_organisation(outer, paper),
        submitter=_submitter(outer, paper),
        upvotes=count_of(paper, "upvotes") or 0,
        comments=count_of(outer, "numComments") or 0,
        stars=count_of(paper, "githubStars"),
        ai_summary=text_of(paper, "ai_summary"),
        ai_keywords=texts_of(paper.get("ai_keywords")),
        thumbnail=web_address(outer.get("thumbnail")),
        media=_media(outer, paper),
        aliases=(title_name(title),),
        origin="huggingface",
    )


def tells_its_day(element: object) -> bool:
    """Say whether an element itself tells on which day's list it was."""
    outer = fields_of(element)
    return _listed(outer, fields_of(outer.get("paper")), None) is not None


def page_of(identifier: str) -> str:
    """Return the address of the page of a paper."""
    return f"{SITE}/papers/{identifier}"


def _listed(outer: Fields, paper: Fields, day: date | None) -> datetime | None:
    """The UTC date of submission; else the day asked for; else the top-level date where it can be one of submission.

    The first two never differ, but where an answer is that of another day. Until March 2025 the top-level date was that
    of submission; since then it lies hours before ``paper.publishedAt``.
    """
    submitted = instant_of(paper, "submittedOnDailyAt")
    if submitted is None and day is not None:
        return midnight(day)
    if submitted is None:
        published, outer_date = instant_of(paper, "publishedAt"), instant_of(outer, "publishedAt")
        submitted = outer_date if published and outer_date and outer_date > published else None
    return submitted and midnight(submitted.date())


def _own_day(paper: Fields, observed: datetime) -> datetime | None:
    published = instant_of(paper, "publishedAt")
    return published and midnight(min(published, observed).date())


def _links(paper: Fields, identifier: str) -> Links:
    code, project = web_address(paper.get("githubRepo")), web_address(paper.get("projectPage"))
    return paper_links(identifier, page_of(identifier), code, project)


def _authors(paper: Fields) -> list[str]:
    authors = [fields_of(author) for author in elements_of(paper.get("authors"))]
    names = [text_of(author, "name") for author in authors if author.get("hidden") is not True]
    return [name for name in names if name]


def _organisation(outer: Fields, paper: Fields) -> Organisation | None:
    for holder, field in ((paper, "organization"), (outer, "organization"), (outer, "submitterOrganization")):
        found = fields_of(holder.get(field, {}))
        if name := text_of(found, "name"):
            return Organisation(name, text_of(found, "fullname") or name)
    return None


def _submitter(outer: Fields, paper: Fields) -> Submitter | None:
    for holder, field in ((outer, "submittedBy"), (paper, "submittedOnDailyBy")):
        found = fields_of(holder.get(field, {}))
        if name := text_of(found, "name") or text_of(found, "user"):
            return Submitter(name, text_of(found, "fullname"))
    return None


def _media(outer: Fields, paper: Fields) -> tuple[str, ...]:
    values = [*elements_of(paper.get("mediaUrls")), *elements_of(outer.get("mediaUrls")), outer.get("mediaUrl")]
    return tuple(dict.fromkeys(filter(None, map(web_address, values))))


def _label(position: int, element: object) -> str:
    paper = element.get("paper") if isinstance(element, dict) else None
    return f"element {position} (paper.id {paper.get('id') if isinstance(paper, dict) else None!r})"
