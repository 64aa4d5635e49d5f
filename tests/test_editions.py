"""Tops, digests, wanted volumes and trends: what they hold, when they appear, and that they stay as they are."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from feedserver.errors import QueryError
from feedserver.feeds import Address, Offer, build_feed, has_archives
from feedserver.feeds.editions import Edition, editions
from feedserver.feeds.volume import WEEKS, volume
from feedserver.filters import EVERYTHING, Filter, matches, parse
from feedserver.model import Entry, Feed, Listing, Unit
from feedserver.periods import period_at
from feedserver.query import parse_query
from feedserver.render import RENDERERS, render
from feedserver.store import SqliteStore
from tests.entries import day, make_entry

ZONE = ZoneInfo("UTC")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store that holds nothing."""
    opened = SqliteStore(tmp_path / "store.sqlite")
    yield opened
    opened.close()


def see(store: SqliteStore, at: datetime, *entries: Entry, captured: bool = False) -> None:
    """Let a listing show entries at a time, and seal what lies before."""
    seen = tuple(replace(entry, first_seen=at, modified=at) for entry in entries)
    store.put(Listing("daily-papers", f"{at:%Y-%m-%d}", at, seen, captured=captured), at=at)
    store.seal(at)


def feed(store: SqliteStore, now: datetime | None = None, /, zone: ZoneInfo = ZONE, **parameters: str) -> Feed:
    """Return the feed of a query."""
    offer = Offer(parse_query(parameters.items()), Address("https://x.example", "feed"), HOUR, None, zone)
    return build_feed(store, offer, now or day(31))


def fragments(store: SqliteStore, **parameters: str) -> dict[tuple[str, str], bytes]:
    """Return the bytes of each entry of the feed, in each format."""
    made = feed(store, **parameters)
    return {
        (renderer.name, entry.id): renderer.fragment(entry, made.view)
        for renderer in RENDERERS.values()
        for entry in made.entries
    }


def documents(store: SqliteStore, **parameters: str) -> list[bytes]:
    """Return the feed in each format."""
    made = feed(store, **parameters)
    return [render(renderer, made) for renderer in RENDERERS.values()]


def listed(number: int, upvotes: int, on: int, **facts: object) -> Entry:
    """Return an entry that is listed on a day of January."""
    return make_entry(number, upvotes=upvotes, listed=day(on), **facts)


def numbers(entries: tuple[Entry, ...]) -> list[int]:
    """Return the numbers by which entries were made."""
    return [int(entry.id[-5:]) for entry in entries]


class TestPeriods:
    """Days, weeks from Monday, months, in a time zone."""

    @pytest.mark.parametrize(
        ("moment", "unit", "zone", "start", "end", "name", "words"),
        [
            ("2026-01-08T12", "day", "UTC", "2026-01-08T00", "2026-01-09T00", "2026-01-08", "8 January 2026"),
            ("2026-01-08T23", "day", "Europe/Berlin", "2026-01-08T23", "2026-01-09T23", "2026-01-09", "9 January 2026"),
            ("2026-03-29T12", "day", "Europe/Berlin", "2026-03-28T23", "2026-03-29T22", "2026-03-29", "29 March 2026"),
            ("2026-01-04T23", "week", "UTC", "2025-12-29T00", "2026-01-05T00", "2026-W01",
             "week 1 of 2026, 29 December to 4 January"),
            ("2026-01-05T00", "week", "UTC", "2026-01-05T00", "2026-01-12T00", "2026-W02",
             "week 2 of 2026, 5 to 11 January"),
            ("2026-02-28T23", "month", "UTC", "2026-02-01T00", "2026-03-01T00", "2026-02", "February 2026"),
        ],
    )  # fmt: skip
    def test_a_moment_lies_in_one(  # noqa: PLR0917  # a table of cases
        self, moment: str, unit: Unit, zone: str, start: str, end: str, name: str, words: str
    ) -> None:
        """A day on which the clocks change has 23 or 25 hours."""
        at, first, last = (datetime.fromisoformat(f"{each}:00").replace(tzinfo=UTC) for each in (moment, start, end))
        found = period_at(at, unit, ZoneInfo(zone))
        assert (found.start, found.end, found.name, str(found)) == (first, last, name, words)
        assert found.before.end == found.start


class TestTop:
    """The best of each period."""

    def test_a_period_is_published_when_it_is_sealed(self, store: SqliteStore) -> None:
        """Not while it lasts, nor while it is not known whether all is there."""
        see(store, day(5) + 8 * HOUR, listed(1, 3, 5), listed(2, 9, 5), listed(3, 5, 5))
        assert feed(store, top="2/day").entries == ()
        store.put(Listing("daily-papers", "x", day(6) + HOUR, (listed(4, 90, 5),)), at=day(6) + HOUR)
        assert feed(store, top="2/day").entries == ()
        store.seal(day(6) + HOUR)
        found = feed(store, top="2/day").entries
        assert numbers(found) == [4, 2]
        assert [entry.entered for entry in found] == [day(6), day(6) - timedelta(seconds=1)]

    def test_it_stays_as_it_is(self, store: SqliteStore, tmp_path: Path) -> None:
        """Whatever is voted, corrected, listed or imported later, and after a restart: every byte."""
        asked = [{"top": "2/day"}, {"top": "3/week", "q": "alpha"}, {"digest": "day", "min_upvotes": "4"}]
        first = [listed(1, 3, 5, title="Alpha"), listed(2, 9, 5, title="Alpha beta"), listed(3, 5, 5, title="Gamma")]
        see(store, day(5) + 8 * HOUR, *first)
        see(store, day(12) + HOUR, listed(4, 1, 12, title="Delta"))
        before = [fragments(store, **each) for each in asked]
        assert [len(each) for each in before] == [6, 6, 3]
        see(store, day(13), replace(first[0], upvotes=500), replace(first[1], title="No longer"), first[2])
        see(store, day(14), replace(first[2], title="Alpha now", listed=day(4), upvotes=7))
        see(store, day(15), listed(5, 900, 5, title="Alpha, found late"), captured=True)
        again = SqliteStore(tmp_path / "store.sqlite")
        after = [fragments(again, **each) for each in asked]
        assert [{key: now.get(key) for key in then} for then, now in zip(before, after, strict=True)] == before
        again.close()

    def test_what_is_learnt_too_late_stands_in_the_next_one(self, store: SqliteStore) -> None:
        """Unless that is more than a week too late: then it is history."""
        see(store, day(5) + HOUR, listed(1, 3, 5))
        see(store, day(6) + HOUR, listed(2, 9, 6))
        see(store, day(6) + 2 * HOUR, listed(3, 50, 5))
        see(store, day(7) + HOUR, listed(4, 1, 7))
        see(store, day(13) + HOUR)
        see(store, day(20) + HOUR, listed(5, 1, 20), listed(6, 70, 5))
        see(store, day(22))
        published = {f"{edition.period.start:%d}": numbers(edition.entries) for edition in _editions(store)}
        assert published == {"05": [1], "06": [3, 2], "07": [4], "20": [5]}

    def test_a_late_bloomer_stands_in_the_period_in_which_it_bloomed(self, store: SqliteStore) -> None:
        """Once, though it was listed long before."""
        see(store, day(2) + HOUR, listed(1, 3, 2), listed(2, 30, 2))
        see(store, day(9) + HOUR, listed(1, 40, 2))
        see(store, day(10) + HOUR, listed(1, 90, 2))
        see(store, day(12))
        found = {f"{each.period.start:%d}": numbers(each.entries) for each in _editions(store, parse("upvotes:>=20"))}
        assert found == {"02": [2], "09": [1]}

    def test_days_without_listings_make_no_empty_entries(self, store: SqliteStore) -> None:
        """A weekend."""
        see(store, day(2) + HOUR, listed(1, 3, 2))
        see(store, day(5) + HOUR, listed(2, 3, 5))
        see(store, day(7))
        assert [entry.entered for entry in feed(store, digest="day").entries] == [day(6), day(3)]

    def test_days_begin_where_the_site_is(self, store: SqliteStore) -> None:
        """What is listed at midnight UTC belongs to the evening before in New York."""
        see(store, day(5) + HOUR, listed(1, 3, 5))
        see(store, day(7))
        there = ZoneInfo("America/New_York")
        assert [entry.entered for entry in feed(store, top="1/day", zone=there).entries] == [day(5) + 5 * HOUR]

    @pytest.mark.parametrize(
        "given",
        [
            {"top": "5/day", "sort": "upvotes"},
            {"digest": "day", "sort": "listed"},
            {"top": "5/day", "digest": "week"},
            {"top": "5/day", "per_day": "5"},
            {"per_week": "5", "digest": "week"},
            {"per_day": "5", "per_week": "5"},
        ],
    )
    def test_what_contradicts_itself_is_refused(self, given: dict[str, str]) -> None:
        """With the parameter that is too much."""
        with pytest.raises(QueryError) as refused:
            parse_query(given.items())
        assert refused.value.parameter in given

    def test_where_time_decides_there_are_no_archives(self) -> None:
        """Of a trend, and of a span that goes on with the time."""
        for each in ({"sort": "trending"}, {"within": "7d"}, {"top": "5/day", "within": "7d"}):
            assert not has_archives(parse_query(each.items()))
        for each in ({"min_upvotes": "5"}, {"top": "5/day"}, {"digest": "day"}, {"per_day": "5"}):
            assert has_archives(parse_query(each.items()))


class TestDigest:
    """One entry for each period."""

    def test_it_lists_the_best_first_as_clean_html(self, store: SqliteStore) -> None:
        """Titles, authors, votes, code, first lines; what is in a text stays text."""
        see(
            store, day(5) + HOUR,
            listed(1, 3, 5, title="<b>Bold</b> & more", summary="word " * 100, authors=("Ann Other",)),
            listed(2, 9, 5, summary="Short."),
        )  # fmt: skip
        see(store, day(6) + HOUR)
        (entry,) = feed(store, digest="day", title="Mine").entries
        assert entry.title == "Mine: 5 January 2026"
        assert entry.content is not None
        assert entry.content.index("Paper 2") < entry.content.index("&lt;b&gt;Bold&lt;/b&gt; &amp; more")
        assert "<li><a href=" in entry.content
        assert "9 upvotes" in entry.content
        assert "By Ann Other" in entry.content
        assert entry.content.count("word") < 60
        assert "…" in entry.content
        assert (entry.entered, entry.id[:9]) == (day(6), "urn:uuid:")

    def test_titles_in_the_summary_of_a_digest_are_spelled_one_by_one(self, store: SqliteStore) -> None:
        """A price in one title and a price in the next make no formula."""
        see(store, day(5), listed(1, 9, 5, title="S$^2$R at $5"), listed(2, 8, 5, title="-$ and less"))
        see(store, day(7))
        (entry,) = feed(store, digest="day").entries
        (raw,) = feed(store, digest="day", math="raw").entries
        assert (entry.summary, raw.summary) == ("S²R at $5; -$ and less", "S$^2$R at $5; -$ and less")
        for renderer in RENDERERS.values():
            assert "S²R at $5; -$ and less" in renderer.fragment(entry, feed(store, digest="day").view).decode()

    def test_the_best_ten_make_a_digest_of_ten(self, store: SqliteStore) -> None:
        """Together with a top of the same unit; otherwise what is left out is counted."""
        see(store, day(5) + HOUR, *(listed(number, number, 5) for number in range(1, 61)))
        see(store, day(6) + HOUR)
        (ten,) = feed(store, digest="day", top="10/day").entries
        (many,) = feed(store, digest="day").entries
        assert (ten.content or "").count("<li>") == 10
        assert (many.content or "").count("<li>") == 50
        assert "And 10 more entries." in (many.content or "")

    def test_it_is_the_same_however_many_are_asked_for(self, store: SqliteStore) -> None:
        """A reader that asks for more of them does not get as new what it knows; another query's are others."""
        see(store, day(5) + HOUR, listed(1, 3, 5))
        see(store, day(6) + HOUR, listed(2, 3, 6))
        see(store, day(7) + HOUR)
        few, many, others = (
            [entry.id for entry in feed(store, digest="day", **more).entries]
            for more in ({"limit": "1"}, {"limit": "9"}, {"min_upvotes": "1"})
        )
        assert few == many[:1]
        assert not {*many} & {*others}

    def test_its_title_says_of_what_and_when(self, store: SqliteStore) -> None:
        """Unless the feed was given one."""
        see(store, day(5) + HOUR, listed(1, 30, 5))
        see(store, day(20) + HOUR)
        titles = [
            feed(store, **more).entries[0].title
            for more in ({"digest": "day"}, {"digest": "week", "min_upvotes": "9"}, {"digest": "week", "top": "2/week"})
        ]
        assert titles == [
            "Daily digest: all papers: 5 January 2026",
            "Weekly digest: at least 9 upvotes: week 2 of 2026, 5 to 11 January",
            "Weekly digest: all papers, the best 2 of each week: week 2 of 2026, 5 to 11 January",
        ]

    def test_nobody_talks_about_a_digest(self, store: SqliteStore) -> None:
        """It has no page of discussion, no counts."""
        see(store, day(5) + HOUR, listed(1, 3, 5))
        see(store, day(6) + HOUR)
        rss, atom, json = documents(store, digest="day")
        assert b"<comments>" not in rss
        assert b"replies" not in atom
        assert b"discussion" not in json
        assert b'"upvotes"' not in json


# What is seen when: hours from one sight to the next, and of which entries, with how many votes, under which title,
# listed how many days before; and whether it is sealed.
SIGHTS = st.lists(
    st.tuples(
        st.integers(1, 30),
        st.lists(
            st.tuples(st.integers(1, 6), st.integers(0, 60), st.sampled_from(("Alpha", "Beta")), st.integers(0, 9)),
            max_size=3,
        ),
        st.booleans(),
    ),
    min_size=2,
    max_size=14,
)


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(  # it appeared on another day than the one it is listed on, by what came later
    sights=[(6, [(1, 18, "Beta", 4)], False), (17, [(1, 32, "Alpha", 9)], True), (11, [(1, 18, "Beta", 0)], False)],
    q="alpha",
)
@example(  # it was published, did not satisfy the filter for a while, and does again
    sights=[(15, [(1, 0, "Alpha", 0)], False), (17, [], True), (30, [(1, 0, "Beta", 0)], True),
            (8, [(1, 0, "Alpha", 0)], False), (50, [], True)],
    q="alpha",
)  # fmt: skip
@given(sights=SIGHTS, q=st.sampled_from(("alpha", "upvotes:>=20", "alpha upvotes:>=20", "upvotes:5..30", "-beta")))
def test_what_was_published_is_never_altered(
    tmp_path_factory: pytest.TempPathFactory, sights: list[tuple[int, list[tuple[int, int, str, int]], bool]], q: str
) -> None:
    """Whatever comes later; and no entry is published twice."""
    store = SqliteStore(tmp_path_factory.mktemp("editions") / "store.sqlite")
    now, part = day(3), parse(q)
    published: dict[str, tuple[Entry, ...]] = {}
    for hours, seen, sealed in sights:
        now += hours * HOUR
        today = now.replace(hour=0)
        entries = [
            make_entry(number, upvotes=upvotes, title=f"{title} {number}", listed=today - days * DAY,
                       first_seen=now, modified=now)
            for number, upvotes, title, days in seen
        ]  # fmt: skip
        store.put(Listing("daily-papers", "x", now, tuple({entry.id: entry for entry in entries}.values())), at=now)
        if sealed:
            store.seal(now)
        found = {edition.period.name: edition.entries for edition in editions(store, part, "day", ZONE, 3)}
        assert {name: found.get(name) for name in published} == published
        published = found
    ids = [entry.id for entries in published.values() for entry in entries]
    assert len(ids) == len(set(ids))
    assert all(matches(part, entry) for entries in published.values() for entry in entries if "30" not in q)
    store.close()


class TestVolume:
    """About so many entries a day."""

    def fill(self, store: SqliteStore, days: int) -> None:
        """Let ten entries be listed on each day, with 10, 20 ... 100 votes."""
        start = day(1)
        for number in range(days):
            at = start + number * DAY
            entries = [
                make_entry(10 * number + place, listed=at, upvotes=10 * place, published=at) for place in range(1, 11)
            ]
            see(store, at + 8 * HOUR, *entries)

    def test_the_threshold_gives_what_is_wanted(self, store: SqliteStore) -> None:
        """Five of ten a day: sixty upvotes let in those with 60 to 100."""
        self.fill(store, 60)
        now = day(1) + 60 * DAY
        assert volume(store, EVERYTHING, 5, ZONE, now).threshold == 60
        assert volume(store, EVERYTHING, 1, ZONE, now).threshold == 100
        assert volume(store, EVERYTHING, 100, ZONE, now).threshold <= 10
        made = feed(store, now, per_day="5")
        assert made.subtitle == "All papers, about 5 a day; newest in the feed first; now: 60 upvotes"
        assert made.title == "All papers, about 5 a day"
        assert {entry.upvotes for entry in made.entries} == {60, 70, 80, 90, 100}
        assert feed(store, now, per_week="35").entries == made.entries

    def test_an_entry_is_judged_by_the_threshold_of_its_own_week(self, store: SqliteStore) -> None:
        """The weeks before there was any history have none."""
        self.fill(store, 60)
        now = day(1) + 60 * DAY
        judged = volume(store, EVERYTHING, 5, ZONE, now).filter
        old, new = make_entry(900, listed=day(3), upvotes=5), make_entry(901, listed=day(50 - 31) + 31 * DAY, upvotes=5)
        assert matches(judged, old)
        assert not matches(judged, new)

    def test_later_votes_and_imports_move_no_threshold_of_before(self, store: SqliteStore, tmp_path: Path) -> None:
        """It was found in the store as that was when the weeks before were over."""
        self.fill(store, 60)
        now = day(1) + 60 * DAY
        before = volume(store, EVERYTHING, 5, ZONE, now)
        boosted = [make_entry(10 * number + 1, listed=day(1) + number * DAY, upvotes=500) for number in range(60)]
        see(store, now + HOUR, *boosted)
        see(
            store,
            now + 2 * HOUR,
            *(make_entry(5000 + n, listed=day(20), upvotes=300) for n in range(200)),
            captured=True,
        )
        again = SqliteStore(tmp_path / "store.sqlite")
        assert volume(again, EVERYTHING, 5, ZONE, now) == before
        again.close()

    def test_what_is_older_and_learnt_later_moves_no_threshold_of_before(
        self, store: SqliteStore, tmp_path: Path
    ) -> None:
        """How far back the store went then says how long the first spans were."""
        self.fill(store, 30)
        now = day(1) + 30 * DAY
        before = volume(store, EVERYTHING, 5, ZONE, now)
        assert {least for _, least in before.steps} == {0, 60}
        see(store, now + HOUR, make_entry(6000, listed=day(1) - 90 * DAY, upvotes=300), captured=True)
        again = SqliteStore(tmp_path / "store.sqlite")
        assert volume(again, EVERYTHING, 5, ZONE, now) == before
        again.close()

    def test_an_older_listing_that_is_read_later_moves_none_either(self, store: SqliteStore, tmp_path: Path) -> None:
        """An entry that stood on an earlier list as well is from then on listed earlier."""
        self.fill(store, 40)
        now = day(1) + 40 * DAY
        before = volume(store, EVERYTHING, 5, ZONE, now)
        assert store.oldest() == day(1)
        see(store, now + HOUR, make_entry(1, listed=day(1) - 25 * DAY, upvotes=10))
        assert store.oldest() == day(1) - 25 * DAY
        again = SqliteStore(tmp_path / "store.sqlite")
        assert volume(again, EVERYTHING, 5, ZONE, now) == before
        again.close()

    def test_a_week_that_had_to_begin_without_goes_on_as_before(self, store: SqliteStore) -> None:
        """Entries were judged by the threshold of the week before, for days, when the outage was made up for."""
        self.fill(store, 32)
        monday = period_at(day(1) + 40 * DAY, "week", ZONE).start
        found = volume(store, EVERYTHING, 5, ZONE, monday + HOUR)
        assert found.steps[-1][1] == found.steps[-2][1] == 60
        store.put(Listing("daily-papers", "x", monday + HOUR, (make_entry(9000, listed=monday, upvotes=61),)))
        late = (make_entry(8000 + n, listed=monday - 3 * DAY, upvotes=500) for n in range(300))
        see(store, monday + 50 * HOUR, *late)
        assert volume(store, EVERYTHING, 5, ZONE, monday + 51 * HOUR) == found
        assert (monday, 60) in volume(store, EVERYTHING, 5, ZONE, monday + 8 * DAY).steps
        last = monday + 7 * (WEEKS - 1) * DAY  # the week before is no longer one of those that the feed is of
        assert volume(store, EVERYTHING, 5, ZONE, last).steps[0] == (monday, 60)

    def test_a_store_that_is_filled_once_a_week_has_a_threshold_of_each(self, store: SqliteStore) -> None:
        """What was sealed after the week had begun was all that could be read until then."""
        for week in range(8):
            at = day(1) + 7 * week * DAY + 3 * DAY
            entries = (
                make_entry(1000 * week + 100 * back + n, listed=at.replace(hour=0) - back * DAY, upvotes=10 * n + week)
                for back in range(7)
                for n in range(1, 11)
            )
            see(store, at, *entries)
        found = [least for _, least in volume(store, EVERYTHING, 5, ZONE, day(1) + 54 * DAY).steps]
        assert len(set(found)) > 3

    def test_a_span_that_goes_on_with_the_time_moves_no_threshold(self, store: SqliteStore) -> None:
        """It says which entries of the feed are shown, not how many there are."""
        self.fill(store, 60)
        now = day(1) + 60 * DAY
        made = feed(store, now, per_day="5", within="7d")
        assert (made.subtitle or "").endswith("now: 60 upvotes")
        assert {entry.upvotes for entry in made.entries} == {60, 70, 80, 90, 100}

    def test_what_never_satisfied_the_filter_does_not_count_however_it_changed(
        self, store: SqliteStore, tmp_path: Path
    ) -> None:
        """The store hands out what changed, to be judged as it was and as it is."""
        other = SqliteStore(tmp_path / "other.sqlite")
        for number, title in enumerate(("Zebra", "Zebras")):
            changed = [make_entry(7000 + n, title=title, summary="", listed=day(1), upvotes=90) for n in range(150)]
            see(other, day(1) + (number + 1) * HOUR, *changed)
        self.fill(store, 40)
        self.fill(other, 40)
        now = day(1) + 40 * DAY
        assert volume(other, parse("paper"), 5, ZONE, now) == volume(store, parse("paper"), 5, ZONE, now)
        other.close()

    def test_who_tries_other_numbers_gets_the_threshold_of_each(self, store: SqliteStore) -> None:
        """Whatever was asked before."""
        self.fill(store, 60)
        found = [volume(store, EVERYTHING, wanted, ZONE, day(1) + 60 * DAY).threshold for wanted in (1, 2, 3, 5, 7)]
        assert found == [100, 90, 80, 60, 40]

    def test_without_history_all_is_let_in(self, store: SqliteStore) -> None:
        """A new server: less than a week."""
        self.fill(store, 5)
        assert volume(store, EVERYTHING, 1, ZONE, day(6)).threshold == 0
        assert len(feed(store, day(6), per_day="1").entries) == 50


class TestTrending:
    """Votes gained lately, aged."""

    def test_what_gained_most_lately_comes_first(self, store: SqliteStore) -> None:
        """A vote of today counts twice as much as one of yesterday; what gained nothing in a week is not there."""
        see(store, day(1), listed(1, 900, 1))
        see(store, day(10), listed(2, 50, 10), listed(3, 2, 10))
        see(store, day(11), listed(2, 50, 10), listed(3, 29, 10), listed(4, 1, 11))
        store.rank(day(11))
        assert numbers(feed(store, sort="trending").entries) == [3, 2, 4]
        assert numbers(feed(store, sort="trending", q="paper -4", limit="1").entries) == [3]
        assert numbers(feed(store, sort="trending", min_upvotes="30").entries) == [2]

    def test_a_day_alone_changes_nothing(self, store: SqliteStore) -> None:
        """All scores are halved alike; only votes, and the end of the week, make a revision."""
        see(store, day(10), listed(2, 50, 10), listed(3, 20, 10))
        store.rank(day(10))
        number = store.revision().number
        store.rank(day(12))
        assert store.revision().number == number
        see(store, day(12), listed(3, 60, 10))
        store.rank(day(12))
        assert store.revision().number == number + 2
        assert numbers(feed(store, sort="trending").entries) == [3, 2]
        store.rank(day(25))
        assert feed(store, sort="trending").entries == ()


def _editions(store: SqliteStore, part: Filter = EVERYTHING) -> Iterator[Edition]:
    return editions(store, part, "day", ZONE, 5)
