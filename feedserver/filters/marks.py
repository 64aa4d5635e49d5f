"""A filter, an entry -> why it is in the feed: the places in its texts that satisfy it, and its other reasons."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from feedserver.filters.base import All, Any, Date, Filter, Has, Leaf, Name, Not, Number, Tag, Text
from feedserver.filters.describe import HOLDINGS
from feedserver.filters.match import matches, name_matches, names
from feedserver.model import Entry
from feedserver.text import name_parts, placed_words, stem

Span = tuple[int, int]  # the first character, and the one after the last

_NAMES = {"author": "author", "org": "organisation", "submitter": "submitter"}


def marks(part: Filter, field: Literal["title", "summary"], text: str) -> tuple[Span, ...]:
    """Return the spans of a title or summary that satisfy what the filter looks for in it, apart and in order.

    What it does not want (``-medical``) marks nothing.
    """
    asked = {leaf for leaf in positive(part) if isinstance(leaf, Text) and leaf.field in {field, "any"}}
    if not asked:
        return ()
    words = _words(text)
    return tuple(_joined(sorted(span for leaf in asked for span in _spans(leaf, words))))


def reasons(part: Filter, entry: Entry) -> tuple[str, ...]:
    """Return what else of a resolved filter an entry satisfies, in a few words each: ``author Yaron Lipman``."""
    satisfied = (leaf for leaf in positive(part) if matches(leaf, entry))
    return tuple(dict.fromkeys(reason for leaf in satisfied for reason in _reasons(leaf, entry)))


def positive(part: Filter, wanted: bool = True) -> Iterator[Leaf]:
    """Yield the conditions that speak for an entry where they hold; what is negated twice does."""
    match part:
        case All(parts) | Any(parts):
            for inner in parts:
                yield from positive(inner, wanted)
        case Not(inner):
            yield from positive(inner, not wanted)
        case _ if wanted:
            yield part


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text, their stems, and their places in it."""

    spelled: tuple[str, ...]
    stems: tuple[str, ...]
    places: tuple[Span, ...]


def _words(text: str) -> _Words:
    placed = placed_words(text)
    spelled = tuple(word for word, _, _ in placed)
    return _Words(spelled, tuple(map(stem, spelled)), tuple((start, end) for _, start, end in placed))


def _spans(leaf: Text, words: _Words) -> Iterator[Span]:
    phrase = leaf.phrase
    if leaf.prefix:
        yield from (place for word, place in zip(words.spelled, words.places, strict=True) if word.startswith(phrase))
        return
    for at in range(len(words.stems) - len(phrase) + 1):
        if words.stems[at : at + len(phrase)] == phrase:
            yield words.places[at][0], words.places[at + len(phrase) - 1][1]


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Make one of spans that overlap or touch each other; they are sorted."""
    first, last = -1, -1
    for start, end in spans:
        if start <= last:
            last = max(last, end)
            continue
        if last > first:
            yield first, last
        first, last = start, end
    if last > first:
        yield first, last


def _reasons(leaf: Leaf, entry: Entry) -> Iterator[str]:
    """Yield in words why an entry satisfies a condition that it satisfies; of title and summary, the marks tell."""
    match leaf:
        case Text("keyword"):
            yield from (f"keyword {each}" for each in entry.ai_keywords if any(_spans(leaf, _words(each))))
        case Name(field):
            found = [name for name in names(field, entry) if name_matches(leaf.parts, name_parts(name))]
            yield f"{_NAMES[field]} {found[-1]}"  # an institution's full name comes after its handle
        case Tag("category", value):
            found = [each for each in entry.categories if value in {each.lower(), each.lower().partition(".")[0]}]
            yield from (f"category {each}" for each in found)
        case Tag(field, value):
            yield f"{field} {value}"
        case Has(what):
            yield HOLDINGS[what]
        case Number(field):
            count = getattr(entry, field)
            yield f"{count} {field.removesuffix('s') if count == 1 else field}"
        case Date(field):
            yield f"{field} {getattr(entry, field):%Y-%m-%d}"
