"""``try`` and ``discover``: what they show, what they keep (nothing), their exit codes."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feedserver.cli import main
from tests.upstream import FETCH, Answer, Upstream, encode, paper, say

PAGE = b"""<html lang="en"><title>News</title><ul class="news">
<li><h3><a href="/n/1">A Ladder of [Small] Steps</a></h3>
<time>Jan 5, 2024</time><i>Ada Lovelace, Alan Turing</i><b>17</b></li>
<li><h3><a href="/n/2">Why Queues Are Never Empty</a></h3><i>Grace Hopper</i><b>-</b></li>
<li><h3></h3></li>
</ul><a rel="next" href="?p=2">Older</a></html>"""


SOURCES = """
[daily-papers]
url = "URL"

[forum]
type = "json"
url = "URL"

[news]
type = "page"
url = "URL"
entry = "ul.news > li"
title = "h3"
author = "i"
score = "b"
next = "a[rel=next]"
pages = 2
"""


@dataclass(slots=True)
class Site(Upstream):
    """A server that answers everything alike, unless something is wrong with it."""

    page: Answer = field(default_factory=lambda: say(PAGE, Content_Type="text/html; charset=utf-8"))

    def answer(self, params: object) -> Answer:
        """Answer with the page."""
        return self.trouble or self.page


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site of news, a folder for data and configuration, and sources that are set up for it."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "feedserver.toml").write_text(FETCH, encoding="utf-8")
    monkeypatch.setenv("FEEDSERVER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("FEEDSERVER_CONFIG_DIR", str(tmp_path / "config"))
    with Site() as site:
        (tmp_path / "config" / "sources.toml").write_text(SOURCES.replace("URL", site.url), encoding="utf-8")
        yield site


def run(*arguments: str | Path) -> Result:
    """Run the command as a shell would, in a wide window."""
    return CliRunner(env={"COLUMNS": "160"}).invoke(main, [str(argument) for argument in arguments])


class TestTry:
    """``try``: what a source catches."""

    def test_it_shows_what_is_caught_and_what_is_refused(self, site: Site) -> None:
        """Title, link, date, authors, score; and where it would go on."""
        result = run("try", "news")
        assert result.exit_code == 0
        rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in result.stdout.splitlines() if "│" in line]
        assert rows == [
            ["A Ladder of [Small] Steps", "2024-01-05", "Ada Lovelace, Alan Turing", "17"],
            [f"http://127.0.0.1:{site.port}/n/1", "", "", ""],
            ["Why Queues Are Never Empty", "?", "Grace Hopper", "0"],
            [f"http://127.0.0.1:{site.port}/n/2", "", "", ""],
        ]
        assert "2 entries, 1 refused\n1 have no date of their own (?)" in result.stdout
        assert f"next page: {site.url}?p=2\n" in result.stdout
        assert result.stderr == "refused: element 2 (''): no title: 'h3' finds no words in it\n"

    def test_it_asks_once_and_keeps_nothing(self, site: Site, tmp_path: Path) -> None:
        """Neither entries, nor the answer."""
        run("try", "news")
        assert site.statuses == [200]
        assert [file.name for file in (tmp_path / "data").rglob("*")] == []
        run("try", "news")
        assert site.statuses == [200, 200]

    def test_a_saved_answer_will_do(self, site: Site, tmp_path: Path) -> None:
        """Nothing is asked for; links are relative to the source's own address."""
        file = tmp_path / "saved.html"
        file.write_bytes(PAGE)
        site.trouble = say(b"", 500)
        assert f"http://127.0.0.1:{site.port}/n/2" in run("try", "news", "--file", file).stdout
        assert site.asked == []

    def test_json_for_scripts(self, site: Site) -> None:
        """The same, with all facts."""
        result = run("try", "news", "--json")
        found = json.loads(result.stdout)
        assert [entry["upvotes"] for entry in found["entries"]] == [17, 0]
        assert found["undated"] == [found["entries"][1]["id"]]
        assert found["refused"][0]["why"] == "no title: 'h3' finds no words in it"
        assert found["next"] == f"{site.url}?p=2"

    def test_a_source_with_a_listing_a_day_is_tried_with_today(self, site: Site) -> None:
        """Daily Papers, say."""
        site.page = say(encode([paper()]))
        assert "Denoising Diffusion Implicit Models" in run("try", "daily-papers").stdout
        assert "date" in site.asked[0].params

    @pytest.mark.parametrize(
        ("source", "answer", "why"),
        [
            ("news", say(b"", 404), "HTTP status 404"),
            ("news", say(b"<title>Sign in</title>"), "finds nothing on the page, which is titled 'Sign in'"),
            ("forum", say(PAGE), "not JSON"),
        ],
    )
    def test_what_can_not_be_read_is_said(self, site: Site, source: str, answer: Answer, why: str) -> None:
        """The exit code is 3."""
        site.trouble = answer
        result = run("try", source)
        assert (result.exit_code, result.stdout) == (3, "")
        assert result.stderr.startswith("error: ")
        assert why in result.stderr

    def test_an_unknown_source_gets_a_suggestion(self, site: Site) -> None:
        """The exit code is 2."""
        result = run("try", "mews")
        assert (result.exit_code, result.stderr) == (2, "error: no source is called 'mews'; did you mean 'news'?\n")


class TestDiscover:
    """``discover``: feeds, or a table to paste."""

    def test_feeds_are_listed(self, site: Site) -> None:
        """And then nothing else is proposed."""
        site.page = say(b'<link rel=alternate type=application/atom+xml title="All [news]" href=/news.atom>' + PAGE)
        result = run("discover", site.url)
        assert result.exit_code == 0
        assert f"http://127.0.0.1:{site.port}/news.atom" in result.stdout
        assert "All [news]" in result.stdout
        assert "[NAME]" not in result.stdout

    def test_without_feeds_a_table_to_paste_is_proposed(self, site: Site) -> None:
        """It is TOML, and a source of what it says catches the entries."""
        entry = b'<li><h3><a href="/n/%d">The story with "number" %d</a></h3><time>Jan %d, 2024</time></li>'
        site.page = say(b"<ul class=news>" + b"".join(entry % (i, i, i) for i in range(1, 6)) + b"</ul>")
        result = run("discover", site.url)
        assert result.exit_code == 0
        assert result.stdout.startswith("no feed is named, but entries might be caught by:\n\n# 5 entries: The story")
        table = tomllib.loads(result.stdout.partition("\n")[2])["NAME"]
        assert table == {
            "type": "page", "url": site.url, "entry": "ul.news > li", "title": "h3", "link": "a@href", "date": "time",
        }  # fmt: skip

    def test_a_page_with_nothing_says_so(self, site: Site) -> None:
        """Which is no failure."""
        site.page = say(b"<p>Hello</p>")
        result = run("discover", site.url)
        assert (result.exit_code, result.stdout) == (0, "no feed is named, and nothing is listed\n")

    def test_json_for_scripts(self, site: Site) -> None:
        """Feeds and proposals alike."""
        site.page = say(b'<a href="/feed.xml">RSS</a>')
        found = json.loads(run("discover", site.url, "--json").stdout)
        assert found == {"feeds": [{"url": f"http://127.0.0.1:{site.port}/feed.xml", "title": "RSS", "media_type": ""}],
                         "proposals": []}  # fmt: skip

    @pytest.mark.parametrize("answer", [say(b"", 404), say(b""), say(b" " * 5_000_001)])
    def test_what_is_no_page_is_said(self, site: Site, answer: Answer) -> None:
        """The exit code is 3."""
        site.trouble = answer
        result = run("discover", site.url)
        assert (result.exit_code, result.stdout) == (3, "")
        assert result.stderr.startswith("error: ")

    @pytest.mark.parametrize("url", ["file:///etc/passwd", "example", "http://"])
    def test_what_is_no_address_is_said(self, site: Site, url: str) -> None:
        """The exit code is 3: it is the fetcher that says what may be asked."""
        assert run("discover", url).exit_code == 3
