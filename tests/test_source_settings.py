"""``sources.toml``: what it says is what is asked; what is wrong is refused; and packages bring kinds of their own."""

import re
import sys
import textwrap
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from feedserver.config import load_settings
from feedserver.config.sources import load_sources
from feedserver.errors import ConfigError
from feedserver.sources import IMPORTED, KINDS, Answer, DailyPapers, kind_named, kinds
from tests.entries import ROOT
from tests.upstream import NOW


def load(folder: Path, text: str) -> list[str]:
    """Return the names of the sources of a file."""
    (folder / "sources.toml").write_text(text, encoding="utf-8")
    return [source.name for source in load_sources(folder)]


def test_without_a_file_there_is_daily_papers(tmp_path: Path) -> None:
    """So that nothing has to be set up."""
    assert load_sources(tmp_path) == (DailyPapers(),)


def test_a_table_is_a_source(tmp_path: Path) -> None:
    """Its name is the table's, whatever the kind."""
    text = '[lab]\ntype = "feed"\nurl = "https://lab.example.org/feed"\nevery = "2h"\n'
    assert load(tmp_path, text) == ["daily-papers", "lab"]
    assert load_sources(tmp_path)[1].every == timedelta(hours=2)


def test_a_source_is_switched_off(tmp_path: Path) -> None:
    """Daily Papers too."""
    assert load(tmp_path, '[daily-papers]\nenabled = false\n[huggingface]\nlist = "trending"\n') == ["huggingface"]


def test_the_token_goes_to_hugging_face_alone(tmp_path: Path) -> None:
    """And shows nowhere."""
    (tmp_path / "sources.toml").write_text('[lab]\ntype = "feed"\nurl = "https://x.org/"\n', encoding="utf-8")
    daily, lab = load_sources(tmp_path, "hf_secret")
    assert daily.request("2026-01-09").headers == {"Authorization": "Bearer hf_secret"}
    assert "Authorization" not in lab.request("current").headers
    assert "hf_secret" not in repr((daily, lab))


BROKEN = [
    ("[Lab]\ntype = 'feed'", "Lab: a name is lower-case letters, digits and single hyphens"),
    ("lab = 3", "lab: write it as a table, [lab]"),
    ("[lab]\nurl = 'https://x.org'", "lab.type: is missing: one of daily-papers, "),
    ("[import]\ntype = 'feed'\nurl = 'https://x.org'", "import: that is the name of what is imported"),
    ("[arxiv]\ncategories = 'cs.LG'", "arxiv.categories: give a list of texts, as in [\"cs.LG\"], not 'cs.LG'"),
    ("[lab]\ntype = 'fead'", "lab.type: unknown kind of source 'fead'; did you mean 'feed'?"),
    ("[lab]\ntype = 'feed'", "lab.url: is missing: "),
    (
        "[lab]\ntype = 'feed'\nurl = 'https://x.org'\nevry = '1h'",
        "lab.evry: unknown setting of 'feed'; did you mean 'ev",
    ),
    ("[lab]\ntype = 'feed'\nurl = 'ftp://x.org'", "lab.url: give an address that begins with http"),
    ("[lab]\ntype = 'feed'\nurl = 3", "lab.url: give a text, not 3"),
    ("[lab]\ntype = 'feed'\nurl = 'https://x.org'\nevery = 5", "lab.every: give a duration such as"),
    ("[lab]\ntype = 'feed'\nurl = 'https://x.org'\nevery = '5s'", "lab.every: at least a minute"),
    ("[lab]\ntype = 'feed'\nurl = 'https://x.org'\nenabled = 'no'", "lab.enabled: true or false, not 'no'"),
    ("[huggingface]\nlist = 'search'", 'huggingface: list = "search" needs a query'),
    ("[huggingface]\nlist = 'serch'", "huggingface.list: Input should be 'search'"),
]


@pytest.mark.parametrize(("text", "said"), BROKEN, ids=[text for text, _ in BROKEN])
def test_what_is_wrong_is_told_with_file_key_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    """Each message can be acted on."""
    with pytest.raises(ConfigError, match=re.escape(f"sources.toml: {said}")):
        load(tmp_path, text)


@pytest.mark.parametrize("address", ["http://u:secret@x.org/feed", "https://secret@x.org"])
def test_a_password_in_an_address_is_refused_and_not_shown(tmp_path: Path, address: str) -> None:
    """It would be asked for, and shown on the status page."""
    with pytest.raises(ConfigError, match="without user and password") as raised:
        load(tmp_path, f"[lab]\ntype = 'feed'\nurl = '{address}'")
    assert "secret" not in str(raised.value)


def test_a_filter_may_ask_for_every_source_that_is_set_up(tmp_path: Path) -> None:
    """And for what is imported."""
    (tmp_path / "sources.toml").write_text('[lab]\ntype = "feed"\nurl = "https://x.org/"\n', encoding="utf-8")
    settings = load_settings({"FEEDSERVER_CONFIG_DIR": str(tmp_path)})
    assert settings.source_names == {"daily-papers", "lab", *IMPORTED}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_there_and_has_a_name_of_its_own(kind: str) -> None:
    """The table leads to a class with settings."""
    assert kind_named(kind).__doc__


class TestPackages:
    """A package brings a kind of source by an entry point."""

    @pytest.fixture
    def installed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        """Install the example of the documents, as pip would leave it."""
        text = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8").split("## A source of your own")[1]
        module, project = re.findall(r"```(?:python|toml)\n(.*?)```", text, re.DOTALL)[:2]
        (entry_point,) = re.findall(r'^(\w+ = "\w+:\w+")$', project, re.MULTILINE)
        (tmp_path / "changelog_source.py").write_text(module, encoding="utf-8")
        distribution = tmp_path / "changelog_source-1.0.dist-info"
        distribution.mkdir()
        (distribution / "METADATA").write_text("Metadata-Version: 2.1\nName: changelog-source\nVersion: 1.0\n")
        points = f"[feedserver.sources]\n{entry_point.replace(chr(34), '')}\n"
        (distribution / "entry_points.txt").write_text(points)
        monkeypatch.syspath_prepend(tmp_path)
        yield tmp_path
        sys.modules.pop("changelog_source", None)

    def test_it_is_set_up_like_any_other(self, installed: Path) -> None:
        """With settings of its own, checked alike."""
        assert "changelog" in kinds()
        assert load(installed, '[ours]\ntype = "changelog"\nproject = "feedserver"\n') == ["daily-papers", "ours"]
        with pytest.raises(ConfigError, match="unknown setting of 'changelog'"):
            load(installed, '[ours]\ntype = "changelog"\nprojekt = "feedserver"\n')

    def test_the_example_reads_what_it_says(self, installed: Path) -> None:
        """So that people may begin with it."""
        load(installed, '[ours]\ntype = "changelog"\nproject = "feedserver"\n')
        (_, source) = load_sources(installed)
        body = textwrap.dedent("""
            [{"version": "1.2", "date": "2026-01-05", "notes": "Faster."},
             {"version": "", "date": "2026-01-04", "notes": "No version."}]
        """)
        page = source.parse(Answer(body.encode()), "current", NOW)
        assert [(entry.title, entry.sources) for entry in page.listing.entries] == [("feedserver 1.2", ("ours",))]
        assert len(page.listing.refused) == 1

    def test_it_does_not_get_the_token_of_hugging_face(self, installed: Path) -> None:
        """Even where it calls one of its settings so."""
        module = installed / "changelog_source.py"
        text = module.read_text(encoding="utf-8")
        every = "    every: timedelta = "
        assert every in text
        module.write_text(
            text.replace(every, f'    token: str = setting("of ours", default="")\n{every}'), encoding="utf-8"
        )
        sources = installed / "sources.toml"
        sources.write_text('[ours]\ntype = "changelog"\nproject = "feedserver"\n', encoding="utf-8")
        daily, ours = load_sources(installed, "hf_secret")
        assert (daily.token, ours.token) == ("hf_secret", "")  # type: ignore[attr-defined]  # of Daily Papers alone

    def test_one_that_cannot_be_loaded_is_told(self, installed: Path) -> None:
        """The server does not start with a part missing in silence."""
        (installed / "changelog_source.py").write_text("import nothing_of_that_name", encoding="utf-8")
        with pytest.raises(ConfigError, match="the package that brings 'changelog' can't be loaded"):
            load(installed, '[ours]\ntype = "changelog"\nproject = "feedserver"\n')
