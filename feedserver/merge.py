"""An entry as kept, the same entry as seen again, or missing -> the entry to keep: all of updating, without I/O."""

from collections.abc import Set
from dataclasses import replace
from datetime import datetime, timedelta

from feedserver.model import Entry, Links

WATCHED = timedelta(days=3)  # after the day of its listing begins, an entry that comes is news


def merge(kept: Entry, seen: Entry) -> Entry:
    """Return what to keep; equal to ``kept`` where nothing visible changed.

    Counts only rise. Facts that the new sight lacks are not lost. The first day on which a listing carried the entry
    stays its day. ``updated`` moves to the new observation when title or summary changed, ``modified`` when anything
    visible did; a changed count alone never moves ``updated``. What is seen is not withdrawn.
    """
    merged = replace(
        kept,
        title=seen.title,
        summary=seen.summary or kept.summary,
        links=_merge_links(kept, seen),
        published=_more_exact(kept.published, seen.published),
        listed=min(kept.listed, seen.listed),
        first_seen=min(kept.first_seen, seen.first_seen),
        sources=tuple(sorted({*kept.sources, *seen.sources})),
        authors=seen.authors or kept.authors,
        organisation=seen.organisation or kept.organisation,
        submitter=seen.submitter or kept.submitter,
        upvotes=max(kept.upvotes, seen.upvotes),
        comments=max(kept.comments, seen.comments),
        stars=_highest(kept.stars, seen.stars),
        ai_summary=seen.ai_summary or kept.ai_summary,
        ai_keywords=seen.ai_keywords or kept.ai_keywords,
        categories=seen.categories or kept.categories,
        thumbnail=seen.thumbnail or kept.thumbnail,
        media=seen.media or kept.media,
        withdrawn=seen.withdrawn,
    )
    if merged == kept:
        return kept
    reworded = (merged.title, merged.summary) != (kept.title, kept.summary)
    return replace(
        merged,
        updated=max(kept.updated, seen.first_seen) if reworded else kept.updated,
        modified=max(kept.modified, seen.first_seen),
    )


def merge_captured(kept: Entry, seen: Entry) -> Entry:
    """Return what to keep when the new sight is of unknown age: it fills gaps and raises counts, and replaces nothing.

    An author who is missing from either list, but for whom they are the same, was hidden at some time, and stays so.
    """
    either = {*kept.authors, *seen.authors}
    fewer = min(kept.authors, seen.authors, key=len)
    hidden = bool(fewer) and len(either) == max(len(kept.authors), len(seen.authors))
    known = replace(
        seen,
        title=kept.title,
        summary=kept.summary or seen.summary,
        links=_merge_links(seen, kept),
        authors=fewer if hidden else kept.authors or seen.authors,
        organisation=kept.organisation or seen.organisation,
        submitter=kept.submitter or seen.submitter,
        ai_summary=kept.ai_summary or seen.ai_summary,
        ai_keywords=kept.ai_keywords or seen.ai_keywords,
        categories=kept.categories or seen.categories,
        thumbnail=kept.thumbnail or seen.thumbnail,
        media=kept.media or seen.media,
        withdrawn=kept.withdrawn,
    )
    return merge(kept, known)


def appeared(entry: Entry) -> datetime:
    """Return when a listing carried a new entry first, as far as that is known.

    That is when it was first seen, if it was listed lately; else nobody watched, and it is the beginning of its day.
    """
    return entry.first_seen if entry.listed <= entry.first_seen <= entry.listed + WATCHED else entry.listed


def withdraw(kept: Entry, at: datetime) -> Entry:
    """Return what to keep of an entry that no listing shows any more; the time when that was found first stays."""
    return kept if kept.withdrawn else replace(kept, withdrawn=at, modified=max(kept.modified, at))


def suspicion(known: Set[str], seen: Set[str]) -> str | None:
    """Say why a list is not to be believed where it lacks most ids that were known of it; None where it may be.

    Fewer than half is too few. Of 3,884 sights in captured lists of one day, none was missing later but where an answer
    was cut off at a page's size, which left as little as a third, or none at all; while the shortest finished list has
    four entries, of which one or two may well be taken down.
    """
    still = len(known & seen)
    if 2 * still >= len(known):
        return None
    return f"{still} of {len(known)} known entries are on a list of {len(seen)}"


def _merge_links(kept: Entry, seen: Entry) -> Links:
    return replace(
        kept.links,
        page=seen.links.page,
        arxiv=seen.links.arxiv or kept.links.arxiv,
        pdf=seen.links.pdf or kept.links.pdf,
        code=seen.links.code or kept.links.code,
        project=seen.links.project or kept.links.project,
    )


def _more_exact(kept: datetime, seen: datetime) -> datetime:
    """Prefer a time of day to a midnight, which means a date alone; otherwise the first one known."""
    return seen if _is_date(kept) and not _is_date(seen) else kept


def _is_date(time: datetime) -> bool:
    return (time.hour, time.minute, time.second) == (0, 0, 0)


def _highest(kept: int | None, seen: int | None) -> int | None:
    return max((count for count in (kept, seen) if count is not None), default=None)
