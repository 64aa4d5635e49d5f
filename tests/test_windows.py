"""Sources with one listing alone, a window of what is new: when they are asked, and what they do not hold up."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedserver.model import Entry, Links, Listing, ListingRecord, SourceState
from feedserver.refresh import Known, Poll, Refresher, Schedule, plan, sealed_until
from feedserver.sources import CURRENT, Answer, DailyPapers, Page, Request, Source
from feedserver.status import source_status
from tests.house import House, make_loop
from tests.upstream import DAY, say

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
    return replace(ListingRecord("blog", CURRENT, attempted, attempted, 1), **known)  # type: ignore[arg-type]


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
    source = Blog(house.upstream.url, **settings)  # type: ignore[arg-type]
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
