"""An entry as it arrives -> the one in the store that is the same, by its id or another name of either. SQLite only."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from feedserver.identity import title_name
from feedserver.model import Entry
from feedserver.store import schema
from feedserver.store.read import Loaded, load, load_rows

_ALIAS = schema.alias.c
MOST_NAMES = 20  # of an entry, besides its id

_ROWS = select(_ALIAS.name, _ALIAS.row).where(_ALIAS.name.in_(bindparam("names", expanding=True)))
_COUNTS = select(_ALIAS.row, func.count()).where(_ALIAS.row.in_(bindparam("rows", expanding=True))).group_by(_ALIAS.row)


def distinct(entries: Sequence[Entry]) -> dict[str, tuple[str, ...]]:
    """Return id -> the aliases that are this entry's alone in its listing: what several share names none of them."""
    holders = Counter(name for entry in entries for name in {entry.id, *entry.aliases})
    return {entry.id: tuple(name for name in entry.aliases if holders[name] == 1) for entry in entries}


def find(
    connection: Connection, entries: Sequence[Entry], names: Mapping[str, Sequence[str]], claimed: Set[str]
) -> dict[str, Loaded]:
    """Return id, as it arrives -> what is kept of the same entry.

    ``names`` are the aliases that count, by the ids of all that are listed. What is listed itself, or was ``claimed``
    by another one of the list, is no other one there.
    """
    wanted = sorted({name for entry in entries for name in (entry.id, *names[entry.id])})
    kept = load(connection, wanted)
    found = {entry.id: kept[entry.id] for entry in entries if entry.id in kept}
    others = [entry for entry in entries if entry.id not in kept]
    if others:
        owners = _owners(connection, wanted)
        by_row = load_rows(connection, sorted(set(owners.values())))
        kept = {name: by_row[row] for name, row in owners.items()} | kept
        taken = names.keys() | claimed | {known.entry.id for known in found.values()}
        for entry in others:
            wanted_names = (entry.id, *names[entry.id])
            candidates = (kept[name] for name in wanted_names if name in kept)
            same = next((known for known in candidates if _is_one(known.entry, entry, taken)), None)
            if same:
                found[entry.id] = same
                taken |= {same.entry.id}
    return found


def remember(connection: Connection, named: Iterable[tuple[int, str, Iterable[str]]]) -> None:
    """Remember what rows with their ids are called besides; a name that another entry has already stays with it.

    An entry has so many names at most: some feeds make up a new one with each answer.
    """
    values = [(row, name) for row, entry_id, names in named for name in names if name != entry_id]
    known = _owners(connection, [name for _, name in values])
    new = [(row, name) for row, name in values if name not in known]
    if new:
        counts = {row: count for row, count in connection.execute(_COUNTS, {"rows": [row for row, _ in new]})}  # noqa: C416  # rows are no pairs to mypy
        few = [{"name": name, "row": row} for row, name in new if counts.get(row, 0) < MOST_NAMES]
        if few:
            connection.execute(upsert(schema.alias).on_conflict_do_nothing(), few)


def _owners(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    found = connection.execute(_ROWS, {"names": names}) if names else ()
    return {name: row for name, row in found}  # noqa: C416  # rows are no pairs to mypy


def _is_one(kept: Entry, seen: Entry, taken: Set[str]) -> bool:
    """Say whether they may be one: two that lead to different papers on arXiv never are.

    Of one source, which may tell of new things at an old address, two ids are one entry where title or date agree.
    """
    papers = {kept.links.arxiv, seen.links.arxiv} - {None}
    agree = title_name(kept.title) == title_name(seen.title) or kept.published == seen.published
    return kept.id not in taken and len(papers) < 2 and (agree or not set(kept.sources) & set(seen.sources))
