"""Ten feeds over the captured listings, against a plain reading of the same JSON that shares no code with ours."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import feedparser
import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedserver.config import LimitSettings, Settings, open_store
from feedserver.config.settings import RefreshSettings
from feedserver.sources.daily_papers import parse_list
from feedserver.web import create_app
from tests.entries import CAPTURED, OBSERVED, ROOT, needs_captured
from tests.test_render import assert_valid

pytestmark = needs_captured

Element = dict[str, Any]


def text(element: Element) -> str:
    """Return title and summary, apart."""
    return " | ".join(" ".join(element["paper"][field].split()) for field in ("title", "summary")).lower()


def organisation(element: Element) -> str:
    """Return handle and name of the organisation."""
    holder = element["paper"].get("organization") or element.get("submitterOrganization") or {}
    return f"{holder.get('name', '')} | {holder.get('fullname', '')}".lower()


def says(pattern: str) -> Callable[[Element], bool]:
    """Look for a pattern in title and summary."""
    return lambda element: re.search(pattern, text(element)) is not None


def written_by(pattern: str) -> Callable[[Element], bool]:
    """Look for a pattern among the names of authors who are shown."""
    return lambda element: any(
        re.fullmatch(pattern, author["name"]) for author in element["paper"]["authors"] if not author["hidden"]
    )


CASES: list[tuple[str, Callable[[Element], bool]]] = [
    ("", lambda element: True),
    ("min_upvotes=50", lambda element: element["paper"]["upvotes"] >= 50),
    ("q=diffusion", says(r"\bdiffus(ion|ions|e|ed|es|ing|ely)\b")),
    ('q="flow matching" -video', lambda e: says(r"\bflows?\W+match(ing|ed|es)?\b")(e) and not says(r"\bvideos?\b")(e)),
    (
        "keywords=mamba,state space&min_upvotes=10",
        lambda e: says(r"\bmambas?\b|\bstate[ -]spaces?\b")(e) and e["paper"]["upvotes"] >= 10,
    ),
    ("authors=Y. Song", written_by(r"(.* )?Y\S*( .*)? Song")),
    ("q=title:benchmark", lambda e: re.search(r"\bbenchmark(s|ing|ed)?\b", e["paper"]["title"].lower()) is not None),
    ("has=code&min_stars=100", lambda e: "githubRepo" in e["paper"] and e["paper"].get("githubStars", 0) >= 100),
    ("orgs=NVIDIA", lambda e: re.search(r"\bnvidia\b", organisation(e)) is not None),
    ("since=2025-12-01&until=2025-12-31&min_comments=3", lambda e: "2025-12" in e["day"][:7] and e["numComments"] >= 3),
]


@pytest.fixture(scope="module")
def elements() -> list[Element]:
    """The elements of every finished day, each paper once, on its first day."""
    found: dict[str, Element] = {}
    for file in sorted((CAPTURED / "nextday").glob("*.json")):
        for element in json.loads(file.read_bytes()):
            known = found.setdefault(element["paper"]["id"], {**element, "day": file.stem})
            for count in {"upvotes", "githubStars"} & set(element["paper"]):  # on two days: the higher count
                known["paper"][count] = max(element["paper"][count], known["paper"].get(count, 0))
    return list(found.values())


@pytest.fixture(scope="module")
def captured_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app over a store into which those days were imported."""
    folder: Path = tmp_path_factory.mktemp("captured")
    settings = Settings(
        data_dir=folder,
        config_dir=ROOT / "config",
        refresh=RefreshSettings(enabled=False),
        limits=LimitSettings(enabled=False),
    )
    store = open_store(settings)
    for file in sorted((CAPTURED / "nextday").glob("*.json")):
        store.put(parse_list(file.read_bytes(), "daily-papers", date.fromisoformat(file.stem), OBSERVED))
    store.close()
    app = create_app(settings)
    yield app
    app.extensions["feedserver"].store.close()


@pytest.mark.parametrize(("query", "admits"), CASES, ids=[query or "everything" for query, _ in CASES])
def test_a_feed_holds_what_a_plain_scan_finds(
    captured_app: Flask, elements: list[Element], query: str, admits: Callable[[Element], bool]
) -> None:
    """The same ids in all formats, newest listing first, and every document valid."""
    client: FlaskClient = captured_app.test_client()
    wanted = {f"https://arxiv.org/abs/{e['paper']['id']}": e["day"] for e in elements if admits(e)}
    bodies = {
        name: client.get(f"/feed.{name}?{query}&sort=listed&limit=200&math=raw").data
        for name in ("rss", "atom", "json")
    }
    for name, body in bodies.items():
        assert_valid(name, body)
    items = json.loads(bodies["json"])["items"]
    ids = [item["id"] for item in items]
    assert len(wanted) > 3
    assert [item["_feedserver"]["listed"][:10] for item in items] == sorted(wanted.values(), reverse=True)[:200]
    assert {(item["id"], item["_feedserver"]["listed"][:10]) for item in items} <= set(wanted.items())
    for name in ("rss", "atom"):
        assert [entry.id for entry in feedparser.parse(bodies[name]).entries] == ids


def test_titles_and_abstracts_arrive_whole(captured_app: Flask, elements: list[Element]) -> None:
    """Every abstract with a sign that could be taken for markup."""
    tricky = [e for e in elements if set(text(e)) & set("<&")]
    assert len(tricky) > 20
    client = captured_app.test_client()
    atom = {}
    for day in {e["day"] for e in tricky}:
        parsed = feedparser.parse(
            client.get(f"/feed.atom?since={day}&until={day}&limit=200&math=raw").data, sanitize_html=False
        )
        atom.update({entry.id: entry for entry in parsed.entries})
    for element in tricky:
        entry = atom[f"https://arxiv.org/abs/{element['paper']['id']}"]
        assert f"{entry.title} | {entry.summary}".lower() == text(element)
