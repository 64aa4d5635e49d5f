"""Filter, Entry -> bool: the meaning of every filter, as a plain predicate. Each store engine must agree with it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from feedserver.filters.base import (
    All,
    Any,
    Date,
    Filter,
    Has,
    Leaf,
    Name,
    Not,
    Number,
    Tag,
    Text,
    Threshold,
    is_initial,
)
from feedserver.model import Entry
from feedserver.text import name_parts, terms, words


def matches(part: Filter, entry: Entry) -> bool:
    """Say whether the entry satisfies a resolved filter."""
    match part:
        case All(parts):
            return all(matches(inner, entry) for inner in parts)
        case Any(parts):
            return any(matches(inner, entry) for inner in parts)
        case Not(inner):
            return not matches(inner, entry)
        case _:
            return _leaf_matches(part, entry)


def _leaf_matches(leaf: Leaf, entry: Entry) -> bool:
    match leaf:
        case Text():
            return any(_text_matches(leaf, text) for text in texts(leaf, entry))
        case Name():
            return any(name_matches(leaf.parts, name_parts(name)) for name in names(leaf.field, entry))
        case Tag(field, value):
            return value.lower() in tags(field, entry)
        case Has(what):
            return what in possessions(entry)
        case Number(field, low, high):
            count: int | None = getattr(entry, field)
            return count is not None and low <= count <= high
        case Threshold():
            return entry.upvotes >= leaf.at(entry.listed)
        case Date(field, low, high):
            return _date_matches(getattr(entry, field), low, high)


def texts(leaf: Text, entry: Entry) -> Iterable[str]:
    """Return the texts of an entry that a Text looks into; a phrase never runs from one into the next."""
    match leaf.field:
        case "title":
            return (entry.title,)
        case "summary":
            return (entry.summary,)
        case "keyword":
            return entry.ai_keywords
        case "any":
            return (entry.title, entry.summary)


def names(field: str, entry: Entry) -> tuple[str, ...]:
    """Return the names of an entry that a Name looks at."""
    if field == "author":
        return entry.authors
    holder = entry.organisation if field == "org" else entry.submitter
    return () if holder is None else tuple(filter(None, (holder.name, holder.full_name)))


def tags(field: str, entry: Entry) -> set[str]:
    """Return the tags of an entry in lower case; a category brings its archive (``cs.CL`` also ``cs``)."""
    if field == "source":
        return {source.lower() for source in entry.sources}
    categories = {category.lower() for category in entry.categories}
    return categories | {category.partition(".")[0] for category in categories}


def possessions(entry: Entry) -> set[str]:
    """Return what ``has:`` finds in an entry."""
    held = {"code": entry.links.code, "project": entry.links.project, "media": entry.media}
    return {what for what, value in held.items() if value}


def name_matches(asked: Sequence[str], name: Sequence[str]) -> bool:
    """Say whether the asked parts occur in the name in their order, an initial standing for any part it begins."""
    rest = iter(name)
    return bool(asked) and all(
        any(part.startswith(want) if is_initial(want) else part == want for part in rest) for want in asked
    )


def _text_matches(leaf: Text, text: str) -> bool:
    phrase = leaf.phrase
    if leaf.prefix:
        return any(word.startswith(phrase[0]) for word in words(text))
    found = terms(text)
    return any(tuple(found[at : at + len(phrase)]) == phrase for at in range(len(found) - len(phrase) + 1))


def _date_matches(time: datetime, low: object, high: object) -> bool:
    if not isinstance(low, datetime | None) or not isinstance(high, datetime | None):
        raise TypeError("resolve the filter before it is matched")
    return (low is None or time >= low) and (high is None or time < high)
