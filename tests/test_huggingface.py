"""Hugging Face's other lists, its pages, and what was saved of them: what is asked for, and what comes of it."""

import html
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feedserver.errors import ConfigError, ListingError
from feedserver.model import Listing, Organisation
from feedserver.sources import CURRENT, Answer, DailyPapers, Request
from feedserver.sources.huggingface import HuggingFacePapers, looks_like_huggingface, read_saved
from feedserver.sources.huggingface.answers import read_page
from tests.entries import CAPTURED, needs_captured
from tests.test_listing_text import page as text_page
from tests.test_listing_text import shown
from tests.upstream import DAY, DDIM, DPM_SOLVER, NOW, encode, paper, papers

SAVED = CAPTURED.parent
SEARCH = HuggingFacePapers(list="search", query="diffusion & flow")
TRENDING = HuggingFacePapers()
WEEK, MONTH = HuggingFacePapers(list="week"), HuggingFacePapers(list="month")
ONE = HuggingFacePapers(list="paper", paper="2010.02502v4")
MIDNIGHT = datetime(2026, 1, 9, tzinfo=UTC)


def old_paper(**facts: Any) -> dict[str, Any]:
    """Return an element of a search: a paper that was on no day's list."""
    nobody: dict[str, Any] = {"submittedOnDailyAt": None, "submittedOnDailyBy": None}
    marked = [{"type": "text", "text": "Denoising "}, {"type": "highlight", "text": "Diffusion"}]
    outer = {
        "submittedBy": None,
        "publishedAt": "2020-10-06T02:31:00.000Z",
        "upvoted": False,
        "highlightedTitle": marked,
    }
    return paper(outer=outer, **nobody | {"publishedAt": "2020-10-06T06:31:00.000Z"} | facts)


def trending_paper() -> dict[str, Any]:
    """Return an element of the trending list, which has no words to mark."""
    return {key: value for key, value in old_paper().items() if key not in {"upvoted", "highlightedTitle"}}


def state(target: str, props: object, **attributes: str) -> str:
    """Return the part of a page that holds a state."""
    given = {
        "class": "SVELTE_HYDRATER contents",
        "data-target": target,
        "data-props": json.dumps(props, ensure_ascii=False),
    }
    spelled = " ".join(f'{name}="{html.escape(value)}"' for name, value in (given | attributes).items())
    return f"<div {spelled}><p>What a browser shows.</p></div>"


def web_page(*parts: str) -> bytes:
    """Return a page, with the states that pages have for other things."""
    banner = state("SSOBanner", {"organizations": []})
    return f'<!doctype html><html class=""><head><title>x</title></head><body>{banner}{"".join(parts)}</body>'.encode()


def day_page(*elements: object, day: date | None = DAY, **props: object) -> bytes:
    """Return the page of a day."""
    told = {"periodType": "day", "dateString": day.isoformat()} if day else {}
    return web_page(state("DailyPapers", told | props | {"dailyPapers": elements}))


REQUESTS: Mapping[str, tuple[HuggingFacePapers, str, Request, Request]] = {
    "a search": (
        SEARCH, CURRENT,
        Request("https://huggingface.co/api/papers/search", {"q": "diffusion & flow", "limit": "100"}),
        Request("https://huggingface.co/papers", {"q": "diffusion & flow"}),
    ),
    "what is trending": (
        TRENDING, CURRENT,
        Request("https://huggingface.co/api/daily_papers", {"sort": "trending", "limit": "100"}),
        Request("https://huggingface.co/papers/trending"),
    ),
    "a week": (
        WEEK, "2026-W02",
        Request("https://huggingface.co/api/daily_papers", {"week": "2026-W02", "limit": "100"}),
        Request("https://huggingface.co/papers/week/2026-W02"),
    ),
    "a month": (
        MONTH, "2026-01",
        Request("https://huggingface.co/api/daily_papers", {"month": "2026-01", "limit": "100"}),
        Request("https://huggingface.co/papers/month/2026-01"),
    ),
    "one paper": (
        ONE, CURRENT,
        Request("https://huggingface.co/api/papers/2010.02502"), Request("https://huggingface.co/papers/2010.02502"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REQUESTS)
def test_each_list_has_an_address_and_a_page(case: str) -> None:
    source, key, request, fallback = REQUESTS[case]

    assert source.request(key) == request
    assert source.fallback(key) == fallback


def test_there_is_a_listing_for_each_week_or_month_and_one_of_the_others() -> None:
    assert (WEEK.every, WEEK.unit, MONTH.every, MONTH.unit) == (None, "week", None, "month")
    assert (SEARCH.every, TRENDING.every, ONE.every) == (timedelta(hours=1),) * 3


def test_another_site_is_asked_where_it_is_set() -> None:
    source = HuggingFacePapers(site="http://127.0.0.1:8000/")

    assert source.request(CURRENT).url == "http://127.0.0.1:8000/api/daily_papers"
    assert source.fallback(CURRENT) == Request("http://127.0.0.1:8000/papers/trending")


def test_a_list_without_what_it_needs_is_refused() -> None:
    with pytest.raises(ConfigError, match="needs a query"):
        HuggingFacePapers(list="search", query=" ")
    with pytest.raises(ConfigError, match=r"its arXiv id, as in .*, not 'abc'"):
        HuggingFacePapers(list="paper", paper="abc")


def test_an_old_paper_counts_as_listed_on_its_own_day() -> None:
    (entry,) = SEARCH.parse(Answer(encode([old_paper()])), CURRENT, NOW).listing.entries

    assert entry.published == datetime(2020, 10, 6, 6, 31, tzinfo=UTC)
    assert entry.listed == entry.updated == datetime(2020, 10, 6, tzinfo=UTC)
    assert (entry.sources, entry.submitter, entry.title) == (("huggingface",), None, DDIM[1])


def test_a_paper_that_was_on_a_days_list_keeps_that_day() -> None:
    (entry,) = TRENDING.parse(Answer(encode([paper()])), CURRENT, NOW).listing.entries

    assert entry.listed == MIDNIGHT


def test_a_paper_dated_ahead_is_not_listed_in_the_future() -> None:
    (entry,) = SEARCH.parse(
        Answer(encode([old_paper(publishedAt="2026-02-01T00:00:00.000Z")])), CURRENT, NOW
    ).listing.entries

    assert entry.listed == MIDNIGHT


def test_a_paper_without_any_date_is_refused_for_it_might_be_old() -> None:
    with pytest.raises(ListingError, match="day of listing is not known"):
        SEARCH.parse(Answer(encode([old_paper(publishedAt=None)])), CURRENT, NOW)


def test_one_paper_is_read_from_its_bare_object() -> None:
    bare = paper(organization={"name": "google", "fullname": "Google"})["paper"] | {
        "linkedModels": [],
        "numTotalModels": 0,
    }
    (entry,) = ONE.parse(Answer(encode(bare)), CURRENT, NOW).listing.entries

    assert (entry.id, entry.listed) == ("https://arxiv.org/abs/2010.02502", MIDNIGHT)
    assert entry.organisation == Organisation("google", "Google")
    assert (entry.upvotes, entry.comments, entry.thumbnail) == (8, 0, None)


@pytest.mark.parametrize("source", [WEEK, MONTH])
def test_a_week_and_a_month_turn_pages(source: HuggingFacePapers) -> None:
    key = "2026-W02"
    full = Answer(encode(papers(100)), request=source.request(key))

    second = source.parse(full, key, NOW).next
    assert second == Request(source.request(key).url, {**source.request(key).params, "p": "1"})
    third = source.parse(Answer(full.body, request=second), key, NOW).next
    assert third is not None
    assert third.params["p"] == "2"
    assert source.parse(Answer(encode(papers(49))), key, NOW).next is None
    assert source.parse(Answer(day_page(*papers(100))), key, NOW).next is None
    assert source.parse(full, None, NOW).next is None


@pytest.mark.parametrize("source", [SEARCH, TRENDING])
def test_a_search_and_what_is_trending_have_one_page(source: HuggingFacePapers) -> None:
    assert source.parse(Answer(encode(papers(100)), request=source.request(CURRENT)), CURRENT, NOW).next is None


@pytest.mark.parametrize("body", [b'{"error":"Not Found"}', b"", b"<html>503</html>", b'{"id":"2010.02502"}', b"[{}]"])
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(ListingError):
        SEARCH.parse(Answer(body), CURRENT, NOW)


def test_a_page_says_the_same_as_the_list_call() -> None:
    elements = [paper(title='"Quotes" & <tags> &amp; 扩散'), paper(*DPM_SOLVER)]
    key = DAY.isoformat()

    asked = DailyPapers().parse(Answer(encode(elements)), key, NOW)
    assert DailyPapers().parse(Answer(day_page(*elements)), key, NOW) == asked
    assert SEARCH.parse(Answer(day_page(*elements)), CURRENT, NOW) == SEARCH.parse(
        Answer(encode(elements)), CURRENT, NOW
    )


def test_a_page_is_asked_for_where_the_list_call_is_unless_set_otherwise() -> None:
    assert DailyPapers().fallback("2026-01-09") == Request("https://huggingface.co/papers/date/2026-01-09")
    assert DailyPapers(url="http://127.0.0.1:8000/api/daily_papers").fallback("2026-01-09") == Request(
        "http://127.0.0.1:8000/papers/date/2026-01-09"
    )
    assert DailyPapers(page="https://example.org/days/").fallback("2026-01-09") == Request(
        "https://example.org/days/2026-01-09"
    )


WITHOUT_DAY = dict.fromkeys(("submittedOnDailyAt", "submittedOnDailyBy"))


@pytest.mark.parametrize(
    ("props", "listed"),
    [
        ({"dateString": "2026-01-08"}, datetime(2026, 1, 8, tzinfo=UTC)),
        ({"date": "2026-01-08T00:00:00.000Z"}, datetime(2026, 1, 8, tzinfo=UTC)),
        ({"periodType": "day", "dateString": "2026-01-08", "date": "2026-01-07T00:00:00.000Z"},
         datetime(2026, 1, 8, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_the_day_of_a_page_is_the_one_it_tells(props: dict[str, object], listed: datetime) -> None:
    listing = DailyPapers().parse(Answer(day_page(paper(**WITHOUT_DAY), day=None, **props)), None, NOW).listing

    assert listing.key == listed.date().isoformat()
    assert [entry.listed for entry in listing.entries] == [listed]


@pytest.mark.parametrize(
    "props",
    [
        {}, {"dateString": "soon"}, {"date": 7}, {"periodType": "week", "dateString": "2026-W02"},
        {"periodType": "week", "date": "2026-01-08T00:00:00.000Z"}, {"periodType": "month", "dateString": "2026-01"},
    ],
)  # fmt: skip
def test_a_page_that_tells_no_day_gives_none_to_what_has_none(props: dict[str, object]) -> None:
    body = day_page(paper(**WITHOUT_DAY), paper(*DPM_SOLVER), day=None, **props)

    for key in (None, "2026-01-05"):
        listing = DailyPapers().parse(Answer(body), key, NOW).listing
        assert [(entry.title, entry.listed) for entry in listing.entries] == [(DPM_SOLVER[1], MIDNIGHT)]
        assert "day of listing is not known" in listing.refused[0].why


def test_the_page_of_another_day_is_not_taken_for_that_of_the_day_asked_for() -> None:
    """Upstream leads from a day without a list to the latest one."""
    with pytest.raises(ListingError, match="the page of 2026-01-09, not of 2026-01-10"):
        DailyPapers().parse(Answer(day_page(paper())), "2026-01-10", NOW)


def test_a_page_of_an_empty_day_is_a_listing_without_entries() -> None:
    page = DailyPapers().parse(Answer(day_page()), DAY.isoformat(), NOW)

    assert page.listing == Listing("daily-papers", "2026-01-09", NOW, ())


def test_the_page_of_one_paper_holds_it() -> None:
    body = web_page(state("PaperContent", {"comments": [], "paper": paper()["paper"], "dailyPaperRank": 3}))
    (entry,) = ONE.parse(Answer(body), CURRENT, NOW).listing.entries

    assert (entry.title, entry.listed) == (DDIM[1], MIDNIGHT)


def test_attributes_may_stand_in_any_order_and_case() -> None:
    props = html.escape(json.dumps({"dailyPapers": [paper(title="é")]}, ensure_ascii=False))
    body = f"\ufeff\n<HTML><DIV id=x DATA-PROPS='{props}'\n class='a' data-target=DailyPapers hidden></DIV>".encode()

    assert read_page(body).elements == [paper(title="é")]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<", "a page that can't be read|without papers"),
        (b"<!doctype html><title>429</title><h1>Too Many Requests</h1>", "a page without papers in the state"),
        (web_page(), "a page without papers in the state"),
        (web_page(state("DailyPapers", {"date": "2026-01-09"})), "a page without papers"),
        (web_page(state("DailyPapers", [1])), "a page without papers"),
        (web_page(state("DailyPapers", {"dailyPapers": {}})), "a page without papers"),
        (web_page(state("DailyPapers", {}, **{"data-props": '{"dailyPapers":['})), "state of a page is not JSON"),
        (web_page(state("DailyPapers", {}, **{"data-props": ""})), "state of a page is not JSON"),
        (web_page(state("DailyPapers", {}, **{"data-props": "[" * 5000})), "state of a page is not JSON"),
        (day_page(paper())[:1500], "a page without papers|not JSON"),
        (day_page({}, {}), "none of 2 elements is an entry"),
        (b"<?xml version='1.0'?><rss><channel/></rss>", "a page without papers"),
        (b"<\x00\xff\xfe", "a page"),
    ],
    ids=lambda value: repr(value[:40]),
)
def test_a_broken_page_is_refused_with_the_reason(body: bytes, why: str) -> None:
    with pytest.raises(ListingError, match=why) as caught:
        DailyPapers().parse(Answer(body), DAY.isoformat(), NOW)
    assert len(str(caught.value)) < 1000


def test_a_page_of_megabytes_is_read() -> None:
    """Beyond ten of them, the parser refuses an attribute unless it is told not to."""
    long = paper(summary="Abstracts go on. " * 700_000)
    assert len(DailyPapers().parse(Answer(day_page(long)), DAY.isoformat(), NOW).listing.entries) == 1


SAVED_FILES: Mapping[str, tuple[bytes, str, str, int]] = {
    "the list of a day": (encode(papers(3)), "daily-papers", "latest", 3),
    "an empty list": (b" [ ]\n", "daily-papers", "latest", 0),
    "what is trending": (encode([trending_paper(), paper(*DPM_SOLVER)]), "huggingface", "latest", 2),
    "a search": (encode([old_paper()]), "huggingface", "latest", 1),
    "one paper": (encode(paper()["paper"]), "huggingface", "latest", 1),
    "one paper, indented": (json.dumps(paper()["paper"], indent=2).encode(), "huggingface", "latest", 1),
    "the page of a day": (day_page(paper(**WITHOUT_DAY)), "daily-papers", "2026-01-09", 1),
    "the page of a week": (day_page(paper(), day=None, periodType="week"), "daily-papers", "latest", 1),
    "the page of a search": (day_page(old_paper(), day=None), "huggingface", "latest", 1),
    "the page of one paper": (web_page(state("PaperContent", {"paper": paper()["paper"]})), "huggingface", "latest", 1),
    "a text": (text_page(shown()), "huggingface", "latest", 1),
}


@pytest.mark.parametrize("case", SAVED_FILES)
def test_a_saved_file_is_recognised_by_what_is_in_it(case: str) -> None:
    body, source, key, count = SAVED_FILES[case]
    listing = read_saved(body, None, NOW)

    assert looks_like_huggingface(body)
    assert (listing.source, listing.key, len(listing.entries), listing.refused) == (source, key, count, ())
    assert {entry.sources for entry in listing.entries} <= {(source,)}


def test_a_day_that_a_file_is_named_for_is_that_of_a_list_and_of_nothing_else() -> None:
    day = date(2026, 1, 5)

    listing = read_saved(encode([paper(**WITHOUT_DAY)]), day, NOW)
    assert (listing.source, listing.key) == ("daily-papers", "2026-01-05")
    assert listing.entries[0].listed == datetime(2026, 1, 5, tzinfo=UTC)
    for body in (encode([old_paper()]), encode(old_paper()["paper"]), day_page(old_paper(), day=None)):
        listing = read_saved(body, day, NOW)
        assert (listing.source, listing.key, listing.entries[0].listed.year) == ("huggingface", "latest", 2020)
    assert read_saved(day_page(paper(**WITHOUT_DAY)), day, NOW).key == "2026-01-09"


@pytest.mark.parametrize(
    ("day", "year", "expected"),
    [(None, None, "2025-04-13"), (None, 2024, "2024-04-13"), (date(2024, 5, 1), None, "2024-04-13"),
     (date(2024, 3, 1), None, "2023-04-13"), (date(2024, 3, 1), 2025, "2025-04-13")],
)  # fmt: skip
def test_a_text_was_captured_in_the_year_given_or_before_the_day_that_it_is_named_for(
    day: date | None, year: int | None, expected: str
) -> None:
    (entry,) = read_saved(text_page(shown(on="Apr 13")), day, NOW, year).entries

    assert entry.published == datetime.fromisoformat(f"{expected}T00:00:00Z")


FOREIGN = {
    "a feed": b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>',
    "a JSON feed": b'{"version":"https://jsonfeed.org/version/1.1","title":"x","items":[{"id":"1","title":"y"}]}',
    "another list": b'[{"id":"2010.02502","title":"x"}]',
    "another page": b"<!doctype html><h1>and the research community</h1>",
    "a letter": b"Dear all,\nthe research community writes.",
    "nothing": b"",
    "a subscription list": b"<opml version='2.0'><body/></opml>",
}


@pytest.mark.parametrize("case", FOREIGN)
def test_what_is_of_another_kind_is_not_taken_for_one(case: str) -> None:
    assert not looks_like_huggingface(FOREIGN[case])
    with pytest.raises(ListingError) as caught:
        read_saved(FOREIGN[case], None, NOW)
    assert len(str(caught.value)) < 1000


def test_the_reason_says_what_would_have_been_right() -> None:
    with pytest.raises(ListingError, match=r"neither JSON .* nor one of its pages .* nor the text of a page"):
        read_saved(b"Dear all", None, NOW)


@given(
    st.binary(max_size=80)
    | st.sampled_from([body[:cut] for body, *_ in SAVED_FILES.values() for cut in range(0, 900, 61)])
)
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_listing_or_no_listing(body: bytes) -> None:
    looks_like_huggingface(body)
    reason = ""
    try:
        read_saved(body, None, NOW)
    except ListingError as error:
        reason = str(error)
    assert len(reason) < 1000


@needs_captured
def test_the_captured_page_says_what_it_shows() -> None:
    body = (SAVED / "html" / "daily_2024-08-01.html").read_bytes()
    listing = read_saved(body, None, NOW)

    assert (listing.source, listing.key, len(listing.entries), listing.refused) == (
        "daily-papers",
        "2024-08-01",
        13,
        (),
    )
    assert {entry.listed for entry in listing.entries} == {datetime(2024, 8, 1, tzinfo=UTC)}
    assert [entry.upvotes for entry in listing.entries] == [94, 24, 19, 16, 11, 8, 8, 8, 7, 7, 7, 5, 3]
    assert [entry.comments for entry in listing.entries] == [5, 2, 5, 8, 2, 2, 2, 3, 3, 2, 2, 2, 2]
    assert [len(entry.authors) for entry in listing.entries][:2] == [533, 5]
    assert DailyPapers().parse(Answer(body), "2024-08-01", NOW).listing == listing
    with pytest.raises(ListingError, match="the page of 2024-08-01"):
        DailyPapers().parse(Answer(body), "2024-08-02", NOW)


@needs_captured
def test_the_cards_of_the_captured_page_say_what_its_state_says() -> None:
    """Its words are what a text extractor would leave."""
    body = (SAVED / "html" / "daily_2024-08-01.html").read_bytes()
    tree = etree.fromstring(body, etree.HTMLParser(encoding="utf-8"))
    cards = [text for card in tree.iter("article") for text in card.itertext() if text.strip()]
    told = {entry.title: entry for entry in read_saved(body, None, NOW).entries}
    shown = {entry.title: entry for entry in read_saved(text_page(*cards, day="Aug 1"), None, NOW, 2024).entries}

    assert told.keys() == shown.keys()
    for title, entry in shown.items():
        facts = (entry.upvotes, entry.comments, entry.listed, entry.submitter and entry.submitter.name)
        known = told[title]
        assert facts == (known.upvotes, known.comments, known.listed, known.submitter and known.submitter.name)
        assert known.aliases == (entry.id,)


@needs_captured
def test_the_captured_answers_are_read_whole() -> None:
    counts = {"search/search_diffusion.json": 3, "trending/trending_first_item.json": 1,
              "paper/fastpaper_paper_2608.09888.json": 1}  # fmt: skip
    for name, count in counts.items():
        listing = read_saved((SAVED / name).read_bytes(), None, datetime(2026, 11, 1, tzinfo=UTC))
        assert (listing.source, len(listing.entries), listing.refused) == ("huggingface", count, ())
    search = json.loads((SAVED / "search" / "search_diffusion.json").read_bytes())
    entries = SEARCH.parse(Answer(encode(search)), CURRENT, NOW).listing.entries
    assert [entry.published.isoformat()[:19] for entry in entries] == [
        element["paper"]["publishedAt"][:19] for element in search
    ]
    assert all(entry.listed.date() == entry.published.date() for entry in entries)


@needs_captured
@pytest.mark.parametrize("folder", ["daily", "latest", "search", "paper", "trending", "html", "text"])
def test_every_captured_file_is_recognised(folder: str) -> None:
    files = [file for file in (SAVED / folder).rglob("*") if file.is_file()]
    assert files
    assert [file for file in files if not looks_like_huggingface(file.read_bytes())] == []
