"""A store's answers against the plain predicate: what is wrong with them, in sentences."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from bench.cases import Case
from bench.timing import LIMIT
from feedserver.filters import matches
from feedserver.model import Entry
from feedserver.query import Query
from feedserver.store import SqliteStore
from feedserver.store.order import feed_order

CHECKED = 2  # queries of a case


def wrong_answers(path: Path, cases: Sequence[Case], entries: Sequence[Entry] = ()) -> Iterator[str]:
    """Yield a sentence for each wrong answer; what an answer lacks is seen only where all ``entries`` are given."""
    in_order = sorted(entries, key=feed_order, reverse=True)
    with closing(SqliteStore(path)) as store:
        for case in cases:
            for query in case.queries[:CHECKED]:
                answer = store.select(query.filter, "listed", LIMIT)
                right = _right(query, in_order or sorted(answer, key=feed_order, reverse=True))
                if answer != right:
                    yield f"{case.name}: {query.parameters!r} gave {len(answer)} entries, {len(right)} are right"


def _right(query: Query, in_order: Sequence[Entry]) -> tuple[Entry, ...]:
    found: list[Entry] = []
    for entry in in_order:
        if matches(query.filter, entry):
            found.append(entry)
        if len(found) == LIMIT:
            break
    return tuple(found)
