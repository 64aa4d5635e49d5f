"""The demo: what its upstream lists fills every feed that its configuration defines."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from feedserver.cli import main
from feedserver.config import load_definitions, load_settings
from feedserver.demo import serve_sample, write_config
from feedserver.demo.sample import listing
from feedserver.sources.daily_papers import parse_list
from tests.upstream import DAY, NOW

SAMPLE = json.loads(files("feedserver.demo").joinpath("papers.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a demo that has been refreshed once."""
    folder = tmp_path_factory.mktemp("demo")
    with serve_sample() as url:
        write_config(folder, url)
        environment = {"FEEDSERVER_DATA_DIR": str(folder), "FEEDSERVER_CONFIG_DIR": str(folder), "HF_TOKEN": ""}
        result = CliRunner(env=environment).invoke(main, ["refresh", "--json"])
        assert (result.exit_code, json.loads(result.stdout)["errors"]) == (0, [])
        yield environment


def shown(demo: dict[str, str], feed: str) -> set[str]:
    """Return the titles in a feed, as a reader gets them."""
    result = CliRunner(env=demo).invoke(main, ["render", feed, "--format", "json"])
    assert result.exit_code == 0, result.output
    return {item["title"] for item in json.loads(result.stdout)["items"]}


def test_every_feed_of_the_demo_has_entries(demo: dict[str, str]) -> None:
    feeds = load_definitions(Path(demo["FEEDSERVER_CONFIG_DIR"]))

    assert set(feeds) == {"all", "diffusion", "attention"}
    assert all(shown(demo, name) for name in feeds)


def test_the_demo_shows_all_of_its_papers(demo: dict[str, str]) -> None:
    assert shown(demo, "all") == {paper["title"] for paper in SAMPLE}


def test_the_filters_of_the_demo_leave_something_out(demo: dict[str, str]) -> None:
    diffusion = shown(demo, "diffusion")

    assert "Flow Matching for Generative Modeling" in diffusion
    assert "U-Net: Convolutional Networks for Biomedical Image Segmentation" not in diffusion  # -medical
    assert shown(demo, "attention") < shown(demo, "all")


def test_the_demo_keeps_to_loopback(demo: dict[str, str]) -> None:
    settings = load_settings(demo)

    assert [source.request("2026-01-09").url.startswith("http://127.0.0.1:") for source in settings.sources] == [True]
    assert settings.refresh.look_back >= max(paper["days_ago"] for paper in SAMPLE)


def test_every_paper_of_the_sample_has_its_own_arxiv_id() -> None:
    ids = [paper["id"] for paper in SAMPLE]

    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"\d{2}(0[1-9]|1[0-2])\.\d{4,5}", arxiv_id) for arxiv_id in ids)


def test_every_paper_of_the_sample_is_an_entry_of_its_day() -> None:
    found = {}
    for age in range(8):
        day = DAY - timedelta(days=age)
        read = parse_list(json.dumps(listing(day, DAY)).encode(), "daily-papers", day, NOW)
        assert read.refused == ()
        found |= {entry.id: entry for entry in read.entries}

    assert len(found) == len(SAMPLE)
    for paper in SAMPLE:
        entry = found[f"https://arxiv.org/abs/{paper['id']}"]
        assert entry.listed.date() == DAY - timedelta(days=paper["days_ago"])
        assert (entry.title, entry.summary, entry.upvotes) == (paper["title"], paper["summary"], paper["upvotes"])
        assert entry.authors == tuple(paper["authors"])


def test_a_paper_of_the_sample_is_as_old_as_its_arxiv_id() -> None:
    """The id begins with year and month of the paper."""
    for paper in SAMPLE:
        published = date.fromisoformat(paper["publishedAt"][:10])
        assert f"{published:%y%m}" == paper["id"][:4], paper["title"]


def test_the_upstream_of_the_demo_answers_as_the_real_one_does() -> None:
    today = datetime.now(UTC).date().isoformat()
    with serve_sample() as url, requests.Session() as session:
        first = session.get(url, params={"date": today, "limit": "100"}, timeout=10)
        again = session.get(url, params={"date": today}, headers={"If-None-Match": first.headers["ETag"]}, timeout=10)
        beyond = session.get(url, params={"date": today, "p": "1"}, timeout=10)
        wrong = session.get(url, params={"date": "2025-13-40"}, timeout=10)
        missing = session.get(url, timeout=10)

    assert isinstance(first.json(), list)
    assert (again.status_code, again.content) == (304, b"")
    assert beyond.json() == []
    assert (wrong.status_code, missing.status_code) == (400, 400)
