"""Text: what is cleaned away, and which words are the same word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedserver.text import clean, fold, terms, words


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  two \n  lines\t", "two lines"),
        ("a\x00b\x0bc\x1f", "ab c"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("\ufffe non-character \uffff", "non-character"),
        ("non\u00a0breaking", "non breaking"),
        ("\ufeffmark\u007f \u0091quote", "mark quote"),
        ("emoji 🜁 stays", "emoji 🜁 stays"),
    ],
)
def test_cleaned_text_is_legal_xml_on_one_line(text: str, cleaned: str) -> None:
    """Characters that XML 1.0 forbids go, white space collapses."""
    assert clean(text) == cleaned


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """Cleaning is idempotent, whatever comes, and what is left can be encoded."""
    once = clean(text)
    assert clean(once) == once
    once.encode()


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Ångström", "angstrom"),
        ("NAÏVE", "naive"),
        ("Straße", "strasse"),
        ("ﬁne", "fine"),
        ("Łukasz", "łukasz"),
        ("がん", "がん"),
        ("한국어", "한국어"),
    ],
)
def test_case_and_accents_are_folded_but_not_other_scripts_marks(text: str, same: str) -> None:
    """A Japanese voicing mark is no accent; a Polish stroke is a letter of its own."""
    assert fold(text) == same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("transformer", "transformers"),
        ("Diffusion", "diffusions"),
        ("model's", "models"),
        ("model’s", "model"),
        ("self-attention", "self attention"),
        ("naïve", "naive"),
        ("𝐃𝐢𝐟𝐟𝐮𝐬𝐢𝐨𝐧", "diffusion"),
    ],
)
def test_words_that_are_found_by_each_other(one: str, other: str) -> None:
    """English stems, hyphens, possessives, accents and compatibility forms make no difference."""
    assert terms(one) == terms(other)


@pytest.mark.parametrize(("one", "other"), [("flow", "flower"), ("gpt4", "gpt"), ("rl", "url"), ("2d", "3d")])
def test_words_match_whole_words_only(one: str, other: str) -> None:
    """A part of a word is another word."""
    assert terms(one) != terms(other)


def test_scripts_without_spaces_are_taken_apart_by_character() -> None:
    """So that a phrase of characters finds a word inside a sentence."""
    assert words("本文综述扩散模型 GPT-4o") == [*"本文综述扩散模型", "gpt", "4o"]


def test_marks_stay_with_their_letters() -> None:
    """An Indic vowel sign does not cut a word in two."""
    assert words("हिन्दी भाषा") == ["हिन्दी", "भाषा"]


@given(st.text())
def test_terms_hold_letters_digits_and_marks_only(text: str) -> None:
    """Whatever is written, a term needs no escape in an index query."""
    assert not any(set(term) & set(' "*():^{}+-.~%_') for term in terms(clean(text)))
