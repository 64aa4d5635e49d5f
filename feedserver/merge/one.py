"""An entry as one source told it, the same as it tells it now -> what that source tells of it.

A live answer is newer than what is kept. Saved files are of any age: what several of them tell comes out the same in
whichever order they are read, and nothing that was seen live is replaced by them.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from feedserver.model import Entry, Links, Organisation, Submitter

WATCHED = timedelta(days=3)  # after the day of its listing begins, an entry that comes is news

_Fact = TypeVar("_Fact")


def appeared(entry: Entry) -> datetime:
    """Return when a listing carried a new entry first, as far as that is known.

    That is when it was first seen, if it was listed lately; else nobody watched, and it is the beginning of its day.
    """
    return entry.first_seen if entry.listed <= entry.first_seen <= entry.listed + WATCHED else entry.listed


def merge(kept: Entry, seen: Entry) -> Entry:
    """Return what to keep; equal to ``kept`` where nothing visible changed.

    Counts only rise. Facts that the new sight lacks are not lost. The first day on which a listing carried the entry
    stays its day. ``updated`` moves to the new observation when title or summary changed, ``modified`` when anything
    visible did; a changed count alone never moves ``updated``. What is seen is not withdrawn.
    """
    if not seen.captured:
        return _follow(kept, seen)
    return _fold(kept, seen) if kept.captured else _fill(kept, seen)


def _follow(kept: Entry, seen: Entry) -> Entry:
    """Take what is seen for what is true now."""
    listed = kept.listed if seen.origin == "web" else min(kept.listed, seen.listed)  # pages correct their dates
    merged = replace(
        _with_facts(_at_its_best(kept, seen), seen, kept),
        listed=listed,
        updated=reworded(kept) or listed,
        title=seen.title,
        authors=seen.authors or kept.authors,
        withdrawn=None,
        captured=False,
    )
    if (merged.title, merged.summary) != (kept.title, kept.summary):
        merged = replace(merged, updated=max(kept.updated, seen.first_seen))
    return note_change(kept, merged, seen.first_seen)


def _fill(kept: Entry, seen: Entry) -> Entry:
    """Fill gaps and raise counts, and replace nothing.

    An author who is missing from either list, but for whom they are the same, was hidden at some time, and stays so.
    """
    either = {*kept.authors, *seen.authors}
    fewer = min(kept.authors, seen.authors, key=len)
    hidden = bool(fewer) and len(either) == max(len(kept.authors), len(seen.authors))
    merged = replace(
        _with_facts(_at_its_best(kept, seen), kept, seen),
        authors=fewer if hidden else kept.authors or seen.authors,
    )
    if merged.summary != kept.summary:
        merged = replace(merged, updated=max(kept.updated, seen.first_seen))
    return note_change(kept, merged, seen.first_seen)


def _with_facts(entry: Entry, first: Entry, second: Entry) -> Entry:
    """Return the entry with each fact as ``first`` has it, or else ``second``."""
    worded = first if first.summary else second
    return replace(
        entry,
        summary=worded.summary,
        html=worded.html,
        links=Links(
            page=first.links.page,
            arxiv=first.links.arxiv or second.links.arxiv,
            pdf=first.links.pdf or second.links.pdf,
            code=first.links.code or second.links.code,
            project=first.links.project or second.links.project,
        ),
        organisation=first.organisation or second.organisation,
        submitter=first.submitter or second.submitter,
        ai_summary=first.ai_summary or second.ai_summary,
        ai_keywords=first.ai_keywords or second.ai_keywords,
        categories=first.categories or second.categories,
        thumbnail=first.thumbnail or second.thumbnail,
        media=first.media or second.media,
    )


def _fold(kept: Entry, seen: Entry) -> Entry:
    """Take the fuller of two facts, of authors the fewest, for some may be hidden: an order that all agree on."""
    worded = max(kept, seen, key=lambda entry: (len(entry.summary), entry.summary, entry.html or ""))
    merged = replace(
        _at_its_best(kept, seen),
        title=_fuller(kept.title, seen.title),
        summary=worded.summary,
        html=worded.html,
        links=_fold_links(kept.links, seen.links),
        published=earliest(kept.published, seen.published),
        authors=min(filter(None, (kept.authors, seen.authors)), key=_fullness, default=()),
        organisation=_highest(kept.organisation, seen.organisation, _spelled),
        submitter=_highest(kept.submitter, seen.submitter, _spelled),
        ai_summary=_fuller(kept.ai_summary, seen.ai_summary),
        ai_keywords=max(kept.ai_keywords, seen.ai_keywords, key=_fullness),
        categories=max(kept.categories, seen.categories, key=_fullness),
        thumbnail=_fuller(kept.thumbnail, seen.thumbnail),
        media=max(kept.media, seen.media, key=_fullness),
    )
    return note_change(kept, merged, seen.first_seen)


def note_change(kept: Entry, merged: Entry, at: datetime) -> Entry:
    """Return what was merged, with the time of the change; ``kept`` where it is no change."""
    return kept if merged == kept else replace(merged, modified=max(kept.modified, at))


def earliest(one: datetime, other: datetime) -> datetime:
    """Return the better of two dates of publication: a time of day before a midnight, which means a date alone."""
    return min(one, other, key=lambda time: (_is_date(time), time))


def reworded(entry: Entry) -> datetime | None:
    """Return when title or summary changed last; None where they never did."""
    return None if entry.updated == entry.listed else entry.updated


def _at_its_best(kept: Entry, seen: Entry) -> Entry:
    """Return what is kept with all that only grows."""
    listed = min(kept.listed, seen.listed)
    return replace(
        kept,
        listed=listed,
        updated=reworded(kept) or listed,
        published=_more_exact(kept.published, seen.published),
        first_seen=min(kept.first_seen, seen.first_seen),
        sources=tuple(sorted({*kept.sources, *seen.sources})),
        upvotes=max(kept.upvotes, seen.upvotes),
        comments=max(kept.comments, seen.comments),
        stars=_highest(kept.stars, seen.stars, int),
    )


def _fold_links(kept: Links, seen: Links) -> Links:
    return Links(
        page=max(kept.page, seen.page, key=_fullness),
        arxiv=_fuller(kept.arxiv, seen.arxiv),
        pdf=_fuller(kept.pdf, seen.pdf),
        code=_fuller(kept.code, seen.code),
        project=_fuller(kept.project, seen.project),
    )


def _more_exact(kept: datetime, seen: datetime) -> datetime:
    """Prefer a time of day to a midnight, which means a date alone; otherwise the first one known."""
    return seen if _is_date(kept) and not _is_date(seen) else kept


def _is_date(time: datetime) -> bool:
    return (time.hour, time.minute, time.second) == (0, 0, 0)


_Text = TypeVar("_Text", str, str | None)


def _fuller(one: _Text, other: _Text) -> _Text:
    return max(one, other, key=lambda text: _fullness(text or ""))


def _fullness(value: str | tuple[str, ...]) -> tuple[int, str | tuple[str, ...]]:
    return len(value), value


def _spelled(value: Organisation | Submitter) -> tuple[str, str]:
    return value.full_name or "", value.name


def _highest(one: _Fact | None, other: _Fact | None, order: Callable[[_Fact], object]) -> _Fact | None:
    return max((fact for fact in (one, other) if fact is not None), key=order, default=None)  # type: ignore[arg-type]  # orders are of values that can be compared
