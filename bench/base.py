"""Captured answers, or a seed -> the base entries that every store of the benchmark is drawn from, and those stores."""

from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from bench.corpus import captured, resample
from bench.made import made_up
from bench.stored import CACHE, Built, Parameters, ensure
from feedserver.model import Entry

SEED = 1
DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "huggingface" / "daily"


@dataclass(frozen=True, slots=True)
class Base:
    """The entries to draw from, and whether they were ``captured`` or ``made-up``."""

    entries: tuple[Entry, ...]
    origin: str

    def some(self) -> "Base":
        """Return every fourth of them, for a smoke run."""
        return Base(self.entries[::4], self.origin)

    def drawn(self, count: int) -> tuple[Entry, ...]:
        """Return the entries of the store of that size."""
        return tuple(resample(self.entries, count, SEED))

    def path(self, count: int, folder: Path = CACHE) -> Path:
        """Return where the store of ``count`` entries is, or will be."""
        return Parameters(count, SEED, f"{crc32(repr(self.entries).encode()):08x}").path(folder)

    def store(self, count: int, folder: Path = CACHE) -> tuple[Path, Built]:
        """Return where the store of ``count`` entries is and how it was built, after building it where it isn't yet."""
        path = self.path(count, folder)
        return path, ensure(path, resample(self.entries, count, SEED))

    def __str__(self) -> str:
        """Say what the figures rest on."""
        return f"resampled from {len(self.entries):,} {self.origin} entries"


def load_base(saved: Path) -> Base:
    """Return what was captured into the folder, else what is made up."""
    entries = captured(saved)
    return Base(entries, "captured") if entries else Base(made_up(SEED), "made-up")
