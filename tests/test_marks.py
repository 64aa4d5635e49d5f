"""Why an entry is in a feed: marks in its texts, reasons beside them."""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from feedserver.filters import marks, matches, parse, reasons
from feedserver.filters.base import Text
from feedserver.filters.marks import positive
from feedserver.text import places, terms, words
from tests.entries import captured, needs_captured, sample
from tests.strategies import filters


def marked(q: str, text: str, field: str = "title") -> list[str]:
    """Return the marked pieces of a text."""
    return [text[start:end] for start, end in marks(parse(q), field, text)]  # type: ignore[arg-type]  # one of the fields, by name


@pytest.mark.parametrize(
    ("q", "text", "pieces"),
    [
        ("diffusion", "Diffusion beats diffusions", ["Diffusion", "diffusions"]),
        ('"flow matching"', "Matching flows: flow-matching, flow matched", ["flow-matching", "flow matched"]),
        ("transform*", "Transformers, not form", ["Transformers"]),
        ("flow matching", "Flow and matching", ["Flow", "matching"]),
        ("robot -medical", "Medical robots", ["robots"]),
        ("robot -(-medical)", "Medical robots", ["Medical", "robots"]),
        ("robot OR arm", "The robot's arm", ["robot", "arm"]),
        ("title:robot summary:arm", "Robot arm", ["Robot"]),
        ("keyword:robot", "Robot arm", []),
        ('"a b" OR "b c"', "a b c d", ["a b c"]),
        ("angstrom", "An Ångström scale: A\u030angstro\u0308m", ["Ångström", "A\u030angstro\u0308m"]),
        ("strasse", "Straße", ["Straße"]),
        ("file", "The \ufb01le is here", ["\ufb01le"]),
        ("扩散模型", "论扩散模型综述", ["扩散模型"]),
        ("robot", "", []),
    ],
)
def test_what_satisfies_a_condition_on_text_is_marked(q: str, text: str, pieces: list[str]) -> None:
    """Stems, phrases, prefixes, spelled in any way; nothing that is not wanted."""
    assert marked(q, text) == pieces


def test_a_condition_on_one_field_marks_nothing_in_the_other() -> None:
    """A word of any field does in both."""
    assert marked("title:robot arm", "A robot arm", "summary") == ["arm"]


PIECES = st.one_of(st.text(max_size=12), st.sampled_from(["é", "e\u0301", "'s ", "\u2019s", "İ", "가", "ß", "का", "ﬁ"]))


@hypothesis_settings(max_examples=500, deadline=None)
@given(text=st.lists(PIECES, max_size=8).map("".join))
def test_every_word_has_its_place(text: str) -> None:
    """In any script, after the one before; and read alone, that word is in it."""
    found = places(text)
    assert len(found) == len(words(text))
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert [start for start, _ in found] == sorted(start for start, _ in found)
    if "s" not in text:  # what a possessive is cut off from may read otherwise
        assert all(word in words(text[start:end]) for word, (start, end) in zip(words(text), found, strict=True))


def test_the_place_of_a_word_is_where_it_stands() -> None:
    """However much longer or shorter it is when it is folded."""
    text = "\ufb01re, Straße's İo e\u0301t Ω"
    assert [text[start:end] for start, end in places(text)] == ["\ufb01re", "Straße", "İo", "e\u0301t", "Ω"]
    assert places("A dog's s's_ end") == [(0, 1), (2, 5), (8, 9), (10, 11), (13, 16)]


@needs_captured
@hypothesis_settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_condition_on_text_that_an_entry_satisfies_marks_something(data: st.DataObject) -> None:
    """In its title or in its summary; and marks lie apart, in order, within the text."""
    part = data.draw(filters(captured()))
    entry = data.draw(st.sampled_from(captured()[:200]))
    for leaf in positive(part):
        if isinstance(leaf, Text) and leaf.field != "keyword":
            spans = [*marks(leaf, "title", entry.title), *marks(leaf, "summary", entry.summary)]
            assert bool(spans) == matches(leaf, entry)
    for field in ("title", "summary"):
        bounds = [bound for span in marks(part, field, getattr(entry, field)) for bound in span]
        assert bounds == sorted(set(bounds))
        assert not bounds or (bounds[0] >= 0 and bounds[-1] <= len(getattr(entry, field)))


@pytest.mark.parametrize(
    ("q", "number", "said"),
    [
        ('author:"Y. Lipman" flow', 0, ("author Yaron Lipman",)),
        ("org:google", 1, ("organisation Google",)),
        ("submitter:demo", 0, ("submitter Demo",)),
        ('keyword:"flow matching"', 0, ("keyword flow matching",)),
        ("category:cs", 1, ("category cs.CL",)),
        ("source:daily-papers", 0, ("source daily-papers",)),
        ("upvotes:>=20 comments:<9", 0, ("64 upvotes", "5 comments")),
        ("upvotes:1 comments:1", 5, ("1 upvote", "1 comment")),
        ("has:code has:project has:media", 0, ("with code", "with a project page", "with pictures or films")),
        ("listed:2026 published:2015", 2, ("listed 2026-01-08", "published 2015-05-18")),
        ("author:lipman OR org:google OR upvotes:>=100", 0, ("author Yaron Lipman",)),
        ("-author:bengio upvotes:>=20 upvotes:>=30", 0, ("64 upvotes",)),
        ("flow", 0, ()),
    ],
)
def test_what_else_an_entry_satisfies_is_said_in_a_few_words(q: str, number: int, said: tuple[str, ...]) -> None:
    """Each thing once, as the entry spells it, and nothing that it does not satisfy or that is not wanted."""
    assert reasons(parse(q), sample()[number]) == said


def test_a_category_is_named_as_the_entry_has_it() -> None:
    """All of them that an archive covers."""
    entry = replace(sample()[1], categories=("cs.CL", "cs.LG", "stat.ML"))
    assert reasons(parse("category:CS"), entry) == ("category cs.CL", "category cs.LG")


def test_many_conditions_take_an_entry_s_words_apart_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of them is matched by itself, which takes the whole entry apart each time."""
    asked = parse(" OR ".join([*(f'"word {number}"' for number in range(90)), "transformers"]))
    entry = sample()[1]
    taken: list[str] = []
    for module, function in (("marks", words), ("match", words), ("match", terms)):

        def take(text: str, function: Callable[[str], list[str]] = function) -> list[str]:
            taken.append(text)
            return function(text)

        monkeypatch.setattr(import_module(f"feedserver.filters.{module}"), function.__name__, take)
    assert marks(asked, "summary", entry.summary)
    assert reasons(asked, entry) == ()
    assert taken == [entry.summary]
