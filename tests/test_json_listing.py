"""Any JSON: JMESPath and bytes -> a Listing, or the reason why not."""

import json
import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest

from feedserver.errors import ConfigError, ListingError
from feedserver.model import Entry, Links, Listing
from feedserver.sources import CURRENT, Answer, Request
from feedserver.sources.json_listing import AnyJson
from feedserver.sources.paging import NumberedRequest
from tests.entries import ROOT
from tests.upstream import NOW

URL = "https://api.example.org/v1/posts?limit=50"
MIDNIGHT = datetime(2026, 1, 9, tzinfo=UTC)
POST = {
    "title": "Seven &amp; more",
    "url": "/posts/7",
    "created_utc": 1767607200,
    "authors": [{"name": "Ada Lovelace"}, {"name": "Alan Turing"}],
    "abstract": "<p>First <b>bold</b>.<script>alert(1)</script></p>",
    "stats": {"votes": 1234, "comments": "12 comments"},
    "tags": ["maths", "code", "maths"],
}


def documented() -> dict[str, Any]:
    """Return the settings of the example in the documents."""
    text = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    block = text.split("## `json`")[1].split("```toml\n")[1].split("```")[0]
    (table,) = tomllib.loads(block).values()
    return {name: value for name, value in table.items() if name != "type"}


def parse(document: object, **settings: Any) -> Listing:
    """Parse an answer, seen at noon, by a source named forum."""
    source = AnyJson(**({"url": URL, "name": "forum"} | settings))
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return source.parse(Answer(body, URL), CURRENT, NOW).listing


def entry_of(element: object, **settings: Any) -> Entry:
    """Parse a list of one element."""
    (entry,) = parse([element], **settings).entries
    return entry


def test_one_element_becomes_one_entry() -> None:
    (entry,) = parse({"data": {"posts": [POST]}}, **documented()).entries

    assert entry == Entry(
        id="https://api.example.org/posts/7",
        title="Seven &amp; more",
        summary="First bold.",
        links=Links(page="https://api.example.org/posts/7"),
        published=datetime(2026, 1, 5, 10, tzinfo=UTC),
        listed=datetime(2026, 1, 5, tzinfo=UTC),
        first_seen=NOW,
        updated=datetime(2026, 1, 5, tzinfo=UTC),
        modified=NOW,
        sources=("forum",),
        authors=("Ada Lovelace", "Alan Turing"),
        upvotes=1234,
        comments=12,
        categories=("maths", "code"),
        html="<p>First <b>bold</b>.</p>",
        aliases=("https://api.example.org/posts/7",),
        origin="web",
    )


def test_a_list_of_titles_and_links_needs_no_expression() -> None:
    entry = entry_of({"title": "A", "link": "https://example.org/a"})

    assert (entry.title, entry.id, entry.published) == ("A", "https://example.org/a", MIDNIGHT)


@pytest.mark.parametrize(
    ("date", "published"),
    [
        (1767607200, datetime(2026, 1, 5, 10, tzinfo=UTC)),
        (1767607200.9, datetime(2026, 1, 5, 10, tzinfo=UTC)),
        (1767607200123, datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("1767607200", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("2026-01-05T10:00:00Z", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("Jan 5, 2026", datetime(2026, 1, 5, tzinfo=UTC)),
        (None, MIDNIGHT),
        (10**40, MIDNIGHT),
        (-5, MIDNIGHT),
        ("soon", MIDNIGHT),
    ],
)
def test_a_date_is_a_text_or_unix_time(date: object, published: datetime) -> None:
    assert entry_of({"title": "A", "at": date}, date="at").published == published


@pytest.mark.parametrize(
    ("count", "found"),
    [(7, 7), (7.6, 8), ("1.2k", 1200), (None, 0), (-3, 0), (10**20, 0), ("", 0)],
)
def test_a_count_is_a_number_or_a_text(count: object, found: int) -> None:
    entry = entry_of({"title": "A", "n": count}, score="n", comments="n")

    assert (entry.upvotes, entry.comments) == (found, found)


def test_plain_text_stays_plain_text() -> None:
    entry = entry_of({"title": "p < 0.05 & <MMLU>", "text": "if a < b > c\n\n<MMLU>"}, summary="text")

    assert (entry.title, entry.summary, entry.html) == ("p < 0.05 & <MMLU>", "if a < b > c <MMLU>", None)
    assert entry_of({"title": "<b>A</b> &amp; B"}).title == "A & B"


@pytest.mark.parametrize(
    ("given", "name"),
    [("urn:x:7", "urn:x:7"), ("https://example.org/7", "https://example.org/7"), (7, "urn:uuid:"), ("7", "urn:uuid:")],
)
def test_an_id_is_a_text_or_a_number(given: object, name: str) -> None:
    assert entry_of({"title": "A", "id": given}, id="id").id.startswith(name)


def test_a_number_and_its_text_are_one_id() -> None:
    assert entry_of({"title": "A", "id": 7}, id="id").id == entry_of({"title": "B", "id": "7"}, id="id").id


@pytest.mark.parametrize(
    ("element", "why"),
    [
        ({"title": ["A"]}, "title is a list, not a text"),
        ({"title": True}, "title is a truth value, not a text"),
        ({"title": " "}, "it has no title"),
        ({}, "it has no title"),
        (7, "it has no title"),
        ({"title": "B", "url": {"href": "/b"}}, "link is an object, not a text"),
        ({"title": "B", "who": [{"name": "Ada"}]}, "author is an object, not a text"),
        ({"title": "B", "at": [2026, 1, 5]}, "date is a list, not a text"),
        ({"title": "B", "n": True}, "score is a truth value, not a text"),
    ],
)
def test_a_value_of_the_wrong_kind_has_its_entry_refused(element: object, why: str) -> None:
    listing = parse([{"title": "A"}, element], author="who", date="at", score="n")

    assert [entry.title for entry in listing.entries] == ["A"]
    (refusal,) = listing.refused
    assert refusal.what.startswith("element 1 (")
    assert refusal.why == why


def test_an_expression_that_fails_has_its_entry_refused() -> None:
    listing = parse([{"title": "A", "n": [1, 2]}, {"title": "B", "n": 7}], comments="length(n)")

    assert [(entry.title, entry.comments) for entry in listing.entries] == [("A", 2)]
    assert listing.refused[0].why.startswith("'length(n)' fails: ")


@pytest.mark.parametrize(
    ("document", "settings", "why"),
    [
        (b"", {}, "not JSON"),
        (b"<!doctype html>", {}, "it begins b'<!doctype html>'"),
        (b"[" * 100_000, {}, "not JSON"),
        ({"posts": []}, {}, "entries: '@' is an object, not a list; the answer is an object"),
        ({"posts": {}}, {"entries": "posts"}, "entries: 'posts' is an object, not a list"),
        ({"error": "no"}, {"entries": "posts"}, "entries: 'posts' is null, not a list"),
        ([], {}, "entries: '@' is an empty list"),
        ([{}, {}], {}, "none of 2 elements is an entry; the first: it has no title"),
        ([{"title": "A"}] * 5001, {}, "has 5001 elements, more than 5000"),
        ("x", {"entries": "keys(@)"}, r"'keys\(@\)' fails"),
    ],
)
def test_an_answer_that_is_no_list_of_entries_is_refused(document: object, settings: dict[str, Any], why: str) -> None:
    with pytest.raises(ListingError, match=why):
        parse(document, **settings)


def test_a_list_may_be_empty_where_that_is_said() -> None:
    assert parse([], may_be_empty=True).entries == ()


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"entries": "data["}, r"entries: 'data\[': not JMESPath at character 6: "),
        ({"title": "a ~ b"}, "title: 'a ~ b': not JMESPath at character 3: .*Unknown token ~"),
        ({"title": ""}, "title: '': not JMESPath: .* empty"),
        ({"date": "max_of(@)"}, r"date: 'max_of\(@\)': JMESPath has no function 'max_of'; did you mean 'max_by'"),
        ({"author": "a[?nope(b)].c"}, "author: .* no function 'nope'"),
        ({"url": "api.example.org"}, "url: 'api.example.org' is no address"),
        ({"next": "next"}, "next: is never followed with pages = 1"),
        ({"pages": 51}, "pages: 51 is not between 1 and 50"),
    ],
)
def test_a_bad_setting_is_refused_when_the_source_is_made(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        AnyJson(**({"url": URL} | settings))


@pytest.mark.parametrize(
    ("document", "expression", "url"),
    [
        ({"e": [{"title": "A"}], "next": "/v1/posts?page=2"}, "next", "https://api.example.org/v1/posts?page=2"),
        ({"e": [{"title": "A"}], "next": None}, "next", None),
        ({"e": [{"title": "A"}]}, "next", None),
        ({"e": [{"title": "A"}], "next": "https://elsewhere.example/2"}, "next", None),
        ({"e": [{"title": "A"}], "next": URL}, "next", None),
        (
            {"e": [{"title": "A"}], "after": "t3_x"},
            "after && join('', ['?after=', after])",
            "https://api.example.org/v1/posts?after=t3_x",
        ),
        ({"e": [{"title": "A"}], "after": None}, "after && join('', ['?after=', after])", None),
    ],
)
def test_the_next_page_is_an_address_on_the_same_host(document: object, expression: str, url: str | None) -> None:
    source = AnyJson(url=URL, entries="e", next=expression, pages=2)
    request = source.request(CURRENT)
    body = json.dumps(document).encode()
    following = source.parse(Answer(body, URL, request=request), CURRENT, NOW).next

    assert request == Request(URL, headers={"Accept": "application/json"})
    assert following == (url and NumberedRequest(url, headers=request.headers, number=2))
    if following:
        assert source.parse(Answer(body, following.url, request=following), CURRENT, NOW).next is None
