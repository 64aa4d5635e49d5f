"""A whole server on loopback over a made-up shelf, and ``PAGES``, the one table of what it shows to people."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import tomlkit

from tests.browser.shelf import CASES, HARD, LONG_TITLE, fill, hard_id
from tests.servers import COMMANDS, Running, free_port, listening

SETTINGS = "[server]\ntrusted_proxies = 1\n\n[refresh]\nenabled = false\n\n[limits]\nenabled = false\n"
FEEDS: Mapping[str, Mapping[str, object]] = {
    "all": {"title": "All papers"},
    "flow": {"group": "Generation", "title": "Flow matching", "q": '"flow matching" -protein', "per_day": 3},
    "popular": {"group": "By votes", "title": "Popular papers", "min_upvotes": 50},
    "hard": {"title": "Hard cases: <b>markup</b> & more", "q": f'keyword:"{HARD}"'},
    "nothing": {"title": "A feed without entries", "keywords": ["zyzzyva"]},
}


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its name in tests and screenshots, its address below the site's, its status."""

    name: str
    path: str
    status: int = 200


def at(path: str, **parameters: object) -> str:
    """Return a path with parameters."""
    return f"{path}?{urlencode(parameters)}"


WANTED = {"keywords": "flow matching", "exclude": "protein", "per_day": 3}
_HARD = f'keyword:"{HARD}"'

PAGES: tuple[Page, ...] = (
    Page("catalogue", "/"),
    Page("builder", "/build"),
    Page("builder-filled", at("/build", **WANTED)),
    Page("builder-error", at("/build", q="flow (matching", min_upvotes="many")),
    Page("builder-hard", at("/build", q=_HARD, title=LONG_TITLE[:200], show="all", sort="upvotes")),
    Page("feed", "/feeds/flow"),
    Page("feed-hard", "/feeds/hard"),
    Page("feed-empty", "/feeds/nothing"),
    Page("query", at("/feed", q="diffusion -medical", min_upvotes=20)),
    Page("digest", at("/feed", q="diffusion", top="5/week", digest="week")),
    Page("history", "/feeds/all/r1"),
    *(Page(f"entry-{name}", at("/entry", id=hard_id(number))) for number, name in enumerate(CASES, 1)),
    Page("embed", "/embed/flow"),
    Page("embed-cards", at("/embed/hard", layout="cards", theme="dark", accent="7a3fb0")),
    Page("embed-compact", at("/embed", q="diffusion", layout="compact", count=30)),
    Page("embed-empty", "/embed/nothing"),
    Page("error", "/feeds/floww", status=404),
    Page("error-query", at("/feed", q="flow (matching"), status=400),
    Page("status", "/status"),
)


@contextmanager
def serving(folder: Path, feeds: Mapping[str, Mapping[str, object]] = FEEDS) -> Iterator[Running]:
    """Start ``feedserver serve`` over a folder, whose store is there already; end it by its process id."""
    (folder / "config").mkdir()
    (folder / "config" / "feeds.toml").write_text(tomlkit.dumps({"feeds": feeds}), encoding="utf-8")
    (folder / "config" / "feedserver.toml").write_text(SETTINGS, encoding="utf-8")
    port = free_port()
    environment = {
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "FEEDSERVER_DATA_DIR": str(folder / "data"),
        "FEEDSERVER_CONFIG_DIR": str(folder / "config"),
    }
    with listening(COMMANDS["serve"], port, environment) as server:
        yield server


@contextmanager
def showing(folder: Path) -> Iterator[Running]:
    """Start a server over the made-up shelf, as of today."""
    (folder / "data").mkdir(parents=True)
    fill(folder / "data" / "feedserver.sqlite", datetime.now(UTC).replace(microsecond=0))
    with serving(folder) as server:
        yield server
