"""What several sources tell of one entry -> the entry that is shown, by rules, in whichever order they came.

Each fact is taken from the first of these that tells it, live before saved; of several sources of one kind, from the
one that told something new last:

===================================================================  =========================================
title, summary, categories                                           arXiv, Hugging Face, others
page, code, project, authors (some are hidden there), organisation,  Hugging Face, arXiv, others
submitter, AI summary and keywords, thumbnail, media
upvotes, comments, stars                                             the highest
date of publication                                                  the most exact, then the earliest
day of listing                                                       the first one kept; in saved files the earliest,
                                                                     but that of the paper itself
===================================================================  =========================================
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from typing import TypeVar

from feedserver.merge.one import appeared, earliest, merge, note_change, reworded
from feedserver.model import Entry, Links, Origin

_WORDING: tuple[Origin, ...] = ("arxiv", "huggingface", "web")
_FACTS: tuple[Origin, ...] = ("huggingface", "arxiv", "web")

_Fact = TypeVar("_Fact")


@dataclass(frozen=True, slots=True)
class Joined:
    """The entry to keep; what each source tells of it, as far as that changed; when a further source carried it first.

    Where there is but one source, the entry says it all.
    """

    entry: Entry
    sights: Mapping[str, Entry] = field(default_factory=dict)
    since: datetime | None = None


def join(
    kept: Entry, seen: Entry, sights: Mapping[str, Entry], *, is_open: bool = True, moving: bool = False
) -> Joined:
    """Return what to keep of an entry that one source tells of now; ``sights`` is what each told, if they are several.

    What a further source brings, counts among it, is no news where that source listed the entry long ago, unless its
    list is a ``moving`` one. The entry ``is_open`` as long as nothing was published of it.
    """
    if kept.sources == seen.sources:
        return Joined(merge(kept, seen))
    (source,) = seen.sources
    before = sights or {kept.sources[0]: kept}
    own = before.get(source)
    told = {**before, source: merge(own, seen) if own else seen}
    entry = _combine(kept, [told[name] for name in sorted(told)], seen, is_open=is_open)
    changed = {name: sight for name, sight in told.items() if sights.get(name) != sight}
    since = seen.first_seen if moving else appeared(seen)
    return Joined(entry, changed, None if own else since)


def _combine(kept: Entry, told: Sequence[Entry], seen: Entry, *, is_open: bool) -> Entry:
    captured = all(sight.captured for sight in told)
    days = [sight.listed for sight in told if sight.listed.date() != sight.published.date()]
    listed = min(days or [sight.listed for sight in told]) if captured and is_open else kept.listed
    dated = [sight for sight in told if sight.links.arxiv] or told  # what knows no id knows its day only roughly
    newest = sorted(told, key=lambda sight: sight.modified, reverse=True)
    wording = sorted(newest, key=lambda sight: (sight.captured, _WORDING.index(sight.origin)))
    facts = sorted(newest, key=lambda sight: (sight.captured, _FACTS.index(sight.origin)))
    worded = next((sight for sight in wording if sight.summary), wording[0])
    combined = replace(
        kept,
        title=wording[0].title,
        summary=worded.summary,
        html=worded.html,
        links=_links(facts),
        published=reduce(earliest, (sight.published for sight in dated)),
        listed=listed,
        first_seen=min(sight.first_seen for sight in (kept, *told)),
        updated=max(filter(None, map(reworded, told)), default=listed),
        sources=tuple(sorted({name for sight in told for name in sight.sources})),
        authors=_first(facts, lambda sight: sight.authors) or (),
        organisation=_first(facts, lambda sight: sight.organisation),
        submitter=_first(facts, lambda sight: sight.submitter),
        upvotes=max(sight.upvotes for sight in told),
        comments=max(sight.comments for sight in told),
        stars=max((sight.stars for sight in told if sight.stars is not None), default=None),
        ai_summary=_first(facts, lambda sight: sight.ai_summary),
        ai_keywords=_first(facts, lambda sight: sight.ai_keywords) or (),
        categories=_first(wording, lambda sight: sight.categories) or (),
        thumbnail=_first(facts, lambda sight: sight.thumbnail),
        media=_first(facts, lambda sight: sight.media) or (),
        withdrawn=kept.withdrawn if seen.captured else None,
        origin=facts[0].origin,
        captured=captured,
    )
    return note_change(kept, combined, seen.first_seen)


def _links(facts: Sequence[Entry]) -> Links:
    return Links(
        page=facts[0].links.page,
        arxiv=_first(facts, lambda sight: sight.links.arxiv),
        pdf=_first(facts, lambda sight: sight.links.pdf),
        code=_first(facts, lambda sight: sight.links.code),
        project=_first(facts, lambda sight: sight.links.project),
    )


def _first(told: Iterable[Entry], fact: Callable[[Entry], _Fact | None]) -> _Fact | None:
    return next(filter(None, map(fact, told)), None)
