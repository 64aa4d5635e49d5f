"""Measure the builder's live preview, and what it is made of; beside it, the store's plain answer.

``python bench/preview.py`` takes a store in which each entry has a history, or makes one first; ``--smoke`` takes
seconds and fails where an answer is wrong; ``--write`` keeps the tables in ``bench/RESULTS.md``.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

sys.path.pop(0)  # this folder, in which a file stands for the standard library's `select`
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from datetime import timedelta
from functools import partial
from http import HTTPStatus
from tempfile import TemporaryDirectory
from time import process_time

import click

from bench.base import DATA, Base, load_base
from bench.cases import choose
from bench.corpus import NEWEST
from bench.entered import aged_store
from bench.folders import STORE_FILE
from bench.parts import timed
from bench.resident import resident
from bench.results import PREVIEW, table, write_section
from bench.stored import CACHE
from feedserver.config import LimitSettings, Settings
from feedserver.config.settings import RefreshSettings
from feedserver.feeds import Address, Offer, Outlook, build_feed, outlook
from feedserver.feeds.address import UTC
from feedserver.feeds.volume import volume
from feedserver.filters import EVERYTHING, marks, matches, reasons, resolve
from feedserver.filters.base import Date, all_of
from feedserver.model import Feed, midnight
from feedserver.query import Query, parse_query
from feedserver.store import SqliteStore
from feedserver.web import create_app

LIMIT, DAYS, QUERIES = 10, 90, 30
NOW = midnight(NEWEST) + timedelta(hours=15)
ADDRESS = Address("https://x.example", "feed")
TARGET = 50  # milliseconds that 95 of 100 previews stay within, of queries that nobody asked before
# Kinds of bench/cases.py, how many of each, and what is asked besides.
KINDS: tuple[tuple[str, int, Mapping[str, str]], ...] = (
    ("common keyword", 3, {}),
    ("middling keyword", 4, {}),
    ("rare keyword", 2, {}),
    ("author", 3, {}),
    ("author of three names", 2, {}),
    ("phrase", 4, {}),
    ("exclusion", 1, {}),
    ("keyword and exclusion", 2, {}),
    ("middling keyword", 2, {"min_upvotes": "37"}),
    ("phrase", 2, {"min_upvotes": "20"}),
    ("middling keyword", 2, {"per_day": "2"}),
    ("phrase", 2, {"per_week": "3"}),
    ("author", 1, {"per_week": "1"}),
)


@dataclass(slots=True)
class Taken:
    """Milliseconds of every call: of the answer, of what it is made of, and of the plain answer."""

    plain: list[float] = field(default_factory=list)
    answer: list[float] = field(default_factory=list)
    answer_processor: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    feed: list[float] = field(default_factory=list)
    outlook: list[float] = field(default_factory=list)
    reasons: list[float] = field(default_factory=list)


@click.command()
@click.option("--entries", default=100_000, show_default=True, help="How many entries the store holds.")
@click.option("--rounds", default=10, show_default=True, help="How often each query is asked by somebody new.")
@click.option("--captured", "saved", type=click.Path(path_type=Path), default=DATA, help="Folder of list answers.")
@click.option("--smoke", is_flag=True, help="A small store, one round, all answers checked.")
@click.option("--write", is_flag=True, help="Keep the tables in bench/RESULTS.md.")
def main(entries: int, rounds: int, saved: Path, smoke: bool, write: bool) -> None:
    """Measure live previews."""
    if smoke and write:
        raise click.UsageError("--smoke measures too little to be written down")
    base = load_base(saved).some() if smoke else load_base(saved)
    if smoke:
        with TemporaryDirectory() as folder:
            text = _run(base, 2_000, 1, Path(folder), check=True)
    else:
        text = _run(base, entries, rounds, CACHE)
    print(text)
    if write:
        write_section(PREVIEW, text)


def _run(base: Base, entries: int, rounds: int, folder: Path, *, check: bool = False) -> str:
    path, queries = aged_store(base, entries, folder), list(_queries(base))
    taken = Taken()
    with closing(SqliteStore(path)) as store:
        store.seal(midnight(NEWEST))  # as a server does; without a seal there are no thresholds to find
        if check:
            _check(store, queries)
    with resident([path]):
        for number in range(-1, rounds):
            times = taken if number >= 0 else Taken()
            with closing(SqliteStore(path)) as store:  # one that nothing is remembered of
                _measure(store, queries, times)
            _measure_answers(path, queries, times)
    return f"""\
`bench/preview.py`; {base}, {entries:,} entries with a history.

The answer to `/build/preview`, from the app's door to its door: {len(queries)} different queries, of words, phrases,
authors, exclusions, thresholds, and {_wanted(queries)} with a wanted number of entries. It holds a feed of {LIMIT}
entries, its outlook of {DAYS} days with thresholds, marks and reasons of each entry; these are measured alone as well.
In milliseconds, {rounds} rounds. *First* is of queries that the process was not asked before; what it takes of the
processor's time, a busy machine changes less. {_load()}

{table(("", "median", "95 of 100 within", "most"), _rows(taken))}
"""


def _load() -> str:
    return f"Load average: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores."


def _rows(taken: Taken) -> Iterator[tuple[str, ...]]:
    named = {
        f"store.select of {LIMIT}": taken.plain,
        f"**answer, first** (target: 95 within {TARGET})": taken.answer,
        "of the processor's time alone": taken.answer_processor,
        "without its page, first": taken.first,
        "without its page, again": taken.again,
        "of the first: feed": taken.feed,
        "of the first: outlook": taken.outlook,
        "of the first: marks and reasons": taken.reasons,
    }
    for name, times in named.items():
        ordered = sorted(times)
        yield name, *(f"{ordered[ceil(share * len(ordered)) - 1]:.1f}" for share in (0.5, 0.95, 1))


def _queries(base: Base) -> Iterator[Query]:
    """Yield different queries, with different words where a kind comes twice."""
    cases = {case.name: iter(case.queries) for case in choose(base.entries)}
    for kind, count, more in KINDS:
        for _ in range(count):
            asked = next(cases[kind]).parameters
            yield parse_query([*asked, *more.items(), ("limit", str(LIMIT))])


def _wanted(queries: Sequence[Query]) -> int:
    return sum(query.per_day is not None for query in queries)


def _measure(store: SqliteStore, queries: Sequence[Query], taken: Taken) -> None:
    """Ask each query for the first time, then each again, and the plain answer each time before."""
    for times, parts in ((taken.first, taken), (taken.again, Taken())):
        for query in queries:
            taken.plain.append(timed(partial(store.select, resolve(query.filter, NOW), "listed", LIMIT))[0])
            times.append(_preview(store, query, parts))


def _measure_answers(path: Path, queries: Sequence[Query], taken: Taken) -> None:
    """Ask a new app each query once."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / STORE_FILE).symlink_to(path)
        settings = Settings(
            data_dir=folder,
            config_dir=folder,
            refresh=RefreshSettings(enabled=False),
            limits=LimitSettings(enabled=False),
        )
        client = create_app(settings, at_work=False, clock=NOW.timestamp).test_client()
        client.get("/build/preview?q=anything")
        for query in queries:
            begin = process_time()
            taking, answer = timed(partial(client.get, f"/build/preview?{query.query_string}"))
            taken.answer_processor.append((process_time() - begin) * 1000)
            taken.answer.append(taking)
            if answer.status_code != HTTPStatus.OK or b'role="alert"' in answer.data:
                raise SystemExit(f"{query.query_string}: {answer.status}")


def _preview(store: SqliteStore, query: Query, parts: Taken) -> float:
    """Make a preview; return what it took."""
    building, feed = timed(partial(_feed, store, query))
    looking, _ = timed(partial(_outlook, store, query))
    reasoning, _ = timed(partial(_reason, query, feed))
    for times, each in ((parts.feed, building), (parts.outlook, looking), (parts.reasons, reasoning)):
        times.append(each)
    return building + looking + reasoning


def _feed(store: SqliteStore, query: Query) -> Feed:
    return build_feed(store, Offer(query, ADDRESS, timedelta(minutes=15)), NOW)


def _outlook(store: SqliteStore, query: Query) -> Outlook:
    return outlook(store, query, NOW, DAYS)


def _reason(query: Query, feed: Feed) -> None:
    part = resolve(query.filter, NOW)
    for entry in feed.entries:
        marks(part, "title", entry.title)
        marks(part, "summary", entry.summary)
        reasons(part, entry)


def _check(store: SqliteStore, queries: Sequence[Query]) -> None:
    """End the program where a chart is not what a look at every single entry gives."""
    everything = store.select(EVERYTHING, "listed", 10**6)
    for query in queries:
        part = resolve(query.filter, NOW)
        if query.per_day:
            part = all_of(part, volume(store, part, query.per_day, UTC, NOW).filter)
        since = all_of(part, Date("listed", midnight(NOW.date() - timedelta(days=DAYS - 1))))
        expected = sum(matches(since, entry) for entry in everything)
        answer = sum(day.entries for day in _outlook(store, query).days)
        if answer != expected:
            raise SystemExit(f"{query.query_string}: {answer} entries were answered, {expected} is right")


if __name__ == "__main__":
    main()
