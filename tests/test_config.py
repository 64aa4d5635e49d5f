"""config/*.toml and the environment: strict, with file, key and remedy in each message; reloaded when it changes."""

from pathlib import Path

import pytest

from feedserver.config import Definitions, load_definitions, load_settings
from feedserver.errors import ConfigError
from feedserver.filters import describe
from feedserver.query import PARAMETERS
from feedserver.refresh import Schedule
from tests.entries import ROOT


def write(folder: Path, **files: str) -> dict[str, str]:
    """Write config files and return an environment that points at them."""
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return {"FEEDSERVER_CONFIG_DIR": str(folder), "FEEDSERVER_DATA_DIR": str(folder / "data")}


def test_the_shipped_configuration_is_good() -> None:
    """And holds feeds that a reader of research would keep."""
    assert load_settings({"FEEDSERVER_CONFIG_DIR": str(ROOT / "config")}).refresh.enabled
    assert {"all", "popular", "diffusion"} <= set(load_definitions(ROOT / "config"))


def test_a_definition_reads_as_the_address_does(tmp_path: Path) -> None:
    """Texts, numbers, dates and lists of TOML mean what they mean in an address."""
    write(
        tmp_path,
        feeds="""
        [feeds.diffusion]
        title = "Diffusion and flow matching"
        q = 'diffusion OR "flow matching" -medical'
        authors = ["Y. Song", "Yaron Lipman"]
        min_upvotes = 20
        since = 2026-01-01
        """,
    )
    query = load_definitions(tmp_path)["diffusion"].query
    assert query.title == "Diffusion and flow matching"
    assert describe(query.filter) == (
        "“diffusion” or “flow matching”, not “medical”, by Y. Song or by Yaron Lipman, "
        "at least 20 upvotes, listed from 2026-01-01"
    )


def test_a_name_that_has_no_feed_any_more_says_what_became_of_it(tmp_path: Path) -> None:
    """It is none of the feeds; a feed may take the name again later."""
    retired = "[feeds.flow]\nmoved = 'diffusion'\n[feeds.gans]\ngone = true\n[feeds.diffusion]\nlimit = 5\n"
    write(tmp_path, feeds=retired)
    catalogue = load_definitions(tmp_path)
    assert (list(catalogue), catalogue.moved, catalogue.gone) == (["diffusion"], {"flow": "diffusion"}, {"gans"})
    write(tmp_path, feeds=retired.replace("gone = true", "limit = 3"))
    assert list(load_definitions(tmp_path)) == ["gans", "diffusion"]


def test_the_words_for_what_became_of_a_feed_are_no_parameters() -> None:
    """Or a definition could not hold them."""
    assert {"moved", "gone"}.isdisjoint(parameter.name for parameter in PARAMETERS)


def test_no_file_is_no_feeds_and_all_defaults(tmp_path: Path) -> None:
    """The server starts without any configuration."""
    assert load_definitions(tmp_path) == {}
    assert load_settings(write(tmp_path)).refresh.schedule == Schedule()


BROKEN_DEFINITIONS = [
    ("[feeds.x]\nmin_upvote = 5", "feeds.toml: feeds.x: unknown parameter 'min_upvote'; did you mean 'min_upvotes'?"),
    ("[feeds.x]\nq = '(a'", "feeds.toml: feeds.x: q at position 2: did not expect the end; expected )"),
    ("[feeds.x]\nlimit = true", "feeds.toml: feeds.x.limit: give a text"),
    ("[feeds.x]\nlimit = 1.5", "feeds.toml: feeds.x.limit: give a text"),
    ("[feeds.'a b']\nlimit = 1", "feeds.toml: feeds.a b: a name is lower-case letters"),
    ("[feed.x]\nlimit = 1", "feeds.toml: feed: unknown; a feed is written [feeds.name]"),
    ("feeds = 3", "feeds.toml: feeds: a feed is written [feeds.name]"),
    ("[feeds]\nx = 3", "feeds.toml: feeds.x: write it as a table"),
    ("[feeds.x", "feeds.toml: not TOML"),
    ("[feeds.x]\nmoved = 'yy'\n[feeds.y]\n[feeds.yyy]\ngone = true", "no feed is named 'yy'; did you mean 'y'?"),
    ("[feeds.x]\nmoved = 3", "feeds.toml: feeds.x.moved: give the name of a feed, not 3"),
    ("[feeds.x]\nmoved = 'y'\nlimit = 3\n[feeds.y]", "feeds.toml: feeds.x.limit: nothing stands beside 'moved'"),
    ("[feeds.x]\nmoved = 'y'\ngone = true\n[feeds.y]", "feeds.toml: feeds.x.moved: nothing stands beside 'gone'"),
    ("[feeds.x]\nmoved = 'x'", "feeds.toml: feeds.x.moved: 'x' has moved itself; name the feed that serves"),
    ("[feeds.x]\nmoved = 'y'\n[feeds.y]\nmoved = 'z'\n[feeds.z]", "feeds.toml: feeds.x.moved: 'y' has moved itself"),
    ("[feeds.x]\nmoved = 'y'\n[feeds.y]\ngone = true", "feeds.toml: feeds.x.moved: 'y' is gone; write gone = true"),
    ("[feeds.x]\ngone = false", "feeds.toml: feeds.x.gone: write gone = true, or define the feed, not False"),
    ("[feeds.x]\ngone = 1", "feeds.toml: feeds.x.gone: write gone = true"),
    ("[feeds.x]\ngone = true\ntitle = 'X'", "feeds.toml: feeds.x.title: nothing stands beside 'gone'; remove one"),
]


@pytest.mark.parametrize(("text", "said"), BROKEN_DEFINITIONS, ids=[text for text, _ in BROKEN_DEFINITIONS])
def test_a_broken_definition_is_refused_with_file_key_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    """Each message can be acted on."""
    write(tmp_path, feeds=text)
    with pytest.raises(ConfigError) as raised:
        load_definitions(tmp_path)
    assert said in str(raised.value)


BROKEN_SETTINGS = [
    ("[refresh]\ntodya = '5m'", "feedserver.toml: refresh.todya: unknown setting; did you mean 'refresh.today'?"),
    ("[refresh]\ntoday = 5", "feedserver.toml: refresh.today: give a duration such as"),
    ("[refresh]\nlook_back = -1", "feedserver.toml: refresh.look_back: "),
    ("[refresh]\nbudget = 0", "feedserver.toml: refresh.budget: "),
    ("[refresh]\nretry = '2h'", "feedserver.toml: refresh.retry: "),
    ("[server]\npublic_url = 'papers.example.org'", "feedserver.toml: server.public_url: "),
    ("[sources.daily-papers]\nurl = 'http://x.org'", "feedserver.toml: sources: they stand in sources.toml"),
    ("token = 'x'", "set it by environment"),
    ("server = 3", "feedserver.toml: server: "),
    ("[refresh]\nretry = '0s'", "feedserver.toml: refresh.retry: "),
    ("[server]\nmax_age = '99999999999d'", "feedserver.toml: server.max_age: give a duration"),
    ("[server]\npublic_url = 'https://a.org/?x=1'", "without user, password, question mark"),
    ("[websub]\nhub = 'https://hub.org'", "feedserver.toml: websub.hub: set server.public_url too (or FEEDSERVER_P"),
    ("[websub]\nhub = 'mailto:hub@x.org'", "feedserver.toml: websub.hub: "),
    ("[websub]\nhubs = 'https://hub.org'", "feedserver.toml: websub.hubs: unknown setting; did you mean 'websub.hub'?"),
    ("[fetch]\nallow = ['192.168.1.1/24']", "feedserver.toml: fetch.allow.0: "),
    ("[fetch]\nallow = ['localhost']", "feedserver.toml: fetch.allow.0: "),
    ("[fetch]\nports = [80, 65536]", "feedserver.toml: fetch.ports.1: "),
    ("[websub]\nquiet = '1s'", "feedserver.toml: websub.quiet: "),
    ("[websub]\nretry = '2h'", "feedserver.toml: websub.retry: "),
]


@pytest.mark.parametrize(("text", "said"), BROKEN_SETTINGS, ids=[text for text, _ in BROKEN_SETTINGS])
def test_a_broken_setting_is_refused_with_file_key_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    """Each message can be acted on."""
    with pytest.raises(ConfigError) as raised:
        load_settings(write(tmp_path, feedserver=text))
    assert said in str(raised.value)


def test_the_environment_goes_before_the_file_and_keeps_the_token_out_of_sight(tmp_path: Path) -> None:
    """A token never shows in a representation or a log."""
    environment = write(tmp_path, feedserver="[server]\npublic_url = 'https://file.example.org'")
    made = load_settings(
        {**environment, "FEEDSERVER_PUBLIC_URL": "https://env.example.org/sub/", "HF_TOKEN": "hf_secret"}
    )
    assert made.public_url == "https://env.example.org/sub"
    assert made.token is not None
    assert "hf_secret" not in repr(made)
    assert made.data_dir == tmp_path / "data"


def test_a_hub_is_content_with_a_public_address_from_the_environment(tmp_path: Path) -> None:
    """Topics need one fixed address, wherever it is set."""
    environment = write(tmp_path, feedserver="[websub]\nhub = 'https://hub.example.org/'")
    made = load_settings({**environment, "FEEDSERVER_PUBLIC_URL": "https://papers.example.org"})
    assert made.hub_url == "https://hub.example.org/"
    assert load_settings(write(tmp_path, feedserver="")).hub_url is None


def test_a_token_from_a_file_with_a_line_end_is_taken_and_an_odd_one_is_not_shown(tmp_path: Path) -> None:
    """What is wrong with a secret is said without it."""
    environment = write(tmp_path)
    made = load_settings({**environment, "HF_TOKEN": "hf_secret\n"})
    assert made.token is not None
    assert made.token.get_secret_value() == "hf_secret"
    with pytest.raises(ConfigError) as raised:
        load_settings({**environment, "HF_TOKEN": "hf_sec\nret"})
    assert "sec" not in str(raised.value)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    """Some editors write one."""
    write(tmp_path, feeds="\ufeff[feeds.one]\nlimit = 1")
    assert list(load_definitions(tmp_path)) == ["one"]


def test_a_config_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A typing error in the environment must not start a server without feeds."""
    with pytest.raises(ConfigError, match="FEEDSERVER_CONFIG_DIR"):
        load_settings({"FEEDSERVER_CONFIG_DIR": str(tmp_path / "absent")})


def test_definitions_are_read_again_when_the_file_changes(tmp_path: Path) -> None:
    """A broken edit keeps the last good ones and says so, until it is mended."""
    seconds = iter(range(0, 100, 2))
    write(tmp_path, feeds="[feeds.one]\nlimit = 1")
    definitions = Definitions(tmp_path, clock=lambda: float(next(seconds)))
    assert list(definitions.current()) == ["one"]
    write(tmp_path, feeds="[feeds.one]\nlimit = 1\n[feeds.two]\nlimit = 2")
    assert list(definitions.current()) == ["one", "two"]
    write(tmp_path, feeds="[feeds.one]\nlimit = 1\n[feeds.two]\nlimit = 2000")
    assert list(definitions.current()) == ["one", "two"]
    assert "limit: 2000 is not between" in str(definitions.error)
    write(tmp_path, feeds="[feeds.three]\nlimit = 3")
    assert list(definitions.current()) == ["three"]
    assert definitions.error is None
    (tmp_path / "feeds.toml").unlink()  # as some editors do for a moment when they save
    assert list(definitions.current()) == ["three"]
    assert "is gone" in str(definitions.error)


def test_the_file_is_looked_at_once_a_second_at_most(tmp_path: Path) -> None:
    """Requests in between cost nothing."""
    write(tmp_path, feeds="[feeds.one]\nlimit = 1")
    definitions = Definitions(tmp_path, clock=lambda: 0.0)
    write(tmp_path, feeds="[feeds.one]\nlimit = 1\n[feeds.two]\nlimit = 2")
    assert list(definitions.current()) == ["one"]
