"""Fixtures that several rooms' tests stand on: a store in a temporary folder, settings, the app."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from feedserver.config import LimitSettings, Settings
from feedserver.config.build import STORE_FILE
from feedserver.config.settings import RefreshSettings
from feedserver.store import SqliteStore
from feedserver.web import create_app
from tests.entries import make_listing, sample
from tests.house import LISTED, House
from tests.servers import program
from tests.upstream import DAY, IMPATIENT, Time, Upstream, fetching

FEEDS = """\
[feeds.all]
title = "All papers"

[feeds.diffusion]
title = "Diffusion and flow matching"
q = 'diffusion OR "flow matching" -medical'
authors = ["Y. Song", "Yaron Lipman"]
min_upvotes = 20
"""
RETIRED = """
[feeds.diffuse]
moved = "diffusion"

[feeds.gans]
gone = true
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store that holds the sample."""
    opened = SqliteStore(tmp_path / "store.sqlite")
    opened.put(make_listing(*sample()))
    yield opened
    opened.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with two feeds, no refreshing, and no limits: tests ask more in a minute than people do."""
    config_dir = tmp_path / "config"
    config_dir.mkdir()
    (config_dir / "feeds.toml").write_text(FEEDS, encoding="utf-8")
    os.utime(config_dir / "feeds.toml", (1_700_000_000, 1_700_000_000))  # so that any edit is a later one
    return Settings(
        data_dir=tmp_path,
        config_dir=config_dir,
        refresh=RefreshSettings(enabled=False),
        limits=LimitSettings(enabled=False),
    )


@pytest.fixture
def app(settings: Settings, store: SqliteStore, tmp_path: Path) -> Iterator[Flask]:
    """The app over the sample."""
    store.close()
    shutil.move(tmp_path / "store.sqlite", tmp_path / "feedserver.sqlite")
    made = create_app(settings)
    made.testing = True
    yield made
    made.extensions["feedserver"].store.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house with an empty store; upstream lists three papers today."""
    time = Time()
    with Upstream({DAY: list(LISTED)}) as upstream, fetching(tmp_path, IMPATIENT, time) as fetcher:
        store = SqliteStore(tmp_path / STORE_FILE)
        yield House(upstream, fetcher, store, time)
        store.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose program is missing; where FEEDSERVER_CI is set, as `.ci/run` does, let it fail."""
    for marker in item.iter_markers("service"):
        (name,) = marker.args
        if program(name) is None:
            say = pytest.fail if os.environ.get("FEEDSERVER_CI") else pytest.skip
            say(f"{name} is not installed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--golden``."""
    parser.addoption("--golden", action="store_true", help="write the golden files anew")
