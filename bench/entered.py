"""Measure what it costs to order by entering: the same queries by ``listed`` and by ``entered``, in turn.

``python bench/entered.py`` takes a store in which each entry has a history (``bench/aging.py``), or makes one first;
``--smoke`` takes seconds and fails where an answer is wrong; ``--write`` keeps the table in ``bench/RESULTS.md``.
"""

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

sys.path.pop(0)  # this folder, in which a file stands for the standard library's `select`
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from datetime import timedelta
from functools import partial
from itertools import cycle, islice
from statistics import median
from tempfile import TemporaryDirectory

import click

from bench.aging import age
from bench.base import DATA, SEED, Base, load_base
from bench.cases import Case, choose
from bench.parts import timed
from bench.resident import resident
from bench.results import ENTERED, table, write_section
from bench.stored import CACHE
from feedserver.feeds import Address, Offer, compose
from feedserver.filters.history import entered
from feedserver.model import EPOCH, Sort
from feedserver.query import Query, parse_query
from feedserver.render import RENDERERS
from feedserver.store import SqliteStore
from feedserver.web.memory import RenderedEntries

LIMIT = 50
THRESHOLDS = (20, 37, 200)  # upvotes; the index knows of the first and the last
MEMORY = 14_000_000  # bytes, as by default
_OTHERS = (
    ("two thresholds", [("min_upvotes", "20"), ("min_comments", "3")]),
    ("with code", [("has", "code"), ("min_upvotes", "15")]),
    ("between two counts", [("q", "upvotes:5..30")]),
)


@dataclass(frozen=True, slots=True)
class Times:
    """Medians in milliseconds, by order: of the store's answer, and of the whole document made of it."""

    name: str
    listed: float
    entered: float
    document_listed: float
    document_entered: float


@click.command()
@click.option("--entries", default=1_000_000, show_default=True, help="How many entries the store holds.")
@click.option("--rounds", default=100, show_default=True, help="How often each kind of query is asked.")
@click.option("--captured", "saved", type=click.Path(path_type=Path), default=DATA, help="Folder of list answers.")
@click.option("--smoke", is_flag=True, help="A small store, few rounds, all answers checked.")
@click.option("--write", is_flag=True, help="Keep the table in bench/RESULTS.md.")
def main(entries: int, rounds: int, saved: Path, smoke: bool, write: bool) -> None:
    """Measure the order of entering."""
    if smoke and write:
        raise click.UsageError("--smoke measures too little to be written down")
    base = load_base(saved).some() if smoke else load_base(saved)
    if smoke:
        with TemporaryDirectory() as folder:
            text = _run(base, 2_000, 3, Path(folder), check=True)
    else:
        text = _run(base, entries, rounds, CACHE)
    print(text)
    if write:
        write_section(ENTERED, text)


def _run(base: Base, entries: int, rounds: int, folder: Path, *, check: bool = False) -> str:
    path = aged_store(base, entries, folder)
    cases = list(_cases(base))
    with closing(SqliteStore(path)) as store, resident([path]):
        if check:
            _check(store, cases)
        found = [_measure(store, case, rounds) for case in cases]
    return f"""\
`bench/entered.py`; {base}, {entries:,} entries with a history of up to six counts each.

The newest {LIMIT} matches by listing and by entering, medians in milliseconds of up to 20 queries of a kind. *Store* is
the store's answer with all entries read. *Document* is an Atom feed of it, all of whose entries were rendered before.

{table(_HEAD, (_row(times) for times in found))}
"""


_HEAD = ("query", "store, listed", "entered", "ratio", "document, listed", "entered", "ratio")


def _row(times: Times) -> tuple[str, ...]:
    return (
        times.name,
        f"{times.listed:.2f}",
        f"{times.entered:.2f}",
        f"{times.entered / times.listed:.1f}",
        f"{times.document_listed:.2f}",
        f"{times.document_entered:.2f}",
        f"**{times.document_entered / times.document_listed:.1f}**",
    )


def aged_store(base: Base, entries: int, folder: Path) -> Path:
    """Return where the store of so many entries with a history is, after making it where it isn't yet."""
    path = base.path(entries, folder)
    aged = path.with_name(f"{path.stem}-imported.sqlite")
    if not aged.exists():
        making = Path(shutil.copy(base.store(entries, folder)[0], aged.with_suffix(".new")))
        age(making, SEED)
        with closing(SqliteStore(making)) as store:
            store.tidy()
        making.rename(aged)
    return aged


def _cases(base: Base) -> Iterator[Case]:
    for threshold in THRESHOLDS:
        least = [("min_upvotes", str(threshold))]
        yield Case(f"everything, ≥ {threshold}", (parse_query(least),))
    for case in choose(base.entries):
        if "≥" not in case.name:
            for threshold in THRESHOLDS:
                asked = [parse_query([*query.parameters, ("min_upvotes", str(threshold))]) for query in case.queries]
                yield Case(f"{case.name}, ≥ {threshold}", tuple(asked))
    yield from (Case(name, (parse_query(given),)) for name, given in _OTHERS)


def _measure(store: SqliteStore, case: Case, rounds: int) -> Times:
    """Ask in both orders in turn, each query once unmeasured."""
    orders: tuple[Sort, ...] = ("listed", "entered")
    taken: dict[tuple[str, Sort], list[float]] = {
        (what, order): [] for what in ("store", "document") for order in orders
    }
    memories = {order: RenderedEntries(MEMORY) for order in orders}
    for number, query in enumerate(islice(cycle(case.queries), len(case.queries) + rounds)):
        for order in orders:
            answer = timed(partial(store.select, query.filter, order, LIMIT))[0]
            document = timed(partial(_document, store, query, order, memories[order]))[0]
            if number >= len(case.queries):
                taken["store", order].append(answer)
                taken["document", order].append(document)
    print(f"  {case.name}", flush=True)
    return Times(case.name, *(median(taken[what, order]) for what in ("store", "document") for order in orders))


def _document(store: SqliteStore, query: Query, order: Sort, memory: RenderedEntries) -> None:
    asked = parse_query([*query.parameters, ("sort", order)])
    compose(store, Offer(asked, Address("https://x.example", "feed"), timedelta(1)), EPOCH, RENDERERS["atom"], memory)


def _check(store: SqliteStore, cases: Sequence[Case]) -> None:
    """End the program where an answer is not what every single history gives."""
    everything = store.lives(parse_query([]).filter, EPOCH, EPOCH.replace(year=2099), range(0))
    for case in cases:
        part = case.queries[0].filter
        moments: list[float] = []
        for life in everything:
            if when := entered(part, life.entry, life.appeared, life.history):
                moments.append(when.moment.timestamp())  # noqa: PERF401  # it reads better
        expected = sorted(moments, reverse=True)[:LIMIT]
        answer = [entry.entered.timestamp() for entry in store.select(part, "entered", LIMIT) if entry.entered]
        if answer != expected:
            raise SystemExit(f"{case.name}: {answer[:3]} ... was answered, {expected[:3]} ... is right")


if __name__ == "__main__":
    main()
