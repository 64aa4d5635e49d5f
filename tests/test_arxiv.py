"""arXiv's search and announcements: its Atom and RSS, as they are and as they should not be, -> a Listing."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from feedserver.errors import ConfigError, ListingError
from feedserver.identity import title_name
from feedserver.model import Entry, Links
from feedserver.sources.arxiv_api import ArxivApi
from feedserver.sources.arxiv_dates import announced, first_of_month, mailed
from feedserver.sources.arxiv_rss import ArxivRss
from feedserver.sources.arxiv_saved import looks_like_arxiv, read_saved_arxiv
from feedserver.sources.base import CURRENT, Answer, Page
from feedserver.taxonomy import NAMES, category_name
from tests.entries import CAPTURED, needs_captured
from tests.oai import page, record
from tests.upstream import NOW

ARXIV = CAPTURED.parents[1] / "arxiv"
SEEN = datetime(2026, 9, 1, 12, tzinfo=UTC)  # after the last captured answer
MIDNIGHT = datetime(2026, 1, 9, tzinfo=UTC)
API = ArxivApi(categories=("cs.LG",), page_size=2, most=5)
RSS = ArxivRss(categories=("cs.LG",))

NAMESPACES = (
    'xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
)


def found(identifier: str = "2010.02502v4", published: str = "2020-10-06T06:15:51Z", **texts: str) -> str:
    """Return an entry of the search."""
    title, summary = (
        texts.get("title", "Denoising Diffusion\n  Implicit Models"),
        texts.get("summary", "  Fewer\nsteps."),
    )
    return f"""<entry><id>http://arxiv.org/abs/{identifier}</id><title>{title}</title>
        <updated>2022-10-05T19:01:05Z</updated><summary>{summary}</summary>
        <category term="cs.CV" scheme="http://arxiv.org/schemas/atom"/>
        <category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/>
        <category term="68T05" scheme="http://arxiv.org/schemas/atom"/><category term="I.2.6"/>
        <published>{published}</published><arxiv:comment>ICLR 2021</arxiv:comment>
        <arxiv:primary_category term="cs.LG"/>
        <author><name>Jiaming Song</name><arxiv:affiliation>Stanford</arxiv:affiliation></author>
        <author><name>Stefano Ermon</name></author></entry>"""


def results(*entries: str, total: int | None = None, start: int = 0) -> bytes:
    """Return an answer of the search."""
    return f"""<?xml version='1.0' encoding='UTF-8'?><feed {NAMESPACES}><id>https://arxiv.org/api/x</id>
        <opensearch:totalResults>{len(entries) if total is None else total}</opensearch:totalResults>
        <opensearch:startIndex>{start}</opensearch:startIndex>{"".join(entries)}</feed>""".encode()


def search(body: bytes, source: ArxivApi = API, observed: datetime = NOW) -> Page:
    """Parse an answer of the search."""
    return source.parse(Answer(body), CURRENT, observed)


def entry_of(page: Page) -> Entry:
    """Return the one entry of a page, on which nothing was refused."""
    assert page.listing.refused == ()
    (entry,) = page.listing.entries
    return entry


class TestDates:
    """When arXiv announces what was submitted."""

    @pytest.mark.parametrize(
        ("submitted", "day"),
        [
            ("2026-07-06T17:59:59", "2026-07-07"),  # Monday, a second before 14:00 EDT
            ("2026-07-06T18:00:00", "2026-07-08"),
            ("2026-07-07T12:00:00", "2026-07-08"),
            ("2026-07-09T17:59:59", "2026-07-10"),  # Thursday
            ("2026-07-09T18:00:00", "2026-07-13"),  # announced on Sunday
            ("2026-07-10T17:59:59", "2026-07-13"),
            ("2026-07-10T18:00:00", "2026-07-14"),  # Friday
            ("2026-07-11T12:00:00", "2026-07-14"),
            ("2026-07-12T23:00:00", "2026-07-14"),
            ("2026-07-13T17:59:59", "2026-07-14"),
            ("2026-07-13T18:00:00", "2026-07-15"),
            ("2026-01-06T18:59:59", "2026-01-07"),  # winter: EST
            ("2026-01-06T19:00:00", "2026-01-08"),
            ("2026-01-07T03:00:00", "2026-01-08"),  # it is still the evening of the 6th there
            ("2026-03-08T18:30:00", "2026-03-10"),  # the Sunday on which summer begins
            ("2026-03-09T18:00:00", "2026-03-11"),
        ],
    )
    def test_the_mailing_follows_from_the_deadline_in_new_york(self, submitted: str, day: str) -> None:
        """Those of weekdays at 14:00."""
        assert mailed(datetime.fromisoformat(submitted).replace(tzinfo=UTC)) == date.fromisoformat(day)

    def test_every_mailing_is_on_a_weekday_and_none_is_before_an_earlier_one(self) -> None:
        """Over two years, hour by hour."""
        hours = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=number) for number in range(2 * 365 * 24)]
        days = [mailed(hour) for hour in hours]
        assert days == sorted(days)
        assert {day.weekday() for day in days} == {0, 1, 2, 3, 4}
        assert {(day - hour.date()).days for day, hour in zip(days, hours, strict=True)} <= {0, 1, 2, 3, 4}

    @pytest.mark.parametrize(
        ("identifier", "first"),
        [
            ("2010.02502", "2020-10-01"),
            ("0704.0001", "2007-04-01"),
            ("hep-th/9108001", "1991-08-01"),
            ("math.GT/0309136", "2003-09-01"),
        ],
    )
    def test_an_id_names_a_month(self, identifier: str, first: str) -> None:
        """Of this century or the last."""
        assert first_of_month(identifier) == date.fromisoformat(first)

    @pytest.mark.parametrize("identifier", ["0000.0000", "2013.00001", "hep-th"])
    def test_some_ids_name_none(self, identifier: str) -> None:
        """They are no ids."""
        with pytest.raises(ListingError, match="no month"):
            first_of_month(identifier)

    def test_what_was_held_back_is_announced_in_the_month_of_its_id(self) -> None:
        """At the first mailing in it: the first of August 2026 is a Saturday."""
        submitted = datetime(2026, 7, 6, tzinfo=UTC)
        assert announced("2607.00001", submitted, SEEN).date() == date(2026, 7, 7)
        assert announced("2608.00001", submitted, SEEN).date() == date(2026, 8, 3)

    def test_nothing_is_announced_in_the_future(self) -> None:
        """The search knows of papers in the evening before their mailing."""
        seen = datetime(2026, 7, 10, 23, tzinfo=UTC)
        assert announced("2607.00001", datetime(2026, 7, 10, 12, tzinfo=UTC), seen).date() == seen.date()

    @needs_captured
    def test_the_schedule_agrees_with_the_day_that_rss_tells(self) -> None:
        """Ids are given in order: papers between two that RSS tells of were announced on its day too."""
        feed = read_saved_arxiv((ARXIV / "rss" / "cs.AI_2025-08-20.atom").read_bytes(), SEEN)
        first, last = (feed.entries[place].id.rpartition("/")[2] for place in (0, -1))
        between: dict[str, date] = {}
        for file in sorted(CAPTURED.glob("*/2025-0[89]-*.json")):
            for paper in (element["paper"] for element in json.loads(file.read_bytes())):
                if first < paper["id"] < last:
                    between[paper["id"]] = mailed(datetime.fromisoformat(paper["publishedAt"]))
        assert Counter(between.values()) == {date(2025, 8, 20): 10}

    @needs_captured
    def test_no_paper_of_a_captured_search_was_announced_after_it(self) -> None:
        """But within the weekend before."""
        body = (ARXIV / "api" / "cs.AI_cs.LG_2026-07-13.xml").read_bytes()
        days = Counter(entry.listed.date() for entry in read_saved_arxiv(body, SEEN).entries)
        assert days == {date(2026, 7, 13): 50}


class TestSearch:
    """The API's Atom."""

    def test_an_entry_becomes_an_entry(self) -> None:
        """The primary category is the first; classes of other schemes are none; the id has no version."""
        listed = datetime(2020, 10, 7, tzinfo=UTC)
        assert entry_of(search(results(found()))) == Entry(
            id="https://arxiv.org/abs/2010.02502",
            title="Denoising Diffusion Implicit Models",
            summary="Fewer steps.",
            links=Links(
                "https://arxiv.org/abs/2010.02502",
                "https://arxiv.org/abs/2010.02502",
                "https://arxiv.org/pdf/2010.02502",
            ),
            published=datetime(2020, 10, 6, 6, 15, 51, tzinfo=UTC),
            listed=listed,
            first_seen=NOW,
            updated=listed,
            modified=NOW,
            sources=("arxiv",),
            authors=("Jiaming Song", "Stefano Ermon"),
            categories=("cs.LG", "cs.CV"),
            aliases=(title_name("Denoising Diffusion Implicit Models"),),
            origin="arxiv",
        )

    @pytest.mark.parametrize("identifier", ["hep-th/0408048v2", "math.GT/0309136", "astro-ph/9501013v1"])
    def test_ids_of_old_are_ids(self, identifier: str) -> None:
        """With or without a version, and a class of subjects."""
        name = identifier.removesuffix("v1").removesuffix("v2").replace(".GT", "")
        entry = entry_of(search(results(found(identifier))))
        assert (entry.id, entry.links.pdf) == (f"https://arxiv.org/abs/{name}", f"https://arxiv.org/pdf/{name}")

    @pytest.mark.parametrize(
        ("bad", "why"),
        [
            (found("0000.0000"), "no month"),
            (found("soon"), "is no arXiv id"),
            (found().replace("http://arxiv.org/abs/", "https://example.org/"), "is no arXiv id"),
            (found(title=" "), "there is no title"),
            (found(published="soon"), "published 'soon' is no time"),
            (found(published=""), "published '' is no time"),
            ("<entry/>", "is no arXiv id"),
        ],
    )
    def test_a_bad_entry_is_refused_alone(self, bad: str, why: str) -> None:
        """With the reason."""
        listing = search(results(found("2010.00001"), bad)).listing
        assert [entry.id for entry in listing.entries] == ["https://arxiv.org/abs/2010.00001"]
        (refusal,) = listing.refused
        assert refusal.what.startswith("entry 1 (id ")
        assert why in refusal.why

    def test_an_error_is_a_feed(self) -> None:
        """With the text in the entry."""
        entry = "<entry><id>https://arxiv.org/api/errors#bad</id><title>Error</title><summary>bad id</summary></entry>"
        with pytest.raises(ListingError, match="arXiv says: bad id"):
            search(results(entry))

    def test_a_paper_may_be_called_error(self) -> None:
        """It has another id."""
        assert entry_of(search(results(found(title="Error")))).title == "Error"

    def test_an_empty_page_where_there_is_more_is_to_be_asked_for_again(self) -> None:
        """ArXiv does that now and then."""
        with pytest.raises(ListingError, match=r"an empty page at 2 of 7 results.*ask again"):
            search(results(total=7, start=2))

    def test_no_result_is_a_good_answer(self) -> None:
        """And the end of it."""
        assert search(results()).listing.entries == ()
        assert search(results()).next is None
        assert search(results(total=4, start=4)).next is None

    @pytest.mark.parametrize("body", [b"", b"<html/>", b"<!doctype html><br>", results(found())[:500]])
    def test_what_is_no_answer_is_an_error(self, body: bytes) -> None:
        """Also Atom of somebody else."""
        with pytest.raises(ListingError):
            search(body)
        with pytest.raises(ListingError, match="no answer of arXiv's search"):
            search(f"<feed {NAMESPACES}/>".encode())

    def test_the_newest_submissions_are_asked_for(self) -> None:
        """In polite steps."""
        request = API.request(CURRENT)
        assert request.params == {
            "search_query": "cat:cs.LG", "sortBy": "submittedDate", "sortOrder": "descending",
            "start": "0", "max_results": "2",
        }  # fmt: skip
        assert request.pause == 3

    @pytest.mark.parametrize(
        ("categories", "query", "asked"),
        [
            (("cs.LG", "stat.ML"), "", "cat:cs.LG OR cat:stat.ML"),
            (("math", "hep-th"), "", "cat:math.* OR cat:hep-th"),
            ((), "ti:diffusion", "ti:diffusion"),
            (("cs.LG",), "ti:a OR ti:b", "(cat:cs.LG) AND (ti:a OR ti:b)"),
        ],
    )
    def test_categories_and_a_search_are_joined(self, categories: tuple[str, ...], query: str, asked: str) -> None:
        """An archive stands for all of its categories."""
        assert ArxivApi(categories, query).request(CURRENT).params["search_query"] == asked

    def test_pages_follow_until_there_are_enough(self) -> None:
        """The last one is as short as needed; a saved answer has none."""
        first = search(results(found("2010.00001"), found("2010.00002"), total=9))
        assert first.next is not None
        assert (first.next.params["start"], first.next.params["max_results"]) == ("2", "2")
        third = search(results(found(), total=9, start=3))
        assert third.next is not None
        assert (third.next.params["start"], third.next.params["max_results"]) == ("4", "1")
        assert search(results(found(), total=9, start=4)).next is None
        assert search(results(found(), total=1)).next is None
        assert API.parse(Answer(results(found(), total=9)), None, NOW).next is None

    @pytest.mark.parametrize(
        ("categories", "remedy"), [(("cs.LGG",), "did you mean 'cs.LG'"), (("12345",), "category_taxonomy")]
    )
    def test_an_unknown_category_is_refused(self, categories: tuple[str, ...], remedy: str) -> None:
        """Or nothing would ever come."""
        for source in (ArxivApi, ArxivRss):
            with pytest.raises(ConfigError, match=remedy):
                source(categories)

    def test_something_has_to_be_asked_for(self) -> None:
        """All of arXiv is not for here."""
        for source in (ArxivApi, ArxivRss):
            with pytest.raises(ConfigError, match="give categories"):
                source()


DESCRIPTION = (
    "arXiv:{0}v1 Announce Type: {1} \nAbstract: Fewer steps than arXiv:2006.11239v1 Announce Type: new of all."
)


def item(
    identifier: str = "2601.02502", kind: str = "new", day: str = "Fri, 09 Jan 2026 00:00:00 -0500", **texts: str
) -> str:
    """Return an item of RSS."""
    return f"""<item><title>{texts.get("title", "Implicit Models")}</title><link>https://arxiv.org/abs/{identifier}</link>
        <description>{texts.get("description", DESCRIPTION.format(identifier, kind))}</description>
        <guid isPermaLink="false">oai:arXiv.org:{identifier}v1</guid><category>cs.LG</category>
        <category>cs.CV</category>
        <pubDate>{day}</pubDate>{f"<arxiv:announce_type>{kind}</arxiv:announce_type>" if kind else ""}
        <dc:creator>{texts.get("creator", "Jiaming Song, Chenlin Meng")}</dc:creator></item>"""


def channel(*items: str, title: str = "cs.LG updates on arXiv.org") -> bytes:
    """Return a feed of RSS."""
    return f"""<?xml version='1.0' encoding='UTF-8'?>
        <rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">
        <channel><title>{title}</title><link>http://rss.arxiv.org/rss/cs.LG</link><description>told</description>
        {"".join(items)}</channel></rss>""".encode()


def atom(identifier: str = "2601.02502", kind: str = "new") -> bytes:
    """Return the same in Atom."""
    return f"""<feed {NAMESPACES}><id>http://rss.arxiv.org/atom/cs.LG</id><title>cs.LG updates</title>
        <entry><id>oai:arXiv.org:{identifier}v1</id><title>Implicit Models</title>
        <updated>2026-01-09T05:00:19.866337+00:00</updated><link href="https://arxiv.org/abs/{identifier}"/>
        <summary>{DESCRIPTION.format(identifier, kind)}</summary><category term="cs.LG"/><category term="cs.CV"/>
        <published>2026-01-09T00:00:00-05:00</published><arxiv:announce_type>{kind}</arxiv:announce_type>
        <dc:creator>Jiaming Song, Chenlin Meng</dc:creator></entry></feed>""".encode()


def told(body: bytes, source: ArxivRss = RSS, observed: datetime = NOW) -> Page:
    """Parse a feed of announcements."""
    return source.parse(Answer(body), CURRENT, observed)


class TestAnnouncements:
    """RSS, and its flavour in Atom."""

    @pytest.mark.parametrize("body", [channel(item()), atom()], ids=["rss", "atom"])
    def test_an_announcement_becomes_an_entry(self, body: bytes) -> None:
        """Its day is that of the announcement; the abstract alone is the summary."""
        assert entry_of(told(body)) == Entry(
            id="https://arxiv.org/abs/2601.02502",
            title="Implicit Models",
            summary="Fewer steps than arXiv:2006.11239v1 Announce Type: new of all.",
            links=Links(
                "https://arxiv.org/abs/2601.02502",
                "https://arxiv.org/abs/2601.02502",
                "https://arxiv.org/pdf/2601.02502",
            ),
            published=MIDNIGHT,
            listed=MIDNIGHT,
            first_seen=NOW,
            updated=MIDNIGHT,
            modified=NOW,
            sources=("arxiv-rss",),
            authors=("Jiaming Song", "Chenlin Meng"),
            categories=("cs.LG", "cs.CV"),
            aliases=(title_name("Implicit Models"),),
            origin="arxiv",
        )

    def test_new_papers_and_cross_lists_are_taken_by_default(self) -> None:
        """Others are passed over, without a word."""
        kinds = ("new", "cross", "replace", "replace-cross", "absonly")
        items = [item(f"2601.0000{number}", kind) for number, kind in enumerate(kinds)]
        listing = told(channel(*items)).listing
        assert [entry.id[-1] for entry in listing.entries] == ["0", "1"]
        assert listing.refused == ()
        chosen = ArxivRss(("cs.LG",), announce=("replace", "cross"))
        assert [entry.id[-1] for entry in told(channel(*items), chosen).listing.entries] == ["1", "2"]

    @pytest.mark.parametrize("kind", ["replace", "replace-cross", "absonly"])
    @pytest.mark.parametrize(("identifier", "month"), [("2510.02502", "2025-10-01"), ("hep-th/0408048", "2004-08-01")])
    def test_a_replacement_never_looks_new(self, kind: str, identifier: str, month: str) -> None:
        """It takes the place of an old paper, as far as its id tells of that."""
        entry = entry_of(told(channel(item(identifier, kind)), ArxivRss(("cs.LG",), announce=(kind,))))
        first = datetime.fromisoformat(month).replace(tzinfo=UTC)
        assert (entry.listed, entry.published, entry.updated) == (first, first, first)

    def test_a_replacement_of_this_month_is_listed_on_its_first_day(self) -> None:
        """Which is before all that is new."""
        entry = entry_of(told(channel(item("2601.00001", "replace")), ArxivRss(("cs.LG",), announce=("replace",))))
        assert entry.listed == datetime(2026, 1, 1, tzinfo=UTC)

    def test_an_old_paper_in_a_further_category_is_listed_now_and_was_published_then(self) -> None:
        """One of the end of last month, which is announced in the beginning of this one, is not old."""
        old = entry_of(told(channel(item("2509.02502", "cross"))))
        assert (old.listed, old.published) == (MIDNIGHT, datetime(2025, 9, 1, tzinfo=UTC))
        new = entry_of(told(channel(item("2512.02502", "cross", "Fri, 02 Jan 2026 00:00:00 -0500"))))
        assert new.published == new.listed == datetime(2026, 1, 2, tzinfo=UTC)

    def test_no_day_is_in_the_future(self) -> None:
        """Whatever the feed says."""
        entry = entry_of(told(channel(item(day="Mon, 12 Jan 2026 00:00:00 -0500"))))
        assert (entry.listed, entry.published) == (MIDNIGHT, MIDNIGHT)

    def test_a_summer_day_is_that_day_too(self) -> None:
        """The date counts as it is written."""
        seen = datetime(2026, 4, 27, 12, tzinfo=UTC)
        entry = entry_of(told(channel(item("2604.21935", day="Mon, 27 Apr 2026 00:00:00 -0400")), observed=seen))
        assert entry.listed == datetime(2026, 4, 27, tzinfo=UTC)

    def test_affiliations_are_not_names(self) -> None:
        """Their commas part no names."""
        entry = entry_of(told(channel(item(creator="J. Song (Stanford, CA), C. Meng (2), Sammy Davis Jr."))))
        assert entry.authors == ("J. Song", "C. Meng", "Sammy Davis Jr.")

    def test_the_kind_stands_in_the_description_as_well(self) -> None:
        """Where the element is missing."""
        assert told(
            channel(item(kind="", description="arXiv:2601.02502v1 Announce Type: cross \nAbstract: x"))
        ).listing.entries
        assert not told(
            channel(item(kind="", description="arXiv:2601.02502v2 Announce Type: replace \nAbstract: x"))
        ).listing.entries

    @pytest.mark.parametrize(
        ("bad", "why"),
        [
            (item(kind="news"), "'news' is no kind of announcement"),
            (item(kind="", description="x"), "'' is no kind of announcement"),
            (item("x"), "neither its id nor its link"),
            (item(title=""), "there is no title"),
            (item(day="soon"), "'soon' is no day of announcement"),
            (item("0000.0000"), "no month"),
        ],
    )
    def test_a_bad_item_is_refused_alone(self, bad: str, why: str) -> None:
        """With the reason."""
        listing = told(channel(item("2601.00001"), bad)).listing
        assert len(listing.entries) == 1
        (refusal,) = listing.refused
        assert refusal.what.startswith("entry 1 (id 'oai:arXiv.org:")
        assert why in refusal.why

    def test_weekends_are_empty_and_good(self) -> None:
        """There is no mailing."""
        assert told(channel()).listing.entries == ()

    def test_an_error_is_no_weekend(self) -> None:
        """Though it is a feed without entries."""
        with pytest.raises(ListingError, match="arXiv says: told"):
            told(channel(title="Feed error for query: http://rss.arxiv.org/rss/cs.XX"))

    @pytest.mark.parametrize("body", [b"", b"<html/>", b"<rss/>", channel(item())[:-30]])
    def test_what_is_no_feed_is_an_error(self, body: bytes) -> None:
        """Nothing is guessed."""
        with pytest.raises(ListingError):
            told(body)

    def test_all_categories_are_asked_for_at_once(self) -> None:
        """As arXiv joins them."""
        request = ArxivRss(("cs.LG", "stat.ML"), url="https://rss.arxiv.org/atom/").request(CURRENT)
        assert (request.url, request.pause) == ("https://rss.arxiv.org/atom/cs.LG+stat.ML", 3)

    def test_an_unknown_kind_is_refused(self) -> None:
        """With the known ones."""
        with pytest.raises(ConfigError, match="unknown kind of announcement 'news'; known: new, cross"):
            ArxivRss(("cs.LG",), announce=("news",))


def saved() -> Iterator[tuple[str, bytes]]:
    """Yield name and body of each captured answer."""
    for file in sorted(path for path in ARXIV.rglob("*") if path.is_file()):
        body = file.read_bytes()
        yield file.name, json.loads(body)["body"].encode() if file.suffix == ".json" else body


class TestSaved:
    """Saved answers, whatever they are."""

    @pytest.mark.parametrize(
        ("body", "source"),
        [
            (results(found()), "arxiv"),
            (channel(item()), "arxiv-rss"),
            (channel(item(kind="replace")), "arxiv-rss"),
            (atom(), "arxiv-rss"),
            (page(record()), "arxiv-oai"),
        ],
    )
    def test_each_form_is_recognised(self, body: bytes, source: str) -> None:
        """And its age is not known."""
        listing = read_saved_arxiv(body, NOW)
        assert looks_like_arxiv(body)
        assert (len(listing.entries), listing.entries[0].sources, listing.captured) == (1, (source,), True)

    @pytest.mark.parametrize(
        "body", [b"[]", b"<html>arxiv.org</html>", b"<rss><link>https://example.org/</link></rss>", b""]
    )
    def test_others_do_not_look_like_it(self, body: bytes) -> None:
        """Somebody else reads them."""
        assert not looks_like_arxiv(body)

    @needs_captured
    def test_every_captured_answer_is_read_or_refused_with_a_reason(self) -> None:
        """Of 23 answers, 284 entries, none of them refused; one answer is an error."""
        entries, empty, errors = 0, [], []
        for name, body in saved():
            assert looks_like_arxiv(body), name
            try:
                listing = read_saved_arxiv(body, SEEN)
            except ListingError as error:
                errors.append(str(error))
                continue
            assert listing.refused == (), name
            assert all(entry.title and entry.summary and entry.authors for entry in listing.entries)
            assert all(entry.categories and entry.listed <= SEEN for entry in listing.entries)
            entries += len(listing.entries)
            empty += [] if listing.entries else [name.partition("_s0")[0]]
        assert (entries, errors) == (284, ["arXiv says: incorrect id format for abc"])
        assert empty == ["id_0000.0000", "id_0808.05394", "cs.CL_saturday_empty_2026-08-01.xml"]

    @needs_captured
    def test_every_captured_category_has_a_name(self) -> None:
        """Of all entries."""
        read = [read_saved_arxiv(body, SEEN) for name, body in saved() if not name.startswith("id_abc")]
        codes = {code for listing in read for entry in listing.entries for code in entry.categories}
        assert len(codes) > 50
        assert {code for code in codes if category_name(code) is None} == set()


class TestTaxonomy:
    """The names of categories."""

    @pytest.mark.parametrize(
        ("code", "name"),
        [
            ("cs.LG", "Machine Learning"),
            ("cs", "Computer Science"),
            ("hep-th", "High Energy Physics - Theory"),
            ("cond-mat.mes-hall", "Mesoscale and Nanoscale Physics"),
            ("cmp-lg", "Computation and Language"),
            ("cs.lg", None),
            ("diffusion models", None),
        ],
    )
    def test_a_category_has_a_name(self, code: str, name: str | None) -> None:
        """Other tags have none."""
        assert category_name(code) == name

    def test_every_category_belongs_to_an_archive_with_a_name(self) -> None:
        """None is missing: twenty archives, eighteen that were closed, and their categories."""
        assert {code.partition(".")[0] for code in NAMES} <= set(NAMES)
        assert Counter("." in code for code in NAMES) == {True: 146, False: 38}
