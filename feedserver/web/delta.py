"""A feed and its earlier states -> a feed of what is new since one of them (RFC 3229, by the manipulation "feed").

Bob Wyman described in 2004 what "feed" means: the same document with fewer entries, which needs no base to be read.
"""

import re
from collections.abc import Container
from dataclasses import dataclass, replace
from hashlib import blake2b

from feedserver.model import EPOCH, Feed
from feedserver.render import Document, Renderer, excerpt, split_digests
from feedserver.web.coding import weigh

MOST = 8  # earlier states of a feed that are remembered
_OVERHEAD = 400  # bytes of a state beside its digests
_LONGEST = 400  # characters of A-IM that are looked at
_MAX_AGE = re.compile(r"max-age=\d+")


@dataclass(frozen=True, slots=True)
class State:
    """What a feed held under a tag: the digests of its entries, one after the other."""

    tag: str
    digests: bytes


@dataclass(frozen=True, slots=True)
class History:
    """A feed's document, a digest of what is the feed's own in it, and the states before it, the latest at the end."""

    renderer: Renderer
    document: Document
    own: bytes
    earlier: tuple[State, ...] = ()

    def after(self, old: "History") -> "History":
        """Return the history with what ``old`` remembers; with nothing, where the feed itself became another."""
        if self.own != old.own:
            return self
        states = (*old.earlier, State(old.document.digest, old.document.digests))
        return replace(self, earlier=tuple(state for state in states if state.tag != self.document.digest)[-MOST:])

    def since(self, tags: Container[str]) -> tuple[str, bytes] | None:
        """Return the latest of these tags that is remembered, and a document of what is new since; None without either.

        That an entry has gone cannot be said in such a document.
        """
        state = next((state for state in reversed(self.earlier) if state.tag in tags), None)
        if state is None:
            return None
        body = excerpt(self.renderer, self.document, frozenset(split_digests(state.digests)))
        return None if body is None else (state.tag, body)

    @property
    def size(self) -> int:
        """Bytes that it may take in memory beside the document's body."""
        document = _OVERHEAD + 2 * len(self.document.digests)
        return document + sum(_OVERHEAD + len(state.digests) for state in self.earlier)


def begin(renderer: Renderer, feed: Feed, document: Document) -> History:
    """Return the history of a feed of which nothing earlier is known.

    Its time, whether it names an author and where its archives begin follow from its entries: they are not its own.
    """
    own = replace(feed, updated=EPOCH, signed=False, related={}, entries=())
    return History(renderer, document, blake2b(repr(own).encode(), digest_size=16).digest())


def is_wanted(a_im: str) -> bool:
    """Say whether an A-IM header asks for deltas of this kind (RFC 3229, 10.5.3)."""
    return weigh(a_im[:_LONGEST]).get("feed", 0.0) > 0


def delta_headers(headers: tuple[tuple[str, str], ...], base: str) -> tuple[tuple[str, str], ...]:
    """Return a feed's headers as they are on a delta since ``base``, an entity tag in quotes.

    A cache must not keep it unless it knows of deltas (RFC 3229, 10.8.1); ``max-age`` is there for readers, which
    ask again by it.
    """
    return (*((name, _respell(name, value)) for name, value in headers), ("IM", "feed"), ("Delta-Base", base))


def _respell(name: str, value: str) -> str:
    if name == "Cache-Control":
        return ", ".join(["no-store", "im", *_MAX_AGE.findall(value)])
    return f"{value}, IM, Delta-Base" if name == "Access-Control-Expose-Headers" else value
