"""What several sources tell of one entry is one entry: by which names it is known, by which rules facts are taken."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedserver.filters import EVERYTHING, matches, parse
from feedserver.filters.history import entered
from feedserver.identity import link_name, title_name
from feedserver.model import Entry, Links, Listing, ListingRecord, Organisation, Rise
from feedserver.query import parse_query
from feedserver.store import SqliteStore
from feedserver.store.names import MOST_NAMES
from tests.entries import OBSERVED, day, make_entry

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAPER = "https://arxiv.org/abs/2601.00001"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """An empty store."""
    opened = SqliteStore(tmp_path / "store.sqlite")
    yield opened
    opened.close()


def of_arxiv(number: int = 1, **facts: object) -> Entry:
    """Return a paper as arXiv tells of it."""
    told = {"sources": ("arxiv",), "origin": "arxiv", "listed": day(6), "title": f"Paper $\\alpha$ {number}", **facts}
    page = f"https://arxiv.org/abs/2601.{number:05}"
    entry = make_entry(number, **{"categories": ("cs.LG",), "links": Links(page, page), **told})
    return replace(entry, aliases=(title_name(entry.title),), updated=entry.listed)


def of_daily(number: int = 1, **facts: object) -> Entry:
    """Return a paper as Daily Papers tells of it."""
    entry = make_entry(number, **{"origin": "huggingface", "upvotes": 12, **facts})
    return replace(entry, aliases=(title_name(entry.title),))


def of_text(title: str, **facts: object) -> Entry:
    """Return a paper of which a saved page tells no more than the title."""
    page = Links("https://huggingface.co/papers")
    told = {"sources": ("huggingface",), "origin": "huggingface", "links": page, "summary": "", **facts}
    return make_entry(1, id=title_name(title), title=title, **told)


def of_blog(name: str, link: str, source: str = "blog") -> Entry:
    """Return a post."""
    return make_entry(
        1, id=name, title=f"Post {name}", links=Links(link), sources=(source,), aliases=(link_name(link),), origin="web"
    )


def put(store: SqliteStore, *entries: Entry, at: datetime = OBSERVED, captured: bool = False) -> None:
    """Put one listing of entries of one source, seen at a time."""
    seen = tuple(replace(entry, first_seen=at, modified=at) for entry in entries)
    store.put(Listing(entries[0].sources[0], "current", at, seen, captured=captured, window=True))


def everything(store: SqliteStore) -> tuple[Entry, ...]:
    return store.select(EVERYTHING, limit=1_000)


class TestNames:
    """An entry is known by its id, and by the other names that it came with."""

    def test_a_post_with_a_new_id_is_known_by_its_link(self, store: SqliteStore) -> None:
        put(store, of_blog("http://blog.example.org/?p=1", "http://www.blog.example.org/post/?utm_source=feed"))
        put(store, of_blog("tag:blog,2026:1", "https://blog.example.org/post", "planet"))
        (entry,) = everything(store)
        assert (entry.id, entry.sources) == ("http://blog.example.org/?p=1", ("blog", "planet"))

    def test_whichever_name_it_comes_by_later_leads_to_it(self, store: SqliteStore) -> None:
        put(store, of_blog("one", "https://blog.example.org/post"))
        put(store, of_blog("two", "https://blog.example.org/post", "planet"))
        put(store, of_blog("two", "https://elsewhere.example.org/copy", "mirror"))
        put(store, of_blog("three", "https://elsewhere.example.org/copy", "mirror"))
        assert [entry.id for entry in everything(store)] == ["one"]

    def test_a_link_that_all_entries_of_a_feed_share_names_none_of_them(self, store: SqliteStore) -> None:
        home = "https://blog.example.org/"
        put(store, of_blog("one", home), of_blog("two", home))
        put(store, of_blog("two", home), of_blog("three", home))
        assert {entry.id for entry in everything(store)} == {"one", "two", "three"}

    def test_two_entries_that_one_listing_shows_stay_two(self, store: SqliteStore) -> None:
        put(store, of_blog("one", "https://blog.example.org/a"))
        put(store, of_blog("one", "https://blog.example.org/b"), of_blog("two", "https://blog.example.org/a"))
        assert {entry.id for entry in everything(store)} == {"one", "two"}

    def test_papers_of_one_title_are_two(self, store: SqliteStore) -> None:
        put(store, of_daily(1, title="A Survey"))
        put(store, of_daily(2, title="A Survey"))
        put(store, of_arxiv(3, title="A survey"))
        assert len(everything(store)) == 3

    @pytest.mark.parametrize("paper_first", [True, False])
    def test_a_paper_known_by_title_is_one_with_the_paper_of_that_title(
        self, store: SqliteStore, paper_first: bool
    ) -> None:
        """And keeps the id under which readers know it."""
        told = [of_daily(1, title="Flow Matching"), of_text("Flow  matching", comments=3)]
        for entry in told if paper_first else reversed(told):
            put(store, entry)
        (entry,) = everything(store)
        assert entry.id == (PAPER if paper_first else title_name("Flow Matching"))
        assert (entry.links.arxiv, entry.comments, entry.upvotes) == (PAPER, 3, 12)
        put(store, *told[:1], at=OBSERVED + DAY)
        assert len(everything(store)) == 1

    def test_a_name_follows_its_entry_to_another_day(self, store: SqliteStore) -> None:
        put(store, of_blog("one", "https://blog.example.org/post"))
        put(store, replace(of_blog("one", "https://blog.example.org/post"), listed=day(2), origin="huggingface"))
        put(store, of_blog("two", "https://blog.example.org/post", "planet"))
        assert [(entry.id, entry.listed) for entry in everything(store)] == [("one", day(2))]

    def test_two_of_one_long_list_are_never_one(self, store: SqliteStore) -> None:
        """Wherever in the list they stand, and whatever names an entry has."""
        put(store, of_blog("k", "https://x.org/a"))
        put(store, of_blog("k", "https://x.org/b"))
        many = [of_blog(f"n{number}", f"https://x.org/{number}") for number in range(510)]
        put(store, of_blog("e1", "https://x.org/a", "planet"), *many, of_blog("e2", "https://x.org/b", "planet"))
        assert {"k", "e2"} < {entry.id for entry in everything(store)}
        assert len(everything(store)) == 512

    def test_a_shared_link_stays_nobodys_name_when_an_entry_changes(self, store: SqliteStore) -> None:
        home = "https://blog.example.org/"
        put(store, of_blog("one", home), of_blog("two", home))
        put(store, replace(of_blog("one", home), title="Reworded"), of_blog("two", home))
        put(store, of_blog("three", home, "planet"), of_blog("four", "https://elsewhere.example.org/", "planet"))
        assert len(everything(store)) == 4

    def test_news_at_the_same_address_are_new_entries(self, store: SqliteStore) -> None:
        """Of one source, which says so by another id, title and date."""
        for number in range(3):
            post = of_blog(f"urn:x:{number}", "https://blog.example.org/today")
            put(store, replace(post, published=day(3 + number)))
        assert {entry.id for entry in everything(store)} == {"urn:x:0", "urn:x:1", "urn:x:2"}

    def test_ids_that_change_with_each_answer_leave_nothing_behind(self, store: SqliteStore) -> None:
        """Neither revisions, nor states of before, nor names without end."""
        for number in range(40):
            put(store, replace(of_blog(f"urn:x:{number}", "https://x.org/post"), title="A Post"))
        assert (len(everything(store)), store.revision().number) == (1, 1)
        with closing(sqlite3.connect(store._path)) as connection:
            assert connection.execute("SELECT count(*) FROM alias").fetchone() == (MOST_NAMES,)
            assert connection.execute("SELECT count(*) FROM past").fetchone() == (0,)

    def test_an_unchanged_answer_changes_nothing(self, store: SqliteStore) -> None:
        """Its own id among its names is none of them."""
        post = of_blog("https://x.org/post", "https://x.org/post")
        put(store, post)
        put(store, post, at=OBSERVED + HOUR)
        assert store.revision().number == 1


class TestRules:
    """Where each fact comes from."""

    def test_wording_is_arxivs_and_what_people_made_of_it_is_hugging_faces(self, store: SqliteStore) -> None:
        code = Links("https://huggingface.co/papers/2601.00001", PAPER, code="https://github.com/a/b")
        daily = of_daily(1, links=code, authors=("Jane Roe",), organisation=Organisation("google", "Google"))
        arxiv = of_arxiv(1, authors=("Jane Roe", "John Doe"), summary="In full, with $\\alpha$.")
        for told in permutations([daily, arxiv]):
            for entry in told:
                put(store, entry)
            (entry,) = everything(store)
            assert (entry.title, entry.summary, entry.categories) == (arxiv.title, arxiv.summary, ("cs.LG",))
            assert (entry.links, entry.authors, entry.upvotes) == (code, ("Jane Roe",), 12)
            assert entry.organisation == Organisation("google", "Google")
            assert entry.sources == ("arxiv", "daily-papers")

    def test_each_source_may_change_its_mind(self, store: SqliteStore) -> None:
        put(store, of_daily(1))
        put(store, of_arxiv(1))
        put(store, of_daily(1, upvotes=20, summary="Reworded there."), at=OBSERVED + HOUR)
        assert everything(store)[0].summary == of_arxiv(1).summary
        put(store, of_arxiv(1, title="Renamed"), at=OBSERVED + 2 * HOUR)
        (entry,) = everything(store)
        assert (entry.title, entry.upvotes, entry.updated) == ("Renamed", 20, OBSERVED + 2 * HOUR)

    def test_a_further_source_makes_nothing_new(self, store: SqliteStore) -> None:
        """Neither its day, nor its date, nor its place."""
        put(store, of_daily(1), of_daily(2, listed=day(7)))
        put(store, of_arxiv(2, listed=day(9)), at=OBSERVED + HOUR)
        put(store, of_arxiv(1, listed=day(5)), at=OBSERVED + HOUR)
        found = everything(store)
        assert [(entry.id[-1], entry.listed, entry.updated) for entry in found] == [
            ("1", day(8), day(8)), ("2", day(7), day(7)),
        ]  # fmt: skip

    def test_what_another_source_tells_of_is_not_withdrawn(self, store: SqliteStore) -> None:
        def whole(*entries: Entry, at: datetime) -> None:
            record = ListingRecord("daily-papers", "2026-01-08", at, at, len(entries))
            store.put(Listing("daily-papers", "2026-01-08", at, entries, whole=True), record)

        whole(of_daily(1), of_daily(2), of_daily(3), of_daily(4), at=OBSERVED)
        put(store, of_arxiv(3))
        whole(of_daily(1), of_daily(2), at=OBSERVED + DAY)
        assert {entry.id[-1] for entry in everything(store) if entry.withdrawn} == {"4"}

    def test_what_left_a_window_is_not_withdrawn_nor_is_that_suspect(self, store: SqliteStore) -> None:
        for number in range(1, 9):
            at = OBSERVED + number * HOUR
            entry = of_blog(f"post {number}", f"https://blog.example.org/{number}")
            record = ListingRecord("blog", "current", at, at, 1)
            store.put(Listing("blog", "current", at, (entry,), window=True), record)
        assert not any(entry.withdrawn for entry in everything(store))
        assert [record.suspect for record in store.listings("blog")] == [None]

    def test_what_was_seen_live_goes_before_saved_files(self, store: SqliteStore) -> None:
        """Of all kinds of sources."""
        put(store, replace(of_arxiv(1, title="The New Version"), sources=("arxiv-rss",)))
        put(store, of_daily(1, title="As listed"))
        put(store, of_arxiv(1, title="The Old Version", categories=("cs.CL",)), captured=True)
        assert everything(store)[0].title == "The New Version"

    def test_of_one_kind_the_source_that_told_something_last_is_believed(self, store: SqliteStore) -> None:
        """A source that goes by another name now does not hold on to what it once said."""
        put(store, of_blog("one", "https://x.org/a", "a-blog"))
        put(store, replace(of_blog("one", "https://x.org/a", "the-blog"), title="Corrected"), at=OBSERVED + HOUR)
        assert everything(store)[0].title == "Corrected"

    def test_what_was_published_keeps_its_day(self, store: SqliteStore) -> None:
        """Whatever another saved file tells of it."""
        put(store, of_text("Flow", listed=day(14), published=day(14)), at=day(14) + HOUR, captured=True)
        store.seal(day(15))
        later = of_daily(1, title="Flow", listed=day(21), published=day(14))
        put(store, later, at=day(21) + HOUR, captured=True)
        assert everything(store)[0].listed == day(14)


class TestEntering:
    """When an entry entered a feed that is narrowed to a source."""

    def ids(self, store: SqliteStore, q: str) -> list[tuple[str, datetime | None]]:
        query = parse_query([("q", q)])
        assert query.order == "entered"
        return [(entry.id[-1], entry.entered) for entry in store.select(query.filter, "entered")]

    def test_it_enters_when_that_source_shows_it(self, store: SqliteStore) -> None:
        """However long another one knew of it."""
        early, late = day(8) + HOUR, day(9) + HOUR
        put(store, of_arxiv(1, listed=day(6)), at=day(6) + HOUR)
        put(store, of_arxiv(2, listed=day(8)), at=early)
        put(store, of_daily(3, listed=day(8)), at=early + HOUR)
        put(store, of_daily(1, listed=day(9)), at=late)
        assert self.ids(store, "source:daily-papers") == [("1", late), ("3", early + HOUR)]
        assert self.ids(store, "source:arxiv") == [("2", early), ("1", day(6) + HOUR)]
        assert self.ids(store, "source:daily-papers upvotes:>=10") == [("1", late), ("3", early + HOUR)]
        both = [("1", day(6) + HOUR), ("2", early), ("3", early + HOUR)][::-1]
        assert self.ids(store, "source:daily-papers OR source:arxiv") == both

    def test_a_source_that_is_set_up_today_brings_no_old_news(self, store: SqliteStore) -> None:
        """Neither its own entries of weeks ago, nor the votes that they have."""
        put(store, of_arxiv(1, listed=day(1)), of_arxiv(2, listed=day(8)), at=day(8) + HOUR)
        put(store, of_daily(1, listed=day(2), upvotes=90), of_daily(2, listed=day(9)), at=OBSERVED)
        assert self.ids(store, "source:daily-papers") == [("2", OBSERVED), ("1", day(2))]
        assert self.ids(store, "upvotes:>=50") == [("1", day(2))]

    @pytest.mark.parametrize(
        "q",
        [
            "source:daily-papers upvotes:>=20",
            "(source:daily-papers OR source:zzz) upvotes:>=20",
            "source:daily-papers upvotes:20..99",
        ],
    )
    def test_a_threshold_reached_before_counts_from_then(self, store: SqliteStore, q: str) -> None:
        """However the filter is written: the later of the two."""
        put(store, of_arxiv(1, listed=day(1)), at=day(1) + HOUR)
        put(store, of_arxiv(1, listed=day(1), upvotes=30), at=day(6) + HOUR)
        put(store, of_daily(1, listed=day(2), upvotes=12), at=day(8) + HOUR)
        assert self.ids(store, q) == [("1", day(6) + HOUR)]

    def test_who_tells_of_old_votes_late_moves_no_entry_down(self, store: SqliteStore) -> None:
        """It had them before it appeared, so that it entered when it appeared, and is the first of one as of many."""
        put(store, of_daily(2, listed=day(11), upvotes=100), at=day(11) + 9 * HOUR)
        put(store, of_arxiv(1, listed=day(10), upvotes=0), at=day(12) + 14 * HOUR)
        put(store, of_daily(1, listed=day(5), upvotes=100), at=day(13) + HOUR)
        (first,) = store.select(parse("upvotes:>=50"), "entered", 1)
        assert (first.id[-1], first.entered) == ("1", day(12) + 14 * HOUR)

    def test_onto_a_moving_list_everything_comes_when_it_is_seen_there(self, store: SqliteStore) -> None:
        """As onto the one of what is trending: a paper of a month ago is news there, and nowhere else."""

        def trend(*entries: Entry, at: datetime) -> None:
            seen = tuple(replace(entry, sources=("trending",), first_seen=at, modified=at) for entry in entries)
            store.put(Listing("trending", "current", at, seen, window=True, moving=True))

        put(store, of_daily(1, listed=day(2)), of_daily(2, listed=day(8)), at=day(8) + HOUR)
        trend(of_daily(1, listed=day(1)), at=day(9))
        trend(of_daily(1, listed=day(1)), of_daily(3, listed=day(3), upvotes=90), at=day(9) + HOUR)
        assert self.ids(store, "source:trending") == [("3", day(9) + HOUR), ("1", day(9))]
        assert self.ids(store, "upvotes:>=50") == [("3", day(3))]
        assert [entry.id[-1] for entry in everything(store)] == ["2", "3", "1"]

    def test_where_a_source_is_not_wanted_what_is_true_now_counts(self, store: SqliteStore) -> None:
        put(store, of_arxiv(1), of_arxiv(2))
        put(store, of_daily(1))
        assert [entry.id[-1] for entry in store.select(parse("-source:daily-papers"), "entered")] == ["2"]

    def test_an_archive_holds_it_by_the_revision_in_which_it_came(self, store: SqliteStore) -> None:
        put(store, of_arxiv(1, listed=day(8)), at=day(8) + HOUR)
        put(store, of_daily(1, listed=day(9)), at=day(9) + HOUR)
        (arrival,) = store.arrivals(parse("source:daily-papers"), range(1, 9))
        assert (arrival.revision, arrival.entered) == (2, day(9) + HOUR)
        assert [each.revision for each in store.arrivals(parse("source:arxiv"), range(1, 9))] == [1]


VARIANTS = st.fixed_dictionaries({
    "title": st.sampled_from(["Flow Matching", "Flow matching", "Flow Matching in Detail"]),
    "summary": st.sampled_from(["", "Short.", "Longer.", "The longest of all."]),
    "authors": st.sampled_from([(), ("Ann Lee",), ("Ann Lee", "Bo Li"), ("Bo Li", "Ann Lee")]),
    "upvotes": st.integers(0, 40),
    "stars": st.sampled_from([None, 1, 9]),
    "listed": st.integers(5, 8).map(day),
    "published": st.sampled_from([day(4), day(5), day(5) + HOUR, day(4) + HOUR]),
    "ai_keywords": st.sampled_from([(), ("flow",), ("flow", "ode")]),
    "organisation": st.sampled_from([None, Organisation("google", "Google"), Organisation("mit", "MIT")]),
})  # fmt: skip
TOLD = st.tuples(st.sampled_from([of_daily, of_arxiv]), st.integers(1, 2), VARIANTS)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TOLD, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_saved_files_make_the_same_store_in_whichever_order(
    tmp_path: Path, told: list[tuple[object, int, dict[str, object]]], random: Random
) -> None:
    """Entries, their histories, and what entered which feed when."""
    entries = [make(number, **facts) for make, number, facts in told]  # type: ignore[operator]  # what was drawn is objects to mypy
    entries = [replace(entry, updated=entry.listed) for entry in entries]
    shuffled = random.sample(entries, len(entries))
    assert _imported(tmp_path, entries) == _imported(tmp_path, shuffled)


def _imported(folder: Path, entries: list[Entry]) -> object:
    file = folder / "store.sqlite"
    file.unlink(missing_ok=True)
    store = SqliteStore(file)
    at = day(20)
    for entry in entries:
        put(store, entry, at=at, captured=True)
    found = everything(store)
    histories = [[replace(rise, revision=0) for rise in store.history(entry.id)] for entry in found]
    filters = ("upvotes:>=20", "source:arxiv", "source:daily-papers upvotes:>=5", "flow")
    entered = [store.select(parse(q), "entered") for q in filters]
    store.close()
    return found, histories, entered


def test_what_was_published_is_not_dated_back(store: SqliteStore) -> None:
    """A top or a digest was made of what the first file told."""
    at = day(20)
    put(store, of_daily(1, upvotes=3), at=at, captured=True)
    store.seal(at - DAY)
    put(store, of_daily(1, upvotes=30), at=at + HOUR, captured=True)
    assert store.history(PAPER)[-1] == Rise("upvotes", 30, at + HOUR, 2)


def test_what_was_seen_live_is_not_dated_back(store: SqliteStore) -> None:
    put(store, of_daily(1, upvotes=3))
    put(store, of_daily(1, upvotes=30, title="Older Title"), at=OBSERVED + HOUR, captured=True)
    assert store.history(PAPER)[-1] == Rise("upvotes", 30, OBSERVED + HOUR, 2)
    assert everything(store)[0].title == "Paper 1"


QUERIES = (
    "source:arxiv", "source:daily-papers", "source:arxiv OR source:daily-papers", "source:arxiv source:daily-papers",
    "-source:arxiv", "source:daily-papers upvotes:>=10", "source:daily-papers upvotes:5..15",
    "source:arxiv OR upvotes:>=20", "-(source:daily-papers upvotes:>=10)", "-(source:arxiv OR upvotes:>=20)", "flow",
    "upvotes:>=10", "upvotes:>=0", "upvotes:>=5 upvotes:<20", "source:daily-papers upvotes:>=10 comments:>=0",
)  # fmt: skip
LISTINGS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 30), st.lists(TOLD, min_size=1, max_size=3)), min_size=1, max_size=6
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LISTINGS)
def test_every_order_and_every_archive_agree_with_the_lives_of_entries(
    tmp_path: Path, listings: list[tuple[bool, int, list[tuple[object, int, dict[str, object]]]]]
) -> None:
    """Whatever is asked, and however sources, saved files and times of listing are mixed."""
    file = tmp_path / "store.sqlite"
    file.unlink(missing_ok=True)
    store, at = SqliteStore(file), day(8)
    for captured, hours, told in listings:
        at += hours * HOUR
        make = told[0][0]
        entries = {number: make(number, **facts) for _, number, facts in told}  # type: ignore[operator]  # as above
        put(store, *(replace(entry, updated=entry.listed) for entry in entries.values()), at=at, captured=captured)
    lives = store.lives(EVERYTHING, day(1) - 99 * DAY, at + 99 * DAY, range(0))
    for q in QUERIES:
        part = parse(q)
        found = [(life, entered(part, life.entry, life.appeared, life.history)) for life in lives]
        known = {life.entry.id: when for life, when in found if when}
        assert {entry.id: entry.entered for entry in store.select(part, "entered")} == {
            name: when.moment for name, when in known.items()
        }, q
        moments = sorted((when.moment for when in known.values()), reverse=True)
        for limit in (1, 2, 3):
            assert [entry.entered for entry in store.select(part, "entered", limit)] == moments[:limit], q
        arrivals = {each.id: (each.revision, each.entered) for each in store.arrivals(part, range(1, 99))}
        assert arrivals == {name: tuple(when) for name, when in known.items()}, q
        assert {entry.id for entry in store.select(part)} == {
            life.entry.id for life in lives if matches(part, life.entry)
        }
    store.close()
