"""Entries that have something in common, and what tells how much."""

from datetime import timedelta
from math import log

import pytest

from feedserver.feeds.related import DEPTH, MOST_TERMS, REACH, related, telling, weight
from feedserver.model import Entry
from feedserver.store import SqliteStore, Summary
from tests.entries import day, make_entry, make_listing, sample


def titles(entries: tuple[Entry, ...]) -> list[str]:
    """Return the titles."""
    return [entry.title for entry in entries]


def test_the_entries_that_share_the_rarest_terms_come_first(store: SqliteStore) -> None:
    """One rare keyword tells more than a frequent word; never the entry itself."""
    asked = make_entry(100, title="Learning of Zebras", ai_keywords=("optimal transport",))
    others = [make_entry(200 + number, title=f"Learning {number}", listed=day(9)) for number in range(20)]
    zebra, zebras = make_entry(300, title="A Zebra", listed=day(2)), make_entry(301, title="Zebra Learning")
    store.put(make_listing(asked, zebra, zebras, *others))
    found = related(store, asked, 4)
    assert titles(found[:3]) == ["Zebra Learning", sample()[0].title, "A Zebra"]
    assert found[3].title.startswith("Learning")
    assert len(related(store, asked)) == 6


def test_of_equals_the_newest_comes_first(store: SqliteStore) -> None:
    """By the day of listing."""
    store.put(make_listing(*(make_entry(100 + number, title="Zebra", listed=day(number)) for number in (3, 7, 5))))
    assert [entry.listed for entry in related(store, make_entry(999, title="Zebras"))] == [day(7), day(5), day(3)]


def test_an_entry_that_shares_nothing_has_no_relations(store: SqliteStore) -> None:
    """Nor one without any terms."""
    assert related(store, make_entry(100, title="Okapi")) == ()
    assert related(store, make_entry(100, title="…")) == ()


def test_the_keyword_of_one_is_found_in_a_longer_one_of_another(store: SqliteStore) -> None:
    """``flow matching`` in ``conditional flow matching``."""
    longer = make_entry(100, ai_keywords=("conditional flow matching",), title="Okapi", listed=day(12))
    store.put(make_listing(longer))
    asked = make_entry(101, title="Gnu", ai_keywords=("flow matching",))
    assert titles(related(store, asked)) == ["Okapi", sample()[0].title]


@pytest.mark.parametrize(("days", "entries"), [(1, DEPTH * 100), (10, DEPTH * 10), (100, DEPTH)])
def test_how_far_back_the_newest_reach_tells_how_many_there_are(days: int, entries: int) -> None:
    """Thirty on one day of a hundred are as rare as three thousand in all."""
    newest = day(1) + timedelta(days=99)
    oldest_found = newest - timedelta(days=days - 1)
    told = weight([newest] * (DEPTH - 1) + [oldest_found], Summary(100_000, newest, day(1)))
    assert told == pytest.approx(log(1 + 100_000 / entries))


def test_fewer_than_are_looked_at_are_all_that_there_are() -> None:
    """Whenever they were listed."""
    summary = Summary(100_000, day(31), day(1))
    assert weight([day(31)] * 10, summary) == pytest.approx(log(1 + 100_000 / 10))
    assert weight([], summary) == 0


def test_what_was_listed_years_ago_is_not_looked_for(store: SqliteStore) -> None:
    """Two years before the newest entry; and it does not make a term more frequent."""
    old, older = (
        make_entry(number, title="Zebra", listed=day(9) - REACH - timedelta(days=number)) for number in (0, 1)
    )
    store.put(make_listing(old, older))
    assert related(store, make_entry(100, title="Zebras")) == (old,)
    whole = Summary(100_000, day(1) + 9 * REACH, day(1))
    assert weight([day(1) + 9 * REACH], whole) == pytest.approx(log(1 + 100_000 / 9), rel=0.01)


def test_work_is_bounded_however_much_an_entry_says() -> None:
    """A title of a hundred words and as many keywords: sixteen questions."""
    many = tuple(f"word{number}" for number in range(100))
    assert len(telling(make_entry(1, title=" ".join(many), ai_keywords=many))) == 2 * MOST_TERMS
    twice = telling(make_entry(1, title="Of learned, learning learners"))
    assert [term.value for term in twice] == ["learners", "learned"]
