"""A filter and the history of an entry's counts -> the revision in which the entry first satisfied it.

Counts are all that has a history; the other facts of an entry are taken as they are now.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import Any

from feedserver.filters.base import EVERYTHING, All, Filter, Number, all_of, leaves
from feedserver.filters.match import matches
from feedserver.model import Entry, Rise


def split(part: Filter) -> tuple[Filter, Filter]:
    """Return two filters that together mean the same: what looks at no count, and the rest."""
    parts = part.parts if isinstance(part, All) else (part,)
    counting = [inner for inner in parts if any(isinstance(leaf, Number) for leaf in leaves(inner))]
    free = [inner for inner in parts if inner not in counting]
    return all_of(*free) if free else EVERYTHING, all_of(*counting) if counting else EVERYTHING


def entered(part: Filter, entry: Entry, rises: Iterable[Rise]) -> int | None:
    """Return the first revision of those in ``rises``, ascending, in which the filter held; None where it never did."""
    counts: dict[str, Any] = {"upvotes": 0, "comments": 0, "stars": None}
    for revision, risen in groupby(rises, key=attrgetter("revision")):
        counts |= {rise.field: rise.count for rise in risen}
        if matches(part, replace(entry, **counts)):
            return int(revision)
    return None
