"""A store's answers against the plain predicate: what is wrong with them, in sentences."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from bench.cases import Case
from bench.timing import LIMIT
from feedserver.filters import matches
from feedserver.model import Entry
from feedserver.query import Query
from feedserver.store import SqliteStore
from feedserver.store.order import feed_order


def wrong_answers(path: Path, cases: Sequence[Case], entries: Sequence[Entry] = ()) -> Iterator[str]:
    """Ask one query of each case and yield a sentence for each answer that is wrong.

    What an answer lacks is seen only where all ``entries`` of the store are given.
    """
    kept = (replace(entry, aliases=()) for entry in entries)  # other names are kept beside the entries
    in_order = sorted(kept, key=feed_order, reverse=True)
    with closing(SqliteStore(path)) as store:
        for number, case in enumerate(cases):
            query = case.queries[number % len(case.queries)]
            answer = store.select(query.filter, "listed", LIMIT)
            right = _right(query, in_order or sorted(answer, key=feed_order, reverse=True))
            if answer != right:
                yield f"{case.name}: {query.parameters!r} gave {len(answer)} entries, not the {len(right)} right ones"


def _right(query: Query, in_order: Sequence[Entry]) -> tuple[Entry, ...]:
    found: list[Entry] = []
    for entry in in_order:
        if matches(query.filter, entry):
            found.append(entry)
        if len(found) == LIMIT:
            break
    return tuple(found)
