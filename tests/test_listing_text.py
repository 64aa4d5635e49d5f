"""Text renderings of Hugging Face's pages: what is left when only the words are kept, -> a Listing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedserver.errors import ListingError
from feedserver.filters import EVERYTHING
from feedserver.identity import title_name
from feedserver.model import Changes, Entry, Links, Listing, Organisation, Submitter
from feedserver.sources.huggingface.listing_text import organisation_of, parse_text
from feedserver.sources.huggingface.rendering import Line, read_dated
from feedserver.store import SqliteStore
from tests.entries import CAPTURED
from tests.upstream import DDIM, DPM_SOLVER

TEXTS = CAPTURED.parent / "text"
needs_texts = pytest.mark.skipif(not TEXTS.is_dir(), reason="the captured texts are not beside the checkout")

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HEAD = "new\n\nGet trending papers!\n\nSubscribe\n\nDaily Papers\n\nbyAK and the research community\n\n"
ABSTRACT = "Abstracts go on for very much longer than any title does. " * 8


def page(*papers: str, day: str = "Apr 13") -> bytes:
    """Return the rendering of a page."""
    return (HEAD + "\n\n".join([day, *papers])).encode()


def shown(title: str = DDIM[1], by: str = "  • 3 authors", on: str = "Mar 10") -> str:
    """Return a paper as it is rendered."""
    return f"{title}\n\n{ABSTRACT}\n\n{by}\n·\n{on}"


def parse(body: bytes, until: date | None = None, year: int | None = None, now: datetime = NOW) -> Listing:
    """Parse a rendering, seen on the first of May."""
    return parse_text(body, "huggingface", now, until, year)


def entry_of(*papers: str, day: str = "Apr 13") -> Entry:
    """Parse a page of which one entry must come."""
    (entry,) = parse(page(*papers, day=day)).entries
    return entry


def at(text: str) -> datetime:
    """Return midnight of a day."""
    return datetime.fromisoformat(f"{text}T00:00:00Z")


def test_a_paper_on_a_page_becomes_an_entry_that_is_known_by_its_title() -> None:
    assert entry_of(shown(by="Harvard Harvard University", on="Mar 10 3")) == Entry(
        id=title_name(DDIM[1]),
        title=DDIM[1],
        summary=ABSTRACT.strip(),
        links=Links("https://huggingface.co/papers?q=Denoising+Diffusion+Implicit+Models"),
        published=at("2026-03-10"),
        listed=at("2026-03-10"),
        first_seen=NOW,
        updated=at("2026-03-10"),
        modified=NOW,
        sources=("huggingface",),
        organisation=Organisation("Harvard", "Harvard University"),
        comments=3,
        origin="huggingface",
    )


def test_a_paper_without_its_last_lines_is_kept_and_no_newer_than_the_page() -> None:
    bare = f"{DPM_SOLVER[1]}\n\n{ABSTRACT}"
    listing = parse(page(shown(), bare, bare.replace("DPM", "DEIS"), shown("Last but one"), "Last\n\n" + ABSTRACT))

    assert [entry.title for entry in listing.entries] == [
        DDIM[1], DPM_SOLVER[1], DPM_SOLVER[1].replace("DPM", "DEIS"), "Last but one", "Last",
    ]  # fmt: skip
    undated = (listing.entries[1], listing.entries[2], listing.entries[4])
    assert {(entry.published, entry.listed) for entry in undated} == {(at("2026-04-13"), at("2026-04-13"))}
    assert {(entry.comments, entry.organisation, entry.summary) for entry in undated} == {(0, None, ABSTRACT.strip())}
    assert listing.refused == ()


DATES = {
    "Mar 10": ("2026-03-10", 0),
    "Apr 13": ("2026-04-13", 0),
    "Apr 1 3": ("2026-04-01", 3),
    "Apr 1 13": ("2026-04-01", 13),
    "Apr 14": ("2025-04-14", 0),
    "Dec 31": ("2025-12-31", 0),
    "Dec 31, 2025": ("2025-12-31", 0),
    "Dec 31, 2025 11": ("2025-12-31", 11),
    "Feb 29, 2024 2": ("2024-02-29", 2),
    "Feb 30": ("2026-04-13", 0),  # is none, and so it counts as of the capture
    "Jul 1, 2031": ("2026-04-13", 0),  # is no paper's of that day
}


@pytest.mark.parametrize("text", DATES)
def test_a_date_is_of_the_year_of_capture_or_the_one_before_and_comments_come_after_it(text: str) -> None:
    entry = entry_of(shown(on=text))

    assert (entry.published, entry.comments) == (at(DATES[text][0]), DATES[text][1])
    assert entry.listed == entry.updated == entry.published


@pytest.mark.parametrize(
    "text", ["", "Mar", "10 Mar", "March 10", "Mar 100", "Mar 10 2025 3 4", "mar 10", "Mar 10,2025"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_dated(text) is None


YEARS: Mapping[str, tuple[str, date | None, int | None, str]] = {
    "the first after all years that the page tells": ("Apr 13", None, None, "2024-04-13"),
    "the one that is given": ("Apr 13", None, 2025, "2025-04-13"),
    "that of the last day possible": ("Apr 13", date(2026, 4, 13), None, "2026-04-13"),
    "or the one before, for the day comes later in the year": ("Sep 1", date(2026, 4, 13), None, "2025-09-01"),
    "the one that the page states after all": ("Apr 13, 2022", None, None, "2022-04-13"),
    "one that has the day": ("Feb 29", None, None, "2024-02-29"),
}


@pytest.mark.parametrize("case", YEARS)
def test_the_year_of_capture_is_found_out(case: str) -> None:
    day, until, year, expected = YEARS[case]
    listing = parse(page(shown(on="Jan 5, 2023"), f"Undated\n\n{ABSTRACT}", day=day), until, year)

    assert listing.entries[1].published == at(expected)


@pytest.mark.parametrize(
    ("day", "expected"), [("Apr 13", "2026-04-13"), ("May 1", "2026-05-01"), ("May 2", "2025-05-02")]
)
def test_where_nothing_tells_the_year_it_is_the_last_one_possible(day: str, expected: str) -> None:
    assert entry_of(f"Undated\n\n{ABSTRACT}", day=day).published == at(expected)


def test_a_year_of_capture_that_is_still_to_come_is_refused() -> None:
    with pytest.raises(ListingError, match="captured on day 13 of month 4, of no year that it can be"):
        parse(page(shown()), year=2027)
    with pytest.raises(ListingError, match="of no year"):
        parse(page(shown(), day="Feb 30"))


def test_the_year_that_the_page_tells_is_not_believed_where_it_would_put_the_capture_into_the_future() -> None:
    assert entry_of(shown(on="Mar 1, 2026"), day="Jul 1").published == at("2025-07-01")


@pytest.mark.parametrize(
    ("text", "link", "found"),
    [
        ("7 authors", "", None),
        ("1 authors", "", None),
        ("1 author", "https://huggingface.co/papers/2010.02502", None),
        ("", "", None),
        ("Harvard Harvard University", "", Organisation("Harvard", "Harvard University")),
        ("occ-ai OCC", "", Organisation("occ-ai", "OCC")),
        ("Google", "", Organisation("Google", "Google")),
        ("Google", "https://huggingface.co/google", Organisation("google", "Google")),
        ("OCC", "https://huggingface.co/papers/2010.02502", Organisation("OCC", "OCC")),
        ("清华大学 Tsinghua", "", Organisation("清华大学 Tsinghua", "清华大学 Tsinghua")),
    ],
)
def test_who_a_paper_is_by_is_an_organisation_or_a_number(text: str, link: str, found: Organisation | None) -> None:
    assert organisation_of(Line(text, link)) == found


WITH_LINKS = f"""\
---
exported: 2026-04-30
---

# Daily Papers - Hugging Face

Models

https://huggingface.co/models

Daily Papers

by\x20

AK

https://huggingface.co/akhaliq

 and the research community

Diffusion

Daily

Monthly\x20

https://huggingface.co/papers/trending

\x20

https://huggingface.co/papers/date/2024-12-31

Jan 2

 [-] 19

https://huggingface.co/login?next=%2Fpapers%2F2010.02502

Denoising Diffusion Implicit Models

https://huggingface.co/papers/2010.02502

\x20

https://huggingface.co/ermongroup

{ABSTRACT} Our code is at https://github.com/ermongroup/ddim

https://huggingface.co/papers/2010.02502

[

3 authors](https://huggingface.co/papers/2010.02502)

·

Oct 6, 2020\x20

2

https://huggingface.co/papers/2010.02502#community

 [-] -

https://huggingface.co/login?next=%2Fpapers%2F2206.00927

DPM-Solver

https://huggingface.co/papers/2206.00927

{ABSTRACT}

https://huggingface.co/papers/2206.00927

\x20

https://huggingface.co/papers/2206.00927

 Google

https://huggingface.co/google

·

Dec 30

Previous

https://huggingface.co/papers/date/2024-12-31

System theme

Company

TOS

https://huggingface.co/terms-of-service
"""


def test_where_addresses_are_printed_papers_are_known_by_their_ids() -> None:
    listing = parse(WITH_LINKS.encode())

    assert listing.refused == ()
    first, second = listing.entries
    assert (first.id, first.title) == ("https://arxiv.org/abs/2010.02502", DDIM[1])
    assert first.links.page == "https://huggingface.co/papers/2010.02502"
    assert first.links.pdf == "https://arxiv.org/pdf/2010.02502"
    assert first.aliases == (title_name(DDIM[1]),)
    assert first.summary.endswith("Our code is at https://github.com/ermongroup/ddim")
    assert (first.upvotes, first.comments, first.organisation) == (19, 2, None)
    assert (second.upvotes, second.comments, second.organisation) == (0, 0, Organisation("google", "Google"))
    assert [entry.published for entry in listing.entries] == [at("2020-10-06"), at("2024-12-30")]


def test_the_page_of_the_day_before_tells_the_year_of_capture() -> None:
    """It is the second of January 2025, whatever the other years, so the thirtieth of December is of 2024."""
    assert parse(WITH_LINKS.encode()).entries[1].published == at("2024-12-30")
    later = WITH_LINKS.replace("2024-12-31", "2025-01-01").encode()
    assert parse(later).entries[1].published == at("2024-12-30")
    broken = WITH_LINKS.replace("2024-12-31", "2024-12-32").encode()
    assert parse(broken).entries[1].published == at("2020-12-30")


CARDS = f"""\
Submitted by

someone

94

{DDIM[1]}

·
3 authors

2

Submitted by
other
-
{DPM_SOLVER[1]}
·
tsinghua Tsinghua University

Submitted by

third

 [-] 7

A Third One

·
1 authors
·
11"""


def test_the_cards_of_a_day_are_entries_of_that_day() -> None:
    listing = parse(page(CARDS), year=2025)

    assert listing.refused == ()
    assert [entry.title for entry in listing.entries] == [DDIM[1], DPM_SOLVER[1], "A Third One"]
    assert [(entry.upvotes, entry.comments) for entry in listing.entries] == [(94, 2), (0, 0), (7, 11)]
    assert [entry.submitter for entry in listing.entries] == [
        Submitter("someone"),
        Submitter("other"),
        Submitter("third"),
    ]
    assert [entry.organisation for entry in listing.entries] == [
        None, Organisation("tsinghua", "Tsinghua University"), None,
    ]  # fmt: skip
    assert {entry.listed for entry in listing.entries} == {at("2025-04-13")}
    assert {entry.summary for entry in listing.entries} == {""}


def test_a_title_without_an_abstract_takes_none_from_the_next() -> None:
    listing = parse(page("Alone\n\n  • 2 authors\n·\nMar 1", shown(), "Also Alone", shown("Then")))

    assert [(entry.title, bool(entry.summary)) for entry in listing.entries] == [
        ("Alone", False), (DDIM[1], True), ("Then", True),
    ]  # fmt: skip
    assert [(refusal.what, refusal.why) for refusal in listing.refused] == [
        ("paper 3 ('Also Alone')", "neither a date nor an abstract")
    ]


def test_what_can_be_no_title_is_refused() -> None:
    listing = parse(page(f"{ABSTRACT}\n\n{ABSTRACT}", shown(), "  • 2 authors\n·\nMar 1"))

    assert [entry.title for entry in listing.entries] == [DDIM[1]]
    assert [refusal.why for refusal in listing.refused] == [
        f"{len(ABSTRACT) - 1} characters are no title", "0 characters are no title",
    ]  # fmt: skip


def test_a_date_without_a_word_of_whom_it_is_by_ends_its_paper_too() -> None:
    entry = entry_of(f"{DDIM[1]}\n\n{ABSTRACT}\n\n·\nMar 10")

    assert (entry.title, entry.organisation, entry.published) == (DDIM[1], None, at("2026-03-10"))
    assert entry.summary == ABSTRACT.strip()


def test_the_same_title_twice_is_one_entry() -> None:
    assert entry_of(shown(), shown("DENOISING  diffusion implicit models!")).title == DDIM[1]


@pytest.mark.parametrize(
    "change", [("\n", "\r\n"), ("\n\n", "\n \t\n"), ("\n\n", "\n\n\n\n"), ("new\n", "\ufeffnew\n")]
)
def test_ends_of_lines_and_marks_make_no_difference(change: tuple[str, str]) -> None:
    body = page(shown(), shown("Another", on="Apr 1 3"), f"Last\n\n{ABSTRACT}")

    assert parse(body.decode().replace(*change).encode()) == parse(body)


def test_an_abstract_of_several_lines_is_one_abstract() -> None:
    wrapped = ABSTRACT.strip().replace(". ", ".\n")

    assert entry_of(shown().replace(ABSTRACT, wrapped)).summary == ABSTRACT.strip()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no heading"),
        (b"A letter.\n\nDear all", "no heading"),
        (HEAD.encode() + b"No day", "with a day after it"),
        (page(), "of none that could be told apart"),
        (page("A title, alone"), "of none that could be told apart"),
        (page(shown()).replace(b"Denoising", b"\xff"), "not UTF-8"),
    ],
)
def test_bytes_that_are_no_page_are_refused_with_the_reason(body: bytes, why: str) -> None:
    with pytest.raises(ListingError, match=why):
        parse(body)


PIECES = [
    "·", "[", "Submitted by", "[-] 3", "[-] -", "Apr 13", "Apr 1 3", "Feb 29", "Mar 1, 0000", "3 authors", ABSTRACT,
    "x](https://huggingface.co/)", "https://huggingface.co/papers/2010.02502", "and the research community", "7",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=10)), st.sampled_from(["\n", "\n\n", "\n \n"]))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_listing_or_no_listing(pieces: list[str], between: str) -> None:
    body = (HEAD + between.join(["Apr 13", *pieces])).encode(errors="replace")
    try:
        listing = parse(body)
    except ListingError:
        return
    assert listing.entries
    for entry in listing.entries:
        assert entry.title
        assert entry.published.tzinfo is UTC
        assert entry.published == entry.listed <= NOW


@pytest.mark.parametrize(
    "piece", ["x\n\n", "[-] 3\n\n", "a\n·\nMar 1\n\n", "Submitted by\n\n", "\n ", "](https://huggingface.co"]
)
def test_a_long_text_costs_time_in_proportion_to_its_length(piece: str) -> None:
    """It ends: with work that grows as the square, a test of this length would not."""
    with pytest.raises(ListingError, match="none that could be told apart"):
        parse(page(piece * (200_000 // len(piece))))


@dataclass(frozen=True, slots=True)
class Counted:
    """What a captured text shows, counted by eye; ``of_2026`` are dates without a year."""

    papers: int
    organisations: int
    comments: tuple[int, ...]
    undated: int
    of_2026: int
    captured: str


COUNTED = {
    "000_955c868a032c402b.txt": Counted(35, 0, (3, 2), 0, 3, "2026-04-13"),
    "001_1f3d9ce709c49b15.txt": Counted(35, 0, (11, 3), 0, 0, "2026-01-05"),
    "002_e87afd2f7957e101.txt": Counted(50, 1, (2, 1, 2, 2, 2, 3, 2), 3, 6, "2026-04-17"),
}
PLAIN = re.compile(r"^(.+)\n\n(.{1000,})\n\n(.+)\n·\n(\w{3} \d+)(?:, (\d{4}))?(?: (\d+))?$", re.MULTILINE)


def captured_text(name: str) -> Listing:
    """Parse a captured text, seen long after."""
    return parse((TEXTS / name).read_bytes(), now=datetime(2026, 11, 1, tzinfo=UTC))


@needs_texts
@pytest.mark.parametrize("name", COUNTED)
def test_every_paper_of_a_captured_text_is_an_entry(name: str) -> None:
    counted, listing = COUNTED[name], captured_text(name)
    entries = listing.entries

    assert listing.refused == ()
    assert len(entries) == counted.papers
    assert sum(entry.organisation is not None for entry in entries) == counted.organisations
    assert tuple(entry.comments for entry in entries if entry.comments) == counted.comments
    assert sum(entry.published == at(counted.captured) for entry in entries) == counted.undated
    assert sum(entry.published.year == 2026 for entry in entries) == counted.of_2026 + counted.undated
    assert all(1000 < len(entry.summary) < 2000 and entry.listed == entry.published for entry in entries)


@needs_texts
@pytest.mark.parametrize("name", COUNTED)
def test_a_captured_text_read_plainly_says_the_same(name: str) -> None:
    entries = {entry.title: entry for entry in captured_text(name).entries}
    plain = PLAIN.findall((TEXTS / name).read_text(encoding="utf-8"))

    assert len(plain) == COUNTED[name].papers - COUNTED[name].undated
    for title, abstract, by, day, year, comments in plain:
        entry = entries.pop(" ".join(title.split()))
        published = datetime.strptime(f"{day} {year or 2026}", "%b %d %Y").replace(tzinfo=UTC)
        assert (entry.summary, entry.published) == (" ".join(abstract.split()), published)
        assert entry.comments == int(comments or 0)
        assert (entry.organisation is None) is bool(re.search(r"\d authors$", by))
    assert {title.split(":")[0] for title in entries} <= {"BeamPERL", "InT", "HY-WU (Part I)"}


@needs_texts
def test_captured_texts_imported_twice_are_in_the_store_once(store: SqliteStore) -> None:
    """On the three pages are 120 papers; six of them are on two."""
    listings = [replace(captured_text(name), captured=True) for name in COUNTED]
    before = len(store.select(EVERYTHING, limit=1000))

    first = sum((store.put(listing) for listing in listings), Changes())
    second = sum((store.put(listing) for listing in listings), Changes())
    assert (first.new, first.updated + first.unchanged) == (114, 6)
    assert second == Changes(unchanged=120)
    assert len(store.select(EVERYTHING, limit=1000)) == before + 114
