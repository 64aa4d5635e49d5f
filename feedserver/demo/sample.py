"""The sample: well-known papers, with abstracts in our own words, as the list call answers them; the demo's config."""

import json
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from feedserver.model import midnight

_SETTINGS = """\
[refresh]
look_back = 7

[fetch]
pause = "0s"
allow = ["127.0.0.1"]
"""

_SOURCES = """\
[daily-papers]
url = "{url}"
"""

_FEEDS = """\
[feeds.all]
title = "All papers of the demo"

[feeds.diffusion]
title = "Diffusion and flow matching"
q = 'diffusion OR "flow matching" -medical'
min_upvotes = 20

[feeds.attention]
title = "Attention and what may come after it"
keywords = ["attention", "state space"]
"""


def listing(day: date, today: date) -> list[dict[str, Any]]:
    """Return the elements of the list call for ``day``: those of the sample that belong so many days before today."""
    papers = json.loads(files("feedserver.demo").joinpath("papers.json").read_text(encoding="utf-8"))
    return [_element(paper, day) for paper in papers if paper["days_ago"] == (today - day).days]


def write_config(folder: Path, upstream_url: str) -> None:
    """Write settings, sources and feeds for the demo into ``folder``."""
    (folder / "feedserver.toml").write_text(_SETTINGS, encoding="utf-8")
    (folder / "sources.toml").write_text(_SOURCES.format(url=upstream_url), encoding="utf-8")
    (folder / "feeds.toml").write_text(_FEEDS, encoding="utf-8")


def _element(paper: dict[str, Any], day: date) -> dict[str, Any]:
    listed = _spell(midnight(day))
    published = _spell(midnight(day - timedelta(days=1)))
    optional = {name: paper[name] for name in ("githubRepo", "githubStars", "projectPage") if name in paper}
    return {
        "paper": {
            "id": paper["id"],
            "title": paper["title"],
            "summary": paper["summary"],
            "authors": [{"name": name, "hidden": False} for name in paper["authors"]],
            "publishedAt": paper.get("publishedAt", published),
            "submittedOnDailyAt": listed,
            "upvotes": paper["upvotes"],
            "ai_keywords": paper["keywords"],
            **optional,
        },
        "publishedAt": published,
        "title": paper["title"],
        "numComments": paper["comments"],
        "submittedBy": {"name": "demo", "fullname": "Demo"},
        **({"organization": paper["organization"]} if "organization" in paper else {}),
    }


def _spell(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z")
