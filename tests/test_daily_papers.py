"""The source daily-papers: upstream's JSON, as it is and as it should not be, -> a Listing or the reason why not."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedserver.errors import ListingError
from feedserver.identity import title_name
from feedserver.model import Entry, Links, Listing, Organisation, Submitter
from feedserver.sources import Answer, DailyPapers, Request
from feedserver.sources.daily_papers import NAME, parse_list
from tests.entries import CAPTURED, needs_captured
from tests.upstream import DAY, DDIM, DPM_SOLVER, NOW, encode, paper, papers

LATEST = CAPTURED.parent / "latest"
MIDNIGHT = datetime(2026, 1, 9, tzinfo=UTC)
ARXIV_ID = re.compile(r"https://arxiv\.org/abs/[0-9]{4}\.[0-9]{4,5}")


def parse(*elements: object, day: date | None = DAY) -> Listing:
    """Parse a list of elements, seen at noon."""
    return parse_list(encode(elements), NAME, day, NOW)


def entry_of(element: object, day: date | None = DAY) -> Entry:
    """Parse a list of one element, which must be an entry."""
    (entry,) = parse(element, day=day).entries
    return entry


def test_one_element_becomes_one_entry() -> None:
    element = paper(
        githubRepo="https://github.com/ermongroup/ddim", githubStars=1500, projectPage="https://example.org/ddim",
        ai_summary="Fewer steps.", ai_keywords=["diffusion models", "implicit models"],
        mediaUrls=["https://cdn-uploads.huggingface.co/film.mp4"],
        organization={"_id": "2" * 24, "name": "StanfordUniversity", "fullname": "Stanford University"},
    )  # fmt: skip

    assert entry_of(element) == Entry(
        id="https://arxiv.org/abs/2010.02502",
        title="Denoising Diffusion Implicit Models",
        summary="The abstract of Denoising Diffusion Implicit Models.",
        links=Links(
            page="https://huggingface.co/papers/2010.02502",
            arxiv="https://arxiv.org/abs/2010.02502",
            pdf="https://arxiv.org/pdf/2010.02502",
            code="https://github.com/ermongroup/ddim",
            project="https://example.org/ddim",
        ),
        published=datetime(2026, 1, 8, tzinfo=UTC),
        listed=MIDNIGHT,
        first_seen=NOW,
        updated=MIDNIGHT,
        modified=NOW,
        sources=("daily-papers",),
        authors=("Jiaming Song", "Chenlin Meng", "Stefano Ermon"),
        organisation=Organisation("StanfordUniversity", "Stanford University"),
        submitter=Submitter("someone", "Someone"),
        upvotes=8,
        comments=2,
        stars=1500,
        ai_summary="Fewer steps.",
        ai_keywords=("diffusion models", "implicit models"),
        thumbnail="https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/2010.02502.png",
        media=("https://cdn-uploads.huggingface.co/film.mp4",),
        aliases=(title_name("denoising diffusion implicit models"),),
        origin="huggingface",
    )


def test_an_element_needs_an_id_a_title_and_a_day_alone() -> None:
    entry = entry_of({"paper": {"id": "2010.02502", "title": "Denoising Diffusion Implicit Models"}})

    assert (entry.published, entry.listed) == (MIDNIGHT, MIDNIGHT)
    assert (entry.summary, entry.authors, entry.organisation, entry.submitter) == ("", (), None, None)
    assert (entry.upvotes, entry.comments, entry.stars) == (0, 0, None)
    assert (entry.ai_summary, entry.ai_keywords, entry.thumbnail, entry.media) == (None, (), None, ())
    assert (entry.links.code, entry.links.project) == (None, None)


OPTIONAL = {
    "beside": [key for key in paper() if key != "paper"],
    "paper": sorted({*paper()["paper"], "githubRepo", "githubStars", "projectPage", "mediaUrls"} - {"id", "title"}),
}


@pytest.mark.parametrize(("where", "key"), [(where, key) for where, keys in OPTIONAL.items() for key in keys])
def test_a_key_of_another_kind_counts_as_missing(where: str, key: str) -> None:
    element = paper()
    fields = element["paper"] if where == "paper" else element
    fields.pop(key, None)
    without = entry_of(element)
    for value in (None, True, -1, 2.5, "", [], {}, [None, 7, {}], {"name": None}, {"name": 7, "user": []}):
        fields[key] = value
        assert entry_of(element) == without, value


def test_a_missing_title_or_summary_is_taken_from_beside() -> None:
    entry = entry_of(paper(title="Beside", outer={"paper": {"id": "2010.02502"}, "summary": "The abstract beside."}))

    assert (entry.title, entry.summary) == ("Beside", "The abstract beside.")


@dataclass(frozen=True, slots=True)
class Dates:
    """What an element says of its dates, the day asked for, and what is to come of it."""

    listed: str
    published: str
    asked: str | None = None
    submitted: str | None = None
    beside: str | None = None  # the top-level publishedAt
    own: str | None = None  # paper.publishedAt


DATES = {
    "the day of submission is the day of listing, whatever was asked for": Dates(
        "2026-01-08", "2026-01-08T00:00:00",
        "2026-01-09", "2026-01-08T23:10:00.000Z", "2026-01-07T20:00:00.000Z", "2026-01-08T00:00:00.000Z",
    ),
    "also where nothing was asked for": Dates(
        "2025-07-01", "2025-06-29T17:59:59",
        None, "2025-07-01T01:02:03.456Z", "2025-06-29T13:59:59.000Z", "2025-06-29T17:59:59.000Z",
    ),
    "which is a midnight since May 2026": Dates(
        "2026-05-14", "2026-05-13T00:00:00",
        None, "2026-05-14T00:00:00.000Z", "2026-05-12T20:00:00.000Z", "2026-05-13T00:00:00.000Z",
    ),
    "and was missing for a week of March 2025": Dates(
        "2025-03-12", "2025-03-11T16:00:00",
        "2025-03-12", None, "2025-03-11T12:00:00.000Z", "2025-03-11T16:00:00.000Z",
    ),
    "before, the date beside was that of submission": Dates(
        "2024-06-13", "2024-06-12T17:59:59",
        None, None, "2024-06-13T01:30:00.123Z", "2024-06-12T17:59:59.000Z",
    ),
    "which late in the evening was for the next day": Dates(
        "2024-06-14", "2024-06-12T17:59:59",
        "2024-06-14", None, "2024-06-13T22:30:00.123Z", "2024-06-12T17:59:59.000Z",
    ),
    "without a date of its own, a paper is dated by its listing": Dates(
        "2026-01-09", "2026-01-09T00:00:00", "2026-01-09", "2026-01-09T05:00:00.000Z", "2026-01-07T20:00:00.000Z",
    ),
    "without any date too": Dates("2026-01-09", "2026-01-09T00:00:00", "2026-01-09"),
    "another zone": Dates("2026-01-09", "2026-01-07T23:00:00", "2026-01-09", own="2026-01-08T01:00:00+02:00"),
    "no zone": Dates("2026-01-09", "2026-01-08T01:00:00", "2026-01-09", own="2026-01-08T01:00:00"),
    "no time": Dates("2026-01-09", "2026-01-08T00:00:00", "2026-01-09", own="2026-01-08"),
}  # fmt: skip


@pytest.mark.parametrize("case", DATES)
def test_an_entry_is_dated_by_its_day_and_its_paper(case: str) -> None:
    dates = DATES[case]
    element = paper(submittedOnDailyAt=dates.submitted, publishedAt=dates.own, outer={"publishedAt": dates.beside})
    entry = entry_of(element, date.fromisoformat(dates.asked) if dates.asked else None)

    assert entry.listed == entry.updated == datetime.fromisoformat(f"{dates.listed}T00:00:00Z")
    assert entry.published == datetime.fromisoformat(f"{dates.published}Z")


def test_the_shifted_date_says_nothing_about_the_day_of_listing() -> None:
    element = paper(submittedOnDailyAt=None, publishedAt="2025-03-11T16:00:00.000Z",
                    outer={"publishedAt": "2025-03-11T12:00:00.000Z"})  # fmt: skip
    with pytest.raises(ListingError, match="day of listing is not known"):
        parse(element, day=None)


@pytest.mark.parametrize(
    "instant",
    ["soon", "", "2026-13-01T00:00:00.000Z", "2026-01-08T25:00:00.000Z", 1767830400,
     "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"],
)  # fmt: skip
def test_a_date_that_is_none_counts_as_missing(instant: object) -> None:
    assert entry_of(paper(publishedAt=instant)).published == MIDNIGHT
    assert entry_of(paper(submittedOnDailyAt=instant)).listed == MIDNIGHT


def test_white_space_is_collapsed_everywhere() -> None:
    entry = entry_of(
        paper(
            title=" Denoising Diffusion\n  Implicit\tModels ",
            authors=["Jiaming\n Song", " \n"],
            summary="Hard\nwrapped\n\nas until  2025.\n",
            ai_summary=" Fewer\nsteps. ",
            ai_keywords=["diffusion\nmodels", "diffusion models", "  "],
        )
    )

    assert entry.title == "Denoising Diffusion Implicit Models"
    assert entry.authors == ("Jiaming Song",)
    assert entry.summary == "Hard wrapped as until 2025."
    assert entry.ai_summary == "Fewer steps."
    assert entry.ai_keywords == ("diffusion models",)


def test_text_stays_plain_text() -> None:
    entry = entry_of(paper(title="$\\nabla^2$DFT & <MMLU> &amp; 扩散 \U0001f600"))

    assert entry.title == "$\\nabla^2$DFT & <MMLU> &amp; 扩散 \U0001f600"


def test_control_characters_are_dropped() -> None:
    entry = entry_of(
        paper(
            title="De\x00noising\x0b Diffusion\x1f\ufffe",
            summary="\x07",
            ai_summary="\x00\x01",
            outer={"summary": None},
        )
    )

    assert (entry.title, entry.summary, entry.ai_summary) == ("Denoising Diffusion", "", None)


def test_a_lone_surrogate_is_dropped_and_costs_no_entry() -> None:
    """JavaScript cuts a text in the middle of an emoji, and its JSON then holds half of one."""
    body = json.dumps([paper(ai_summary="Fewer steps \ud83d"), *papers(2)]).encode()
    listing = parse_list(body, NAME, DAY, NOW)

    assert len(listing.entries) == 3
    assert listing.entries[0].ai_summary == "Fewer steps"


def test_hidden_authors_stay_hidden() -> None:
    element = paper()
    element["paper"]["authors"] = [
        {"name": "Jiaming Song", "hidden": False},
        {"name": "Chenlin Meng", "hidden": True},
        {"name": "Stefano Ermon"},
        {"hidden": False},
        "no object",
    ]

    assert entry_of(element).authors == ("Jiaming Song", "Stefano Ermon")


GOOGLE = {"_id": "2" * 24, "name": "google", "fullname": "Google", "avatar": "https://example.org/google.png"}
MIT = {"name": "MIT", "fullname": "Massachusetts Institute of Technology"}


@pytest.mark.parametrize(
    ("inner", "outer", "found"),
    [
        (GOOGLE, GOOGLE, Organisation("google", "Google")),
        (GOOGLE, MIT, Organisation("google", "Google")),
        (None, GOOGLE, Organisation("google", "Google")),
        ({"fullname": "Nameless"}, GOOGLE, Organisation("google", "Google")),
        ({"name": "occ-ai"}, None, Organisation("occ-ai", "occ-ai")),
        ({"name": " "}, None, None),
        (None, None, None),
    ],
)
def test_an_organisation_is_looked_for_in_the_paper_then_beside(
    inner: object, outer: object, found: Organisation | None
) -> None:
    assert entry_of(paper(organization=inner, outer={"organization": outer})).organisation == found


def test_an_organisation_of_september_2025_had_another_name() -> None:
    assert entry_of(paper(outer={"submitterOrganization": GOOGLE})).organisation == Organisation("google", "Google")


@pytest.mark.parametrize(
    ("by", "on_daily_by", "found"),
    [
        ({"name": "jiamings", "fullname": "Jiaming Song"}, {"user": "other"}, Submitter("jiamings", "Jiaming Song")),
        (None, {"user": "jiamings", "fullname": "Jiaming Song"}, Submitter("jiamings", "Jiaming Song")),
        (None, {"user": "old", "name": "jiamings", "fullname": "Jiaming Song"}, Submitter("jiamings", "Jiaming Song")),
        ({"name": "jiamings"}, None, Submitter("jiamings", None)),
        ({"fullname": "Jiaming Song"}, {"user": "jiamings"}, Submitter("jiamings", None)),
        (None, None, None),
    ],
)
def test_a_submitter_is_named_by_handle(by: object, on_daily_by: object, found: Submitter | None) -> None:
    assert entry_of(paper(submittedOnDailyBy=on_daily_by, outer={"submittedBy": by})).submitter == found


@pytest.mark.parametrize(
    ("given_id", "found"),
    [
        ("2010.02502", "2010.02502"),
        ("2010.02502v4", "2010.02502"),
        (" 2010.02502\n", "2010.02502"),
        ("0704.0001", "0704.0001"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("math.GT/0309136v2", "math/0309136"),
    ],
)
def test_an_entry_is_named_by_its_arxiv_id_without_version(given_id: str, found: str) -> None:
    entry = entry_of(paper(given_id))

    assert entry.id == entry.links.arxiv == f"https://arxiv.org/abs/{found}"
    assert entry.links.pdf == f"https://arxiv.org/pdf/{found}"
    assert entry.links.page == f"https://huggingface.co/papers/{found}"


@pytest.mark.parametrize(
    "bad_id",
    ["", "2010", "2010.025", "2010.025021", "https://arxiv.org/abs/2010.02502", "../../2010.02502", "2010.02502?x=1",
     "2010.02502v", "abs/2010.02502", "٢٠١٠.٠٢٥٠٢", "2010.02502 2010.02503", None, 2010.02502, ["2010.02502"]],
)  # fmt: skip
def test_what_is_no_arxiv_id_is_refused(bad_id: Any) -> None:
    element = paper()
    element["paper"]["id"] = bad_id
    listing = parse(*papers(1), element)

    assert [entry.title for entry in listing.entries] == ["Paper 1"]
    (refusal,) = listing.refused
    assert refusal.what == f"element 1 (paper.id {bad_id!r})"
    assert "missing or malformed" in refusal.why


@pytest.mark.parametrize(
    "bad", [None, 7, "text", [], {}, {"paper": None}, {"paper": []}, {"id": "2010.02502", "title": "Not in paper"}]
)
def test_an_element_that_is_no_entry_is_refused_alone(bad: object) -> None:
    listing = parse(*papers(2), bad)

    assert len(listing.entries) == 2
    assert [refusal.what for refusal in listing.refused] == ["element 2 (paper.id None)"]


@pytest.mark.parametrize("title", ["", " \n", "\x00", None, 7])
def test_an_element_without_a_title_is_refused(title: Any) -> None:
    element = paper(title=title, outer={"title": title})
    element["paper"]["title"] = title

    assert "title None" in parse(*papers(1), element).refused[0].why


def test_what_stands_twice_in_an_answer_is_one_entry_the_first() -> None:
    listing = parse(paper(upvotes=8), paper(*DPM_SOLVER), paper(f"{DDIM[0]}v2", upvotes=9))

    assert [(entry.title, entry.upvotes) for entry in listing.entries] == [(DDIM[1], 8), (DPM_SOLVER[1], 8)]
    assert listing.refused == ()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not JSON"),
        (b" \n", "not JSON"),
        (b"<!doctype html><title>Sign in</title>", "it begins b'<!doctype html>"),
        (encode([paper()])[:200], "not JSON"),
        (encode([paper()]) + b"]", "not JSON"),
        (b'["\xff"]', "not JSON"),
        (b"\x1f\x8b\x08\x00\x00", "not JSON"),
        (b'{"error":"Invalid date"}', r'a JSON dict, not a list; it begins b\'{"error":"Invalid date"}'),
        (b"null", "a JSON NoneType, not a list"),
        (b'"[]"', "a JSON str, not a list"),
        (b"503", "a JSON int, not a list"),
        (b'[{"id":1},{"id":2}]', "none of 2 elements is an entry; the first: paper.id None"),
        (b"[" * 5000 + b"]" * 5000, "not JSON"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_bytes_that_are_no_listing_are_refused_with_the_reason(body: bytes, why: str) -> None:
    with pytest.raises(ListingError, match=why):
        parse_list(body, NAME, DAY, NOW)


def test_a_reason_never_carries_the_whole_body() -> None:
    with pytest.raises(ListingError) as caught:
        parse_list(b"<html>" + b"x" * 1_000_000, NAME, DAY, NOW)

    assert len(str(caught.value)) < 1000


def test_an_empty_list_is_a_listing_without_entries() -> None:
    assert parse() == Listing("daily-papers", "2026-01-09", NOW, ())


def test_a_listing_without_a_day_is_the_latest() -> None:
    assert parse(paper(), day=None).key == "latest"


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://github.com/ermongroup/ddim", "https://github.com/ermongroup/ddim"),
        ("http://example.org/?a=1&b=%20#top", "http://example.org/?a=1&b=%20#top"),
        (" https://example.org/a b\u00e9 ", "https://example.org/a%20b%C3%A9"),
        ("https://example.org/\x00a", "https://example.org/a"),
        ("javascript:alert(1)", None),
        ("JavaScript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("\x01javascript:alert(1)", None),
        ("data:text/html,<script>", None),
        ("file:///etc/passwd", None),
        ("/avatars/site-relative.svg", None),
        ("//example.org/without-scheme", None),
        ("github.com/ermongroup/ddim", None),
        ("https://", None),
        ("https:///path-only", None),
        ("https://[::1", None),
        ("https://example.org:99999/", None),
        ("https://example.org:port/", None),
        ("", None),
        (None, None),
        (7, None),
        ({"url": "https://example.org"}, None),
    ],
)
def test_an_address_leads_to_the_web_or_nowhere(address: object, found: str | None) -> None:
    element = paper(outer={"thumbnail": address, "mediaUrl": address})
    element["paper"] |= {"githubRepo": address, "projectPage": address, "mediaUrls": [address]}
    entry = entry_of(element)

    assert (entry.links.code, entry.links.project, entry.thumbnail) == (found, found, found)
    assert entry.media == ((found,) if found else ())


def test_media_are_gathered_from_all_three_places_once() -> None:
    first, second, third = (f"https://cdn-uploads.huggingface.co/{name}" for name in ("a.png", "b.mp4", "c.gif"))
    element = paper(mediaUrls=[first, second], outer={"mediaUrls": [second, first], "mediaUrl": third})

    assert entry_of(element).media == (first, second, third)


@pytest.mark.parametrize(
    ("count", "found"), [(0, 0), (7, 7), (-1, None), (2**31, None), (10**30, None), (1.0, None), (True, None)]
)
def test_a_count_is_a_whole_number_within_reason(count: object, found: int | None) -> None:
    entry = entry_of(paper(upvotes=count, githubStars=count, outer={"numComments": count}))

    assert (entry.upvotes, entry.comments, entry.stars) == (found or 0, found or 0, found)


def test_the_first_page_has_one_address_only() -> None:
    source = DailyPapers(url="https://example.org/list")

    first = source.request(DAY.isoformat())
    second = source.parse(Answer(encode(papers(100)), request=first), DAY.isoformat(), NOW).next
    assert first == Request("https://example.org/list", {"date": "2026-01-09", "limit": "100"})
    assert second == Request("https://example.org/list", {"date": "2026-01-09", "limit": "100", "p": "1"})


def test_the_token_goes_into_a_header_only() -> None:
    request = DailyPapers(token="hf_of_the_tests").request(DAY.isoformat())  # noqa: S106  # of the tests

    assert request.headers == {"Authorization": "Bearer hf_of_the_tests"}
    assert "hf_of_the_tests" not in f"{request.url} {request.params}"


@pytest.mark.parametrize(("count", "more"), [(0, False), (49, False), (50, True), (99, True), (100, True)])
def test_a_full_page_may_be_followed_by_another(count: int, more: bool) -> None:
    page = DailyPapers().parse(Answer(encode(papers(count))), DAY.isoformat(), NOW)
    assert (page.next is not None) is more
    if count:
        page = DailyPapers().parse(Answer(encode([*papers(count - 1), None])), DAY.isoformat(), NOW)
        assert (page.next is not None) is more


def captured_files(*folders: str) -> list[Path]:
    """Return the captured files of some folders."""
    return [file for folder in folders for file in sorted((CAPTURED / folder).glob("*.json"))]


@needs_captured
@pytest.mark.parametrize("folder", ["early", "morning", "nextday"])
def test_every_captured_element_is_an_entry_of_its_day(folder: str) -> None:
    files = captured_files(folder)
    assert len(files) > 100
    for file in files:
        day = date.fromisoformat(file.stem)
        elements = [element["paper"] for element in json.loads(file.read_bytes())]
        listing = parse_list(file.read_bytes(), NAME, day, NOW)

        assert listing.refused == (), file
        assert [entry.id for entry in listing.entries] == list(
            dict.fromkeys(f"https://arxiv.org/abs/{element['id']}" for element in elements)
        ), file
        assert {entry.listed for entry in listing.entries} <= {datetime(day.year, day.month, day.day, tzinfo=UTC)}, file
        instants = {
            f"https://arxiv.org/abs/{element['id']}": element["publishedAt"][:19] + "+00:00" for element in elements
        }
        assert {entry.id: entry.published.isoformat() for entry in listing.entries} == instants, file


@needs_captured
def test_captured_texts_are_clean() -> None:
    for file in captured_files("nextday"):
        for entry in parse_list(file.read_bytes(), NAME, date.fromisoformat(file.stem), NOW).entries:
            assert ARXIV_ID.fullmatch(entry.id)
            for text in (entry.title, entry.summary, *entry.authors, *entry.ai_keywords):
                assert text == " ".join(text.split()) != "", entry.id


@needs_captured
def test_since_march_2025_the_day_is_known_without_being_asked_for() -> None:
    files = [file for file in captured_files("nextday") if file.stem >= "2025-03-17"]
    for file in files:
        listing = parse_list(file.read_bytes(), NAME, None, NOW)
        assert {entry.listed.date().isoformat() for entry in listing.entries} == {file.stem}
        assert listing.refused == ()
    assert len(files) > 50


@needs_captured
def test_the_captured_latest_lists_are_listings() -> None:
    for file in sorted(LATEST.glob("*.json")):
        listing = parse_list(file.read_bytes(), NAME, None, NOW)
        assert len(listing.entries) == len(json.loads(file.read_bytes()))
        assert listing.refused == ()


KEYS = sorted(
    {*paper(), *paper()["paper"], "githubRepo", "githubStars", "projectPage", "mediaUrls", "mediaUrl", "organization",
     "submitterOrganization", "ai_summary", "ai_keywords", "name", "fullname", "user", "hidden"}
)  # fmt: skip
TEXTS = st.one_of(
    st.text(st.characters(), max_size=20),  # lone surrogates among them
    st.sampled_from(["2010.02502", "hep-th/9901001", "https://example.org/", "https://[", "2026-01-08T00:00:00.000Z"]),
    st.datetimes(timezones=st.timezones() | st.just(UTC)).map(lambda instant: instant.isoformat()),
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | TEXTS, values, max_size=6),
    max_leaves=12,
)
ELEMENTS = st.fixed_dictionaries(
    {"paper": st.fixed_dictionaries({"id": st.just("2010.02502"), "title": st.just("T")},
                                    optional={key: VALUES for key in KEYS if key not in {"id", "title", "paper"}})},
    optional={key: VALUES for key in KEYS if key != "paper"},
)  # fmt: skip


@given(st.lists(ELEMENTS | VALUES, max_size=4) | VALUES, st.none() | st.dates())
@example([paper(publishedAt="0001-01-01T00:00:00+23:59")], DAY)
@settings(max_examples=300, deadline=None)
def test_any_json_is_a_listing_or_no_listing(value: object, day: date | None) -> None:
    expect_listing_or_reason(json.dumps(value).encode(), day)


@given(st.binary(max_size=60) | st.builds(lambda cut: encode([paper()])[:cut], st.integers(0, 2000)))
@example(b"[" * 5000)
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_listing_or_no_listing(body: bytes) -> None:
    expect_listing_or_reason(body, DAY)


def expect_listing_or_reason(body: bytes, day: date | None) -> None:
    """Parse: out comes a listing whose entries can be written down, or a ListingError."""
    try:
        listing = parse_list(body, NAME, day, NOW)
    except ListingError:
        return
    for entry in listing.entries:
        assert entry.title
        assert entry.published.tzinfo is UTC
        assert msgspec.json.encode(entry)
