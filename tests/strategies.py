"""Random filters, made of what the entries at hand contain, so that they admit some and not others."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from hypothesis import strategies as st

from feedserver.filters.base import All, Any, Date, Filter, Has, Name, Not, Number, Tag, Text, Threshold
from feedserver.model import Entry
from feedserver.text import words

Picked = TypeVar("Picked")


def filters(entries: Sequence[Entry]) -> st.SearchStrategy[Filter]:
    """Return a strategy for filters of every kind, nested."""
    return st.recursive(
        st.one_of(
            _texts(entries),
            _names(entries),
            _tags(entries),
            _numbers(),
            _thresholds(entries),
            _dates(entries),
            _holdings(),
        ),
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.builds(All, st.lists(inner, max_size=3).map(tuple)),
            st.builds(Any, st.lists(inner, max_size=3).map(tuple)),
        ),
        max_leaves=6,
    )


def _pick(values: Sequence[Picked]) -> st.SearchStrategy[Picked]:
    """Choose one of many, without spelling them all in the strategy's name."""
    return st.integers(0, len(values) - 1).map(lambda place: values[place])


def _texts(entries: Sequence[Entry]) -> st.SearchStrategy[Text]:
    fields = st.sampled_from(["any", "title", "summary", "keyword"])
    texts = _pick([text for entry in entries for text in (entry.title, entry.summary, *entry.ai_keywords)])
    pieces = texts.map(words).filter(bool).flatmap(
        lambda found: st.tuples(st.integers(0, len(found) - 1), st.integers(1, 3)).map(
            lambda place: " ".join(found[place[0] : place[0] + place[1]])
        )
    )  # fmt: skip
    single = texts.map(words).filter(bool).flatmap(st.sampled_from)
    prefixes = single.filter(lambda word: word.isascii() and len(word) > 3).map(lambda word: word[: len(word) // 2 + 1])
    return st.one_of(
        st.builds(Text, fields, pieces),
        st.builds(Text, fields, prefixes, st.just(True)),
    )


def _names(entries: Sequence[Entry]) -> st.SearchStrategy[Name]:
    held = [("author", name) for entry in entries for name in entry.authors]
    held += [("org", entry.organisation.full_name) for entry in entries if entry.organisation]
    held += [("submitter", entry.submitter.name) for entry in entries if entry.submitter]
    return _pick([pair for pair in held if words(pair[1])]).flatmap(
        lambda pair: st.tuples(st.just(pair[0]), _shortened(words(pair[1]))).map(lambda made: Name(*made))
    )


def _shortened(parts: list[str]) -> st.SearchStrategy[str]:
    """Keep one part whole, and of the others all, an initial or nothing."""
    kept = st.integers(0, len(parts) - 1)
    ways = st.lists(st.sampled_from(["whole", "initial", "gone"]), min_size=len(parts), max_size=len(parts))
    spell = {"whole": lambda part: part, "initial": lambda part: part[0], "gone": lambda _: ""}

    def join(choice: tuple[int, list[str]]) -> str:
        whole, how = choice
        return " ".join(part if at == whole else spell[how[at]](part) for at, part in enumerate(parts))

    return st.tuples(kept, ways).map(join).filter(lambda name: any(len(part) > 1 for part in words(name)))


def _tags(entries: Sequence[Entry]) -> st.SearchStrategy[Tag]:
    categories = sorted({category for entry in entries for category in entry.categories} | {"cs", "none"})
    return st.one_of(
        st.builds(Tag, st.just("category"), st.sampled_from(categories)),
        st.builds(Tag, st.just("source"), st.sampled_from(["daily-papers", "arxiv"])),
    )


def _thresholds(entries: Sequence[Entry]) -> st.SearchStrategy[Threshold]:
    days = sorted({entry.listed for entry in entries})
    steps = st.dictionaries(_pick(days), st.integers(0, 80), min_size=1, max_size=4)
    return steps.map(lambda found: Threshold(tuple(sorted(found.items()))))


def _numbers() -> st.SearchStrategy[Number]:
    fields = st.sampled_from(["upvotes", "comments", "stars"])
    bounds = st.tuples(st.integers(0, 300), st.integers(0, 300)).map(sorted)
    return st.one_of(
        st.builds(Number, fields, st.integers(0, 300)),
        st.builds(lambda field, pair: Number(field, *pair), fields, bounds),
    )


def _dates(entries: Sequence[Entry]) -> st.SearchStrategy[Date]:
    times = _pick([time for entry in entries for time in (entry.listed, entry.published)])
    moments = st.one_of(
        st.none(), st.builds(lambda time, days: time + timedelta(days=days), times, st.integers(-40, 40))
    )
    return st.builds(Date, st.sampled_from(["listed", "published"]), moments, moments)


def _holdings() -> st.SearchStrategy[Has]:
    return st.builds(Has, st.sampled_from(["code", "project", "media"]))
