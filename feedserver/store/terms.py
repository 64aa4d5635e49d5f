"""Entry -> the terms it is found by, a column a field; and the facets that narrow down counts and dates.

Shared by all store engines. A facet term is true of more entries than the condition it stands for (``upvotes.20`` for
at least 30) unless ``is_exact`` says otherwise; it lets the index skip what can't match.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import combinations, pairwise
from typing import get_args
from urllib.parse import quote

from feedserver.filters.base import HIGHEST, Date, Name, NameField, Number, TagField, is_initial
from feedserver.filters.match import names, possessions, tags
from feedserver.model import CountField, Entry
from feedserver.text import ANALYSIS, is_unspaced, name_parts, stem, terms, words

RULES = f"{ANALYSIS}/facets 3"  # by which terms are made: an index of others is made anew
EVERY = "every"  # a facet of every entry
NONE = "none"  # a facet of no entry
GAP = "."  # between two texts of one column, so that no phrase runs across
COLUMNS = (
    "title", "summary", "title_pairs", "summary_pairs", "title_words", "summary_words",
    "keyword", "keyword_words",
    "author", "org", "submitter", "facet",
)  # fmt: skip

_STEPS: tuple[int, ...] = tuple(
    digit * 10**power for power in range(13) for digit in (1, 2, 5)
)  # the thresholds that people ask for

_FIRST_MONTH, _LAST_MONTH = 1990 * 12, 2099 * 12 + 11
_SPANS = ((120, "{0}0s"), (12, "{1}"), (1, "{1}-{2:02}"))  # a decade, a year, a month, each in months


def index_terms(entry: Entry, late: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the text of each of ``COLUMNS``: terms separated by blanks; ``late`` are facets of the entry's history."""
    spelled = words(entry.title), words(entry.summary)
    title, summary = ([stem(word) for word in text] for text in spelled)
    columns: tuple[Iterable[str], ...] = (
        title,
        summary,
        sorted(set(pairs(title))),
        sorted(set(pairs(summary))),
        *(sorted(_spaced(text)) for text in spelled),
        f" {GAP} ".join(" ".join(terms(keyword)) for keyword in entry.ai_keywords).split(),
        sorted(set().union(*(_spaced(words(keyword)) for keyword in entry.ai_keywords))),
        *(sorted(_name_terms(names(field, entry))) for field in get_args(NameField)),
        sorted((*_facets(entry), *late)),
    )
    return tuple(" ".join(column) for column in columns)


def pairs(phrase: Sequence[str]) -> list[str]:
    """Return each two neighbours as one term: a phrase of frequent words is then as quick to find as a rare word."""
    return [f"{one}_{other}" for one, other in pairwise(phrase)]


def spelled_names(field: NameField, entry: Entry) -> str:
    """Return the folded names of a field for ``name_pattern`` to search in, a line each."""
    return "".join(f"\n {' '.join(name_parts(name))} " for name in names(field, entry))


def name_pattern(asked: Name) -> str:
    """Return a regular expression that finds the asked parts, in their order, within one line of spelled_names."""
    parts = (rf"{part}[^ \n]*" if is_initial(part) else part for part in asked.parts)
    return r"\n[^\n]* " + r"(?: [^\n]*)? ".join(parts) + " "


def name_terms(asked: Name) -> list[str]:
    """Return terms that all occur where the name occurs; up to two parts they also decide it."""
    if len(asked.parts) == 1:
        return list(asked.parts)
    both = combinations(asked.parts, 2)
    return [f"{one}+{other}" for one, other in both if not (is_initial(one) and is_initial(other))]


def tag_facet(field: TagField, value: str) -> str:
    """Return the facet of a source or a category."""
    return f"{field}.{quote(value.lower(), safe='')}"


def number_facet(asked: Number, *, within: bool = False) -> str:
    """Return a facet that covers the asked range of counts, or (``within``) one that lies inside it."""
    if within:
        step = bisect_left(_STEPS, asked.low)
        return f"{asked.field}.{_STEPS[step]}" if asked.high == HIGHEST and asked.low and step < len(_STEPS) else NONE
    return f"{asked.field}.{_STEPS[bisect_right(_STEPS, asked.low) - 1]}" if asked.low else EVERY


def is_exact(asked: Number) -> bool:
    """Say whether the facet means just what is asked: at least 1, 2, 5, 10, 20, 50 and so on."""
    return asked.high == HIGHEST and asked.low in _STEPS


def date_facets(asked: Date) -> list[str]:
    """Return facets of which every entry in the asked range of ``published`` has one: months, years, decades."""
    month = _month(asked.low) if isinstance(asked.low, datetime) else _FIRST_MONTH
    last = _month(asked.high) if isinstance(asked.high, datetime) else _LAST_MONTH
    facets = []
    while month <= last:
        length, facet = next((n, form) for n, form in _SPANS if month % n == 0 and (month + n - 1 <= last or n == 1))
        facets.append(_date_facet(facet, month))
        month += length
    return facets or [NONE]


def _spaced(spelled: Iterable[str]) -> set[str]:
    return {word for word in spelled if not is_unspaced(word)}


def _name_terms(held: Iterable[str]) -> set[str]:
    found = set()
    for parts in map(name_parts, held):
        found.update(parts)
        for one, other in combinations(parts, 2):
            found.update((f"{one}+{other}", f"{_initial(one)}+{other}", f"{one}+{_initial(other)}"))
    return found


def _initial(part: str) -> str:
    return part[0] if is_initial(part[0]) else part


def _facets(entry: Entry) -> Iterator[str]:
    yield EVERY
    for tag_field in get_args(TagField):
        yield from (tag_facet(tag_field, value) for value in tags(tag_field, entry))
    yield from (f"has.{what}" for what in possessions(entry))
    for number_field in get_args(CountField):
        count = getattr(entry, number_field) or 0
        yield from (f"{number_field}.{step}" for step in _STEPS[: bisect_right(_STEPS, count)])
    yield from (_date_facet(facet, _month(entry.published)) for _, facet in _SPANS)


def _month(time: datetime) -> int:
    return min(max(time.year * 12 + time.month - 1, _FIRST_MONTH), _LAST_MONTH)


def _date_facet(form: str, month: int) -> str:
    year = month // 12
    return f"published.{form.format(year // 10, year, month % 12 + 1)}"
