"""Parameters -> a built store: entries put in listings of a few thousand, the file kept under ``bench/.cache/``.

Delete that folder to build, and so to measure the import, anew.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter
from zlib import crc32

import msgspec

from feedserver.model import Entry, Listing
from feedserver.store import SqliteStore
from feedserver.store.schema import SCHEMA
from feedserver.text import ANALYSIS

LISTING = 4_000  # entries
CACHE = Path(__file__).parent / ".cache"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What decides a store's contents."""

    entries: int
    seed: int
    base: str
    schema: int = SCHEMA
    analysis: int = ANALYSIS

    def path(self, folder: Path) -> Path:
        """Where the store with these parameters is kept."""
        return folder / f"{self.entries}-{crc32(repr(asdict(self)).encode()):08x}.sqlite"


@dataclass(frozen=True, slots=True)
class Built:
    """How building went: seconds spent in ``put``, the process's memory at its peak (bytes), bytes by table."""

    entries: int
    seconds: float
    memory: int
    sizes: dict[str, int]

    @property
    def rate(self) -> float:
        """Entries a second."""
        return self.entries / self.seconds


def ensure(path: Path, entries: Iterable[Entry]) -> Built:
    """Return how the store in ``path`` was built, after building it where it isn't yet."""
    note = path.with_suffix(".json")
    if note.exists():
        return msgspec.json.decode(note.read_bytes(), type=Built)
    path.parent.mkdir(exist_ok=True)
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    built = _build(path, entries)
    note.write_bytes(msgspec.json.encode(built))
    return built


def peak_memory() -> int:
    """Return the most that this process ever held, in bytes (Linux counts in KiB)."""
    return getrusage(RUSAGE_SELF).ru_maxrss * 1024


def _build(path: Path, entries: Iterable[Entry]) -> Built:
    store = SqliteStore(path)
    kept, seconds = 0, 0.0
    for number, chunk in enumerate(_chunks(entries)):
        listing = Listing("bench", str(number), chunk[-1].first_seen, chunk)
        start = perf_counter()
        kept += store.put(listing).new
        seconds += perf_counter() - start
        if number % 10 == 9:
            print(f"  {kept:,} entries, {kept / seconds:,.0f}/s", flush=True)
    store.tidy()  # as `feedserver import` does
    store.close()
    return Built(kept, seconds, peak_memory(), _sizes(path))


def _chunks(entries: Iterable[Entry]) -> Iterator[tuple[Entry, ...]]:
    rest = iter(entries)
    while chunk := tuple(islice(rest, LISTING)):
        yield chunk


def _sizes(path: Path) -> dict[str, int]:
    """Return the bytes of each table and index, the largest first; nothing where SQLite was built without dbstat."""
    statement = "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC"
    with closing(sqlite3.connect(path)) as connection:
        try:
            return dict(connection.execute(statement))
        except sqlite3.OperationalError:
            return {}
