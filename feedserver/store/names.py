"""An entry as it arrives -> the one in the store that is the same, by its id or another name of either. SQLite only."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert as upsert

from feedserver.model import Entry
from feedserver.store import schema
from feedserver.store.read import Loaded, load, load_rows

_ALIAS = schema.alias.c
_ROWS = select(_ALIAS.name, _ALIAS.row).where(_ALIAS.name.in_(bindparam("names", expanding=True)))


def distinct(entries: Sequence[Entry]) -> dict[str, tuple[str, ...]]:
    """Return id -> the aliases that are this entry's alone in its listing: what several share names none of them."""
    holders = Counter(name for entry in entries for name in {entry.id, *entry.aliases})
    return {entry.id: tuple(name for name in entry.aliases if holders[name] == 1) for entry in entries}


def find(connection: Connection, entries: Sequence[Entry], aliases: Mapping[str, Sequence[str]]) -> dict[str, Loaded]:
    """Return id, as it arrives -> what is kept of the same entry.

    ``aliases`` are those that count, of all that are listed. What is listed itself, by its id, is no other one there.
    """
    wanted = sorted({name for entry in entries for name in (entry.id, *aliases[entry.id])})
    kept = load(connection, wanted)
    found = {entry.id: kept[entry.id] for entry in entries if entry.id in kept}
    others = [entry for entry in entries if entry.id not in kept]
    if others:
        owners = {name: row for name, row in connection.execute(_ROWS, {"names": wanted})}  # noqa: C416  # rows are no pairs to mypy
        by_row = load_rows(connection, sorted(set(owners.values())))
        kept = {name: by_row[row] for name, row in owners.items()} | kept
        taken = aliases.keys() | {known.entry.id for known in found.values()}
        for entry in others:
            wanted_names = (entry.id, *aliases[entry.id])
            candidates = (kept[name] for name in wanted_names if name in kept)
            same = next((known for known in candidates if _is_one(known.entry, entry, taken)), None)
            if same:
                found[entry.id] = same
                taken |= {same.entry.id}
    return found


def remember(connection: Connection, named: Iterable[tuple[int, Iterable[str]]]) -> None:
    """Remember the aliases of rows; one that another entry has already stays with it."""
    values = [{"name": name, "row": row} for row, names in named for name in names]
    if values:
        connection.execute(upsert(schema.alias).on_conflict_do_nothing(), values)


def _is_one(kept: Entry, seen: Entry, taken: Set[str]) -> bool:
    """Say whether they may be one: two that lead to different papers on arXiv never are."""
    papers = {kept.links.arxiv, seen.links.arxiv} - {None}
    return kept.id not in taken and len(papers) < 2
