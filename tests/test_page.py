"""Any page: selectors and bytes -> a Listing; a page followed for a week; dates and encodings as pages have them."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feedserver.errors import ConfigError, ListingError
from feedserver.feeds import Address, Offer, build_feed
from feedserver.identity import title_name
from feedserver.model import Entry, Links, Listing
from feedserver.query import parse_query
from feedserver.refresh import Refresher
from feedserver.render import RENDERERS, render
from feedserver.sources import CURRENT, Answer, Request
from feedserver.sources.counts import read_count
from feedserver.sources.dates import DateHabits, read_date, read_unix_time
from feedserver.sources.page import MOST_ENTRIES, AnyPage
from feedserver.sources.paging import NumberedRequest
from feedserver.sources.webpage import decode
from feedserver.store import SqliteStore
from tests.entries import CAPTURED, ROOT, needs_captured
from tests.upstream import NOW, Upstream, fetching, say

URL = "https://lab.example.org/news/"
MIDNIGHT = datetime(2026, 1, 9, tzinfo=UTC)
HF_PAGE = CAPTURED.parent / "html" / "daily_2024-08-01.html"


def documented(kind: str) -> tuple[str, dict[str, Any]]:
    """Return the lines of the example of a kind of source in the documents, and its settings."""
    text = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    block = text.split(f"## `{kind}`")[1].split("```toml\n")[1].split("```")[0]
    (table,) = tomllib.loads(block).values()
    return block, {name: value for name, value in table.items() if name != "type"}


def parse(body: str | bytes, content_type: str = "text/html; charset=utf-8", **settings: Any) -> Listing:
    """Parse a page, seen at noon, by a source named lab; ``<li>`` is an entry unless something else is said."""
    source = AnyPage(**({"url": URL, "entry": "li", "name": "lab"} | settings))
    answer = Answer(body.encode() if isinstance(body, str) else body, source.url, content_type)
    return source.parse(answer, CURRENT, NOW).listing


def entry_of(body: str, **settings: Any) -> Entry:
    """Parse a page of one entry."""
    (entry,) = parse(body, **settings).entries
    return entry


FULL = """
<html lang="en"><head><title>News</title></head><body><ul>
<li id="n7"><h2><a href="../posts/7?utm_source=list">Seven &amp; more</a></h2>
 <time datetime="2026-01-05T10:00:00+01:00">Mon</time>
 <span class="by">By Ada Lovelace, Alan Turing and Grace Hopper</span>
 <div class="abs">First <b>bold</b> <script>alert(1)</script><a href="/x" onclick="bad()">link</a>.</div>
 <b class="votes">1.2k points</b> <i class="talk">12 comments</i> <u>maths</u> <u>code</u></li>
</ul></body></html>"""


def test_one_element_becomes_one_entry() -> None:
    entry = entry_of(
        FULL, author=".by", summary=".abs", score=".votes", comments=".talk", categories="u", date="time@datetime"
    )

    assert entry == Entry(
        id="https://lab.example.org/posts/7",
        title="Seven & more",
        summary="First bold link.",
        links=Links(page="https://lab.example.org/posts/7?utm_source=list"),
        published=datetime(2026, 1, 5, 9, tzinfo=UTC),
        listed=datetime(2026, 1, 5, tzinfo=UTC),
        first_seen=NOW,
        updated=datetime(2026, 1, 5, tzinfo=UTC),
        modified=NOW,
        sources=("lab",),
        authors=("Ada Lovelace", "Alan Turing", "Grace Hopper"),
        upvotes=1200,
        comments=12,
        categories=("maths", "code"),
        html='<div>First <b>bold</b> <a href="https://lab.example.org/x" rel="noopener noreferrer">link</a>.</div>',
        aliases=("https://lab.example.org/posts/7",),
        origin="web",
    )


def test_a_page_and_what_an_entry_is_are_enough_mostly() -> None:
    entry = entry_of(FULL)

    assert (entry.title, entry.links.page) == ("Seven & more", "https://lab.example.org/posts/7?utm_source=list")
    assert entry.published == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert (entry.summary, entry.html, entry.authors, entry.upvotes) == ("", None, (), 0)


USUAL = {
    "the heading's link, not the picture's": '<li><a href="/img"><img alt=""></a><h3><a href="/a">A</a></h3></li>',
    "the link around the heading": '<li><i><a href="/tag">Tag</a></i><a href="/a"><h3>A</h3></a></li>',
    "the first link, where there is no heading": '<li><b>x</b> <a href="/a">A</a> <a href="/b">B</a></li>',
    "the first link of all, where the heading has none": '<li><h3>A</h3><a href="/a">read on</a></li>',
    "a heading without words is none": '<li><h2> </h2><a href="/a">A</a></li>',
}


@pytest.mark.parametrize("case", USUAL)
def test_title_and_link_are_where_they_mostly_are(case: str) -> None:
    entry = entry_of(f"<ul>{USUAL[case]}</ul>")

    assert (entry.title, entry.links.page) == ("A", "https://lab.example.org/a")


def test_the_entry_may_be_the_link_itself() -> None:
    (entry,) = parse('<p><a class=e href="/a">A</a></p>', entry="a.e").entries

    assert (entry.title, entry.links.page) == ("A", "https://lab.example.org/a")


@pytest.mark.parametrize(
    ("settings", "title"),
    [
        ({"title": ".t"}, "Named"),
        ({"title": ".t@title"}, "Attribute"),
        ({"title": "> b"}, "Child"),
        ({"title": ":scope > b"}, "Child"),
        ({"title": "a:contains('Other')"}, "Other"),
        ({"title": "./p/b"}, "Grandchild"),
        ({"title": "xpath:p/b"}, "Grandchild"),
        ({"title": "(.//b)[2]"}, "Child"),
        ({"title": "./preceding::h1"}, "Page"),
        ({"title": "/html/body/h1"}, "Page"),
        ({"title": "./i/@title"}, "Attribute"),
        ({"title": "xpath:concat(i/@title, ' ', count(b))"}, "Attribute 1"),
        ({"title": "."}, "Grandchild Child Named Other"),
        ({"title": ""}, "Grandchild Child Named Other"),
        ({"title": "@data-name"}, "Own"),
        ({"title": ".@Data-Name"}, "Own"),
    ],
)
def test_a_selector_is_css_or_xpath_relative_to_the_entry(settings: dict[str, str], title: str) -> None:
    page = """<body><h1>Page</h1><ul><li data-name="Own"><p><b>Grandchild</b></p> <b>Child</b>
              <i class=t title="Attribute">Named</i> <a href="/a">Other</a></li></ul>"""

    assert entry_of(page, **settings).title == title


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"entry": "li["}, r"entry: 'li\[': not CSS: "),
        ({"title": "h2::text"}, "title: 'h2::text': has a pseudo-element; take the text by 'a'"),
        ({"title": "h2:unheard-of"}, "title: 'h2:unheard-of': not CSS: "),
        ({"date": "./time["}, r"date: './time\[': not XPath: "),
        ({"date": "./$now"}, "date: './\\$now': XPath here has no variables"),
        ({"date": "xpath:re:match(., 'x')"}, "date: .* no namespaces"),
        ({"date": "xpath:document('file:///etc/passwd')"}, "no function of XPath 1.0 is called 'document'"),
        ({"date": "xpath:strin(.)"}, "called 'strin'; did you mean 'string'"),
        ({"next": "a@", "pages": 2}, "next: 'a@': not CSS"),
        ({"summary": "p" * 2000}, "longer than 1000 characters"),
        ({"url": "lab.example.org/news"}, "url: 'lab.example.org/news' is no address; give one that begins with http"),
        ({"url": "file:///etc/passwd"}, "url: .* is no address"),
        ({"pages": 0}, "pages: 0 is not between 1 and 50"),
        ({"pages": 3}, "pages: 3 pages need a way to the next one; set next"),
        ({"next": "a.next"}, "next: is never followed with pages = 1; set pages"),
        ({"language": "klingon"}, "language: 'klingon': no language that dates are read in; give one such as 'de'"),
        ({"date_order": "YDM"}, "date_order: 'YDM' is none of DMY, MDY, YMD"),
    ],
)
def test_a_bad_setting_is_refused_when_the_source_is_made(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        AnyPage(**({"url": URL, "entry": "li"} | settings))


def test_the_words_of_an_xpath_text_are_no_functions_and_no_variables() -> None:
    assert AnyPage(url=URL, entry="//li[contains(., 'f(x): $5')]").entry


def test_a_page_on_which_nothing_is_found_is_no_listing() -> None:
    page = "<title>Sign in</title><p>Please sign in"
    with pytest.raises(ListingError, match="the selector 'li' finds nothing on the page, which is titled 'Sign in'"):
        parse(page)

    assert parse(page, may_be_empty=True).entries == ()


@pytest.mark.parametrize("body", [b"", b" \n", b"<!-- nothing -->"])
def test_bytes_without_any_markup_are_no_page(body: bytes) -> None:
    with pytest.raises(ListingError, match="not HTML"):
        parse(body)


def test_a_selector_that_catches_thousands_is_not_the_right_one() -> None:
    with pytest.raises(ListingError, match=rf"finds {MOST_ENTRIES + 1} elements, more than {MOST_ENTRIES}"):
        parse("<li>" * (MOST_ENTRIES + 1))


def test_an_element_without_title_is_refused_alone() -> None:
    listing = parse('<ul><li><a href="/a">A</a></li><li><img src=x> </li></ul>', title="a")

    assert [entry.title for entry in listing.entries] == ["A"]
    (refusal,) = listing.refused
    assert (refusal.what, refusal.why) == ("element 1 ('')", "no title: 'a' finds no words in it")
    with pytest.raises(ListingError, match="none of 2 elements is an entry; the first: no title: 'h2' finds no words"):
        parse("<ul><li>A</li><li>B</li></ul>", title="h2")


def test_what_stands_twice_is_one_entry_the_first() -> None:
    listing = parse('<li><a href="/a">A</a></li><li><a href="http://www.lab.example.org/a/#top">Again</a></li>')

    assert [(entry.id, entry.title) for entry in listing.entries] == [("https://lab.example.org/a", "A")]


@pytest.mark.parametrize(
    "link",
    [
        "https://arxiv.org/abs/2010.02502v4",
        "http://arxiv.org/pdf/2010.02502",
        "https://huggingface.co/papers/2010.02502",
    ],
)
def test_what_leads_to_a_paper_is_that_paper(link: str) -> None:
    entry = entry_of(f'<li><a href="{link}">Denoising Diffusion Implicit Models</a></li>')

    assert entry.id == entry.links.arxiv == "https://arxiv.org/abs/2010.02502"
    assert (entry.links.page, entry.links.pdf) == (link, "https://arxiv.org/pdf/2010.02502")
    assert entry.aliases == (title_name("denoising diffusion implicit models"),)


class TestNames:
    """What an entry is called, for ever."""

    def test_an_absolute_id_upstream_is_taken_as_it_is(self) -> None:
        """A URN or an address; the link is another name."""
        entry = entry_of('<li data-id="urn:x:7"><a href="/a">A</a></li>', id="@data-id")
        assert (entry.id, entry.aliases) == ("urn:x:7", ("https://lab.example.org/a",))

    def test_any_other_id_is_a_name_within_the_source(self) -> None:
        """The same on each page of it, and after a change of everything else."""
        one, other = (
            entry_of(f'<li data-id="post:7"><a href="{link}">{title}</a></li>', id="@data-id")
            for link, title in (("/a", "A"), ("/b", "B"))
        )
        assert one.id == other.id
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", one.id)
        assert entry_of('<li data-id="post:7">A</li>', id="@data-id", url="https://b.example/").id != one.id

    @pytest.mark.parametrize("given", ["https://", "urn:", "http:///a", "urn:x y", "urn:\u00e9", "post:7", "http://["])
    def test_what_can_not_stand_in_atom_is_no_absolute_id(self, given: str) -> None:
        """Though it begins like one."""
        assert entry_of(f'<li data-id="{given}"><a href="/a">A</a></li>', id="@data-id").id.startswith("urn:uuid:")

    def test_entries_that_lead_nowhere_are_told_apart_by_their_titles(self) -> None:
        """Their link is the page."""
        one, other = parse("<li>Version 1.0</li><li>Version 1.1</li>").entries
        assert one.id.startswith("urn:uuid:")
        assert one.id != other.id
        assert (one.links.page, one.aliases) == (URL, ())
        assert entry_of("<li> version  1.0 </li>").id == one.id

    def test_entries_that_lead_to_places_on_the_page_are_told_apart_by_them(self) -> None:
        """Whatever becomes of their titles."""
        one, other = parse('<li><a href="#v1">1.0</a></li><li><a href="#v2">1.1</a></li>').entries
        assert one.id != other.id
        assert one.links.page == f"{URL}#v1"
        assert one.aliases != other.aliases
        assert entry_of('<li><a href="#v1">1.0 (old)</a></li>').id == one.id


class TestAddresses:
    """Links are relative to what the page says they are."""

    @pytest.mark.parametrize(
        ("head", "link", "found"),
        [
            ("", "/a", "https://lab.example.org/a"),
            ("", "a", "https://lab.example.org/news/a"),
            ("", "?p=2", "https://lab.example.org/news/?p=2"),
            ("", "//b.example/a", "https://b.example/a"),
            ("", " /a\n b ", "https://lab.example.org/a%20b"),
            ("", "\u00e9", "https://lab.example.org/news/%C3%A9"),
            ('<base href="https://cdn.example/x/">', "a", "https://cdn.example/x/a"),
            ('<base href="/x/">', "a", "https://lab.example.org/x/a"),
            ('<base target=_top><base href="/x/"><base href="/y/">', "a", "https://lab.example.org/x/a"),
            ('<base href="javascript:x">', "/a", "https://lab.example.org/a"),
        ],
    )
    def test_a_link_is_relative_to_the_base(self, head: str, link: str, found: str) -> None:
        """The first base element, itself relative to the page's address."""
        assert entry_of(f'<head>{head}</head><li><a href="{link}">A</a></li>').links.page == found

    @pytest.mark.parametrize(
        "link", ["javascript:alert(1)", "data:text/html,x", "mailto:a@b.c", "http://[", "file:///x"]
    )
    def test_what_leads_nowhere_on_the_web_is_no_link(self, link: str) -> None:
        """The next link that does lead somewhere is taken; without one, the page."""
        assert entry_of(f'<li><a href="{link}">A</a></li>').links.page == URL
        assert entry_of(f'<li><a href="{link}">A</a><a href="/b">B</a></li>').links.page == "https://lab.example.org/b"

    def test_a_page_that_moved_has_links_of_its_new_place(self) -> None:
        """While its entries without links keep their names."""
        source = AnyPage(url=URL, entry="li")
        body = b'<li><a href="a">A</a></li><li>B</li>'
        first, moved = (
            source.parse(Answer(body, url), CURRENT, NOW).listing.entries for url in (URL, "https://new.example/n/")
        )
        assert moved[0].links.page == "https://new.example/n/a"
        assert moved[1].id == first[1].id


ENCODINGS = {
    "a byte order mark goes first": ("\ufeff<meta charset=latin1><li>é</li>".encode(), "text/html; charset=x", "é"),
    "of UTF-16 too": ("\ufeff<li>é</li>".encode("utf-16-le"), "text/html; charset=utf-8", "é"),
    "then the header": ('<meta charset="utf-8"><li>é</li>'.encode("cp1252"), "text/html; charset=ISO-8859-1", "é"),
    "then the page itself": ("<meta charset='windows-1251'><li>Ж</li>".encode("cp1251"), "text/html", "Ж"),
    "in the older form": (
        '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><li>Ж</li>'.encode("koi8-r"), "", "Ж",
    ),
    "Latin 1 is wider on the web": (b"<meta charset=latin1><li>\x93x\x94</li>", "text/html", "\u201cx\u201d"),
    "Shift JIS": ("<meta charset=Shift_JIS><li>表示①</li>".encode("cp932"), "text/html", "表示①"),
    "a comment says nothing": ("<!-- <meta charset=koi8-r> --><li>é</li>".encode(), "text/html", "é"),
    "without a word it is UTF-8": ("<li>é</li>".encode(), "text/html", "é"),
    "if it can be": ("<li>é</li>".encode("cp1252"), "text/html", "é"),
    "an unknown encoding says nothing": ("<li>é</li>".encode(), "text/html; charset=klingon", "é"),
    "UTF-7 is none of the web": (b"<meta charset=utf-7><li>+AGE-</li>", "text/html; charset=utf-7", "+AGE-"),
    "who says UTF-16 in ASCII means UTF-8": ("<meta charset=utf-16><li>é</li>".encode(), "text/html", "é"),
    "bytes that are nothing": (b"<li>a\xffb</li>", "text/html; charset=utf-8", "a\ufffdb"),
}  # fmt: skip


@pytest.mark.parametrize("case", ENCODINGS)
def test_a_page_is_read_in_its_encoding(case: str) -> None:
    body, content_type, text = ENCODINGS[case]

    assert parse(body, content_type).entries[0].title == text
    assert text in decode(body, content_type)


def test_a_page_as_deep_as_it_is_long_harms_nobody() -> None:
    listing = parse('<li><a href="/a">A</a></li>' + "<div>" * 100_000)

    assert [entry.title for entry in listing.entries] == ["A"]


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        ("<i>Ada Lovelace</i><i>Alan Turing</i>", ("Ada Lovelace", "Alan Turing")),
        ("<i>Ada Lovelace, Alan Turing &amp; Grace Hopper</i>", ("Ada Lovelace", "Alan Turing", "Grace Hopper")),
        ("<i>By Ada Lovelace and Alan Turing</i>", ("Ada Lovelace", "Alan Turing")),
        ("<i>Lovelace, Ada; Turing, Alan</i>", ("Lovelace, Ada", "Turing, Alan")),
        ("<i>Lovelace, Ada</i>", ("Lovelace, Ada")),
        ("<i>Lovelace, Ada</i><i>Turing, Alan</i>", ("Lovelace, Ada", "Turing, Alan")),
        ("<i>Ada Lovelace</i><i>Ada Lovelace</i><i> </i>", ("Ada Lovelace",)),
        ("<i>Sandra Andersen</i>", ("Sandra Andersen",)),
    ],
)
def test_authors_come_one_an_element_or_all_in_one(texts: str, names: tuple[str, ...]) -> None:
    expected = (names,) if isinstance(names, str) else names

    assert entry_of(f"<li><b>A</b>{texts}</li>", author="i", title="b").authors == expected


def test_a_summary_without_markup_is_text_alone() -> None:
    entry = entry_of("<li><b>A</b><p>5 &lt; 7</p></li>", title="b", summary="p")

    assert (entry.summary, entry.html) == ("5 < 7", None)


def test_all_paragraphs_that_are_caught_make_the_summary() -> None:
    entry = entry_of("<li><b>A</b><p>One.</p><p>Two <i>three</i>.</p></li>", title="b", summary="p")

    assert (entry.summary, entry.html) == ("One. Two three.", "<p>One.</p><p>Two <i>three</i>.</p>")


DATES = {
    "2026-01-05": "2026-01-05T00:00:00", "2026-01-05T10:00:00Z": "2026-01-05T10:00:00",
    "2026-01-05T10:00:00.123+02:00": "2026-01-05T08:00:00", "2026-01-05 10:00": "2026-01-05T10:00:00",
    "20260105": "2026-01-05T00:00:00", "2026-01": "2026-01-01T00:00:00", "2025": "2025-01-01T00:00:00",
    "Mon, 05 Jan 2026 10:00:00 -0500": "2026-01-05T15:00:00", "1767607200": "2026-01-05T10:00:00",
    "1767607200000": "2026-01-05T10:00:00", "5 January 2026": "2026-01-05T00:00:00",
    "January 5th, 2026": "2026-01-05T00:00:00", "Jan 5 2026, 3:04 pm": "2026-01-05T15:04:00",
    "January 2025": "2025-01-01T00:00:00", "2026/01/05": "2026-01-05T00:00:00", "05.01.2026": "2026-01-05T00:00:00",
    "01/05/2026": "2026-01-05T00:00:00", "13/01/2025": "2025-01-13T00:00:00",
    "Posted on Jan 5, 2026 by Ada": "2026-01-05T00:00:00", "Published: 2026-01-05 (v2)": "2026-01-05T00:00:00",
    "Jan 5, 2026 · 8 min read": "2026-01-05T00:00:00", "Jan 5": "2026-01-05T00:00:00",
    "Dec 31": "2025-12-31T00:00:00", "Jan 12": "2025-01-12T00:00:00", "3 days ago": "2026-01-06T00:00:00",
    "posted 2 hours ago": "2026-01-09T10:00:00", "2h": "2026-01-09T10:00:00", "yesterday": "2026-01-08T00:00:00",
    "an hour ago": "2026-01-09T11:00:00",
}  # fmt: skip
NO_DATES = [
    "", "soon", "a", "may", "March", "Monday", "12", "1", "3.5", "5/10", "10:30", "1.2.3", "v2", "Chapter 5",
    "12 comments", "3 min read", "32 Jan 2026", "2026-13-01", "0001-01-01T00:00:00+23:59", "9999-12-31",
    "5 January 1950", "999999999999 years ago", "99999999999999999999", "ICLR 2025 (Oral)", "\x00",
]  # fmt: skip


@pytest.mark.parametrize("text", DATES)
def test_a_date_is_read_as_people_and_programs_write_it(text: str) -> None:
    assert read_date(text, NOW) == datetime.fromisoformat(f"{DATES[text]}Z")


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text, NOW) is None


def test_dateparser_is_loaded_by_the_first_date_that_needs_it() -> None:
    """Not by those who only serve, nor for dates that are written for programs."""
    code = """if True:
        import sys
        from datetime import UTC, datetime
        from feedserver.sources import dates, discover, json_listing, page
        page.AnyPage(url="https://example.org/", entry="li")
        read = dates.read_date("2026-01-05T10:00:00Z", datetime(2026, 1, 9, tzinfo=UTC))
        print(read, "dateparser" in sys.modules)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "2026-01-05 10:00:00+00:00 False\n"


@pytest.mark.parametrize(
    ("text", "habits", "found"),
    [
        ("01/02/2026", DateHabits(("en",)), "2026-01-02"),
        ("01/02/2026", DateHabits(("en-GB",)), "2026-02-01"),
        ("01/02/2026", DateHabits(("en",), "DMY"), "2026-02-01"),
        ("01/02/2026", DateHabits(("de", "en")), "2026-02-01"),
        ("5. Januar 2026", DateHabits(("de", "en")), "2026-01-05"),
        ("5 janvier 2026", DateHabits(("fr", "en")), "2026-01-05"),
        ("2026年1月5日", DateHabits(("zh", "en")), "2026-01-05"),
        ("vor 3 Tagen", DateHabits(("de",)), "2026-01-06"),
        ("Jan 5, 2026", DateHabits(("tlh", "en")), "2026-01-05"),
        ("5. Januar 2026", DateHabits(("en",)), None),
    ],
)
def test_a_date_is_read_in_the_languages_that_are_given_in_their_order(
    text: str, habits: DateHabits, found: str | None
) -> None:
    assert read_date(text, NOW, habits) == (found and datetime.fromisoformat(f"{found}T00:00:00Z"))


def test_the_page_says_in_which_language_its_dates_are() -> None:
    page = "<html lang={}><li>A <i>{}</i></li>"

    assert entry_of(page.format("de-AT", "5. Jänner 2026"), date="i").published == datetime(2026, 1, 5, tzinfo=UTC)
    assert entry_of(page.format("de-DE", "5. Januar 2026"), date="i").published == datetime(2026, 1, 5, tzinfo=UTC)
    assert entry_of(page.format("fr", "5 janvier 2026"), date="i").published == datetime(2026, 1, 5, tzinfo=UTC)
    german = entry_of(page.format("fr", "5. Januar 2026"), date="i", language="de")
    assert german.published == datetime(2026, 1, 5, tzinfo=UTC)


def test_what_time_elements_state_goes_before_their_words() -> None:
    stated = '<li>A <time datetime="2026-01-05T10:00:00Z">3 days ago</time></li>'
    wrong = '<li>A <time datetime="week 2">Jan 5, 2026</time></li>'

    assert entry_of(stated).published == datetime(2026, 1, 5, 10, tzinfo=UTC)
    assert entry_of(wrong).published == datetime(2026, 1, 5, tzinfo=UTC)


def test_an_entry_without_a_date_has_that_of_the_look() -> None:
    entry = entry_of("<li>A <i>soon</i></li>", date="i")

    assert (entry.published, entry.listed) == (MIDNIGHT, MIDNIGHT)


def test_what_is_announced_for_later_is_listed_now() -> None:
    entry = entry_of("<li>A <time>Feb 1, 2026</time></li>")

    assert (entry.published, entry.listed) == (datetime(2026, 2, 1, tzinfo=UTC), MIDNIGHT)


@pytest.mark.parametrize("seconds", [-1e10, 1e30, float("nan"), float("inf"), 5e12])
def test_a_number_that_is_no_time_is_none(seconds: float) -> None:
    assert read_unix_time(seconds) is None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("340", 340), ("1,234 points", 1234), ("1.234", 1234), ("1 234 567", 1234567), ("1\u202f234", 1234),
        ("1.2k", 1200), ("1,2K", 1200), ("12k", 12000), ("3M", 3_000_000), ("340votes", 340), ("★ 17", 17),
        ("Comments (12)", 12), ("12 of 34", 12), ("-", 0), ("", 0), ("none", 0), ("-3", 0), ("v2", 0),
        ("9" * 30, 2**31 - 1), ("12 km", 12),
    ],
)  # fmt: skip
def test_a_count_is_read_as_pages_show_it(text: str, count: int) -> None:
    assert read_count(text) == count


class TestPaging:
    """The link to the next page."""

    PAGE = '<li>A</li><a rel=next href="?p=2">on</a>'

    @staticmethod
    def next_of(body: str, request: Request | None = None, **settings: Any) -> Request | None:
        """Return what is to be asked for after a page."""
        source = AnyPage(**({"url": URL, "entry": "li", "next": "a[rel=next]", "pages": 3} | settings))
        url = request.url if request else URL
        return source.parse(Answer(body.encode(), url, request=request), CURRENT, NOW).next

    def test_it_is_followed_as_often_as_is_set(self) -> None:
        """And the first page has the source's own address."""
        first = AnyPage(url=URL, entry="li").request(CURRENT)
        second = self.next_of(self.PAGE, first)
        assert (first, second) == (Request(URL), NumberedRequest(f"{URL}?p=2", number=2))
        third = self.next_of(self.PAGE.replace("2", "3"), second)
        assert third == NumberedRequest(f"{URL}?p=3", number=3)
        assert self.next_of(self.PAGE.replace("2", "4"), third) is None

    @pytest.mark.parametrize(
        "link", ["https://elsewhere.example/?p=2", "javascript:next()", "", "#", "https://lab.example.org:8443/"]
    )
    def test_it_leads_to_another_page_of_the_same_host(self, link: str) -> None:
        """Or nowhere."""
        assert self.next_of(f'<li>A</li><a rel=next href="{link}">on</a>') is None

    def test_a_page_without_it_is_the_last(self) -> None:
        """A button or a list item may hold it."""
        assert self.next_of("<li>A</li>") is None
        assert self.next_of('<li>A</li><p class=n><a href="?p=2">on</a></p>', next="p.n") is not None
        assert self.next_of('<li>A</li><a class=n data-to="?p=2">on</a>', next="a.n@data-to") is not None

    def test_a_further_page_may_be_empty(self) -> None:
        """It is the first that says whether the selector still fits."""
        assert self.next_of("<p>That is all", NumberedRequest(f"{URL}?p=2")) is None


@needs_captured
def test_a_real_page_of_cards_gives_its_papers() -> None:
    listing = parse(
        HF_PAGE.read_bytes(), url="https://huggingface.co/papers?date=2024-08-01", entry="article",
        score='a[href^="/login"]', comments='a[href$="#community"]',
    )  # fmt: skip

    assert (len(listing.entries), listing.refused) == (13, ())
    first = listing.entries[0]
    assert (first.title, first.id) == ("The Llama 3 Herd of Models", "https://arxiv.org/abs/2407.21783")
    assert (first.upvotes, first.comments) == (94, 5)


@dataclass(slots=True)
class Lab(Upstream):
    """A site whose listing page, with the pages after it, is what ``pages`` says it is today."""

    pages_today: list[str] = field(default_factory=list)

    def answer(self, params: Any) -> Any:
        """Answer with one of the pages."""
        number = int(params.get("page", "1"))
        return say(self.pages_today[number - 1].encode(), Content_Type="text/html; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Publication:
    """What the lab writes of one paper."""

    slug: str
    title: str
    date: str
    link: str = ""

    def markup(self) -> str:
        """Return its element."""
        return f"""<li><h3><a href="{self.link or f"/papers/{self.slug}"}">{self.title}</a></h3>
          <p class="authors">Ada Lovelace, Alan Turing</p>{self.date}
          <div class="abstract">What <em>{self.slug}</em> is about.</div></li>"""


def written(publications: list[Publication], a_page: int = 3) -> list[str]:
    """Return the lab's pages: so many publications on each, with a link to the next."""
    starts = range(0, len(publications), a_page)
    return [
        f"""<!doctype html><html lang="en"><title>Publications</title><body><nav><ol><li>Home</li></ol></nav>
        <ol class="publications">{"".join(one.markup() for one in publications[start : start + a_page])}</ol>
        {f'<a rel="next" href="?page={number + 1}">Older</a>' if start + a_page < len(publications) else ""}"""
        for number, start in enumerate(starts, 1)
    ]


def a_week(site: str) -> Iterator[list[Publication]]:
    """Yield what the page lists on seven days; it is edited as people edit pages."""
    sort = Publication("sort", "Sorting Quickly", '<time datetime="2025-12-30">Dec 30</time>')
    graph = Publication("graph", "Graphs of Graphs", "<time>Jan 2, 2026</time>")
    proof = Publication("proof", "Proofs at Scale", "<time>January 3, 2026</time>")
    yield [proof, graph, sort]
    code = Publication("code", "Codes", "<time>2 days ago</time>")
    yield [code, proof, graph, sort]  # one more: there are two pages now
    chess = Publication("chess", "Chess Without a Board", "")
    code = replace(code, date="<time>3 days ago</time>")
    graph = replace(graph, title="Graphs of Graphs, Revisited")
    yield [chess, code, proof, graph, sort]  # one without a date; one reworded
    yield [chess, proof, sort, graph]  # one removed; shuffled
    noise = Publication("noise", "Noise", "<time>Jan 8, 2026</time>")
    yield [noise, sort, chess, proof, graph]
    noise = replace(noise, date="<time>Jan 9, 2026</time>")
    loop = Publication("loop", "Loops", "<time>Jan 10, 2026</time>", "https://arxiv.org/abs/2601.00007v1")
    yield [loop, noise, chess, proof, graph, sort]  # a date corrected; one that leads elsewhere
    loop = replace(loop, link="https://huggingface.co/papers/2601.00007")
    chess = replace(chess, link=f"{site}/papers/chess/?utm_source=news#top")
    yield [loop, code, noise, chess, proof, graph, sort]  # the removed one is back; other ways to two of them


def test_the_example_in_the_documents_has_ten_lines() -> None:
    block, settings = documented("page")

    assert len(block.splitlines()) == 10
    assert AnyPage(**settings).pages == 3


def follow(store: SqliteStore, source: AnyPage, folder: Path, lab: Lab, now: datetime) -> None:
    """Look once, as the server does: every page is read."""
    with fetching(folder) as fetcher:
        outcome = Refresher(source, fetcher, store, now=lambda: now).refresh(CURRENT)
    assert (outcome.error, outcome.suspect) == (None, None)


def test_a_page_is_followed_for_a_week_and_each_entry_comes_once(tmp_path: Path) -> None:
    """A reader that looks each evening gets each entry once; no id and no date ever moves."""
    settings = documented("page")[1]
    arrived: list[str] = []
    dates: dict[str, set[tuple[datetime, datetime]]] = {}
    store = SqliteStore(tmp_path / "store.sqlite")
    with Lab() as lab:
        source = AnyPage(**settings | {"url": lab.url, "name": "lab"})
        for number, publications in enumerate(a_week(f"http://127.0.0.1:{lab.port}")):
            now = datetime(2026, 1, 5 + number, 18, tzinfo=UTC)
            lab.pages_today = written(publications)
            follow(store, source, tmp_path, lab, now)
            follow(store, source, tmp_path, lab, now + timedelta(hours=5))
            offer = Offer(parse_query([]), Address("https://x.example", "feed"), timedelta(hours=1))
            feed = build_feed(store, offer, now + timedelta(hours=5))
            assert render(RENDERERS["atom"], feed)
            for entry in reversed(feed.entries):
                dates.setdefault(entry.id, set()).add((entry.published, entry.listed))
                arrived += [entry.id] if entry.id not in arrived else []
        by_id = {entry.id: entry for entry in feed.entries}
    store.close()

    place = f"https://127.0.0.1:{lab.port}/papers"
    assert arrived == [
        *(f"{place}/{slug}" for slug in ("sort", "graph", "proof", "code", "chess", "noise")),
        "https://arxiv.org/abs/2601.00007",
    ]
    assert {name for name, seen in dates.items() if len(seen) != 1} == set()
    assert [next(iter(dates[name]))[0].day for name in arrived] == [30, 2, 3, 4, 7, 8, 10]
    assert by_id[f"{place}/graph"].title == "Graphs of Graphs, Revisited"
    assert by_id[f"{place}/sort"].authors == ("Ada Lovelace", "Alan Turing")
    assert by_id[f"{place}/sort"].html == "<div>What <em>sort</em> is about.</div>"
    assert all(entry.withdrawn is None for entry in by_id.values())
