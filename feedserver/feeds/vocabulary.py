"""The store -> the names and keywords of what was listed lately, to suggest some of them to who types."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from feedserver.filters import EVERYTHING
from feedserver.model import Entry
from feedserver.store import Store
from feedserver.taxonomy import category_name
from feedserver.text import words

LATELY = 5_000  # entries


class Suggestion(NamedTuple):
    """What may be asked for, in how many entries it stands, and what it is called, where it is a code."""

    value: str
    entries: int
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Suggestions:
    """All that may be suggested in one place, the most frequent first: a column of its folded words, and of each fact.

    Columns, because to make tens of thousands of small values takes longer than all the rest.
    """

    spelled: tuple[str, ...]
    values: tuple[str, ...]
    entries: tuple[int, ...]
    names: tuple[str | None, ...]

    def suggest(self, beginning: str, limit: int) -> tuple[Suggestion, ...]:
        """Return the first of those in which any word, and what follows it, begins with what was typed."""
        typed = _spelled(beginning)
        found = (place for place, spelled in enumerate(self.spelled) if typed in spelled)
        return tuple(
            Suggestion(self.values[place], self.entries[place], self.names[place]) for place in islice(found, limit)
        )


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What entries of late are by, from, about, and in which categories."""

    authors: Suggestions
    organisations: Suggestions
    keywords: Suggestions
    categories: Suggestions


def vocabulary(store: Store, lately: int = LATELY) -> Vocabulary:
    """Return the vocabulary of so many entries, those that were listed last. It takes a quarter of a second."""
    return vocabulary_of(store.select(EVERYTHING, "listed", lately))


def vocabulary_of(entries: Iterable[Entry]) -> Vocabulary:
    """Return the vocabulary of entries. What differs in case and accents alone is one, spelled as it mostly is."""
    authors, organisations, keywords, categories = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for entry in entries:
        authors.update(set(entry.authors))
        organisations.update([entry.organisation.full_name] if entry.organisation else ())
        keywords.update(set(entry.ai_keywords))
        categories.update(set(entry.categories))
    return Vocabulary(
        _suggestions(authors),
        _suggestions(organisations),
        _suggestions(keywords),
        _suggestions(categories, category_name),
    )


def _suggestions(counted: Counter[str], name_of: Callable[[str], str | None] = lambda _: None) -> Suggestions:
    usual: dict[str, str] = {}
    together: Counter[str] = Counter()
    for value, entries in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])):
        spelled = _spelled(f"{value} {name_of(value) or ''}")
        usual.setdefault(spelled, value)
        together[spelled] += entries
    ordered = sorted(together, key=together.__getitem__, reverse=True)
    values = tuple(usual[spelled] for spelled in ordered)
    return Suggestions(
        tuple(ordered), values, tuple(together[spelled] for spelled in ordered), tuple(map(name_of, values))
    )


def _spelled(text: str) -> str:
    """Return folded words, each after a blank, so that the beginning of a word is found as a piece of it."""
    return f" {' '.join(words(text))}"
