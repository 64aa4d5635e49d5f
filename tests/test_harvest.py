"""The harvest: pages of a repository on loopback -> the store, whatever ends it in between."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feedserver.cli import main
from feedserver.errors import BadTokenError, FetchError, ListingError
from feedserver.fetch import Fetcher
from feedserver.harvest import Harvester, Mark, advanced, restarted
from feedserver.model import Links, Listing
from feedserver.sources.arxiv_oai import ArxivOai, Harvest, Selection
from feedserver.store import SqliteStore
from tests.entries import ROOT, make_entry, make_listing
from tests.oai import Repository, page, record
from tests.upstream import FETCH, NOW, fetching, late, say

ALL = Selection()
RECORDS = tuple((f"2010.{number:05}", f"2022-10-{1 + number // 2:02}") for number in range(10))  # two a day, six pages


@pytest.fixture
def repository() -> Iterator[Repository]:
    """A repository of ten records, in pages of two, that begin in the middle of a day."""
    with Repository(largest_page=2, records=RECORDS[1:]) as started:
        yield started


@pytest.fixture
def fetcher(tmp_path: Path) -> Iterator[Fetcher]:
    """A fetcher."""
    with fetching(tmp_path) as opened:
        yield opened


@pytest.fixture
def harvester(repository: Repository, fetcher: Fetcher, tmp_path: Path) -> Iterator[Harvester]:
    """A harvester with an empty store."""
    store = SqliteStore(tmp_path / "harvest.sqlite")
    yield Harvester(ArxivOai(repository.url), fetcher, store, now=lambda: NOW)
    store.close()


def tokens(repository: Repository) -> list[str]:
    """Return what was asked for: tokens, and the first days of lists."""
    return [asked.params.get("resumptionToken") or f"from {asked.params.get('from')}" for asked in repository.asked]


def test_all_pages_are_kept_and_each_says_how_far_it_is(harvester: Harvester, repository: Repository) -> None:
    repository.tells_size = True
    steps = list(harvester.run(ALL))

    assert harvester.store.summary().entries == 9
    assert [step.mark.records for step in steps] == [2, 4, 6, 8, 9]
    assert {step.mark.size for step in steps[:-1]} == {9}
    assert [step.changes.new for step in steps] == [2, 2, 2, 2, 1]
    assert tokens(repository) == ["from None", "~2", "~4", "~6", "~8"]


def test_what_was_kept_before_a_kill_is_not_asked_for_again(harvester: Harvester, repository: Repository) -> None:
    list(islice(harvester.run(ALL), 2))
    assert harvester.store.summary().entries == 4

    assert [step.mark.records for step in harvester.run(ALL)] == [6, 8, 9]
    assert tokens(repository) == ["from None", "~2", "~4", "~6", "~8"]
    assert harvester.store.summary().entries == 9


def test_another_process_goes_on_too(harvester: Harvester, repository: Repository, tmp_path: Path) -> None:
    list(islice(harvester.run(ALL), 2))
    harvester.store.close()
    store = SqliteStore(tmp_path / "harvest.sqlite")

    assert Harvester(harvester.repository, harvester.fetcher, store, lambda: NOW).mark(ALL) == Mark(
        "~4", 4, None, date(2022, 10, 3)
    )
    store.close()


def test_an_answer_that_fails_leaves_all_that_was_kept(harvester: Harvester, repository: Repository) -> None:
    repository.instead["~4"] = say(status=404)
    with pytest.raises(FetchError, match="404"):
        list(harvester.run(ALL))
    assert harvester.store.summary().entries == 4

    repository.instead.clear()
    list(harvester.run(ALL))
    assert harvester.store.summary().entries == 9


def test_a_page_that_is_cut_off_is_not_taken_for_the_last_one(harvester: Harvester, repository: Repository) -> None:
    repository.script.append(say(page(record())[:-40]))
    with pytest.raises(ListingError, match="not XML"):
        list(harvester.run(ALL))

    assert harvester.mark(ALL) == Mark()


def test_an_expired_token_goes_on_from_the_last_day_that_was_reached(
    harvester: Harvester, repository: Repository
) -> None:
    list(islice(harvester.run(ALL), 2))
    repository.knows_tokens = False
    repository.largest_page = 20
    list(harvester.run(ALL))

    assert tokens(repository) == ["from None", "~2", "~4", "from 2022-10-03"]
    assert harvester.store.summary().entries == 9


def test_a_list_in_another_order_is_begun_anew(harvester: Harvester, repository: Repository) -> None:
    """Nobody promises an order, and records of an earlier day may be on a page to come."""
    repository.records = RECORDS[::-1]
    list(islice(harvester.run(ALL), 2))
    repository.knows_tokens = False
    repository.largest_page = 20
    list(harvester.run(ALL))

    assert tokens(repository)[-1] == "from None"
    assert harvester.store.summary().entries == 10


def test_a_repository_that_knows_none_of_its_tokens_is_not_asked_for_ever(
    harvester: Harvester, repository: Repository
) -> None:
    """Each day has to bring it on."""
    repository.knows_tokens = False
    repository.records = [(name, "2022-10-01") for name, _ in RECORDS]
    with pytest.raises(BadTokenError):
        list(harvester.run(ALL))

    assert tokens(repository) == ["from None", "~2", "from 2022-10-01", "2022-10-01~2"]


def test_tokens_that_lead_one_page_on_are_enough(harvester: Harvester, repository: Repository) -> None:
    repository.knows_tokens = False
    repository.largest_page = 3
    list(harvester.run(ALL))

    assert harvester.store.summary().entries == 9


def test_where_all_was_harvested_what_was_changed_since_is_taken_in(
    harvester: Harvester, repository: Repository
) -> None:
    list(harvester.run(ALL))
    repository.records = (*RECORDS, ("2210.00001", "2022-10-09"))
    repository.largest_page = 20
    repository.asked.clear()
    (step,) = harvester.run(ALL)

    assert tokens(repository) == ["from 2022-10-05"]
    assert (step.mark.records, step.changes.new, step.changes.unchanged) == (3, 1, 2)


def test_where_nothing_was_changed_nothing_is_lost(harvester: Harvester, repository: Repository) -> None:
    list(harvester.run(ALL))
    repository.records = ()
    (step,) = harvester.run(ALL)

    assert (step.mark.records, step.mark.reached) == (0, date(2022, 10, 5))


def test_each_selection_has_a_bookmark_of_its_own(harvester: Harvester, repository: Repository) -> None:
    list(islice(harvester.run(ALL), 2))
    later = Selection("cs", date(2022, 10, 4))
    list(harvester.run(later))

    assert repository.asked[2].params["set"] == "cs"
    assert harvester.mark(ALL) == Mark("~4", 4, None, date(2022, 10, 3))
    assert harvester.mark(later) == Mark(records=4, reached=date(2022, 10, 5))


def test_nothing_is_left_in_the_cache_of_answers(harvester: Harvester, repository: Repository) -> None:
    """Pages of two megabytes each, by the thousand."""
    list(harvester.run(ALL))
    repository.kill()
    with pytest.raises(FetchError):
        list(harvester.run(ALL))


def test_what_is_known_of_other_sources_is_completed(harvester: Harvester, repository: Repository) -> None:
    paper = "https://arxiv.org/abs/2010.00001"
    known = make_entry(id=paper, title="In other words", categories=(), links=Links("https://huggingface.co", paper))
    harvester.store.put(make_listing(known))
    list(harvester.run(ALL))

    entry = harvester.store.get(known.id)
    assert entry is not None
    assert (entry.title, entry.categories) == ("In other words", ("cs.LG", "cs.CV"))
    assert (entry.links.page, entry.listed, entry.updated) == ("https://huggingface.co", known.listed, known.updated)
    assert entry.sources == ("arxiv-oai", "daily-papers")


def test_a_bookmark_is_kept_with_its_listing_or_not_at_all(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite")
    assert store.bookmark("daily-papers") is None
    store.put(make_listing(make_entry()), bookmark="one")
    store.put(make_listing(make_entry()))
    assert (store.bookmark("daily-papers"), store.bookmark("other")) == ("one", None)

    with pytest.raises(TypeError):
        store.put(Listing("daily-papers", "x", NOW, (None,)), bookmark="two")  # type: ignore[arg-type]  # it is to fail
    assert store.bookmark("daily-papers") == "one"
    store.put(Listing("daily-papers", "x", NOW, ()), bookmark="three")
    assert store.bookmark("daily-papers") == "three"
    store.close()


def test_a_list_that_turns_back_has_reached_no_day() -> None:
    empty = Listing("arxiv-oai", "current", NOW, ())
    first = advanced(Mark(), Harvest(empty, "a", 9, date(2022, 10, 1), date(2022, 10, 3)))
    back = advanced(first, Harvest(empty, "b", None, date(2022, 10, 2), date(2022, 10, 4)))
    on = advanced(back, Harvest(empty, "c", None, date(2022, 10, 5), date(2022, 10, 5)))

    assert first == Mark("a", 0, 9, date(2022, 10, 3))
    assert back == Mark("b", 0, 9, None, is_ordered=False)
    assert on == Mark("c", 0, 9, None, is_ordered=False)
    assert restarted(on) == Mark()


class TestCommand:
    """``feedserver harvest``."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "config").mkdir()
        (tmp_path / "config" / "feedserver.toml").write_text(FETCH, encoding="utf-8")
        monkeypatch.setenv("FEEDSERVER_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setenv("FEEDSERVER_CONFIG_DIR", str(tmp_path / "config"))

    def run(self, repository: Repository, *arguments: str) -> Result:
        """Run the command as a shell would, without pauses."""
        return CliRunner().invoke(main, ["harvest", "--url", repository.url, "--pause", "0", *arguments])

    def test_it_says_what_became_of_the_records(self, repository: Repository) -> None:
        """And again, what was changed since."""
        result = self.run(repository)
        assert result.stdout == "9 records: 9 entries new, 0 updated, 0 unchanged, 0 deleted upstream, 0 refused\n"
        assert result.exit_code == 0
        assert self.run(repository).stdout.startswith("2 records: 0 entries new, 0 updated, 2 unchanged")

    def test_killed_in_the_middle_of_a_page_it_loses_none_that_was_kept(self, repository: Repository) -> None:
        """A process of its own, and SIGKILL."""
        repository.instead["~4"] = late(30)
        command = [sys.executable, "-m", "feedserver", "harvest", "--url", repository.url, "--pause", "0"]
        with subprocess.Popen(command, cwd=ROOT) as process:
            deadline = time.monotonic() + 60
            while len(repository.asked) < 3 and time.monotonic() < deadline:
                time.sleep(0.02)
            process.kill()
        assert tokens(repository) == ["from None", "~2", "~4"]

        repository.instead.clear()
        assert self.run(repository).stdout.startswith("5 records: 5 entries new")
        assert tokens(repository)[3:] == ["~4", "~6", "~8"]

    def test_it_asks_for_a_set_and_days(self, repository: Repository) -> None:
        """As OAI-PMH names them."""
        self.run(repository, "--set", "cs:cs:LG", "--from", "2022-10-04", "--until", "2022-10-31")
        params = dict(repository.asked[0].params)
        assert params.items() >= {"set": "cs:cs:LG", "from": "2022-10-04", "until": "2022-10-31"}.items()

    def test_what_fails_is_said_and_it_goes_on_next_time(self, repository: Repository) -> None:
        """The exit code is 3."""
        repository.instead["~4"] = say(status=404)
        result = self.run(repository, "--json")
        assert result.exit_code == 3
        told = json.loads(result.stdout)
        assert (told["records"], told["changes"]["new"], "404" in told["error"]) == (4, 4, True)
        repository.instead.clear()
        assert json.loads(self.run(repository, "--json").stdout)["records"] == 5

    def test_what_is_refused_is_said(self, repository: Repository) -> None:
        """With the reason."""
        repository.script.append(say(page(record(title=""))))
        result = self.run(repository)
        assert "refused: record 'oai:arXiv.org:2010.02502': there is no title" in result.stderr
        assert result.stdout.endswith("1 refused\n")

    def test_days_in_the_wrong_order_are_wrong_usage(self, repository: Repository) -> None:
        """Nobody is asked."""
        result = self.run(repository, "--from", "2022-10-04", "--until", "2022-10-03")
        assert (result.exit_code, repository.asked) == (2, [])
