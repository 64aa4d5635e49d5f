"""The store: what is kept and how it changes, the order of answers, and that each answer equals the predicate's."""

import json
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from feedserver.errors import CostlyQueryError, StoreError
from feedserver.filters import EVERYTHING, Filter, matches, parse
from feedserver.filters.base import Date
from feedserver.identity import title_name
from feedserver.merge import merge
from feedserver.model import Changes, Entry, Links, ListingRecord, Sort
from feedserver.store import SqliteStore
from feedserver.store.order import feed_order
from feedserver.store.schema import SCHEMA
from feedserver.store.select import plan, rows
from feedserver.store.work import STRIDE
from feedserver.text import stem, words
from tests.entries import OBSERVED, captured, day, make_entry, make_listing, needs_captured, sample
from tests.strategies import filters

LATER = OBSERVED + timedelta(hours=3)


def ids(entries: Sequence[Entry]) -> list[str]:
    """Return the ids in their order."""
    return [entry.id for entry in entries]


def upvotes_of(store: SqliteStore, entry_id: str) -> list[tuple[int, datetime]]:
    """Return each maximum of the entry's upvotes with its time."""
    return [(rise.count, rise.observed) for rise in store.history(entry_id) if rise.field == "upvotes"]


def in_feed_order(entries: Sequence[Entry], sort: Sort = "listed") -> list[Entry]:
    """Sort as a feed is sorted, with nothing but the model."""
    by_listing = sorted(entries, key=feed_order, reverse=True)
    return by_listing if sort == "listed" else sorted(by_listing, key=lambda entry: getattr(entry, sort), reverse=True)


def colliding_entries() -> tuple[Entry, Entry]:
    """Return two entries with one place in the feed order."""
    places: dict[int, Entry] = {}
    for number in range(1000, 99999):
        entry = make_entry(number, id=f"urn:test:{number**7}")
        if (place := feed_order(entry)) in places:
            return places[place], entry
        places[place] = entry
    raise AssertionError("no two of 99,000 ids collide: the hash is wider than it was")


class TestPut:
    """What keeping a listing does."""

    def test_an_entry_comes_back_as_it_went_in(self, store: SqliteStore) -> None:
        """Every fact survives."""
        for entry in sample():
            assert store.get(entry.id) == entry

    def test_the_same_listing_twice_changes_nothing(self, store: SqliteStore) -> None:
        """Nor does it raise the revision."""
        revision = store.revision().number
        assert store.put(make_listing(*sample())) == Changes(unchanged=6)
        assert store.revision().number == revision

    def test_an_id_that_stands_twice_in_a_listing_is_one_entry(self, store: SqliteStore) -> None:
        """The two sights are merged."""
        assert store.put(make_listing(make_entry(9, upvotes=1), make_entry(9, upvotes=3))) == Changes(new=1)
        assert store.select(parse("upvotes:3"))[0].id == make_entry(9).id

    def test_a_score_change_moves_neither_id_nor_order_nor_updated(self, store: SqliteStore) -> None:
        """Only ``modified`` tells of it."""
        before = store.select(EVERYTHING)
        risen = [replace(entry, upvotes=entry.upvotes + 40, comments=9, first_seen=LATER) for entry in sample()]
        assert store.put(make_listing(*risen, observed=LATER)) == Changes(updated=6)
        after = store.select(EVERYTHING)
        assert ids(after) == ids(before)
        assert [entry.updated for entry in after] == [entry.updated for entry in before]
        assert {entry.modified for entry in after} == {LATER}
        assert [entry.upvotes for entry in after] == [entry.upvotes + 40 for entry in before]

    def test_a_new_title_is_found_and_the_old_one_no_longer(self, store: SqliteStore) -> None:
        """And ``updated`` is the time of the sight that had it."""
        store.put(make_listing(replace(sample()[5], title="Renamed Zebra", first_seen=LATER)))
        (found,) = store.select(parse("zebra"))
        assert (found.updated, found.first_seen) == (LATER, OBSERVED)
        assert store.select(parse('"a title alone"')) == ()

    def test_the_first_day_of_listing_stays(self, store: SqliteStore) -> None:
        """A listing of a later day changes nothing; one of an earlier day moves the entry there, with its history."""
        entry = sample()[4]
        assert store.put(make_listing(replace(entry, listed=day(20)))) == Changes(unchanged=1)
        assert store.put(make_listing(replace(entry, listed=day(2)))) == Changes(updated=1)
        assert store.select(EVERYTHING)[-1].id == entry.id
        assert store.select(parse('author:"Y. Song"')) == (store.get(entry.id),)
        assert upvotes_of(store, entry.id) == [(20, OBSERVED)]

    def test_entries_with_the_same_place_in_the_order_are_both_kept(self, store: SqliteStore) -> None:
        """Two ids whose hashes agree in the bits that are used."""
        one, other = colliding_entries()
        assert store.put(make_listing(one, other)) == Changes(new=2)
        assert set(ids(store.select(EVERYTHING))) >= {one.id, other.id}

    def test_entries_that_move_to_the_same_place_are_both_kept(self, store: SqliteStore) -> None:
        """A listing of an earlier day turns up for two whose hashes agree; and for one beside a new one."""
        one, other = (replace(entry, listed=day(20)) for entry in colliding_entries())
        store.put(make_listing(one, other))
        earlier = [replace(entry, listed=day(3)) for entry in (one, other)]
        assert store.put(make_listing(*earlier)) == Changes(updated=2)
        assert {store.get(entry.id) for entry in earlier} == {
            replace(entry, listed=day(3), modified=OBSERVED) for entry in earlier
        }

    def test_thousands_of_entries_in_one_listing(self, store: SqliteStore) -> None:
        """More than one batch."""
        many = [make_entry(number, title=f"Bulk {number}") for number in range(100, 1400)]
        assert store.put(make_listing(*many)) == Changes(new=1300)
        assert store.count(parse("bulk")) == 1300

    def test_each_new_maximum_of_upvotes_is_recorded_once(self, store: SqliteStore) -> None:
        """A fall is not, and the highest stays."""
        for minutes, upvotes in ((10, 70), (20, 65), (30, 70), (40, 90)):
            seen = OBSERVED + timedelta(minutes=minutes)
            store.put(make_listing(replace(sample()[0], upvotes=upvotes, first_seen=seen), observed=seen))
        expected = [(64, 0), (70, 10), (90, 40)]
        assert upvotes_of(store, sample()[0].id) == [
            (upvotes, OBSERVED + timedelta(minutes=minutes)) for upvotes, minutes in expected
        ]
        assert store.select(parse("upvotes:90"))[0].upvotes == 90


class TestMerge:
    """The policy of updating."""

    def test_what_the_new_sight_lacks_is_not_lost(self) -> None:
        """Missing keys are common upstream."""
        full = sample()[0]
        bare = make_entry(1, title=full.title, summary=full.summary, links=Links(full.links.page), listed=full.listed)
        assert merge(full, bare) == full

    def test_a_time_of_day_beats_a_date_alone(self) -> None:
        """Upstream has sent midnights since April 2026."""
        exact = datetime(2026, 1, 7, 18, 59, 24, tzinfo=UTC)
        kept, seen = make_entry(1), make_entry(1, published=exact)
        assert merge(kept, seen).published == exact
        assert merge(seen, kept).published == exact

    @given(st.data())
    def test_merging_is_idempotent(self, data: st.DataObject) -> None:
        """What was merged in once changes nothing a second time."""
        one, other = data.draw(st.sampled_from(sample())), data.draw(st.sampled_from(sample()))
        other = replace(other, id=one.id, upvotes=data.draw(st.integers(0, 99)), first_seen=LATER)
        once = merge(one, other)
        assert merge(once, other) == once


class TestSelect:
    """What is answered."""

    def test_the_newest_listing_comes_first_and_a_later_sight_before_an_earlier_one(self, store: SqliteStore) -> None:
        """So that a reader with a short window sees what was added during the day."""
        late = make_entry(50, listed=day(9), first_seen=OBSERVED + timedelta(hours=1))
        store.put(make_listing(late))
        found = store.select(EVERYTHING)
        assert found[0].id == late.id
        assert [entry.listed for entry in found] == sorted((entry.listed for entry in found), reverse=True)

    def test_ties_are_broken_alike_in_whatever_order_entries_came(self, store: SqliteStore, tmp_path: Path) -> None:
        """Two stores, filled the other way round."""
        other = SqliteStore(tmp_path / "other.sqlite")
        for entry in reversed(sample()):
            other.put(make_listing(entry))
        assert other.select(EVERYTHING) == store.select(EVERYTHING)
        other.close()

    @pytest.mark.parametrize("sort", ["listed", "published", "upvotes"])
    @pytest.mark.parametrize("limit", [1, 3, 200])
    def test_a_sort_and_a_limit(self, store: SqliteStore, sort: Sort, limit: int) -> None:
        """The first ones of the plain order."""
        assert ids(store.select(EVERYTHING, sort, limit)) == ids(in_feed_order(sample(), sort)[:limit])

    def test_an_empty_store_gives_nothing(self, tmp_path: Path) -> None:
        """For every sort."""
        empty = SqliteStore(tmp_path / "empty.sqlite")
        assert [empty.select(parse("diffusion"), sort) for sort in ("listed", "published", "upvotes")] == [()] * 3
        assert (empty.summary().entries, empty.summary().newest) == (0, None)
        empty.close()

    @hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_every_answer_equals_the_plain_predicate_on_the_sample(
        self, store: SqliteStore, data: st.DataObject
    ) -> None:
        """Random filters, all sorts, all limits."""
        assert_equal_to_predicate(store, sample(), data)

    @needs_captured
    @hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(data=st.data())
    def test_every_answer_equals_the_plain_predicate_on_captured_entries(
        self, captured_store: SqliteStore, data: st.DataObject
    ) -> None:
        """The same, on real ones."""
        assert_equal_to_predicate(captured_store, captured(), data)


@pytest.fixture(scope="module")
def captured_store(tmp_path_factory: pytest.TempPathFactory) -> SqliteStore:
    """A store of real entries."""
    store = SqliteStore(tmp_path_factory.mktemp("captured") / "store.sqlite")
    store.put(make_listing(*captured()))
    return store


def assert_equal_to_predicate(store: SqliteStore, entries: Sequence[Entry], data: st.DataObject) -> None:
    """Compare select and count with a scan over the entries."""
    wanted: Filter = data.draw(filters(entries))
    sort: Sort = data.draw(st.sampled_from(["listed", "published", "upvotes"]))
    limit = data.draw(st.integers(1, 60))
    expected = in_feed_order([entry for entry in entries if matches(wanted, entry)], sort)
    assert ids(store.select(wanted, sort, limit)) == ids(expected[:limit])
    assert store.count(wanted) == len(expected)


class TestTally:
    """Days of listing and upvotes."""

    def test_it_tells_the_day_and_the_upvotes_of_what_was_listed_since(self, store: SqliteStore) -> None:
        """From that minute on, whichever words are asked for."""
        assert sorted(store.tally(EVERYTHING, day(9))) == [(date(2026, 1, 9), 19), (date(2026, 1, 9), 64)]
        assert store.tally(parse("title:alone"), day(1)) == [(date(2026, 1, 5), 1)]
        assert store.tally(EVERYTHING, day(9) + timedelta(seconds=1)) == []

    @hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @needs_captured
    @given(data=st.data())
    def test_it_equals_the_plain_predicate(self, captured_store: SqliteStore, data: st.DataObject) -> None:
        """Random filters, any moment."""
        wanted = data.draw(filters(captured()))
        listed = [entry.listed for entry in captured()]
        since = data.draw(st.datetimes(min(listed).replace(tzinfo=None), max(listed).replace(tzinfo=None)))
        since = since.replace(tzinfo=UTC, microsecond=0)
        expected = [entry for entry in captured() if entry.listed >= since and matches(wanted, entry)]
        found = sorted(captured_store.tally(wanted, since))
        assert found == sorted((entry.listed.date(), entry.upvotes) for entry in expected)


class TestWork:
    """What a query may cost."""

    @pytest.mark.parametrize("depth", [15])
    def test_the_deepest_nesting_that_is_read_is_answered_too(self, store: SqliteStore, depth: int) -> None:
        """SQLite's parser has a depth of its own."""
        q = "(a OR listed:2020)"
        for number in range(depth - 1):
            q = f"-(b{number} {q})"
        assert store.count(parse(q)) in range(7)

    def test_a_date_beside_many_words_is_one_search_of_the_index(self, store: SqliteStore) -> None:
        """Not one search a word and an entry: that took a minute for a query of 190 words."""
        q = " OR ".join(["listed:1990", *(f"zzq{number}" for number in range(190)), "diffusion"])
        statement = str(rows(plan(parse(q)), "listed").compile())
        assert statement.count("MATCH") == 2
        assert store.count(parse(q)) == 3

    def test_a_query_that_would_read_for_seconds_is_refused(
        self, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And the next one is answered; what a call may cost is counted in steps, not in time."""
        store.put(make_listing(*(make_entry(number) for number in range(3000, 6000))))
        monkeypatch.setattr("feedserver.store.work.MOST_STEPS", STRIDE)
        with pytest.raises(CostlyQueryError, match="too much reading"):
            store.count(parse(" OR ".join(f"listed:{year}" for year in range(1970, 2020))))
        assert store.count(parse("zebra")) == 0

    def test_an_entry_that_is_known_by_sight_is_not_read(self, store: SqliteStore) -> None:
        """Until something of it changes."""
        first = store.find(EVERYTHING, "listed", 50, known=lambda _: ())
        assert tuple(first.entries[sight] for sight in first.sights) == store.select(EVERYTHING)
        again = store.find(EVERYTHING, "listed", 50, known=set)
        assert (again.sights, again.entries) == (first.sights, {})
        store.put(make_listing(replace(sample()[0], upvotes=999, first_seen=LATER)))
        later = store.find(EVERYTHING, "listed", 50, known=lambda _: set(first.sights))
        assert [entry.upvotes for entry in later.entries.values()] == [999]

    def test_a_tidy_index_lies_in_one_piece_and_gives_the_same_answers(
        self, store: SqliteStore, tmp_path: Path
    ) -> None:
        """However many listings came in."""
        for number in range(3000, 3040):
            store.put(make_listing(make_entry(number, title=f"Zebra {number}")))
        before = store.select(parse("zebra"))
        store.tidy()
        assert store.select(parse("zebra")) == before
        with sqlite3.connect(tmp_path / "store.sqlite") as connection:
            assert connection.execute("SELECT count(DISTINCT segid) FROM term_index_idx").fetchone() == (1,)
        connection.close()

    def test_several_threads_stem_words_right(self) -> None:
        """The stemmer is not made for threads."""
        vocabulary = sorted({word for entry in sample() for word in words(entry.title + entry.summary)})
        made = [f"{word}{ending}" for word in vocabulary if word.isascii() for ending in ("ing", "ers", "ation", "ly")]
        alone = {word: stem.__wrapped__(word) for word in made}
        with ThreadPoolExecutor(4) as pool:
            for found in pool.map(lambda _: {word: stem.__wrapped__(word) for word in made}, range(8)):
                assert found == alone


class TestFile:
    """The file on disk."""

    def test_a_listing_of_a_bad_time_keeps_when_it_was_good(self, store: SqliteStore) -> None:
        """The error stands beside it, and goes with the next good answer."""
        good = ListingRecord("daily-papers", "2026-01-08", OBSERVED, OBSERVED, 6)
        bad = ListingRecord("daily-papers", "2026-01-08", LATER, error="HTTP status 500")
        store.put(make_listing(*sample()), good)
        store.put(make_listing(), bad)
        assert store.listings("daily-papers") == [replace(bad, good=OBSERVED, entries=6, failures=1)]
        assert store.listing("daily-papers", "2026-01-08") == store.listings("daily-papers")[0]
        assert store.listing("daily-papers", "2026-01-07") is None
        store.put(make_listing(*sample()), replace(good, attempted=LATER, good=LATER))
        assert store.listings("daily-papers") == [replace(good, attempted=LATER, good=LATER)]

    def test_an_import_says_nothing_of_what_upstream_shows(self, store: SqliteStore) -> None:
        """A file without a record leaves none."""
        assert store.listings("daily-papers") == []

    def test_a_file_of_the_schema_before_is_taken_over(self, tmp_path: Path) -> None:
        """With its entries, their histories and seals; and they get the names that entries have now."""
        path = tmp_path / "store.sqlite"
        store = SqliteStore(path)
        store.put(make_listing(make_entry(1, origin="huggingface", upvotes=3)))
        store.put(make_listing(make_entry(1, origin="huggingface", upvotes=30)), at=OBSERVED + timedelta(hours=1))
        store.seal(OBSERVED)
        history, seals = store.history(make_entry(1).id), store.seals(day(1))
        store.close()
        with closing(sqlite3.connect(path)) as connection, connection:
            for table in ("alias", "sight", "number"):
                connection.execute(f"DROP TABLE {table}")
            for row, body in connection.execute("SELECT row, body FROM document").fetchall():
                kept = {name: value for name, value in json.loads(body).items() if name not in {"origin", "aliases"}}
                connection.execute("UPDATE document SET body = ? WHERE row = ?", (json.dumps(kept).encode(), row))
            connection.execute("UPDATE meta SET value = '3' WHERE name = 'schema'")
        store = SqliteStore(path)
        (entry,) = store.select(EVERYTHING)
        assert (entry.upvotes, entry.origin) == (30, "huggingface")
        assert (store.history(entry.id), store.seals(day(1))) == (history, seals)
        store.put(make_listing(make_entry(2, id=title_name("paper 1"), title="Paper 1", links=Links("https://x.org"))))
        assert store.summary().entries == 1
        store.close()

    def test_a_file_of_a_later_schema_is_refused_and_left_alone(self, tmp_path: Path) -> None:
        """The message names the file and the remedy."""
        path = tmp_path / "store.sqlite"
        SqliteStore(path).close()
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
        connection.close()
        with pytest.raises(StoreError, match=f"has schema 99, this version reads {SCHEMA}"):
            SqliteStore(path)

    def test_a_file_that_is_no_store_is_refused(self, tmp_path: Path) -> None:
        """And not overwritten."""
        path = tmp_path / "store.sqlite"
        path.write_bytes(b"not a database, whatever its name says" * 100)
        with pytest.raises(StoreError, match=r"store\.sqlite.*not a database"):
            SqliteStore(path)
        assert path.read_bytes().startswith(b"not a database")

    def test_a_new_file_that_another_process_is_setting_up_is_waited_for(self, tmp_path: Path) -> None:
        """SQLite itself refuses at once to turn on the write-ahead log while somebody writes without it."""
        path = tmp_path / "new.sqlite"
        with closing(sqlite3.connect(path, isolation_level=None)) as other, ThreadPoolExecutor(1) as pool:
            other.execute("BEGIN IMMEDIATE")
            opening = pool.submit(SqliteStore, path)
            with pytest.raises(TimeoutError):
                opening.result(timeout=0.3)
            other.execute("COMMIT")
            with closing(opening.result()) as store:
                assert store.put(make_listing(make_entry(1))).new == 1

    def test_a_new_analysis_of_text_indexes_everything_anew(self, store: SqliteStore, tmp_path: Path) -> None:
        """An index made by other rules is replaced when the file is opened."""
        store.close()
        with sqlite3.connect(tmp_path / "store.sqlite") as connection:
            connection.execute("INSERT INTO term_index (term_index) VALUES ('delete-all')")
            connection.execute("UPDATE meta SET value = '0' WHERE name = 'analysis'")
        connection.close()
        opened = SqliteStore(tmp_path / "store.sqlite")
        assert opened.count(parse("diffusion")) == 3
        opened.close()

    def test_a_reader_sees_what_another_process_wrote(self, store: SqliteStore, tmp_path: Path) -> None:
        """And the revision tells that something changed."""
        other, revision = SqliteStore(tmp_path / "store.sqlite"), store.revision().number
        other.put(make_listing(make_entry(77)))
        other.close()
        assert store.get(make_entry(77).id) == make_entry(77)
        assert store.revision().number == revision + 1

    def test_a_date_that_was_not_resolved_is_a_mistake_of_the_caller(self) -> None:
        """``within=7d`` needs a clock, which the predicate has not."""
        with pytest.raises(TypeError, match="resolve"):
            matches(Date("listed", low=parse("listed:>=7d").low), make_entry())  # type: ignore[union-attr]  # it is a date
