"""Sources with one listing alone, a window of what is new: when they are asked, and what they do not hold up."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedserver.errors import NothingThereError
from feedserver.fetch import Limits
from feedserver.model import Entry, Links, Listing, ListingRecord, SourceState
from feedserver.refresh import Known, Outcome, Poll, Refresher, Schedule, plan, sealed_until
from feedserver.sources import CURRENT, Answer, DailyPapers, Page, Request, Source, explained
from feedserver.sources.arxiv_api import ArxivApi
from feedserver.sources.arxiv_rss import ArxivRss
from feedserver.sources.feed import AnyFeed
from feedserver.sources.huggingface import HuggingFacePapers
from feedserver.status import source_status
from tests.house import House, make_loop
from tests.upstream import DAY, fetching, say

NOW = datetime(2026, 1, 9, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WELL = SourceState("blog")


@dataclass(frozen=True, slots=True)
class Blog(Source):
    """A window of one entry; ``told`` is called with each answer."""

    url: str
    told: Callable[[], object] = lambda: None
    name: str = "blog"
    every: timedelta = 2 * HOUR

    def request(self, key: str) -> Request:
        """Ask for it."""
        assert key == CURRENT
        return Request(self.url, {"date": "2000-01-01"})  # any answer will do

    def parse(self, answer: Answer, key: str | None, observed: datetime) -> Page:
        """Return one post, a new one each hour."""
        self.told()
        link = f"https://blog.example.org/{observed:%H}"
        entry = Entry(
            id=link, title=link, summary="", links=Links(link), published=observed, listed=observed, updated=observed,
            first_seen=observed, modified=observed, sources=(self.name,),
        )  # fmt: skip
        return Page(Listing(self.name, key or CURRENT, observed, (entry,)))


def record(attempted: datetime, **known: object) -> ListingRecord:
    """Return what is known of the window."""
    return replace(ListingRecord("blog", CURRENT, attempted, attempted, 1), **known)  # type: ignore[arg-type]  # facts by name


PLANS = [
    ([], Poll(CURRENT, NOW, "never asked for")),
    ([record(NOW - HOUR)], Poll(CURRENT, NOW + HOUR, "moves on")),
    ([record(NOW - 5 * HOUR)], Poll(CURRENT, NOW - 3 * HOUR, "moves on")),
    ([record(NOW - MINUTE, error="x", failures=2)], Poll(CURRENT, NOW + 9 * MINUTE, "failed last time")),
    ([record(NOW + HOUR)], Poll(CURRENT, NOW, "asked for in the future: the clock went back")),
]


@pytest.mark.parametrize(("records", "poll"), PLANS, ids=[poll.why for _, poll in PLANS])
def test_its_next_poll_is_when_it_moves_on(records: list[ListingRecord], poll: Poll) -> None:
    """Or sooner after a failure, by the pauses of all sources; what is overdue is due now."""
    due = replace(poll, at=max(poll.at, NOW))
    assert plan(Known(records, WELL, 2 * HOUR), Schedule(), NOW) == (due,)


def test_all_is_known_until_its_last_good_look_for_a_day_at_most() -> None:
    """A window that is never read, or not for a day, or that is read once a week, holds up no top and no digest."""
    day = timedelta(days=1)
    for good, until in ((NOW - HOUR, NOW - HOUR), (NOW - 9 * day, NOW), (NOW + HOUR, NOW)):
        assert sealed_until([Known([record(good)], WELL, HOUR)], Schedule(), NOW) == until
    assert sealed_until([Known([], WELL, HOUR)], Schedule(), NOW) == NOW
    assert sealed_until([Known([record(NOW - HOUR)], WELL, 7 * day)], Schedule(), NOW) == NOW


def refresher(house: House, **settings: object) -> Refresher:
    """Return a refresher of a blog in the house."""
    source = Blog(house.upstream.url, **settings)  # type: ignore[arg-type]  # settings by name
    return Refresher(source, house.fetcher, house.store, now=lambda: house.time.now, jitter=lambda: 0.5)


def test_it_is_asked_for_as_often_as_it_says(house: House, tmp_path: Path) -> None:
    """And nothing that leaves it is withdrawn, nor is that suspect."""
    blog, loop = refresher(house), make_loop(tmp_path, list)
    for _ in range(9):
        loop.look([blog])
        house.time.now += HOUR
    assert len(house.upstream.asked) == 5
    assert len(house.entries()) == 5
    assert not any(entry.withdrawn for entry in house.entries())
    status = source_status(house.store, blog.source, Schedule(), house.time.now - HOUR)
    assert (status.state, status.listings, status.next[0].why) == ("good", 1, "moves on")


def test_slow_ones_hold_up_no_day(house: House, tmp_path: Path) -> None:
    """Today's listing is looked at again after each of them."""

    def dawdle() -> None:
        house.time.now += 20 * MINUTE

    blogs = [refresher(house, told=dawdle, name=f"blog-{number}") for number in range(3)]
    make_loop(tmp_path, list).look([house.refresher, *blogs])
    assert [day for day, _ in house.upstream.pages].count(DAY.isoformat()) == 4


def test_where_the_list_fails_the_page_is_read(house: House) -> None:
    """It says the same, and nothing on it is missed for good."""
    page = (
        '<html><div data-target="DailyPapers" data-props="{&quot;dailyPapers&quot;:[{&quot;paper&quot;:'
        "{&quot;id&quot;:&quot;2010.02502&quot;,&quot;title&quot;:&quot;DDIM&quot;,&quot;upvotes&quot;:7,"
        '&quot;submittedOnDailyAt&quot;:&quot;2026-01-09T00:00:00.000Z&quot;}}]}"></div></html>'
    )
    source = DailyPapers(url=house.upstream.url, page=f"{house.upstream.url}/page")
    house.upstream.script.extend([say(status=404), say(page.encode(), Content_Type="text/html")])
    outcome = Refresher(source, house.fetcher, house.store, now=lambda: house.time.now).refresh(DAY.isoformat())
    assert (outcome.error, outcome.entries) == (None, 1)
    assert [(entry.title, entry.upvotes) for entry in house.entries()] == [("DDIM", 7)]


def test_where_both_fail_the_first_failure_is_told(house: House) -> None:
    """The page is but the second best."""
    house.upstream.script.extend([say(b"[broken"), say(status=404)])
    source = DailyPapers(url=house.upstream.url)
    outcome = Refresher(source, house.fetcher, house.store, now=lambda: house.time.now).refresh(DAY.isoformat())
    assert "not JSON" in (outcome.error or "")


RSS = b"""<rss version="2.0"><channel><title>Blog</title><link>https://blog.example.org/</link>
<item><title>A post</title><link>https://blog.example.org/a</link></item></channel></rss>"""


def refreshed(house: House, source: Source, key: str = CURRENT) -> Outcome:
    """Refresh any source."""
    return Refresher(source, house.fetcher, house.store, now=lambda: house.time.now).refresh(key)


def test_a_feed_that_did_not_change_is_not_sent_again(house: House) -> None:
    """The second answer is a 304, and as good a look as the first."""
    house.upstream.script.extend([say(RSS, Content_Type="application/rss+xml")] * 2)
    feed = AnyFeed(f"{house.upstream.url}/feed", name="blog")
    first = refreshed(house, feed)
    house.time.now += HOUR
    second = refreshed(house, feed)
    assert [asked.status for asked in house.upstream.asked] == [200, 304]
    assert (first.changes.new, second.changes.new, second.entries, second.error) == (1, 0, 1, None)
    assert house.store.listings("blog")[0].good == house.time.now


def results(start: int, *identifiers: str) -> bytes:
    """Return a page of arXiv's search for four papers."""
    entries = "".join(
        f"<entry><id>http://arxiv.org/abs/{each}v1</id><title>On {each}</title><summary>S</summary>"
        "<published>2026-01-07T10:00:00Z</published><updated>2026-01-07T10:00:00Z</updated></entry>"
        for each in identifiers
    )
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
        f"<opensearch:totalResults>4</opensearch:totalResults><opensearch:startIndex>{start}</opensearch:startIndex>"
        f"{entries}</feed>"
    ).encode()


def test_arxiv_gets_its_three_seconds_between_two_requests(house: House, tmp_path: Path) -> None:
    """Between two pages, and between two sources that ask it."""
    pages = [results(0, "2601.00001", "2601.00002"), results(2, "2601.00003", "2601.00004")]
    house.upstream.script.extend(map(say, [*pages, results(0, "2601.00001")]))
    searches = [
        ArxivApi(("cs.LG",), url=house.upstream.url, page_size=2, most=4),
        ArxivApi(query="ti:x", url=house.upstream.url, most=1, name="x"),
    ]
    with fetching(tmp_path, Limits(pause=1), house.time) as fetcher:
        patient = replace(house, fetcher=fetcher)
        assert [refreshed(patient, search).entries for search in searches] == [4, 1]
    assert house.time.slept == [3, 3]


WRONG = {  # source, what comes with the status 400, what is told of it
    "arXiv's search": (
        ArxivApi(query="ti:("),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>https://arxiv.org/api/errors#bad</id><title>Error</title>'
        b"<summary>bad\n  query</summary></entry></feed>"),
        "bad query",
    ),
    "arXiv's announcements": (
        ArxivRss(("cs.LG",)),
        (b'<rss version="2.0"><channel><title>Feed error for query: cs.LG</title><description>no such thing'
        b"</description></channel></rss>"),
        "no such thing",
    ),
    "a list of a day": (DailyPapers(page=""), b'{"error": "Invalid date"}', "Invalid date"),
    "what is trending": (HuggingFacePapers(), b'{"error": "Invalid sort"}', "Invalid sort"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_upstream_says_of_an_error_is_told(house: House, case: str) -> None:
    """Whoever wrote the search wants to know, not just that it was a bad request."""
    source, body, said = WRONG[case]
    where = {"site": house.upstream.url} if isinstance(source, HuggingFacePapers) else {"url": house.upstream.url}
    key = CURRENT if source.every else DAY.isoformat()
    house.upstream.trouble = say(body, status=400)
    outcome = refreshed(house, replace(source, **where), key)
    assert "HTTP status 400" in (outcome.error or "")
    assert (outcome.error or "").endswith(f"it says: {said}")


@pytest.mark.parametrize("body", [b"", b"<html>Bad request</html>", b"{}", b"[", b"<feed/>", b"\x00" * 100])
@pytest.mark.parametrize("case", WRONG)
def test_where_it_says_nothing_of_use_the_status_is_told(case: str, body: bytes) -> None:
    """Whatever is there in its place."""
    source = WRONG[case][0]
    error = NothingThereError("HTTP status 400", status=400, body=body)
    assert explained(error, source) is error
