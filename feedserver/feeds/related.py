"""An entry, the store -> the entries that it has most in common with, by its keywords and the words of its title.

What is rare tells more than what is frequent. How rare a term is shows in how far back the newest entries with it
reach, so that a few entries for each of a few terms are all that is read. And nothing is looked for that was listed
more than two years before the newest entry, so that a phrase of frequent words costs no more in an old store.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from math import log

from feedserver.filters.base import Date, Text, all_of
from feedserver.model import EPOCH, Entry
from feedserver.store import Store, Summary
from feedserver.text import words

MOST_TERMS = 8  # keywords, and as many words of the title
DEPTH = 30  # entries that are looked at for each of them
REACH = timedelta(days=730)
SHORTEST = 3  # letters of a word that tells anything


def related(store: Store, entry: Entry, limit: int = 6) -> tuple[Entry, ...]:
    """Return the entries that share the most telling terms with an entry, of equals those that were listed last."""
    summary = store.summary()
    recent = Date("listed", low=(summary.newest or EPOCH + REACH) - REACH)
    others: dict[str, Entry] = {}
    scores: defaultdict[str, float] = defaultdict(float)
    for term in telling(entry):
        found = store.select(all_of(term, recent), "listed", DEPTH)
        told = weight([each.listed for each in found], summary)
        others |= {each.id: each for each in found if each.id != entry.id}
        for each in found:
            scores[each.id] += told
    best = sorted(others.values(), key=lambda other: (scores[other.id], other.listed, other.id), reverse=True)
    return tuple(best[:limit])


def telling(entry: Entry) -> tuple[Text, ...]:
    """Return terms of an entry, each once: keywords, and words of its title, the longest first, for these are rarer."""
    title = sorted({word for word in words(entry.title) if len(word) >= SHORTEST}, key=lambda word: (-len(word), word))
    keywords = {
        each.phrase: each for each in (Text("keyword", keyword) for keyword in entry.ai_keywords) if each.phrase
    }
    titled = {each.phrase: each for each in (Text("title", word) for word in title)}
    return (*islice(keywords.values(), MOST_TERMS), *islice(titled.values(), MOST_TERMS))


def weight(listed: Sequence[datetime], summary: Summary) -> float:
    """Return how much a term tells, from when the newest entries that have it were listed.

    It is the logarithm of how many entries there are to one that has it. Where there are ``DEPTH`` of these, there are
    more: as many more as the time that is looked at is longer than theirs.
    """
    if not listed or summary.newest is None or summary.oldest is None:
        return 0
    day = timedelta(days=1)
    time = summary.newest - summary.oldest + day
    reach = min(time, REACH)
    more = reach / (summary.newest - min(listed) + day)
    having = len(listed) * more if len(listed) >= DEPTH else len(listed)
    return log(1 + summary.entries * (reach / time) / having)
