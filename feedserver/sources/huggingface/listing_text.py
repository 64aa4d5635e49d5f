"""The text rendering of a page of papers -> Listing.

Text extractors leave, after the heading and the day of capture, of each paper that a search found its title, the
abstract, and a block of whom it is by, a dot, its date, and the number of its comments if there are any::

    Title

    Abstract, in one line

      • 7 authors
    ·
    Mar 10, 2025 3

Some drop that block of some papers; some print the address behind each text on a line of its own, and the votes before
the title (``[-] 19``). The page of a day has cards instead, with neither abstract nor date.

What such a page tells of a paper is little. Where no address is printed, its title is all that it is known by; authors
are only counted. The date is the paper's own, by New York's clock, and so is the day on which it counts as listed: a
search may find it years later. Of a paper without a date, the day of capture is all that is known, and the latest that
both can be.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlencode

from feedserver.errors import ListingError
from feedserver.identity import paper_at, paper_links, paper_name, title_name
from feedserver.model import Entry, Links, Listing, Organisation, Submitter, midnight
from feedserver.sources.collect import collect
from feedserver.sources.huggingface.elements import LATEST, SITE, page_of
from feedserver.sources.huggingface.rendering import DOT, SUBMITTED, Line, Rendering, read_dated, read_rendering

LONGEST_TITLE = 300  # characters; the longest of 8,000 has 206, and abstracts have more than a thousand

_VOTES = re.compile(r"\[-\] (\d{1,9}|-)", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_AUTHORS = re.compile(r"\d+ authors?", re.ASCII)
_HANDLE = re.compile(r"[\w.-]+", re.ASCII)
_BELOW = {"Previous", "Next", "System theme", "Company"}  # with one of these begins what stands below the papers


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of one paper."""

    title: Line
    abstract: str = ""
    published: date | None = None
    organisation: Organisation | None = None
    submitter: Submitter | None = None
    upvotes: int = 0
    comments: int = 0


def parse_text(
    body: bytes, source: str, observed: datetime, until: date | None = None, year: int | None = None
) -> Listing:
    """Return the listing that a rendering shows. What is known of its capture: the last day possible, or the year.

    Raises ListingError where the bytes are no text of a page of papers, or none of it is an entry.
    """
    years = (year,) if year else (until.year, until.year - 1) if until else ()
    rendering = read_rendering(body, until or observed.date(), years)
    has_cards = any(line.text == SUBMITTED for line in rendering.lines)
    papers = _cards(rendering) if has_cards else _found(rendering)

    def make(shown: Shown) -> Entry:
        if why := _fault(shown, has_cards=has_cards):
            raise ListingError(why)
        return _entry(shown, source, rendering.captured, observed)

    listing = collect(source, LATEST, observed, papers, make, _label)
    if not listing.entries:
        raise ListingError("the text of a page of papers, but of none that could be told apart")
    return listing


def _label(place: int, shown: Shown) -> str:
    return f"paper {place + 1} ({shown.title.text[:60]!r})"


def _fault(shown: Shown, *, has_cards: bool) -> str | None:
    """Say why something is no paper, if it is none: without its last block, a paper is known by its abstract."""
    if not 0 < len(shown.title.text) <= LONGEST_TITLE:
        return f"{len(shown.title.text)} characters are no title"
    has_facts = shown.published or len(shown.abstract) > LONGEST_TITLE
    return None if has_facts or has_cards else "neither a date nor an abstract"


def _entry(shown: Shown, source: str, captured: date, observed: datetime) -> Entry:
    title, identifier = shown.title.text, paper_at(shown.title.link)
    published = midnight(min(shown.published or captured, captured))
    return Entry(
        id=paper_name(identifier) if identifier else title_name(title),
        title=title,
        summary=shown.abstract,
        links=paper_links(identifier, page_of(identifier))
        if identifier
        else Links(f"{SITE}/papers?{urlencode({'q': title})}"),
        published=published,
        listed=published,
        first_seen=observed,
        updated=published,
        modified=observed,
        sources=(source,),
        organisation=shown.organisation,
        submitter=shown.submitter,
        upvotes=shown.upvotes,
        comments=shown.comments,
        aliases=(title_name(title),) if identifier else (),
        origin="huggingface",
    )


def _found(rendering: Rendering) -> Iterator[Shown]:
    """Yield the papers that a search found: a date ends its paper, and before that may be papers without one."""
    lines, start = rendering.lines, 0
    for dot in range(1, len(lines) - 1):
        if lines[dot].text == DOT and (dated := read_dated(lines[dot + 1].text)):
            by = lines[dot - 1] if len(lines[dot - 1].text) <= LONGEST_TITLE else None
            *undated, last = [*_titled(lines[start : dot - 1 if by else dot])] or [Shown(Line(""))]
            comments = _comments(lines[dot + 2 : dot + 3])
            start = dot + 2 if comments is None else dot + 3
            yield from undated
            yield replace(
                last,
                published=rendering.date_of(dated),
                organisation=organisation_of(by) if by else None,
                comments=dated.comments or comments or 0,
            )
    below = next((number for number in range(start, len(lines)) if lines[number].text in _BELOW), len(lines))
    yield from _titled(lines[start:below])


def _titled(lines: Sequence[Line]) -> Iterator[Shown]:
    """Yield the titles with their abstracts, and votes where they stand before the title."""
    at = 0
    while at < len(lines):
        votes = _VOTES.fullmatch(lines[at].text)
        at += votes is not None and at + 1 < len(lines)
        has_abstract = _has_abstract(lines[at + 1 : at + 3])
        abstract = lines[at + 1].text if has_abstract else ""
        yield Shown(lines[at], abstract, upvotes=_number(votes[1]) if votes else 0)
        at += 1 + has_abstract


def _has_abstract(after: Sequence[Line]) -> bool:
    """Say whether an abstract comes next, rather than votes, or the title of what follows, which has one."""
    if not after or _VOTES.fullmatch(after[0].text):
        return False
    is_title = len(after) > 1 and len(after[0].text) <= LONGEST_TITLE < len(after[1].text)
    return not is_title


def _comments(after: Sequence[Line]) -> int | None:
    """Return the number of comments where it comes next on a line of its own, which leads to them."""
    return next((_number(line.text) for line in after if line.link.endswith("#community")), None)


def _cards(rendering: Rendering) -> Iterator[Shown]:
    """Yield the papers of a day, which is that of their cards: who submitted it, votes, title, authors, comments."""
    lines = [line for line in rendering.lines if line.text != DOT]
    starts = [number for number, line in enumerate(lines) if line.text == SUBMITTED]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        user, votes, title, by, comments = [*lines[start + 1 : end], *[Line("")] * 5][:5]
        yield Shown(
            title,
            organisation=organisation_of(by),
            submitter=Submitter(user.text),
            upvotes=_number(votes.text.removeprefix("[-] ")),
            comments=_number(comments.text),
        )


def organisation_of(by: Line) -> Organisation | None:
    """Return the organisation that a paper is by, where it is no number of authors.

    It stands as handle and name (``Harvard Harvard University``: the handle is the text in place of a picture), as its
    name alone, or with the address of its page, which ends with the handle.
    """
    if not by.text or _AUTHORS.fullmatch(by.text):
        return None
    if _HANDLE.fullmatch(handle := by.link.removeprefix(f"{SITE}/")):
        return Organisation(handle, by.text)
    handle, _, name = by.text.partition(" ")
    return Organisation(handle, name) if name and _HANDLE.fullmatch(handle) else Organisation(by.text, by.text)


def _number(text: str) -> int:
    return int(text) if _NUMBER.fullmatch(text) else 0
