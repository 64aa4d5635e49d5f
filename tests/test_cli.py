"""The command line: what it prints, what it writes, its exit codes."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from click.testing import CliRunner, Result

from feedserver.cli import main
from feedserver.config import ENVIRONMENT, describe_settings
from feedserver.config.sources import load_sources, settings_of
from feedserver.query import PARAMETERS
from feedserver.sources import KINDS, kind_named
from feedserver.store import SqliteStore
from tests.conftest import FEEDS, RETIRED
from tests.entries import CAPTURED, needs_captured
from tests.upstream import FETCH, Upstream, say

PAPER = {
    "paper": {
        "id": "2210.02747",
        "title": "Flow Matching for\n  Generative Modeling",
        "summary": "Vector fields.",
        "authors": [{"name": "Yaron Lipman", "hidden": False}],
        "publishedAt": "2022-10-06T00:00:00.000Z",
        "upvotes": 64,
    },
    "numComments": 3,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with configuration and captured answers; the environment points at it."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "feeds.toml").write_text(FEEDS, encoding="utf-8")
    (tmp_path / "captured").mkdir()
    (tmp_path / "captured" / "2026-01-08.json").write_text(json.dumps([PAPER]), encoding="utf-8")
    monkeypatch.setenv("FEEDSERVER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("FEEDSERVER_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return tmp_path


def run(*arguments: str | Path) -> Result:
    """Run the command as a shell would."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


class TestImport:
    """``import``: captured answers."""

    def test_it_says_what_became_of_the_entries(self, folder: Path) -> None:
        """New at first, unchanged the second time."""
        first, second = run("import", folder / "captured"), run("import", folder / "captured")
        assert first.stdout == "1 files: 1 entries new, 0 updated, 0 unchanged, 0 refused\n"
        assert second.stdout == "1 files: 0 entries new, 0 updated, 1 unchanged, 0 refused\n"
        assert (first.exit_code, second.exit_code) == (0, 0)

    def test_what_is_refused_is_said_with_its_reason_and_the_rest_is_kept(self, folder: Path) -> None:
        """The exit code is 4."""
        (folder / "captured" / "2026-01-09.json").write_text("<html>Bad gateway</html>", encoding="utf-8")
        (folder / "captured" / "2026-01-10.json").write_text(json.dumps([PAPER, {"paper": {}}]), encoding="utf-8")
        result = run("import", folder / "captured")
        assert result.exit_code == 4
        assert "1 entries new, 0 updated, 1 unchanged, 2 refused" in result.stdout
        assert "2026-01-09.json: neither an answer of Hugging Face or arXiv, nor a feed; it begins" in result.stderr
        assert "2026-01-10.json: element 1" in result.stderr

    def test_a_list_that_tells_no_day_is_none_of_daily_papers(self, folder: Path) -> None:
        """It may be of a search: its papers count as listed on the day of their own date."""
        file = folder / "captured" / "latest.json"
        other = {**PAPER, "paper": {**PAPER["paper"], "id": "2006.11239", "publishedAt": "2020-06-19T17:24:44.000Z"}}
        file.write_text(json.dumps([other]), encoding="utf-8")
        assert run("import", file).exit_code == 0
        (shown,) = json.loads(run("show", "--source", "huggingface", "--json").stdout)
        assert shown["listed"] == "2020-06-19T00:00:00Z"
        dated = {**PAPER, "paper": {**PAPER["paper"], "submittedOnDailyAt": "2026-01-07T00:00:00.000Z"}}
        file.write_text(json.dumps([dated]), encoding="utf-8")
        assert run("import", file).exit_code == 0
        assert json.loads(run("show", "all", "--json").stdout)[0]["listed"] == "2026-01-07T00:00:00Z"

    def test_a_day_that_is_not_yet_is_refused(self, folder: Path) -> None:
        """It would stay on top for ever."""
        file = folder / "captured" / "2099-01-01.json"
        file.write_text(json.dumps([PAPER]), encoding="utf-8")
        assert "a day that is not yet" in run("import", file).stderr

    @pytest.mark.parametrize("order", [("early", "late"), ("late", "early")])
    def test_an_author_who_was_hidden_at_any_time_stays_hidden(self, folder: Path, order: tuple[str, str]) -> None:
        """In whichever order captures of one day are imported; what is known is not replaced by them."""
        both = [{"name": "Yaron Lipman", "hidden": False}, {"name": "Ricky T. Q. Chen", "hidden": False}]
        captures = {
            "early": {"authors": both, "upvotes": 3},
            "late": {"authors": [both[0], {**both[1], "hidden": True}], "upvotes": 64, "ai_summary": "Short."},
        }
        for name in order:
            (folder / name).mkdir()
            paper = {**PAPER, "paper": {**PAPER["paper"], **captures[name]}}
            (folder / name / "2026-01-08.json").write_text(json.dumps([paper]), encoding="utf-8")
            run("import", folder / name)
        (entry,) = json.loads(run("show", "all", "--json").stdout)
        assert (entry["authors"], entry["upvotes"], entry["ai_summary"]) == (["Yaron Lipman"], 64, "Short.")

    def test_json_for_scripts(self, folder: Path) -> None:
        """The same counts."""
        result = json.loads(run("import", folder / "captured", "--json").stdout)
        assert result == {
            "files": 1,
            "changes": {"new": 1, "updated": 0, "unchanged": 0},
            "sources": [],
            "subscribed": 0,
            "refused": [],
        }

    @needs_captured
    @pytest.mark.parametrize("capture", ["nextday", "morning", "early"])
    def test_every_captured_entry_is_taken_once(self, folder: Path, capture: str) -> None:
        """None refused, none twice, each on its day, against a plain reading of the same files."""
        first_day: dict[str, str] = {}
        files = sorted((CAPTURED / capture).glob("*.json"))
        for file in files:
            for element in json.loads(file.read_bytes()):
                first_day.setdefault(element["paper"]["id"], file.stem)
        result = json.loads(run("import", CAPTURED / capture, "--json").stdout)
        assert (result["files"], result["changes"]["new"], result["refused"]) == (len(files), len(first_day), [])
        shown = json.loads(run("show", "--json", "--limit", "200").stdout)
        newest = sorted(first_day.values(), reverse=True)[:200]
        assert [entry["listed"][:10] for entry in shown] == newest
        assert all(first_day[entry["id"].rpartition("/")[2]] == entry["listed"][:10] for entry in shown)


class TestReading:
    """``show``, ``render``, ``feeds``, ``status``, ``check``."""

    @pytest.fixture(autouse=True)
    def _filled(self, folder: Path) -> None:
        run("import", folder / "captured")

    def test_show_prints_a_table(self) -> None:
        """Of a feed by name, or of a query."""
        for result in (run("show", "diffusion"), run("show", "--q", "flow", "--min-upvotes", "64")):
            assert result.exit_code == 0
            assert "Flow Matching for Generative Modeling" in result.stdout
            assert "Yaron Lipman" in result.stdout

    @pytest.mark.parametrize("format_name", ["rss", "atom", "json"])
    def test_render_writes_the_feed_to_standard_output(self, format_name: str) -> None:
        """Bytes and nothing else."""
        result = run("render", "all", "--format", format_name)
        assert b"https://arxiv.org/abs/2210.02747" in result.stdout_bytes
        if format_name != "json":
            assert not feedparser.parse(result.stdout_bytes).bozo

    def test_feeds_lists_the_definitions_with_counts(self, folder: Path) -> None:
        """As a table, or JSON; without the names that have no feed any more."""
        (folder / "config" / "feeds.toml").write_text(FEEDS + RETIRED, encoding="utf-8")
        rows = json.loads(run("feeds", "--json").stdout)
        assert [(row["name"], row["entries"]) for row in rows] == [("all", 1), ("diffusion", 1)]
        assert "Diffusion and flow" in run("feeds").stdout

    def test_status_says_how_the_sources_fare(self) -> None:
        """An import is no answer from upstream."""
        assert "daily-papers: never" in run("status").stdout
        status = json.loads(run("status", "--json").stdout)
        assert (status["summary"]["entries"], status["sources"][0]["state"]) == (1, "never")

    def test_status_tells_scripts_whether_all_is_well(self, folder: Path) -> None:
        """0 after a good look, though it was a quiet day; 3 where upstream is broken; with what comes next."""
        today = datetime.now(UTC).date()
        with Upstream({today: []}) as upstream:
            settings = "[refresh]\nlook_back = 1\n" + FETCH
            (folder / "config" / "feedserver.toml").write_text(settings, encoding="utf-8")
            (folder / "config" / "sources.toml").write_text(
                f'[daily-papers]\nurl = "{upstream.url}"\n', encoding="utf-8"
            )
            assert run("status").exit_code == 3
            run("refresh")
            quiet = run("status")
            assert (quiet.exit_code, "daily-papers: good; 2 listings" in quiet.stdout) == (0, True)
            assert f"next: {today} at " in quiet.stdout
            assert "2 of 120 requests in the last hour" in quiet.stdout
            upstream.trouble = say(status=500)
            run("refresh")
        broken = run("status")
        assert (broken.exit_code, "daily-papers: failing" in broken.stdout) == (3, True)
        assert "error: " in broken.stdout
        (source,) = json.loads(run("status", "--json").stdout)["sources"]
        assert (source["state"], source["failures"], source["spent"], source["budget"]) == ("failing", 1, 4, 120)
        assert {frozenset(poll) for poll in source["next"]} == {frozenset({"key", "at", "why"})}
        assert {f"{today}", f"{today + timedelta(days=1)}"} <= {poll["key"] for poll in source["next"]}

    def test_an_import_seals_what_there_was_until_yesterday(self, folder: Path) -> None:
        """It is all that there will be, as far as anybody knows; the running day is the refresher's."""
        store = SqliteStore(folder / "data" / "feedserver.sqlite")
        (seal,) = store.seals(datetime.now(UTC) - timedelta(days=1, minutes=5))
        store.close()
        assert seal.revision == 1

    def test_check_approves_a_good_configuration(self) -> None:
        """And counts its feeds."""
        assert run("check").stdout.endswith("is good: 2 feeds of 1 sources\n")


class TestImportOfSubscriptions:
    """``import`` of OPML: sources that are followed from the next start."""

    LIST = """<opml version="2.0"><head><title>Mine</title></head><body>
    <outline text="Labs"><outline type="rss" text="A lab &#127;# of mine" xmlUrl="https://lab.example.org/feed.xml"/>
    <outline type="rss" text="Daily Papers" xmlUrl="https://other.example.org/papers.xml"/></outline>
    <outline type="rss" text="Import" xmlUrl="https://other.example.org/import.xml"/>
    <outline type="rss" text="Known" xmlUrl="http://www.known.example.org/feed/"/></body></opml>"""

    @pytest.fixture
    def sources(self, folder: Path) -> Path:
        """The file with a source, and a comment, that are there before."""
        (folder / "mine.opml").write_text(self.LIST, encoding="utf-8")
        path = folder / "config" / "sources.toml"
        path.write_text('# Kept\n[mine]\ntype = "feed"\nurl = "https://known.example.org/feed"\n', encoding="utf-8")
        return path

    def test_each_feed_becomes_a_source_with_its_title_beside_it(self, folder: Path, sources: Path) -> None:
        """What is there stays as it is; names that mean something else already are not taken."""
        before = sources.read_text(encoding="utf-8")
        said = run("import", folder / "mine.opml")
        after = sources.read_text(encoding="utf-8")
        assert (said.exit_code, "3 sources added" in said.stdout, "1 were there already" in said.stdout) == (
            0,
            True,
            True,
        )
        assert after.startswith(before)
        assert "[a-lab-of-mine] # A lab # of mine\n" in after
        urls = {source.name: getattr(source, "url", None) for source in load_sources(folder / "config")}
        assert {name: url for name, url in urls.items() if name != "daily-papers"} == {
            "mine": "https://known.example.org/feed",
            "a-lab-of-mine": "https://lab.example.org/feed.xml",
            "daily-papers-2": "https://other.example.org/papers.xml",
            "import-2": "https://other.example.org/import.xml",
        }
        assert "huggingface.co" in urls["daily-papers"]

    def test_a_second_import_changes_nothing(self, folder: Path, sources: Path) -> None:
        """Nor does one of another list with the same feeds."""
        run("import", folder / "mine.opml")
        before = sources.read_text(encoding="utf-8")
        assert "0 sources added" in run("import", folder / "mine.opml").stdout
        assert sources.read_text(encoding="utf-8") == before

    @pytest.mark.parametrize("broken", ["[mine", "[mine]\ntype = 'feed'\n", "[mine]\ntype = 'fed'\n"])
    def test_a_broken_file_is_left_alone(self, folder: Path, sources: Path, broken: str) -> None:
        """It is said what is wrong with it."""
        sources.write_text(broken, encoding="utf-8")
        said = run("import", folder / "mine.opml")
        assert (said.exit_code, "sources.toml" in said.stderr) == (2, True)
        assert sources.read_text(encoding="utf-8") == broken


class TestExitCodes:
    """Documented in docs/command-line.md."""

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["show", "nothing"], "no feed is named 'nothing'"),
            (["show", "diffuse"], "the feed 'diffuse' has moved; it is named 'diffusion' now"),
            (["render", "gans"], "the feed 'gans' is gone for good"),
            (["show", "--q", "(a"], "q at position 2"),
            (["show", "--limit", "0"], "limit: 0 is not between"),
            (["render", "all", "--format", "xml"], "'xml' is not one of"),
            (["backfill", "--since", "2999-01-01"], "not over yet"),
            (["backfill"], "Missing option '--since'"),
            (["import", "absent"], "does not exist"),
        ],
    )
    def test_wrong_usage_is_2(self, folder: Path, arguments: list[str], said: str) -> None:
        """With a message on standard error."""
        (folder / "config" / "feeds.toml").write_text(FEEDS + RETIRED, encoding="utf-8")
        result = run(*arguments)
        assert result.exit_code == 2
        assert said in result.stderr

    def test_a_broken_configuration_is_2(self, folder: Path) -> None:
        """For check and for whatever needs it."""
        (folder / "config" / "feeds.toml").write_text("[feeds.x]\nlimt = 3", encoding="utf-8")
        for command in ("check", "feeds", "serve"):
            result = run(command)
            assert (result.exit_code, "did you mean 'limit'?" in result.stderr) == (2, True)

    def test_a_broken_store_is_1(self, folder: Path) -> None:
        """Nothing is overwritten."""
        (folder / "data").mkdir()
        (folder / "data" / "feedserver.sqlite").write_text("no database" * 100, encoding="utf-8")
        assert run("status").exit_code == 1

    def test_an_upstream_out_of_reach_is_3(self, folder: Path) -> None:
        """And says so, with what was tried."""
        (folder / "config" / "feedserver.toml").write_text(FETCH, encoding="utf-8")
        source = '[daily-papers]\nurl = "http://127.0.0.1:9/api"\n'
        (folder / "config" / "sources.toml").write_text(source, encoding="utf-8")
        result = run("refresh")
        assert result.exit_code == 3
        assert "127.0.0.1" in result.stderr


def test_help_names_every_parameter() -> None:
    """On the command line a query is written with the same names."""
    for command in ("show", "render"):
        text = run(command, "--help").stdout
        for parameter in PARAMETERS:
            assert f"--{parameter.name.replace('_', '-')}" in text


def test_help_names_every_source_setting_and_variable() -> None:
    """Nothing can be set that is not told."""
    text = " ".join(run("check", "--help").stdout.split())
    assert all(f"{kind}.{key} (" in text for kind in KINDS for key in settings_of(kind_named(kind)))
    for key in (*(key for key, _, _ in describe_settings()), *ENVIRONMENT):
        assert key in text


def test_help_tells_the_exit_codes() -> None:
    """And there is a line for every command."""
    text = run("--help").stdout
    assert "Exit codes" in text
    for command in ("serve", "demo", "refresh", "backfill", "import", "check", "feeds", "show", "render", "status"):
        assert command in text
