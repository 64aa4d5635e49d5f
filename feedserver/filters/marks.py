"""A filter, an entry -> why it is in the feed: the places in its texts that satisfy it, and its other reasons."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from feedserver.filters.base import All, Any, Date, Filter, Has, Leaf, Name, Not, Number, Tag, Text
from feedserver.filters.describe import HOLDINGS
from feedserver.filters.match import matches, name_matches, names
from feedserver.model import Entry
from feedserver.text import name_parts, places, stem, words

Span = tuple[int, int]  # the first character, and the one after the last

_NAMES = {"author": "author", "org": "organisation", "submitter": "submitter"}


def marks(part: Filter, field: Literal["title", "summary"], text: str) -> tuple[Span, ...]:
    """Return the spans of a title or summary that satisfy what the filter looks for in it, apart and in order.

    What it does not want (``-medical``) marks nothing.
    """
    asked = {leaf for leaf in positive(part) if isinstance(leaf, Text) and leaf.field in {field, "any"}}
    if not asked:
        return ()
    spelled = words(text)
    stems = tuple(map(stem, spelled))
    found = sorted(run for leaf in asked for run in _runs(leaf, spelled, stems))
    placed = places(text) if found else []
    return tuple(_joined((placed[first][0], placed[last][1]) for first, last in found))


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


def _runs(leaf: Text, spelled: Sequence[str], stems: tuple[str, ...]) -> Iterator[Span]:
    """Yield the numbers of the first and the last word of each place that a condition looks for."""
    phrase = leaf.phrase
    if leaf.prefix:
        yield from ((at, at) for at, word in enumerate(spelled) if word.startswith(phrase))
        return
    length = len(phrase)
    for at, each in enumerate(stems):
        if each == phrase[0] and stems[at : at + length] == phrase:
            yield at, at + length - 1


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


def _holds(leaf: Text, keyword: str) -> bool:
    spelled = words(keyword)
    return any(_runs(leaf, spelled, tuple(map(stem, spelled))))


def _reasons(leaf: Leaf, entry: Entry) -> Iterator[str]:
    """Yield in words why an entry satisfies a condition that it satisfies; of title and summary, the marks tell."""
    match leaf:
        case Text("keyword"):
            yield from (f"keyword {each}" for each in entry.ai_keywords if _holds(leaf, each))
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
