"""The Protocol of a renderer, and what all of them say alike of an entry: its link, its date, its people, its tags."""

from array import array
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from itertools import accumulate, pairwise
from typing import Protocol

from feedserver.model import Entry, Feed, View
from feedserver.render.prose import plain

DIGEST = 16  # bytes
_DISCUSSED = "https://huggingface.co/papers/"
MOST_AUTHORS = 100  # named one by one in a feed; the largest collaboration known has 3,303


class Renderer(Protocol):
    """Feed -> bytes in one format. The same feed gives the same bytes, always and everywhere."""

    name: str
    title: str
    media_type: str
    separator: bytes

    def frame(self, feed: Feed) -> tuple[bytes, bytes]:
        """Return what stands before and what stands after the entries, UTF-8."""
        ...

    def fragment(self, entry: Entry, view: View) -> bytes:
        """Return one entry as it stands inside of any feed of that view."""
        ...


@dataclass(frozen=True, slots=True)
class Fragment:
    """One entry as it stands inside of a feed, with what the feed around it has to know of it."""

    body: bytes
    digest: bytes
    updated: datetime
    signed: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A feed's bytes, a digest that is the same for the same bytes, and where in them which entry stands.

    ``digests`` holds those of the entries, one after the other. ``bounds`` says where each begins, and where one more
    would, which is after a separator; both are compact, for they may be kept as long as the bytes are.
    """

    body: bytes
    digest: str
    digests: bytes = b""
    bounds: Sequence[int] = ()


def make_fragment(renderer: Renderer, entry: Entry, view: View) -> Fragment:
    """Render one entry."""
    body = renderer.fragment(entry, view)
    return Fragment(body, blake2b(body, digest_size=DIGEST).digest(), entry_updated(entry, view), bool(entry.authors))


def assemble(renderer: Renderer, feed: Feed, fragments: Sequence[Fragment]) -> Document:
    """Return the feed's document with these entries in it; the feed's own are not looked at."""
    head, tail = renderer.frame(feed)
    digests = b"".join([fragment.digest for fragment in fragments])
    digest = blake2b(b"".join((head, tail, digests)), digest_size=DIGEST)
    body = b"".join((head, renderer.separator.join([fragment.body for fragment in fragments]), tail))
    lengths = (len(fragment.body) + len(renderer.separator) for fragment in fragments)
    return Document(body, digest.hexdigest(), digests, array("I", accumulate(lengths, initial=len(head))))


def excerpt(renderer: Renderer, document: Document, known: Container[bytes]) -> bytes | None:
    """Return the document without the entries of these digests; None where it has no other."""
    body, bounds, gap = document.body, document.bounds, len(renderer.separator)
    places = zip(split_digests(document.digests), pairwise(bounds), strict=True)
    others = [body[start : end - gap] for digest, (start, end) in places if digest not in known]
    if not others:
        return None
    return b"".join((body[: bounds[0]], renderer.separator.join(others), body[bounds[-1] - gap :]))


def split_digests(digests: bytes) -> list[bytes]:
    """Return the digests that stand one after the other."""
    return [digests[start : start + DIGEST] for start in range(0, len(digests), DIGEST)]


def make_document(renderer: Renderer, feed: Feed) -> Document:
    """Return the feed's document, every entry rendered anew."""
    return assemble(renderer, feed, [make_fragment(renderer, entry, feed.view) for entry in feed.entries])


def render(renderer: Renderer, feed: Feed) -> bytes:
    """Return the bytes of the feed's document."""
    return make_document(renderer, feed).body


def entry_title(entry: Entry, view: View) -> str:
    """Return the title, which is plain text in every format; a digest's is our own."""
    return entry.title if entry.content else plain(entry.title, view.maths)


def entry_summary(entry: Entry, view: View) -> str:
    """Return the abstract as plain text; a digest's is our own."""
    return entry.summary if entry.content else plain(entry.summary, view.maths)


def entry_link(entry: Entry, view: View) -> str:
    """Return where the entry's title leads: the target asked for, or the page where the entry has no such link."""
    return getattr(entry.links, view.link) or entry.links.page


def entry_date(entry: Entry, view: View) -> datetime:
    """Return the date that readers sort by."""
    if view.dated == "entered":
        return entry.entered or entry.listed
    return entry.published if view.dated == "published" else entry.listed


def entry_updated(entry: Entry, view: View) -> datetime:
    """Return when the entry last changed in a way worth telling, never before its date."""
    return max(entry.updated, entry_date(entry, view))


def author_names(entry: Entry) -> tuple[str, ...]:
    """Return the authors that are named one by one."""
    return entry.authors[:MOST_AUTHORS]


def entry_tags(entry: Entry, view: View) -> tuple[str, ...]:
    """Return categories and keywords, each once."""
    keywords = (plain(keyword, view.maths) for keyword in entry.ai_keywords)
    return tuple(dict.fromkeys((*entry.categories, *keywords)))


def is_voted(entry: Entry) -> bool:
    """Say whether anybody could vote for the entry, or talk about it, where it was seen; nobody does for a digest."""
    return not entry.content and (entry.origin == "huggingface" or entry.upvotes > 0 or entry.comments > 0)


def discussion_link(entry: Entry) -> str | None:
    """Return where the entry is talked about, which is known of Hugging Face's pages of papers alone."""
    page = entry.links.page
    return f"{page}#community" if page.startswith(_DISCUSSED) and not entry.content else None
