"""Keys -> finished feeds, in this process: bounded by bytes, built once however many ask at the same time."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import timedelta

from feedserver.web.finished import Finished
from feedserver.web.memory import Memory

Version = tuple[int, ...]
LONGEST_ALIAS = 600  # characters; a longer address is parsed each time


@dataclass(frozen=True, slots=True)
class Kept:
    """A finished feed, the version of the data that it was made or confirmed at, and until when it holds."""

    finished: Finished
    version: Version
    until: float  # seconds since 1970


class FeedCache:
    """The least recently used go first when ``bound`` bytes are reached. Safe among threads."""

    def __init__(self, bound: int, most_aliases: int = 10_000) -> None:
        """Start empty."""
        self._kept: Memory[Hashable, Kept] = Memory(bound, lambda kept: kept.finished.size)
        self._aliases: Memory[Hashable, Hashable] = Memory(most_aliases, lambda _: 1)
        self._lock = threading.Lock()
        self._building: dict[Hashable, threading.Lock] = {}

    def find(self, alias: Hashable, version: Version, now: float) -> Finished | None:
        """Return the feed under an alias where it is of this version; neither locks nor builds."""
        key = self._aliases.find(alias)
        kept = None if key is None else self._kept.find(key)
        if kept is None or kept.version != version or now >= kept.until:
            return None
        return kept.finished

    def get(self, key: Hashable, version: Version, now: float, build: Callable[[], tuple[Finished, float]]) -> Finished:
        """Return the feed under its canonical key, built where it is missing or old: by one thread, for all that wait.

        A feed whose bytes did not change keeps its validators, whatever else did.
        """
        with self._lock:
            turn = self._building.setdefault(key, threading.Lock())
        try:
            with turn:
                kept = self._kept.find(key)
                if kept is None or kept.version != version or now >= kept.until:
                    kept = _confirm(kept, *build(), version)
                    self._kept.keep(key, kept)
        finally:
            with self._lock:
                self._building.pop(key, None)
        return kept.finished

    def alias(self, alias: tuple[str, ...], key: Hashable) -> None:
        """Let ``find`` find the key under another spelling, unless that is long; the oldest go first."""
        if sum(map(len, alias)) <= LONGEST_ALIAS:
            self._aliases.keep(alias, key)


def _confirm(old: Kept | None, finished: Finished, until: float, version: Version) -> Kept:
    """Keep the validators of bytes that did not change; where they did, let the date move as the tag does."""
    if old is None:
        return Kept(finished, version, until)
    known = old.finished
    finished = finished.after(known)
    if (known.tag, known.headers) == (finished.tag, finished.headers):
        return Kept(known, version, until)
    if known.tag != finished.tag and finished.modified <= known.modified:
        finished = replace(finished, modified=known.modified + timedelta(seconds=1), made={})
    return Kept(finished, version, until)
