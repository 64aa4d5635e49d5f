"""The filter language: what is understood, what is refused and where, what it means, how it says itself.

The meanings here are version 1 of the query language: a promise to subscribers. Add cases; change none.
"""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedserver.errors import QueryError
from feedserver.filters import describe, matches, parse, resolve
from feedserver.text import clean
from tests.entries import make_entry, sample

NOW = datetime(2026, 1, 10, 15, 30, tzinfo=UTC)

FLOW, MMLU, UNET, CHINESE, SCALE, TITLE_ONLY = range(1, 7)  # the sample's numbers

MEANINGS = [
    ("diffusion", {FLOW, UNET, SCALE}),
    ("diffusion transformer", {SCALE}),
    ("DIFFUSIONS", {FLOW, UNET, SCALE}),
    ('diffusion OR "flow matching" -medical', {FLOW, SCALE}),
    ("(diffusion OR transformers) -(medical OR scale)", {FLOW, MMLU}),
    ("medical AND diffusion", {UNET}),
    ("diffusion NOT medical", {FLOW, SCALE}),
    ("-diffusion", {MMLU, CHINESE, TITLE_ONLY}),
    ('"generative modeling"', {FLOW}),
    ('"modeling generative"', set()),
    ('"Modeling network"', set()),  # a phrase does not run from the title into the summary
    ("self-attention", {MMLU}),
    ("attention-self", set()),
    ("state-of-the-art", {MMLU}),
    ("naive", {SCALE}),
    ("mmlu", {MMLU}),
    ("diffus*", {FLOW, UNET, SCALE}),
    ("transformer*", {MMLU, SCALE}),
    ("fusion", set()),
    ("扩散", {CHINESE}),
    ("扩散模型", {CHINESE}),
    ("散扩", set()),
    ("title:diffusion", {UNET, SCALE}),
    ("summary:diffusion", {FLOW, SCALE}),
    ('title:"flow matching"', {FLOW}),
    ("title:diffus*", {UNET, SCALE}),
    ('keyword:"flow matching"', {FLOW}),
    ("keyword:transp*", {FLOW}),
    ('mmlu -"nested ((((((((((((((((((((("', {MMLU}),
    ('keyword:"matching optimal"', set()),  # nor from one keyword into the next
    ("keyword:transport", {FLOW}),
    ("bengio", set()),  # words look into title and summary; names have fields of their own
    ("author:Bengio", {MMLU}),
    ('author:"Yoshua Bengio"', {MMLU}),
    ('author:"Y. Bengio"', {MMLU}),
    ('author:"Bengio, Yoshua"', {MMLU}),
    ('author:"Bengio Yoshua"', set()),
    ('author:"X. Bengio"', set()),
    ('author:"Yoshua B."', {MMLU}),
    ("author:Francois", {MMLU}),
    ('author:"Y. Song"', {SCALE}),
    ('author:"Ricky Chen"', {FLOW}),
    ('author:"R. T. Q. Chen"', {FLOW}),
    ('author:"Ricky T. Q. Chen"', {FLOW}),
    ('author:"Ricky Q. T. Chen"', set()),
    ('author:"Yaron Q. Chen"', set()),  # parts of two people are nobody
    ("author:王伟", {CHINESE}),
    ("author:Beng", set()),
    ("org:google", {MMLU}),
    ("org:CSAIL", {SCALE}),
    ("submitter:demo", {FLOW}),
    ("source:daily-papers", {1, 2, 3, 4, 5, 6}),
    ("source:arxiv", set()),
    ("category:cs.CL", {MMLU}),
    ("category:CS", {MMLU}),
    ("category:cs.LG", set()),
    ("upvotes:>=20", {FLOW, UNET, SCALE}),
    ("upvotes:>20", {FLOW, UNET}),
    ("upvotes:<20", {MMLU, CHINESE, TITLE_ONLY}),
    ("upvotes:<=19", {MMLU, CHINESE, TITLE_ONLY}),
    ("upvotes:19..20", {MMLU, SCALE}),
    ("upvotes:64", {FLOW}),
    ("upvotes:=64", {FLOW}),
    ("upvotes:100..", {UNET}),
    ("upvotes:..1", {CHINESE, TITLE_ONLY}),
    ("upvotes:<0", set()),
    ("comments:>1", {FLOW, UNET}),
    ("stars:>100", {FLOW}),
    ("stars:<100", {CHINESE}),  # an entry whose stars are not known has neither few nor many
    ("-stars:<100", {1, 2, 3, 5, 6}),
    ("published:2015", {UNET}),
    ("published:2015-05..2015-06", {UNET}),
    ("published:<2026", {UNET}),
    ("published:2026-01-05", {TITLE_ONLY}),
    ("listed:2026-01-09", {FLOW, MMLU}),
    ("listed:>=2026-01-09", {FLOW, MMLU}),
    ("listed:>2026-01-08", {FLOW, MMLU}),
    ("listed:<=2026-01-05", {TITLE_ONLY}),
    ("listed:..2026-01-08", {3, 4, 5, 6}),
    ("listed:>=1d", {FLOW, MMLU}),  # since the midnight a day ago
    ("listed:<2d", {TITLE_ONLY}),
    ("listed:>=40h", {FLOW, MMLU}),
    ("listed:>=36h", set()),
    ("has:code", {FLOW}),
    ("has:project", {FLOW}),
    ("has:media", {FLOW}),
    ("-has:code upvotes:>=20", {UNET, SCALE}),
    ("upvotes:>200 OR upvotes:<1", {UNET, CHINESE}),
    ("“flow matching”", {FLOW}),  # quotation marks as editors make them
    ("GDPO: flow", set()),  # a colon before a blank is part of the text
]


@pytest.mark.parametrize(("q", "expected"), MEANINGS, ids=[q for q, _ in MEANINGS])
def test_the_meaning_of_a_query_is_kept_for_ever(q: str, expected: set[int]) -> None:
    """Version 1 of the language, case by case."""
    wanted = resolve(parse(q), NOW)
    assert {number for number, entry in enumerate(sample(), 1) if matches(wanted, entry)} == expected


REFUSALS = [
    ("(a OR b", 7, "expected )"),
    ("a)", 1, "expected the end"),
    ("a OR", 4, "expected a word"),
    ("OR b", 0, "nothing to join"),
    ("a AND b OR c", 8, "use parentheses"),
    ("a OR b AND c", 7, "use parentheses"),
    ('a "never closed', 2, "never closed"),
    ("foo:bar", 0, "unknown field 'foo'"),
    ("autor:Bengio", 0, "did you mean 'author'?"),
    ("a upvotes:many", 10, "whole number"),
    ("upvotes:-1", 8, "whole number"),
    ("published:2026-13-01", 10, "not in the calendar"),
    ("published:soon", 10, "is not a date"),
    ("has:cod", 4, "did you mean 'code'?"),
    ("author:Y.", 7, "at least one whole part"),
    ("!!!", 0, "no letter or digit"),
    ("di*", 0, "at least 3 characters"),
    ("state-of-th*", 0, "beginning of one word"),
    ("--a", 1, "expected"),
    ("-", 0, "expected"),
    ("title:(a b)", 6, '"a phrase"'),
    ("(" * 16 + "a" + ")" * 16, 15, "more than 15 parentheses"),
    ("author: Bengio", 0, "write author:VALUE, without blanks"),
    ("upvotes>=50", 0, "write upvotes:>=VALUE"),
    ("title:-a", 6, "-title:a"),
    ("listed:<0001", 7, "1970 to 2099"),
    ("published:9999", 10, "1970 to 2099"),
    ("author:" + "A" * 3 + "-b" * 8, 7, "more than 8 parts"),
]


@pytest.mark.parametrize(("q", "position", "said"), REFUSALS, ids=[q[:30] for q, _, _ in REFUSALS])
def test_a_refusal_points_at_the_place_and_says_what_would_do(q: str, position: int, said: str) -> None:
    """An error names the position and what was expected there."""
    with pytest.raises(QueryError) as raised:
        parse(q)
    assert raised.value.place is not None
    assert raised.value.place.position == position
    assert said in str(raised.value)


def test_a_query_is_bounded() -> None:
    """Too long, or with too many conditions, it is refused."""
    with pytest.raises(QueryError, match="at most 2000"):
        parse("a " * 1001)
    with pytest.raises(QueryError, match="more than 200 conditions"):
        parse(" ".join(f"w{number}" for number in range(201)))


@given(st.text())
def test_any_text_is_understood_or_refused(q: str) -> None:
    """Nothing but a QueryError ever comes out of parsing, and what is understood can be said and applied."""
    try:
        wanted = parse(clean(q))
    except QueryError:
        return
    assert isinstance(describe(wanted), str)
    assert matches(resolve(wanted, NOW), make_entry()) in {True, False}


_WORDS = st.sampled_from(
    [
        "a",
        "diffusion",
        "-",
        "NOT",
        "OR",
        "AND",
        "(",
        ")",
        '"',
        "*",
        ":",
        "upvotes:>=5",
        "author:Y",
        "has:code",
        " ",
        "-b",
    ]
)


@given(st.lists(_WORDS, max_size=12).map(" ".join))
def test_any_mixture_of_the_languages_own_signs_is_understood_or_refused(q: str) -> None:
    """The same, nearer to the grammar."""
    test_any_text_is_understood_or_refused.hypothesis.inner_test(q)  # type: ignore[attr-defined]  # hypothesis adds it


DESCRIPTIONS = [
    ('diffusion OR "flow matching" -medical', "“diffusion” or “flow matching”, not “medical”"),
    ("a (b OR c)", "“a”, “b” or “c”"),
    ("(a b) OR c", "(“a”, “b”) or “c”"),
    ("-(a OR b)", "not (“a” or “b”)"),
    ("title:flow* has:code", "“flow…” in the title, with code"),
    ('author:"Y. Bengio" org:Google', "by Y. Bengio, from Google"),
    ("upvotes:>=1", "at least 1 upvote"),
    ("upvotes:>=50 comments:>3", "at least 50 upvotes, at least 4 comments"),
    ("upvotes:2..5 stars:<=1 comments:0", "2 to 5 upvotes, at most 1 star, exactly 0 comments"),
    ("published:2026-01..2026-02", "published from 2026-01-01 until 2026-02-28"),
    ("listed:>=7d", "listed in the last 7 days"),
    ("source:daily-papers category:cs", "on daily-papers, in cs"),
]


@pytest.mark.parametrize(("q", "said"), DESCRIPTIONS, ids=[q for q, _ in DESCRIPTIONS])
def test_a_filter_says_itself_in_words(q: str, said: str) -> None:
    """The words become a feed's title."""
    assert describe(parse(q)) == said
