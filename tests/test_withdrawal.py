"""What becomes of an entry that a listing shows no more: nothing is lost, only a full, settled list withdraws it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from feedserver.filters import EVERYTHING
from feedserver.merge import merge, suspicion, withdraw
from feedserver.model import Changes, Entry, Listing, ListingRecord, View
from feedserver.refresh import Outcome, Schedule
from feedserver.render import RENDERERS
from feedserver.render.content import content_html
from feedserver.store import SqliteStore
from feedserver.store.order import feed_order
from tests.entries import CAPTURED, OBSERVED, day, make_entry, make_listing, needs_captured, sample
from tests.house import House
from tests.upstream import DAY, NOW, encode, paper, papers, say

DAY_OVER = datetime.combine(DAY + timedelta(days=1), datetime.min.time(), NOW.tzinfo)
SETTLED = DAY_OVER + timedelta(minutes=30)
NEXT = DAY + timedelta(days=1)


def read(house: House, when: datetime, elements: list[dict[str, Any]], of: date = DAY) -> Outcome:
    """Let upstream list just that on a day, and read it at that time."""
    house.time.now = when
    house.upstream.days[of] = elements
    return house.refresher.refresh(of.isoformat())


def withdrawn(house: House) -> dict[str, datetime | None]:
    """Return when each entry that is withdrawn was found to be, by the end of its id."""
    return {entry.id[-5:]: entry.withdrawn for entry in house.entries() if entry.withdrawn}


def test_what_a_settled_list_shows_no_more_stays_and_is_marked(house: House) -> None:
    read(house, NOW, papers(10))
    before, revision = house.entries(), house.store.revision().number
    outcome = read(house, SETTLED, papers(9))

    assert outcome.changes == Changes(updated=1, unchanged=9)
    assert (outcome.error, outcome.suspect) == (None, None)
    (gone,) = [entry for entry in house.entries() if entry.withdrawn]
    was = next(entry for entry in before if entry.id == gone.id)
    assert gone == replace(was, withdrawn=SETTLED, modified=SETTLED)
    assert [entry.id for entry in house.entries()] == [entry.id for entry in before]
    assert house.store.revision().number == revision + 1
    assert house.record().good == SETTLED


def test_it_is_marked_once(house: House) -> None:
    read(house, NOW, papers(10))
    read(house, SETTLED, papers(9))
    revision = house.store.revision()

    assert read(house, SETTLED + timedelta(hours=6), papers(9)).changes == Changes(unchanged=9)
    assert (withdrawn(house), house.store.revision()) == ({"00010": SETTLED}, revision)


def test_the_mark_goes_when_the_entry_is_back(house: House) -> None:
    read(house, NOW, papers(10))
    before = house.entries()
    read(house, SETTLED, papers(9))

    assert read(house, SETTLED + timedelta(hours=6), papers(10)).changes == Changes(updated=1, unchanged=9)
    assert withdrawn(house) == {}
    assert [replace(entry, modified=NOW) for entry in house.entries()] == [
        replace(entry, modified=NOW) for entry in before
    ]
    read(house, SETTLED + timedelta(hours=12), papers(9))
    assert withdrawn(house) == {"00010": SETTLED + timedelta(hours=12)}


@pytest.mark.parametrize("when", [NOW + timedelta(hours=1), DAY_OVER, SETTLED - timedelta(seconds=1)])
def test_a_list_that_may_still_grow_withdraws_nothing(house: House, when: datetime) -> None:
    read(house, NOW, papers(10))
    read(house, when, papers(9))

    assert withdrawn(house) == {}
    assert house.record().good == when


def test_a_list_of_which_an_element_was_refused_withdraws_nothing(house: House) -> None:
    """It may be the very one that is missing."""
    read(house, NOW, papers(10))
    read(house, SETTLED, [*papers(9), paper("no id")])

    assert withdrawn(house) == {}


def test_a_list_that_broke_off_after_a_page_withdraws_nothing(house: House) -> None:
    read(house, NOW, papers(120))
    house.upstream.script.extend([say(encode(papers(100))), say(status=500), say(status=500)])
    outcome = read(house, SETTLED, papers(110))

    assert outcome.error
    assert withdrawn(house) == {}


def test_an_upstream_that_turns_no_page_withdraws_nothing(house: House) -> None:
    """It cuts its list off, and repeats it."""
    read(house, NOW, papers(80))
    house.upstream.trouble = say(encode(papers(50)))
    outcome = read(house, SETTLED, papers(80))

    assert (outcome.entries, outcome.error, outcome.suspect) == (50, None, None)
    assert withdrawn(house) == {}


def test_a_list_that_moved_between_two_pages_withdraws_nothing(house: House) -> None:
    """An entry gets a vote, and goes over to the page that was read before."""
    read(house, NOW, papers(120))
    second = [*papers(1, first=100), *papers(19, first=102)]
    house.upstream.script.extend([say(encode(papers(100))), say(encode(second))])
    outcome = read(house, SETTLED, papers(120))

    assert (outcome.entries, outcome.error) == (120, None)
    assert withdrawn(house) == {}


def test_of_several_pages_what_is_on_none_is_withdrawn(house: House) -> None:
    read(house, NOW, papers(120))
    read(house, SETTLED, papers(119))

    assert withdrawn(house) == {"00120": SETTLED}


def test_an_entry_of_two_days_is_withdrawn_when_both_show_it_no_more(house: House) -> None:
    later = SETTLED + timedelta(days=1)
    hours = [later + timedelta(hours=6 * number) for number in range(4)]
    read(house, NOW, papers(4))
    read(house, SETTLED, [*papers(2, first=4), *papers(4, first=10)], NEXT)
    read(house, hours[0], papers(3))
    assert withdrawn(house) == {}
    read(house, hours[0], [*papers(2, first=4), *papers(4, first=10)], NEXT)
    assert withdrawn(house) == {}
    read(house, hours[1], [*papers(1, first=5), *papers(4, first=10)], NEXT)
    assert withdrawn(house) == {"00004": hours[1]}
    read(house, hours[2], papers(3))
    assert withdrawn(house) == {"00004": hours[1]}
    read(house, hours[2], [*papers(2, first=4), *papers(4, first=10)], NEXT)
    read(house, hours[3], papers(3))
    assert withdrawn(house) == {}


def _undated(element: dict[str, Any]) -> dict[str, Any]:
    """Return an element that does not say on which day it was submitted: the day asked for has to do."""
    known = {key: value for key, value in element["paper"].items() if key != "submittedOnDailyAt"}
    return {**element, "paper": known}


def test_an_entry_that_moved_to_another_row_is_followed(house: House) -> None:
    """A listing of an earlier day gives it another place in the order."""
    undated = [_undated(each) for each in papers(4)]
    read(house, SETTLED, undated, NEXT)
    read(house, SETTLED, undated[:1])
    assert {entry.listed.date() for entry in house.entries()} == {DAY, NEXT}
    later = SETTLED + timedelta(days=1)
    read(house, later, papers(3, first=2), NEXT)
    assert withdrawn(house) == {}
    read(house, later, papers(1, first=9))
    assert (withdrawn(house), house.record().suspect) == ({}, "0 of 1 known entries are on a list of 1")


SHRUNK = {"an empty list": 0, "a list of less than half": 4}


@pytest.mark.parametrize("shrunk", SHRUNK)
@pytest.mark.parametrize("when", [NOW + timedelta(hours=1), SETTLED])
def test_a_list_that_shrank_takes_nothing_away_and_is_suspect(
    house: House, shrunk: str, when: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    count = SHRUNK[shrunk]
    read(house, NOW, papers(10))
    entries = house.entries()
    outcome = read(house, when, papers(count))

    why = f"{count} of 10 known entries are on a list of {count}"
    assert (outcome.suspect, outcome.error, house.entries()) == (why, None, entries)
    assert house.record() == ListingRecord("daily-papers", DAY.isoformat(), when, NOW, 10, suspect=why)
    assert why in caplog.text


def test_what_is_new_on_a_suspect_list_is_kept(house: House) -> None:
    read(house, NOW, papers(10))
    outcome = read(house, SETTLED, [paper("2601.00001", "Paper 1", ["A. Author"], upvotes=99), *papers(3, first=50)])

    assert outcome.changes == Changes(new=3, updated=1)
    assert outcome.suspect == "1 of 10 known entries are on a list of 4"
    assert len(house.entries()) == 13


def test_half_of_a_list_is_believed(house: House) -> None:
    read(house, NOW, papers(10))
    assert read(house, SETTLED, papers(5)).suspect is None
    assert len(withdrawn(house)) == 5


def test_a_suspect_list_is_asked_for_soon_again_and_trusted_when_it_is_whole(house: House) -> None:
    read(house, NOW, papers(10))
    read(house, SETTLED, papers(1))
    soon = next(poll for poll in house.refresher.plan(Schedule()) if poll.key == DAY.isoformat())
    assert (soon.why, soon.at) == ("lacked most of what was known", SETTLED + timedelta(hours=6))

    assert read(house, SETTLED + timedelta(hours=6), papers(10)).suspect is None
    assert (house.record().suspect, house.record().good) == (None, SETTLED + timedelta(hours=6))


def test_a_failure_between_leaves_what_is_known(house: House) -> None:
    read(house, NOW, papers(10))
    house.upstream.trouble = say(status=500)
    read(house, NOW + timedelta(hours=1), papers(10))
    house.upstream.trouble = None
    read(house, SETTLED, papers(9))

    assert withdrawn(house) == {"00010": SETTLED}


@pytest.mark.parametrize(
    ("known", "seen", "is_suspect"),
    [(0, 0, False), (0, 5, False), (1, 0, True), (1, 1, False), (2, 1, False), (3, 1, True), (4, 2, False),
     (30, 14, True), (30, 15, False)],
)  # fmt: skip
def test_fewer_than_half_is_suspect(known: int, seen: int, is_suspect: bool) -> None:
    ids = {str(number) for number in range(known)}
    assert (suspicion(ids, {str(number) for number in range(seen)}) is not None) is is_suspect


@needs_captured
def test_no_captured_list_is_suspect_but_those_that_were_cut_off() -> None:
    """Early, in the morning and on the next day; fifty is where the captured answers end."""
    suspected = {
        len(seen)
        for earlier, later in (("early", "morning"), ("morning", "nextday"), ("early", "nextday"))
        for known, seen in views(earlier, later)
        if suspicion(known, seen)
    }
    assert suspected == {50}


def views(earlier: str, later: str) -> Iterator[tuple[set[str], set[str]]]:
    """Yield what two captures show of each day that both have."""
    for file in sorted((CAPTURED / earlier).glob("*.json")):
        if (other := CAPTURED / later / file.name).exists():
            known, seen = ({each["paper"]["id"] for each in json.loads(path.read_bytes())} for path in (file, other))
            yield known, seen


class TestStore:
    """The same, put by put."""

    def put(self, store: SqliteStore, *entries: Entry, of: int = 8, **facts: Any) -> Changes:
        """Keep a whole listing of a day of January that was read well."""
        seen = day(20) if "at" not in facts else facts.pop("at")
        listing = Listing("daily-papers", f"2026-01-{of:02}", seen, entries, **({"whole": True} | facts))
        return store.put(listing, ListingRecord("daily-papers", listing.key, seen, seen, len(entries)))

    def test_what_was_captured_marks_nothing_and_frees_nothing(self, store: SqliteStore) -> None:
        """A file may be older than what is known."""
        one, two, three = (make_entry(number) for number in (31, 32, 33))
        self.put(store, one, two, three)
        assert self.put(store, one, two, captured=True) == Changes(unchanged=2)
        assert self.put(store, one, two) == Changes(updated=1, unchanged=2)
        store.put(replace(make_listing(three), captured=True))
        assert [entry.id for entry in store.select(EVERYTHING) if entry.withdrawn] == [three.id]
        store.put(make_listing(three))
        assert [entry.id for entry in store.select(EVERYTHING) if entry.withdrawn] == []

    def test_a_listing_without_a_record_marks_nothing(self, store: SqliteStore) -> None:
        """It says nothing of what upstream shows."""
        self.put(store, make_entry(31), make_entry(32))
        store.put(replace(make_listing(make_entry(31)), whole=True))
        assert all(entry.withdrawn is None for entry in store.select(EVERYTHING))

    def test_the_sight_of_what_is_withdrawn_is_another(self, store: SqliteStore) -> None:
        """So that no feed goes on with what was rendered before."""
        self.put(store, make_entry(31), make_entry(32))
        before = store.find(EVERYTHING, "listed", 50, known=lambda _: ())
        self.put(store, make_entry(31))
        after = store.find(EVERYTHING, "listed", 50, known=set(before.sights).intersection)
        assert [entry.id for entry in after.entries.values()] == [make_entry(32).id]
        assert [sight.row for sight in after.sights] == [sight.row for sight in before.sights]
        assert store.select(EVERYTHING)[0].id == before.entries[before.sights[0]].id


class TestMerge:
    """The decision."""

    def test_the_first_time_stays(self) -> None:
        """And nothing but the time of change moves with it."""
        kept = make_entry(1)
        later = OBSERVED + timedelta(hours=1)
        once = withdraw(kept, later)
        assert once == replace(kept, withdrawn=later, modified=later)
        assert withdraw(once, later + timedelta(hours=1)) is once
        assert feed_order(once) == feed_order(kept)

    def test_what_is_seen_is_not_withdrawn_and_what_was_captured_may_be(self) -> None:
        """The one is news, the other is not."""
        gone = withdraw(make_entry(1), OBSERVED)
        assert merge(gone, make_entry(1)).withdrawn is None
        assert merge(gone, replace(make_entry(1), captured=True)) == gone


def test_a_reader_is_told_in_one_line() -> None:
    """In the content of every format, whatever facts are shown, and in the JSON by itself."""
    entry = withdraw(sample()[0], day(12))
    line = "<p>No longer listed, as of 2026-01-12.</p>"
    assert content_html(entry, View()).startswith(line)
    assert content_html(entry, View(show=("summary",))).splitlines()[0] == line
    assert line not in content_html(sample()[0], View())
    for renderer in RENDERERS.values():
        assert b"No longer listed" in renderer.fragment(entry, View())
    assert b'"withdrawn":"2026-01-12T00:00:00Z"' in RENDERERS["json"].fragment(entry, View())
    assert b"withdrawn" not in RENDERERS["json"].fragment(sample()[0], View())
