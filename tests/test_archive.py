"""Archives (RFC 5005): what arrived when, how the sequence is cut, what never changes, and that no reader has a gap."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import feedparser
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml import etree

from feedserver.errors import CostlyQueryError
from feedserver.feeds import Address, Offer, build_archive
from feedserver.filters import EVERYTHING, Filter, matches, parse
from feedserver.filters.base import Number, leaves
from feedserver.filters.history import entered, possible, split
from feedserver.model import CountField, Entry, Listing, Rise
from feedserver.query import parse_query
from feedserver.render import RENDERERS
from feedserver.store import Arrival, Revision, SqliteStore
from feedserver.store.order import feed_order
from tests.entries import OBSERVED, day, make_entry, sample
from tests.life import CLOSED, SUBSCRIBED, Document, Life, Reader, fetch, look_again, serve
from tests.strategies import filters
from tests.test_render import assert_valid

FORMATS = list(RENDERERS)
FH = "{http://purl.org/syndication/history/1.0}"

Counts = dict[str, int | None]
States = Sequence[tuple[int, Counts]]  # revision -> the counts from then on


def entrance(part: Filter, entry: Entry, states: States) -> int | None:
    """Return the plain definition: the first revision in which the entry, with its counts of then, was admitted."""
    return next((revision for revision, counts in states if matches(part, replace(entry, **counts))), None)  # type: ignore[arg-type]  # facts by name


def rises_of(states: States) -> list[Rise]:
    """Return the history that a store keeps of such states."""
    known: dict[str, int | None] = {}
    rises = []
    for revision, counts in states:
        risen = [field for field, count in counts.items() if count is not None and count != known.get(field)]
        rises += [Rise(_field(field), counts[field] or 0, OBSERVED, revision) for field in risen]
        known = counts
    return rises


def first_revision(part: Filter, entry: Entry, rises: Sequence[Rise]) -> int | None:
    """Return the revision of entering alone."""
    when = entered(part, entry, entry.listed, rises)
    return when and when.revision


def _field(name: str) -> CountField:
    fields: dict[str, CountField] = {"upvotes": "upvotes", "comments": "comments", "stars": "stars"}
    return fields[name]


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[int, Counts]]:
    """Draw the states of one entry: counts that never fall, in revisions with gaps; stars may be unknown at first."""
    revisions = sorted(draw(st.sets(st.integers(1, 40), min_size=1, max_size=6)))
    upvotes, comments = (sorted(draw(_many(st.integers(0, 320), revisions))) for _ in range(2))
    unknown = draw(st.integers(0, len(revisions)))
    stars = [None] * unknown + sorted(draw(_many(st.integers(0, 320), revisions)))[unknown:]
    states = zip(revisions, upvotes, comments, stars, strict=True)
    return [(number, {"upvotes": up, "comments": said, "stars": star}) for number, up, said, star in states]


def _many(each: st.SearchStrategy[int], revisions: Sequence[int]) -> st.SearchStrategy[list[int]]:
    return st.lists(each, min_size=len(revisions), max_size=len(revisions))


class TestFilter:
    """A filter and the history of counts, without a store."""

    @given(part=filters(sample()))
    def test_the_two_halves_of_a_filter_mean_the_same_as_the_whole(self, part: Filter) -> None:
        """And the free one looks at no count."""
        free, counting = split(part)
        assert not any(isinstance(leaf, Number) for leaf in leaves(free))
        for entry in sample():
            assert matches(part, entry) == (matches(free, entry) and matches(counting, entry))

    @pytest.mark.parametrize(
        ("q", "free", "counting"),
        [
            ("diffusion", "diffusion", EVERYTHING),
            ("upvotes:>=20", EVERYTHING, "upvotes:>=20"),
            ("diffusion -medical upvotes:>=20", "diffusion -medical", "upvotes:>=20"),
            ("(diffusion OR upvotes:>=20) has:code", "has:code", "diffusion OR upvotes:>=20"),
            ("-upvotes:>=20 -medical", "-medical", "-upvotes:>=20"),
        ],
    )
    def test_a_filter_is_split_where_its_parts_have_to_hold_together(
        self, q: str, free: str | Filter, counting: str | Filter
    ) -> None:
        """An alternative stays whole."""
        expected = tuple(parse(each) if isinstance(each, str) else each for each in (free, counting))
        assert split(parse(q)) == expected

    @given(part=filters(sample()), entry=st.sampled_from(sample()), states=lives())
    def test_an_entry_enters_in_the_first_revision_in_which_it_is_admitted(
        self, part: Filter, entry: Entry, states: list[tuple[int, Counts]]
    ) -> None:
        """By the whole filter or, of one that its free half admits, by the counting half."""
        expected = entrance(part, entry, states)
        assert first_revision(part, entry, rises_of(states)) == expected
        free, counting = split(part)
        assert (first_revision(counting, entry, rises_of(states)) if matches(free, entry) else None) == expected

    @given(part=filters(sample()), entry=st.sampled_from(sample()), states=lives())
    def test_whatever_ever_entered_is_still_possible(
        self, part: Filter, entry: Entry, states: list[tuple[int, Counts]]
    ) -> None:
        """So that the index of today finds it, also what a ``upvotes:<3`` no longer admits."""
        now = replace(entry, **states[-1][1])  # type: ignore[arg-type]  # as above
        if entrance(part, entry, states) is not None:
            assert matches(possible(part), now)

    def test_a_count_that_is_not_known_yet_is_not_zero(self) -> None:
        """Stars: an entry has none until it has some."""
        rises = rises_of([(3, {"upvotes": 0, "comments": 0, "stars": None}), (7, {"stars": 0})])
        assert first_revision(parse("stars:>=0"), make_entry(stars=0), rises) == 7
        assert first_revision(parse("-stars:>=0"), make_entry(stars=0), rises) == 3

    def test_without_a_rise_nothing_ever_entered(self) -> None:
        """An empty history."""
        assert entered(EVERYTHING, make_entry(), OBSERVED, []) is None


# A put: when (in hours; the clock may go back), whether captured, sights: which entry, its counts, days listed earlier.
Sight = tuple[int, int, int, int | None, int]
PUTS = st.lists(
    st.tuples(
        st.integers(-30, 90 * 24),
        st.booleans(),
        st.lists(
            st.tuples(
                st.integers(0, 5),
                st.integers(0, 300),
                st.integers(0, 30),
                st.none() | st.integers(0, 300),
                st.integers(0, 3),
            ),
            max_size=4,
        ),
    ),
    min_size=1,
    max_size=8,
)


class Kept:
    """A store, and in plain values what was put into it: times by revision, states of counts by id."""

    def __init__(self, store: SqliteStore) -> None:
        """Nothing was put yet."""
        self.store = store
        self.times: list[datetime] = []
        self.states: dict[str, list[tuple[int, Counts]]] = {}
        self.observed: dict[tuple[str, int], datetime] = {}
        self.appeared: dict[str, datetime] = {}

    def put(self, hours: int, captured: bool, sights: Sequence[Sight]) -> None:
        """Put a listing, and take note of what it did."""
        at = OBSERVED + timedelta(hours=hours)
        entries = tuple(
            replace(
                sample()[number], upvotes=upvotes, comments=comments, stars=stars, first_seen=at, modified=at,
                listed=sample()[number].listed - timedelta(days=earlier),
            )
            for number, upvotes, comments, stars, earlier in sights
        )  # fmt: skip
        changes = self.store.put(Listing("daily-papers", "any", at, entries, captured=captured), at=at)
        if changes.new or changes.updated:
            self.times.append(max([at, *self.times]))
        for entry in self.entries():
            states = self.states.setdefault(entry.id, [])
            lately = entry.listed <= entry.first_seen <= entry.listed + timedelta(days=3)
            self.appeared.setdefault(entry.id, entry.first_seen if lately else entry.listed)
            counts: Counts = {"upvotes": entry.upvotes, "comments": entry.comments, "stars": entry.stars}
            if entry.captured and states:  # nothing but saved files told of it: it is as if it had come like that
                states[:] = [(states[0][0], counts)]
                self.appeared[entry.id] = entry.first_seen if lately else entry.listed
            if not states or states[-1][1] != counts:
                states.append((len(self.times), counts))
                self.observed[entry.id, len(self.times)] = entry.modified

    def entries(self) -> list[Entry]:
        """Return every entry as it is now."""
        return [entry for each in sample() if (entry := self.store.get(each.id))]

    def arrivals(self, part: Filter, revisions: range) -> list[Arrival]:
        """Return what should have arrived."""
        found = [(entrance(part, entry, self.states[entry.id]), entry) for entry in self.entries()]
        return sorted(
            Arrival(revision, entry.id, self.moment(entry, revision))
            for revision, entry in found
            if revision is not None and revision in revisions
        )

    def moment(self, entry: Entry, revision: int) -> datetime:
        """Return when it entered: when it appeared, if it came like that; else when the count was observed."""
        is_first = revision == self.states[entry.id][0][0]
        return self.appeared[entry.id] if is_first else max(self.appeared[entry.id], self.observed[entry.id, revision])

    def newest(self, part: Filter, limit: int) -> list[Entry]:
        """Return the entries that entered last."""
        entries = {entry.id: entry for entry in self.entries()}
        found = [replace(entries[each.id], entered=each.entered) for each in self.arrivals(part, range(1000))]
        return sorted(found, key=lambda entry: (entry.entered, feed_order(entry)), reverse=True)[:limit]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store that holds nothing."""
    opened = SqliteStore(tmp_path / "empty.sqlite")
    yield opened
    opened.close()


class TestStore:
    """What the store remembers, against a plain recomputation from what was put."""

    @hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(puts=PUTS, data=st.data())
    def test_arrivals_revisions_and_histories_are_those_of_what_was_put(
        self, tmp_path_factory: pytest.TempPathFactory, puts: list[tuple[int, bool, list[Sight]]], data: st.DataObject
    ) -> None:
        """New entries, rises, repetitions, earlier listing days, captured files, in any order and at any time."""
        store = SqliteStore(tmp_path_factory.mktemp("put") / "store.sqlite")
        kept = Kept(store)
        for each in puts:
            kept.put(*each)
        numbers = range(1, len(kept.times) + 1)
        assert [store.kept(number) for number in range(len(kept.times) + 2)] == [None, *kept.times, None]
        for entry_id, states in kept.states.items():
            told = [(rise.field, rise.count, rise.revision) for rise in store.history(entry_id)]
            assert told == [(rise.field, rise.count, rise.revision) for rise in rises_of(states)]
        for _ in range(5):
            part = data.draw(filters(sample()))
            first, last = data.draw(st.integers(0, 9)), data.draw(st.integers(0, 9))
            assert store.arrivals(part, range(first, last)) == kept.arrivals(part, range(first, last))
            assert store.arrivals(part, numbers) == kept.arrivals(part, numbers)
            start, end = sorted(OBSERVED + timedelta(hours=data.draw(st.integers(-40, 2200))) for _ in range(2))
            for limit in (1, 2, 3, 10):
                assert list(store.select(part, "entered", limit)) == kept.newest(part, limit)
            between = [number for number, time in enumerate(kept.times, 1) if start <= time < end]
            assert list(store.revisions(start, end)) == between
        store.close()

    def test_an_entry_that_moves_to_an_earlier_day_keeps_its_history_and_its_birth(self, empty: SqliteStore) -> None:
        """Its row changes, and all that hangs on it follows."""
        entry = make_entry(1, listed=day(20), upvotes=3)
        arrive(empty, day(20), entry, make_entry(2))
        arrive(empty, day(21), replace(entry, upvotes=30))
        history = empty.history(entry.id)
        before = empty.find(EVERYTHING, "listed", 1, known=lambda _: ()).sights[0]
        arrive(empty, day(22), replace(entry, listed=day(2), upvotes=30))
        after = empty.find(EVERYTHING, "listed", 2, known=lambda _: ()).sights[1]
        assert (before.row != after.row, before.arrived, after.arrived, after.revision) == (True, 1, 1, 3)
        assert empty.history(entry.id) == history
        assert [(rise.count, rise.revision) for rise in history if rise.field == "upvotes"] == [(3, 1), (30, 2)]
        assert empty.arrivals(parse("upvotes:>=30"), range(1, 9)) == [Arrival(2, entry.id, day(20))]

    def test_what_changed_besides_its_counts_counts_as_if_it_had_always_been_so(self, empty: SqliteStore) -> None:
        """Only counts have a history: a title that is corrected later belongs to the first day."""
        arrive(empty, day(1), make_entry(1, title="Difusion"))
        arrive(empty, day(9), make_entry(1, title="Diffusion", first_seen=day(9)))
        assert empty.arrivals(parse("diffusion"), range(1, 9)) == [Arrival(1, make_entry(1).id, OBSERVED)]

    @pytest.mark.parametrize(
        ("q", "arrived"),
        [
            ("paper", 1),
            ("comments:>=20", 1),
            ("upvotes:>=20", 2),
            ("upvotes:>=20 comments:>=20 stars:>=5", 3),
            ("-upvotes:>=20", 1),
            ("-stars:>=0", 1),
            ("upvotes:<3", 1),
            ("upvotes:<3 stars:>=0", None),
            ("upvotes:5..10", None),
            ("zebra OR upvotes:>=20", 2),
            ("-(zebra OR upvotes:<20)", 2),
            ("-paper upvotes:>=20", None),
        ],
    )
    def test_each_use_of_counts_has_its_own_moment(self, empty: SqliteStore, q: str, arrived: int | None) -> None:
        """First nothing but comments, then upvotes, then stars."""
        entry = make_entry(1, comments=30)
        for number, counts in enumerate(({}, {"upvotes": 20}, {"upvotes": 20, "stars": 5}), 1):
            arrive(empty, day(10 + number), replace(entry, first_seen=day(10 + number), **counts))
        moments = {1: day(11), 2: day(12), 3: day(13)}
        expected = [Arrival(arrived, entry.id, moments[arrived])] if arrived else []
        assert empty.arrivals(parse(q), range(1, 4)) == expected

    @pytest.mark.parametrize(
        ("q", "numbers"),
        [
            ("listed:>=2026-01-03", [3, 4, 5]),
            ("listed:<2026-01-04", [1, 2, 3]),
            ("listed:2026-01-02..2026-01-03", [2, 3]),
            ("listed:2026-01-02..2026-01-04 upvotes:>=3", [3, 4]),
            ("listed:2026-01-01", [1]),
            ("listed:2026-01-05", [5]),
        ],
    )
    def test_days_of_listing_bound_what_arrived(self, empty: SqliteStore, q: str, numbers: list[int]) -> None:
        """The first and the last row of those that came are among the answers."""
        arrive(empty, day(9), *(make_entry(number, listed=day(number), upvotes=number) for number in range(1, 6)))
        expected = [Arrival(1, make_entry(number).id, day(number)) for number in numbers]
        assert empty.arrivals(parse(q), range(1, 2)) == expected

    def test_a_clock_that_goes_back_takes_no_revision_with_it(self, empty: SqliteStore) -> None:
        """A time that was kept holds until a later one comes."""
        for number, at in enumerate((day(20), day(3), day(21)), 1):
            arrive(empty, at, make_entry(number))
        assert [empty.kept(number) for number in (1, 2, 3)] == [day(20), day(20), day(21)]
        assert empty.revisions(day(1), day(20)) == range(0)
        assert empty.revisions(day(20), day(21)) == range(1, 3)

    def test_several_entries_come_in_the_order_they_are_asked_for(self, store: SqliteStore) -> None:
        """An id of no entry is passed over."""
        wanted = [sample()[4].id, "https://arxiv.org/abs/none", sample()[0].id]
        assert store.get_all(wanted) == (sample()[4], sample()[0])

    def test_a_history_that_would_take_seconds_is_refused(
        self, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where every entry would have to be judged; what SQL can tell is answered."""
        monkeypatch.setattr("feedserver.store.arrivals.MOST_JUDGED", 5)
        with pytest.raises(CostlyQueryError, match="the histories of 6 entries"):
            store.arrivals(parse("upvotes:<3"), range(1, 2))
        assert len(store.arrivals(parse("upvotes:>=0"), range(1, 2))) == 6


def arrive(store: SqliteStore, at: datetime, *entries: Entry) -> None:
    """Put a listing at a time."""
    store.put(Listing("daily-papers", f"{at:%Y-%m-%d}", at, entries), at=at)


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """Half a year that has passed, with readers in every format."""
    app = serve(tmp_path_factory.mktemp("life"))
    lived = Life(app)
    lived.run()
    yield lived
    app.extensions["feedserver"].store.close()


READERS = [f"{dict(parameters)} {name}" for parameters in SUBSCRIBED for name in ("rss", "atom", "json")]


class TestLife:
    """Votes over weeks, late bloomers, an import of 500, silent months, readers who were away."""

    @pytest.mark.parametrize("number", range(len(READERS)), ids=READERS)
    def test_a_reader_ends_up_with_exactly_what_ever_satisfied_the_filter(self, life: Life, number: int) -> None:
        """Whenever it polled, and though it never fetched an archive twice."""
        reader = life.readers[number]
        assert reader.known == set(reader.ledger.arrived)

    @pytest.mark.parametrize("number", range(len(READERS)), ids=READERS)
    def test_at_each_poll_a_reader_gets_what_arrived_before_the_youngest_entry_shown(
        self, life: Life, number: int
    ) -> None:
        """What arrived later and is not shown comes with the next entry that is new and shown."""
        reader = life.readers[number]
        assert len(reader.missed) > 3
        assert reader.missed == [set()] * len(reader.missed)

    def test_a_closed_archive_has_the_same_bytes_for_ever(self, life: Life) -> None:
        """Whatever was voted for and arrived since; readers compared them on their way, and here is the end of it."""
        look_again(life.app)
        assert len(life.closed) > 50
        for address, body in life.closed.items():
            assert fetch(life.client, address).body == body

    @pytest.mark.parametrize("parameters", SUBSCRIBED)
    def test_the_parts_of_the_months_hold_every_arrival_once_and_in_order(
        self, life: Life, parameters: tuple[tuple[str, str], ...]
    ) -> None:
        """From the first month forward by ``next-archive``; the last one is open, and each names the one before it."""
        reader = next(each for each in life.readers if each.limit == int(dict(parameters)["limit"]))
        walked = list(_forward(life.client, f"/feeds/all/2025-08{_suffix(reader)}"))
        found = [entry_id for document in walked for entry_id in reversed(document.ids)]
        arrived = reader.ledger.arrived
        assert found == sorted(arrived, key=lambda entry_id: (arrived[entry_id], entry_id))
        assert [document.is_closed for document in walked] == [True] * (len(walked) - 1) + [False]
        held = [document for document in walked if document.ids]
        assert all(len(document.ids) <= 200 for document in held)
        for earlier, later in pairwise(held):
            assert later.links["prev-archive"] == earlier.links["self"]

    def test_months_are_cut_after_two_hundred(self, life: Life) -> None:
        """Exactly two hundred are one full part, and an empty one after it that nothing names as the one before."""
        sizes = {name: len(fetch(life.client, f"/feeds/all/{name}.json").ids) for name in _NAMES}
        assert list(sizes.values()) == [120, 200, 0, 200, 200, 200, 62, 0, 0, 150, 6]
        assert prev(life.client, "/feeds/all/2025-10.atom").endswith("/feeds/all/2025-09.atom")
        assert prev(life.client, "/feeds/all/2026-01.atom").endswith("/feeds/all/2025-10-4.atom")

    def test_a_silent_month_may_still_bring_late_bloomers(self, life: Life) -> None:
        """In December nothing was listed, but votes were counted."""
        assert fetch(life.client, "/feeds/all/2025-12.json").ids == []
        assert len(fetch(life.client, "/feeds/all/2025-12.json?min_upvotes=20").ids) > 10


_NAMES = (
    "2025-08", "2025-09", "2025-09-2", "2025-10", "2025-10-2", "2025-10-3", "2025-10-4", "2025-11", "2025-12",
    "2026-01", "2026-02",
)  # fmt: skip


def _suffix(reader: Reader) -> str:
    return f".atom?{reader.address.partition('?')[2]}"


def _forward(client: FlaskClient, address: str | None) -> Iterator[Document]:
    while address:
        document = fetch(client, address)
        yield document
        address = document.links.get("next-archive")


def prev(client: FlaskClient, address: str) -> str:
    """Return where ``prev-archive`` of an Atom document leads."""
    return fetch(client, address).links["prev-archive"]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The app over an empty store, with one feed of two entries and one that has no history."""
    made = serve(tmp_path, '[feeds.all]\nlimit = 2\n\n[feeds.week]\nlimit = 2\nwithin = "7d"\n')
    yield made
    made.extensions["feedserver"].store.close()


@pytest.fixture
def kept(app: Flask) -> SqliteStore:
    """The app's store, with three entries of January, none of February, one of March, and one of April."""
    store: SqliteStore = app.extensions["feedserver"].store
    for number, (month, date) in enumerate(((1, 5), (1, 31), (1, 31), (3, 1), (4, 2)), 1):
        at = datetime(2026, month, date, 12, tzinfo=UTC)
        arrive(store, at, make_entry(number, listed=at.replace(hour=0), first_seen=at))
    look_again(app)
    return store


class TestLinks:
    """How the documents of a feed name one another."""

    def test_the_feed_names_the_archive_of_all_that_came_up_to_its_youngest_entry(
        self, client: FlaskClient, kept: SqliteStore
    ) -> None:
        """In each format, and in the header."""
        expected = "http://localhost/feeds/all/r5"
        assert prev(client, "/feeds/all.atom") == f"{expected}.atom"
        assert json.loads(client.get("/feeds/all.json").data)["next_url"] == f"{expected}.json"
        channel = etree.fromstring(client.get("/feeds/all.rss").data)[0]
        links = {link.get("rel"): link.get("href") for link in channel.findall("{http://www.w3.org/2005/Atom}link")}
        assert links["prev-archive"] == f"{expected}.rss"
        assert f'<{expected}.rss>; rel="prev-archive"' in client.get("/feeds/all.rss").headers["Link"]

    def test_a_feed_that_shows_all_it_has_names_none(self, client: FlaskClient, kept: SqliteStore) -> None:
        """Nothing lies beyond it."""
        for format_name in FORMATS:
            document = fetch(client, f"/feeds/all.{format_name}?limit=6")
            assert (len(document.ids), document.links.get("prev-archive")) == (5, None)
        assert "archive" not in client.get("/feeds/all.rss?limit=6").headers["Link"]

    def test_a_vote_changes_no_link(self, app: Flask, client: FlaskClient, kept: SqliteStore) -> None:
        """Otherwise every poll would bring the reader an archive that it has not fetched before."""
        before = prev(client, "/feeds/all.atom")
        arrive(kept, datetime(2026, 4, 3, tzinfo=UTC), replace(kept.select(EVERYTHING)[0], upvotes=99))
        look_again(app)
        assert prev(client, "/feeds/all.atom") == before

    def test_walking_back_passes_over_months_without_arrivals(self, client: FlaskClient, kept: SqliteStore) -> None:
        """April, March, January."""
        walked, address = [], prev(client, "/feeds/all.atom")
        while address:
            walked.append(address.rpartition("/")[2])
            address = fetch(client, address).links.get("prev-archive", "")
        assert walked == ["r5.atom", "2026-03.atom", "2026-01.atom"]

    def test_walking_forward_passes_through_them(self, client: FlaskClient, kept: SqliteStore) -> None:
        """What a closed archive names as the next must never change, and February was the next one in February."""
        walked = [document.links["self"] for document in _forward(client, "/feeds/all/2026-01.atom")]
        assert walked == [f"http://localhost/feeds/all/2026-0{month}.atom" for month in (1, 2, 3, 4)]

    @pytest.mark.parametrize("name", ["r4", "2026-01", "2026-02"])
    def test_every_document_names_the_feed_as_the_current_one(
        self, client: FlaskClient, kept: SqliteStore, name: str
    ) -> None:
        """And itself as itself, and has the id of the feed."""
        document = feedparser.parse(client.get(f"/feeds/all/{name}.atom").data).feed
        links = {link.rel: link.href for link in document.links}
        assert links["current"] == "http://localhost/feeds/all.atom"
        assert links["self"] == f"http://localhost/feeds/all/{name}.atom"
        assert document.id == feedparser.parse(client.get("/feeds/all.atom").data).feed.id

    def test_an_archive_names_no_hub(self, kept: SqliteStore) -> None:
        """Nothing will ever be told of it."""
        address = Address("https://papers.example.org", "feeds/all")
        offer = Offer(parse_query([]), address, timedelta(minutes=15), "https://hub.example.org/")
        assert (offer.hub_url is None, build_archive(kept, offer, "2026-01").hub_url) == (False, None)

    def test_a_query_in_the_address_stays_in_every_address(self, client: FlaskClient, kept: SqliteStore) -> None:
        """``/feed`` has archives as the definitions do."""
        first = prev(client, "/feed.atom?limit=1&min_upvotes=0")
        assert first == "http://localhost/feed/r5.atom?min_upvotes=0&limit=1"
        assert prev(client, first) == "http://localhost/feed/2026-03.atom?min_upvotes=0&limit=1"
        assert fetch(client, first).links["current"] == "http://localhost/feed.atom?min_upvotes=0&limit=1"

    def test_the_last_moment_of_a_month_belongs_to_it(self, client: FlaskClient, app: Flask) -> None:
        """Months are those of UTC."""
        store = app.extensions["feedserver"].store
        end = datetime(2026, 2, 1, tzinfo=UTC)
        west = end.astimezone(timezone(timedelta(hours=-5)))
        arrive(store, end - timedelta(seconds=1), make_entry(1))
        arrive(store, west, make_entry(2))
        assert fetch(client, "/feeds/all/2026-01.json").ids == [make_entry(1).id]
        assert fetch(client, "/feeds/all/2026-02.json").ids == [make_entry(2).id]

    def test_a_late_bloomer_that_is_not_shown_comes_with_the_next_new_entry(
        self, app: Flask, client: FlaskClient, kept: SqliteStore
    ) -> None:
        """It lies below what the feed shows, and only then does the feed name another archive."""
        popular = "/feeds/all.atom?min_upvotes=10&limit=1"
        arrive(kept, datetime(2026, 4, 3, tzinfo=UTC), make_entry(6, listed=day(31), upvotes=10))
        arrive(kept, datetime(2026, 4, 4, tzinfo=UTC), make_entry(1, listed=day(5), upvotes=10))
        look_again(app)
        assert fetch(client, popular).ids == [make_entry(6).id]
        assert fetch(client, prev(client, popular)).ids == [make_entry(6).id]
        later = datetime(2026, 4, 5, tzinfo=UTC)
        arrive(kept, later, make_entry(7, listed=later, upvotes=10))
        look_again(app)
        assert fetch(client, popular).ids == [make_entry(7).id]
        assert fetch(client, prev(client, popular)).ids == [make_entry(number).id for number in (7, 1, 6)]


class TestClosed:
    """When an archive is one, and what that promises."""

    @pytest.mark.parametrize("format_name", FORMATS)
    @pytest.mark.parametrize("name", ["r1", "r5", "2026-01", "2026-02", "2026-04"])
    def test_every_archive_is_valid(self, client: FlaskClient, kept: SqliteStore, name: str, format_name: str) -> None:
        """By schema, and for a parser that readers use; empty and open ones too."""
        response = client.get(f"/feeds/all/{name}.{format_name}")
        assert response.headers["Content-Type"] == f"{RENDERERS[format_name].media_type}; charset=utf-8"
        assert_valid(format_name, response.data)

    @pytest.mark.parametrize("format_name", ["rss", "atom"])
    def test_a_closed_one_says_so_and_a_month_that_goes_on_does_not(
        self, client: FlaskClient, kept: SqliteStore, format_name: str
    ) -> None:
        """RFC 5005, 4: a reader fetches what is marked as an archive once."""
        for name, marks in (("r5", 1), ("2026-01", 1), ("2026-02", 1), ("2026-04", 0)):
            head = etree.fromstring(client.get(f"/feeds/all/{name}.{format_name}").data)
            parent = head[0] if format_name == "rss" else head
            assert len(parent.findall(f"{FH}archive")) == marks
        assert b"archive/>" not in client.get(f"/feeds/all.{format_name}").data

    def test_a_closed_one_may_be_kept_for_a_week(self, client: FlaskClient, kept: SqliteStore) -> None:
        """A month that goes on, as long as the feed."""
        lifetimes = {name: client.get(f"/feeds/all/{name}.rss").headers["Cache-Control"] for name in ("r5", "2026-01")}
        assert lifetimes == {"r5": CLOSED, "2026-01": CLOSED}
        assert client.get("/feeds/all/2026-04.rss").headers["Cache-Control"].startswith("public, max-age=900, ")

    @pytest.mark.parametrize("format_name", FORMATS)
    def test_votes_are_neither_shown_nor_do_they_change_anything(
        self, app: Flask, client: FlaskClient, kept: SqliteStore, format_name: str
    ) -> None:
        """Scores move, archives don't; 304 by either validator."""
        address = f"/feeds/all/2026-01.{format_name}?show=all"
        before = client.get(address)
        risen = [replace(entry, upvotes=4321, comments=4321, stars=4321) for entry in kept.select(EVERYTHING)]
        arrive(kept, datetime(2026, 4, 4, tzinfo=UTC), *risen)
        look_again(app)
        after = client.get(address)
        assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])
        assert b"4,321" not in after.data
        assert b"4321" not in after.data
        for asked in ({"If-None-Match": after.headers["ETag"]}, {"If-Modified-Since": after.headers["Last-Modified"]}):
            again = client.get(address, headers=asked)
            assert (again.status_code, again.data, again.headers["Cache-Control"]) == (304, b"", CLOSED)

    def test_a_month_is_over_when_something_is_kept_in_a_later_one(
        self, app: Flask, client: FlaskClient, kept: SqliteStore
    ) -> None:
        """Not when the clock says so: what was begun before midnight may be kept after it."""
        assert not fetch(client, "/feeds/all/2026-04.atom").is_closed
        arrive(kept, datetime(2026, 4, 30, 23, 59, 59, tzinfo=UTC), make_entry(8))
        arrive(kept, datetime(2026, 5, 1, tzinfo=UTC), make_entry(9))
        arrive(kept, datetime(2026, 4, 30, 23, 59, 58, tzinfo=UTC), make_entry(10))
        look_again(app)
        april = fetch(client, "/feeds/all/2026-04.atom")
        assert (april.is_closed, april.ids) == (True, [make_entry(8).id, make_entry(5).id])
        assert fetch(client, "/feeds/all/2026-05.json").ids == [make_entry(10).id, make_entry(9).id]

    def test_what_is_kept_while_an_archive_is_built_is_left_to_the_next(self, tmp_path: Path) -> None:
        """A month that ends at that moment would otherwise be closed without its last arrivals."""
        store = Busy(tmp_path / "busy.sqlite")
        arrive(store, day(5), make_entry(1))
        first = build_archive(store, OFFER, "2026-01")
        assert (first.is_archive, _numbers(first.entries), set(first.related)) == (False, [1], {"current"})
        second = build_archive(store, OFFER, "2026-01")
        assert (second.is_archive, _numbers(second.entries)) == (True, [2, 1])
        assert set(second.related) == {"current", "next-archive"}
        store.close()


OFFER = Offer(parse_query([("sort", "upvotes")]), Address("https://papers.example.org", "feed"), timedelta(minutes=15))


def _numbers(entries: Sequence[Entry]) -> list[int]:
    return [int(entry.id[-5:]) for entry in entries]


class Busy(SqliteStore):
    """A store into which others put an entry, and one of the month after, once its revision was asked for."""

    def revision(self) -> Revision:
        """Answer, and let the others go on."""
        seen = super().revision()
        arrive(self, day(31), make_entry(2, listed=day(31)))
        arrive(self, datetime(2026, 2, 1, tzinfo=UTC), make_entry(3))
        return seen


class TestErrors:
    """Addresses of no archive: 404, and what would be right."""

    @pytest.mark.parametrize(
        ("path", "said"),
        [
            ("feeds/all/x", "a name is of the form r1234, 2026-01 or 2026-01-2"),
            ("feeds/all/2026-13", "a name is of the form"),
            ("feeds/all/2026-01-1", "a name is of the form"),
            ("feeds/all/r05", "a name is of the form"),
            ("feeds/all/r1٣", "a name is of the form"),
            ("feeds/all/r0", "a name is of the form"),
            ("feeds/all/r6", "the last revision is 5"),
            ("feeds/all/2025-12", "the history goes from 2026-01 to 2026-04"),
            ("feeds/all/2026-05", "the history goes from 2026-01 to 2026-04"),
            ("feeds/all/2026-01-2", "the last part of that month is '2026-01'"),
            ("feeds/al/2026-01", "did you mean 'all'?"),
            ("feeds/week/r5", "a feed in which time decides what it holds has none"),
        ],
    )
    @pytest.mark.parametrize("format_name", FORMATS)
    def test_an_unknown_archive_is_a_problem_document(
        self, client: FlaskClient, kept: SqliteStore, path: str, said: str, format_name: str
    ) -> None:
        """With the name in it."""
        response = client.get(f"/{path}.{format_name}")
        problem = json.loads(response.data)
        assert (response.status_code, problem["status"]) == (404, 404)
        assert said in problem["detail"]

    def test_a_wrong_parameter_is_one_in_an_archive_too(self, client: FlaskClient, kept: SqliteStore) -> None:
        """400, as for the feed."""
        assert client.get("/feeds/all/2026-01.atom?titel=x").status_code == 400

    def test_a_feed_with_a_span_names_no_archive(self, client: FlaskClient, app: Flask) -> None:
        """Entries leave it as time passes, so it has no history; also where the address adds the span."""
        now = datetime.now(UTC).replace(microsecond=0)
        store = app.extensions["feedserver"].store
        arrive(store, now, *(make_entry(number, listed=now) for number in range(4)))
        for address in ("/feeds/week.atom", "/feeds/all.atom?within=7d", "/feed.atom?limit=1&q=-listed:<7d"):
            document = fetch(client, address)
            assert (bool(document.ids), document.links.get("prev-archive")) == (True, None)

    def test_an_empty_store_has_none(self, client: FlaskClient) -> None:
        """And says so."""
        response = client.get("/feeds/all/2026-01.atom")
        assert (response.status_code, "nothing was kept so far" in json.loads(response.data)["detail"]) == (404, True)

    @pytest.mark.parametrize("path", ["feed/r1.json", "feeds/all/2026-01.rss"])
    def test_other_sites_may_read_archives(self, client: FlaskClient, kept: SqliteStore, path: str) -> None:
        """As they may read feeds."""
        assert client.get(f"/{path}").headers["Access-Control-Allow-Origin"] == "*"
        assert client.options(f"/{path}").status_code == 204
