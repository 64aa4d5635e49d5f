"""Keys -> values in this process, bounded by what they weigh: the least recently used go first. Safe among threads."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from feedserver.render import Fragment
from feedserver.store import Sight

OVERHEAD = 500  # bytes of a fragment beside its text: key, digest, objects

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Memory(Generic[_Key, _Value]):
    """A mapping that forgets what was not used for longest, so that the sum of what its values weigh stays bounded."""

    def __init__(self, bound: int, weigh: Callable[[_Value], int]) -> None:
        """Start empty."""
        self._bound = bound
        self._weigh = weigh
        self._weight = 0
        self._kept: OrderedDict[_Key, _Value] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: _Key) -> _Value | None:
        """Return the value without a lock."""
        value = self._kept.get(key)
        if value is not None:
            try:
                self._kept.move_to_end(key)
            except KeyError:  # another thread dropped it just now; what was found is good all the same
                return value
        return value

    def find_all(self, keys: Sequence[_Key]) -> list[_Value | None]:
        """Return the values of several keys."""
        with self._lock:
            return [self.find(key) for key in keys]

    def keep(self, key: _Key, value: _Value) -> None:
        """Keep a value, unless it alone weighs more than all may."""
        with self._lock:
            if (old := self._kept.pop(key, None)) is not None:
                self._weight -= self._weigh(old)
            if self._weigh(value) > self._bound:
                return
            self._kept[key] = value
            self._weight += self._weigh(value)
            while self._weight > self._bound:
                _, dropped = self._kept.popitem(last=False)
                self._weight -= self._weigh(dropped)


class RenderedEntries:
    """The fragments of entries, by format, view and sight (``feeds.FragmentMemory``)."""

    def __init__(self, bound: int) -> None:
        """Start empty; ``bound`` counts bytes."""
        self._memory: Memory[tuple[str, Sight], Fragment] = Memory(bound, lambda each: len(each.body) + OVERHEAD)

    def recall(self, style: str, sights: Sequence[Sight]) -> dict[Sight, Fragment]:
        """Return what is known of these."""
        found = self._memory.find_all([(style, sight) for sight in sights])
        return {sight: fragment for sight, fragment in zip(sights, found, strict=True) if fragment is not None}

    def keep(self, style: str, made: Mapping[Sight, Fragment]) -> None:
        """Take note of fragments."""
        for sight, fragment in made.items():
            self._memory.keep((style, sight), fragment)
