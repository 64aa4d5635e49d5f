"""A filter, an entry -> why it is in the feed: the places in its texts that satisfy it, and its other reasons."""

from collections.abc import Iterable, Iterator, Sequence, Set
from functools import lru_cache
from typing import Literal

from feedserver.filters.base import All, Any, Date, Filter, Has, Leaf, Name, Not, Number, Tag, Text, Threshold
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
    asked = _sought(part, field)
    if not asked:
        return ()
    found = sorted(_runs(asked, words(text)))
    placed = places(text) if found else []
    return tuple(_joined((placed[first][0], placed[last][1]) for first, last in found))


def reasons(part: Filter, entry: Entry) -> tuple[str, ...]:
    """Return what else of a resolved filter an entry satisfies, in a few words each: ``author Yaron Lipman``."""
    return tuple(dict.fromkeys(reason for leaf in _others(part) for reason in _reasons(leaf, entry)))


@lru_cache(maxsize=64)
def _sought(part: Filter, field: str) -> tuple[Text, ...]:
    """Return the conditions on a text, each once; a page asks for them with each of its entries."""
    found = (leaf for leaf in positive(part) if isinstance(leaf, Text) and leaf.field in {field, "any"})
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=64)
def _others(part: Filter) -> tuple[Leaf, ...]:
    """Return the conditions on anything but title and summary, each once."""
    found = (leaf for leaf in positive(part) if not isinstance(leaf, Text) or leaf.field == "keyword")
    return tuple(dict.fromkeys(found))


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


def _runs(asked: Sequence[Text], spelled: Sequence[str]) -> Iterator[Span]:
    """Yield the numbers of the first and the last word of each place that one of the conditions looks for."""
    phrases = []
    for leaf in asked:
        phrase = _phrase(leaf)
        if leaf.prefix:
            yield from ((at, at) for at, word in enumerate(spelled) if word.startswith(phrase))
        else:
            phrases.append(phrase)
    starts = _starts({phrase[0] for phrase in phrases}, spelled)
    for phrase in phrases:
        for at in starts.get(phrase[0], ()):
            if tuple(map(stem, spelled[at : at + len(phrase)])) == phrase:
                yield at, at + len(phrase) - 1


def _starts(stems: Set[str], spelled: Sequence[str]) -> dict[str, list[int]]:
    """Return where words with these stems stand.

    A stem begins as its word does; to make one takes long.
    """
    places: dict[str, list[int]] = {}
    letters = {each[0] for each in stems}
    for at, word in enumerate(spelled):
        if word[0] in letters and (found := stem(word)) in stems:
            places.setdefault(found, []).append(at)
    return places


@lru_cache(maxsize=4096)
def _phrase(leaf: Text) -> tuple[str, ...]:
    return leaf.phrase


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
    return any(_runs((leaf,), words(keyword)))


@lru_cache(maxsize=4096)
def _parts_of(name: str) -> tuple[str, ...]:
    return tuple(name_parts(name))


def _reasons(leaf: Leaf, entry: Entry) -> Iterator[str]:
    """Yield in words why an entry satisfies a condition, if it does; of title and summary, the marks tell."""
    match leaf:
        case Text():
            yield from (f"keyword {each}" for each in entry.ai_keywords if _holds(leaf, each))
        case Name(field):
            found = [name for name in names(field, entry) if name_matches(leaf.parts, _parts_of(name))]
            if found:
                yield f"{_NAMES[field]} {found[-1]}"  # an institution's full name comes after its handle
        case Tag("category", value):
            found = [each for each in entry.categories if value in {each.lower(), each.lower().partition(".")[0]}]
            yield from (f"category {each}" for each in found)
        case _ if matches(leaf, entry):
            yield _fact(leaf, entry)


def _fact(leaf: Leaf, entry: Entry) -> str:
    """Return a condition that an entry satisfies, with what it has of that."""
    match leaf:
        case Tag(field, value):
            return f"{field} {value}"
        case Has(what):
            return HOLDINGS[what]
        case Number(field):
            count = getattr(entry, field)
            return f"{count} {field.removesuffix('s') if count == 1 else field}"
        case Threshold():
            return _fact(leaf.lowest, entry)
        case Date(field):
            return f"{field} {getattr(entry, field):%Y-%m-%d}"
        case _:
            raise TypeError(f"{leaf!r} is told otherwise")
