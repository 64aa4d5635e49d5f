"""Parameters -> Query: each parameter's meaning, refusals with a suggestion, refinement, the canonical spelling."""

from datetime import UTC, datetime

import pytest

from feedserver.errors import QueryError
from feedserver.filters import EVERYTHING, describe, matches, resolve
from feedserver.query import DEFAULT_SHOW, PARAMETERS, Parameter, Query, parse_query
from tests.entries import sample

NOW = datetime(2026, 1, 10, 15, 30, tzinfo=UTC)

MEANINGS = [
    ([], {1, 2, 3, 4, 5, 6}),
    ([("q", "diffusion -medical")], {1, 5}),
    ([("keywords", "attention,segmented")], {2, 3}),
    ([("keywords", "attention"), ("keywords", "segmented")], {2, 3}),
    ([("keywords", "flow matching")], {1}),
    ([("keywords", "matching flow")], set()),
    ([("keywords", "diffus*")], {1, 3, 5}),
    ([("exclude", "diffusion,attention")], {4, 6}),
    ([("authors", "Y. Song,Yaron Lipman")], {1, 5}),
    ([("authors", "chollet")], {2}),
    ([("orgs", "Google,csail")], {2, 5}),
    ([("min_upvotes", "20")], {1, 3, 5}),
    ([("min_upvotes", "0")], {1, 2, 3, 4, 5, 6}),
    ([("min_comments", "2")], {1, 3}),
    ([("min_stars", "1")], {1}),
    ([("min_stars", "0")], {1, 4}),
    ([("has", "code,project")], {1}),
    ([("since", "2026-01-09")], {1, 2}),
    ([("until", "2026-01-05")], {6}),
    ([("since", "2026-01-06"), ("until", "2026-01-08")], {3, 4, 5}),
    ([("since", "1d")], {1, 2}),
    ([("until", "2d")], {3, 4, 5, 6}),
    ([("within", "1d")], {1, 2}),
    ([("within", "1w")], {1, 2, 3, 4, 5, 6}),
    ([("source", "daily-papers")], {1, 2, 3, 4, 5, 6}),
    ([("q", "-source:Daily-Papers")], set()),
    ([("q", ""), ("min_upvotes", ""), ("keywords", " , ")], {1, 2, 3, 4, 5, 6}),  # what an empty form sends
    ([("q", "diffusion"), ("exclude", "medical"), ("min_upvotes", "64")], {1}),
    ([("v", "1"), ("sort", "upvotes"), ("limit", "3"), ("title", "T")], {1, 2, 3, 4, 5, 6}),
]


@pytest.mark.parametrize(("given", "expected"), MEANINGS, ids=[str(given) for given, _ in MEANINGS])
def test_the_meaning_of_a_parameter_is_kept_for_ever(given: list[tuple[str, str]], expected: set[int]) -> None:
    """Version 1 of the language, parameter by parameter."""
    wanted = resolve(parse_query(given).filter, NOW)
    assert {number for number, entry in enumerate(sample(), 1) if matches(wanted, entry)} == expected


REFUSALS = [
    ("titel", "x", "unknown parameter 'titel'; did you mean 'title'?"),
    ("min_upvote", "5", "did you mean 'min_upvotes'?"),
    ("zzz", "x", "unknown parameter 'zzz'; known: authors, digest, exclude"),
    ("q", "(a", "q at position 2: did not expect the end"),
    ("min_upvotes", "many", "min_upvotes: 'many' is not a whole number"),
    ("min_upvotes", "-1", "not a whole number"),
    ("min_upvotes", "9999999999", "not a whole number"),
    ("limit", "0", "limit: 0 is not between 1 and 200"),
    ("limit", "201", "not between 1 and 200"),
    ("per_day", "0", "per_day: '0' is not a number above 0"),
    ("per_day", "-1", "is not a number above 0"),
    ("per_day", "1001", "up to 1000"),
    ("per_day", "1e3", "is not a number"),
    ("per_week", "many", "per_week: 'many' is not a number above 0"),
    ("top", "10", "'10' is not of the form 10/day"),
    ("top", "0/day", "1 to 100, a slash, day or week or month"),
    ("top", "101/day", "is not of the form"),
    ("top", "10/year", "is not of the form"),
    ("top", "٣/day", "is not of the form"),
    ("digest", "daily", "did you mean 'day'?"),
    ("sort", "upvote", "did you mean 'upvotes'?"),
    ("math", "latex", "math: unknown value 'latex'; known: mathml, raw, unicode"),
    ("math", "mathm", "did you mean 'mathml'?"),
    ("link", "page2", "did you mean 'page'?"),
    ("show", "author", "did you mean 'authors'?"),
    ("show", "all,authors", "alone"),
    ("has", "cod", "did you mean 'code'?"),
    ("since", "yesterday", "is not a date"),
    ("within", "2026-01-01", "is not a span"),
    ("within", "7", "is not a span"),
    ("authors", "Y.", "at least one whole part"),
    ("keywords", "!!", "no letter or digit"),
    ("keywords", ",".join(f"w{number}" for number in range(201)), "keywords: more than 200 values"),
    ("keywords", "-medical", "conditions belong into q"),
    ("exclude", "a OR b", "conditions belong into q"),
    ("until", "9999-12-31T23:59:58", "1970 to 2099"),
    ("title", "x" * 201, "at most 200"),
    ("v", "2", "is not a version"),
    ("source", "daily-paper", "did you mean 'daily-papers'?"),
]


@pytest.mark.parametrize(("name", "value", "said"), REFUSALS, ids=[f"{n}={v[:12]}" for n, v, _ in REFUSALS])
def test_a_refusal_names_the_parameter_and_the_remedy(name: str, value: str, said: str) -> None:
    """Nothing unknown or malformed is passed over in silence."""
    with pytest.raises(QueryError) as raised:
        parse_query([(name, value)], sources={"daily-papers"})
    assert said in str(raised.value)
    assert raised.value.parameter == name


def test_an_unknown_source_is_refused_in_q_too() -> None:
    """It would never match."""
    with pytest.raises(QueryError, match="unknown source 'arxiv'; known: daily-papers"):
        parse_query([("q", "diffusion -source:arxiv")], sources={"daily-papers"})


def test_a_parameter_that_takes_one_value_is_given_once() -> None:
    """Two limits can't both hold."""
    with pytest.raises(QueryError, match="limit: given twice"):
        parse_query([("limit", "5"), ("limit", "6")])


def test_the_defaults() -> None:
    """A query without parameters is everything, newest listing first, fifty entries."""
    query = parse_query([])
    assert query == Query(EVERYTHING)
    assert (query.order, query.limit, query.link, query.show, query.title) == ("listed", 50, "page", DEFAULT_SHOW, None)
    assert parse_query([("min_upvotes", "1")]).order == parse_query([("per_day", "1")]).order == "entered"
    assert parse_query([("q", "upvotes:<3")]).order == parse_query([("min_upvotes", "0")]).order == "listed"


def test_how_entries_look() -> None:
    """Link, facts, title, sort and limit."""
    query = parse_query(
        [("link", "pdf"), ("show", "upvotes,authors"), ("title", "My\npapers"), ("sort", "published"), ("limit", "7")]
    )
    assert (query.link, query.show, query.title, query.limit) == ("pdf", ("authors", "upvotes"), "My papers", 7)
    assert query.view.dated == "published"
    assert parse_query([("show", "none")]).show == ()
    assert len(parse_query([("show", "all")]).show) == 14


def test_a_refinement_narrows_down_and_replaces_looks() -> None:
    """``/feeds/diffusion.atom?min_upvotes=50&limit=5``."""
    base = parse_query([("q", "diffusion"), ("limit", "20"), ("title", "Diffusion")])
    refined = parse_query([("min_upvotes", "50"), ("limit", "5")], base)
    assert describe(refined.filter) == "“diffusion”, at least 50 upvotes"
    assert (refined.limit, refined.title) == (5, "Diffusion")
    assert refined.parameters == (("min_upvotes", "50"), ("limit", "5"))


def test_the_canonical_spelling_does_not_depend_on_the_order_given() -> None:
    """One feed has one address."""
    one = parse_query([("limit", "5"), ("keywords", "b"), ("keywords", "a, b"), ("q", " x  y ")])
    other = parse_query([("q", "x y"), ("keywords", "b,a"), ("limit", "5")])
    assert one == other
    assert one.parameters == (("q", "x y"), ("keywords", "b,a"), ("limit", "5"))


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.name)
def test_the_example_of_each_parameter_is_understood(parameter: Parameter) -> None:
    """Examples are shown to people."""
    assert parse_query([(parameter.name, parameter.example)])


def test_maths_is_unicode_unless_something_else_is_asked_for() -> None:
    """``math`` is a look: it reaches the view, by which rendered entries are kept apart."""
    views = {value: parse_query([("math", value)]).view for value in ("unicode", "mathml", "raw")}
    assert [view.maths for view in views.values()] == list(views)
    assert parse_query([]).view == views["unicode"]
    assert len({str(view) for view in views.values()}) == 3
    assert parse_query([("limit", "5")], parse_query([("math", "raw")])).view.maths == "raw"
