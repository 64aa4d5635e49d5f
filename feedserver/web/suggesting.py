"""What the builder suggests to who types, kept in memory for an hour: made of the newest entries when first asked."""

import threading
from collections.abc import Sequence

from feedserver.feeds import Vocabulary, vocabulary
from feedserver.store import Store
from feedserver.text import words

LASTS = 3600.0  # seconds
_MOST = 10


class Suggesting:
    """A vocabulary that is made anew where it is an hour old. Safe among threads."""

    def __init__(self, store: Store) -> None:
        """Make nothing yet: most workers are never asked."""
        self._store = store
        self._lock = threading.Lock()
        self._known: Vocabulary | None = None
        self._until = 0.0

    def suggest(self, kind: str, typed: str, now: float) -> Sequence[str]:
        """Return what begins so, of authors, organisations or keywords, the most frequent first.

        ``now`` counts seconds since 1970. Of anything else, and of nothing typed, there is nothing to suggest.
        """
        if not words(typed) or kind not in {"authors", "organisations", "keywords"}:
            return ()
        found = getattr(self._current(now), kind).suggest(typed, _MOST)
        return [suggestion.value.replace(",", " ") for suggestion in found]  # a comma parts two values

    def _current(self, now: float) -> Vocabulary:
        with self._lock:
            if self._known is None or now >= self._until:
                self._known, self._until = vocabulary(self._store), now + LASTS
            return self._known
