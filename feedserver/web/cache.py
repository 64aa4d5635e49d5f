"""Keys -> finished feeds, in this process: bounded by bytes, built once however many ask at the same time."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from cachetools import LRUCache

from feedserver.web.finished import Finished

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
        self._bound = bound
        self._most_aliases = most_aliases
        self._size = 0
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._aliases: OrderedDict[Hashable, Hashable] = OrderedDict()
        self._lock = threading.Lock()
        self._building: dict[Hashable, threading.Lock] = {}

    def find(self, alias: Hashable, version: Version, now: float) -> Finished | None:
        """Return the feed under an alias where it is of this version; neither locks nor builds."""
        key = self._aliases.get(alias)
        kept = self._kept.get(key) if key is not None else None
        if kept is None or kept.version != version or now >= kept.until:
            return None
        with suppress(KeyError):  # another thread may drop it just now; what was found is good all the same
            self._kept.move_to_end(key)
        return kept.finished

    def get(self, key: Hashable, version: Version, now: float, build: Callable[[], tuple[Finished, float]]) -> Finished:
        """Return the feed under its canonical key, built where it is missing or old: by one thread, for all that wait.

        A feed whose bytes did not change keeps its validators, whatever else did.
        """
        with self._lock:
            turn = self._building.setdefault(key, threading.Lock())
        try:
            with turn:
                kept = self._kept.get(key)
                if kept is None or kept.version != version or now >= kept.until:
                    kept = _confirm(kept, *build(), version)
                    self._keep(key, kept)
        finally:
            with self._lock:
                self._building.pop(key, None)
        return kept.finished

    def alias(self, alias: tuple[str, ...], key: Hashable) -> None:
        """Let ``find`` find the key under another spelling, unless that is long; the oldest go first."""
        if sum(map(len, alias)) > LONGEST_ALIAS:
            return
        with self._lock:
            self._aliases[alias] = key
            if len(self._aliases) > self._most_aliases:
                self._aliases.popitem(last=False)

    def _keep(self, key: Hashable, kept: Kept) -> None:
        with self._lock:
            if (old := self._kept.pop(key, None)) is not None:
                self._size -= old.finished.size
            self._kept[key] = kept
            self._size += kept.finished.size
            while self._size > self._bound and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                self._size -= dropped.finished.size


class FragmentMemory:
    """Rendered entries; the least recently used go first when ``bound`` bytes are reached. Safe among threads."""

    def __init__(self, bound: int) -> None:
        """Start empty."""
        self._fragments: LRUCache[Hashable, bytes] = LRUCache(bound, len)
        self._lock = threading.Lock()

    def get(self, key: Hashable, /) -> bytes | None:
        """Return what was kept under the key, if it still is."""
        with self._lock:
            return self._fragments.get(key)

    def __setitem__(self, key: Hashable, fragment: bytes, /) -> None:
        """Keep a fragment, unless it is larger than the whole memory."""
        with self._lock, suppress(ValueError):
            self._fragments[key] = fragment


def _confirm(old: Kept | None, finished: Finished, until: float, version: Version) -> Kept:
    """Keep the validators of bytes that did not change; where they did, let the date move as the tag does."""
    if old is None:
        return Kept(finished, version, until)
    known = old.finished
    if (known.tag, known.headers) == (finished.tag, finished.headers):
        return Kept(known, version, until)
    if known.tag != finished.tag and finished.modified <= known.modified:
        finished = replace(finished, modified=known.modified + timedelta(seconds=1), made={})
    return Kept(finished, version, until)
