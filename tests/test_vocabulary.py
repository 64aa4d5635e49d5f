"""What is suggested to who types: names and keywords that exist."""

import pytest

from feedserver.feeds.vocabulary import Suggestion, vocabulary, vocabulary_of
from feedserver.model import Organisation
from feedserver.store import SqliteStore
from tests.entries import make_entry

ENTRIES = (
    make_entry(1, authors=("Yann LeCun", "François Chollet"), ai_keywords=("flow matching",), categories=("cs.LG",)),
    make_entry(2, authors=("Yann Lecun", "Le Chen", "Yann Lecun"), ai_keywords=("Flow matching", "U-Net")),
    make_entry(3, authors=("Yann LeCun",), ai_keywords=("optimal flow",), categories=("cs.LG", "cs.CL", "x-new")),
    make_entry(4, organisation=Organisation("mit", "MIT CSAIL")),
    make_entry(5, organisation=Organisation("mit", "MIT CSAIL"), authors=("王伟", "<b>Eve</b>")),
)
KNOWN = vocabulary_of(ENTRIES)


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("le", [("Yann LeCun", 3), ("Le Chen", 1)]),
        ("LEC", [("Yann LeCun", 3)]),
        ("yann le", [("Yann LeCun", 3)]),
        ("francois", [("François Chollet", 1)]),
        ("Franç", [("François Chollet", 1)]),
        ("ann", []),
        ("王", [("王伟", 1)]),
        ("eve", [("<b>Eve</b>", 1)]),
    ],
)
def test_a_name_is_suggested_where_any_word_of_it_begins_so(typed: str, suggested: list[tuple[str, int]]) -> None:
    """Folded; the most frequent first, each spelled as it mostly is, each entry counted once."""
    assert [(each.value, each.entries) for each in KNOWN.authors.suggest(typed, 5)] == suggested


def test_keywords_organisations_and_categories_are_suggested_alike() -> None:
    """A category by its name too."""
    assert KNOWN.keywords.suggest("flow", 1) == (Suggestion("Flow matching", 2),)
    assert KNOWN.keywords.suggest("u-n", 1) == (Suggestion("U-Net", 1),)
    assert KNOWN.organisations.suggest("csa", 5) == (Suggestion("MIT CSAIL", 2),)
    assert KNOWN.categories.suggest("machine l", 5) == (Suggestion("cs.LG", 2, "Machine Learning"),)
    assert KNOWN.categories.suggest("cs.c", 5) == (Suggestion("cs.CL", 1, "Computation and Language"),)
    assert KNOWN.categories.suggest("x-", 5) == (Suggestion("x-new", 1),)


def test_nothing_typed_is_the_beginning_of_everything() -> None:
    """The most frequent are suggested."""
    assert [each.value for each in KNOWN.authors.suggest(" ", 1)] == ["Yann LeCun"]
    assert KNOWN.authors.suggest("", 0) == ()


def test_the_vocabulary_is_that_of_the_entries_listed_last(store: SqliteStore) -> None:
    """Not of all that there ever were."""
    assert [each.value for each in vocabulary(store).authors.suggest("olaf", 5)] == ["Olaf Ronneberger"]
    known = vocabulary(store, 2)
    assert known.authors.suggest("olaf", 5) == ()
    assert [each.value for each in known.authors.suggest("yaron", 5)] == ["Yaron Lipman"]
