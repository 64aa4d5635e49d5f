"""The Nu checker, the W3C's own, on the HTML of every page, and on our style sheets and icons."""

import json
import subprocess
from itertools import product
from pathlib import Path

import pytest

from tests.browser.site import PAGES
from tests.entries import ROOT
from tests.servers import Running, ask, program

pytestmark = [pytest.mark.service("java"), pytest.mark.service("vnu-jar")]

STATIC = ROOT / "feedserver" / "web" / "static"


def test_the_html_of_every_page_is_valid(site: Running, tmp_path: Path) -> None:
    """Without an error or a warning, in both languages."""
    for page, language in product(PAGES, ("en", "de")):
        answer = ask(site.address + page.path, Accept="text/html", **{"Accept-Language": language})
        assert (answer.status, answer.headers["Content-Type"]) == (page.status, "text/html; charset=utf-8"), page
        (tmp_path / f"{page.name}-{language}.html").write_bytes(answer.body)
    assert _complaints("--html", *tmp_path.iterdir()) == []


def test_our_style_sheets_are_valid() -> None:
    """Every one."""
    assert _complaints("--css", *STATIC.rglob("*.css")) == []


def test_our_drawings_are_valid() -> None:
    """Every one."""
    assert _complaints("--svg", *STATIC.rglob("*.svg")) == []


def _complaints(kind: str, *files: Path) -> list[str]:
    """Return what the checker says of files, which it takes for one kind of thing."""
    assert files
    command = [
        program("java") or "",
        "-jar",
        program("vnu-jar") or "",
        "--no-langdetect",
        "--format",
        "json",
        kind,
        *map(str, files),
    ]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120)
    messages = json.loads(done.stderr)["messages"]
    return [
        f"{Path(message.get('url', '')).name}:{message.get('lastLine')}: {message['message']} {message.get('extract')}"
        for message in messages
    ]
