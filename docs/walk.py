"""The walk of docs/walk.md -> its pictures, and how long it takes. ``make pictures``.

Papers and clock are always the same, so the pictures are, too, but for a pixel or two at rounded corners.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import click
import tomlkit
from playwright.sync_api import Page, expect

from docs.palette import with_palette
from feedserver.config import LimitSettings, Settings
from feedserver.config.build import STORE_FILE
from feedserver.config.settings import RefreshSettings
from feedserver.store import SqliteStore
from feedserver.web import create_app
from tests.browser.host import answering
from tests.browser.shelf import TOPICS, keep_days
from tests.browser.visit import NOWHERE, chromium

NOW = datetime(2026, 3, 12, 18, tzinfo=UTC)
SITE = "http://localhost:8000"  # where the pictures say that they were taken
SIZE = {"width": 900, "height": 640}
KEY = 200  # milliseconds between two keys, as of somebody who types with two fingers
PICTURES = Path(__file__).resolve().parent / "pictures"
MOST_BYTES = 80_000  # of a picture
FEEDS = {
    "diffusion": {"title": "Diffusion models", "q": "diffusion -medical"},
    "agents": {"title": "Language agents", "q": "agents -video", "min_upvotes": 5},
    "popular": {"title": "Popular papers", "min_upvotes": 50},
}

Look = Callable[[str], None]  # what is done at each step, by its name


def walk(page: Page, look: Look) -> str:
    """Go from the first page to a copied address; return it."""
    page.goto(SITE)
    page.get_by_role("link", name="Build your own").first.hover()
    look("1-catalogue")
    page.get_by_role("link", name="Build your own").first.click()
    expect(page.locator("#preview .entries > li").first).to_be_visible()
    look("2-builder")
    page.get_by_label("Any of these words or phrases").press_sequentially("flow matching", delay=KEY)
    _settle(page, "keywords=flow.matching")
    look("3-words")
    page.get_by_label("But none of these").press_sequentially("protein", delay=KEY)
    _settle(page, "exclude=protein")
    look("4-without")
    page.get_by_label("About so many a day").press_sequentially("3", delay=KEY)
    _settle(page, "per_day=3")
    look("5-volume")
    page.locator("#preview").get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    page.get_by_role("heading", name="Subscribe").evaluate("heading => heading.parentElement.scrollIntoView()")
    look("6-copied")
    return str(page.evaluate("navigator.clipboard.readText()"))


def _settle(page: Page, asked: str) -> None:
    page.wait_for_url(lambda address: asked in address.replace("+", "."))
    expect(page.locator("#preview")).not_to_have_attribute("aria-busy", "true")


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """Start a server over made-up papers, many of them about one topic, at a time that does not pass."""
    (folder / "feeds.toml").write_text(tomlkit.dumps({"feeds": FEEDS}), encoding="utf-8")
    store = SqliteStore(folder / STORE_FILE)
    keep_days(store, NOW, ("Flow Matching", "Flow Matching", *TOPICS))
    store.close()
    settings = Settings(
        data_dir=folder,
        config_dir=folder,
        refresh=RefreshSettings(enabled=False),
        limits=LimitSettings(enabled=False),
    )
    with answering(create_app(settings, clock=NOW.timestamp)) as address:
        yield address.removeprefix("http://")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=PICTURES)
def main(folder: Path) -> None:
    """Go once to see how long it takes, and once more for the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        site(Path(data)) as server,
        chromium(f"MAP localhost {server}, {NOWHERE}") as browser,
    ):
        page = browser.new_page(viewport=SIZE, reduced_motion="reduce")
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])

        def look(name: str) -> None:
            picture = folder / f"walk-{name}.png"
            if (size := picture.write_bytes(with_palette(page.screenshot(animations="disabled")))) > MOST_BYTES:
                raise click.ClickException(f"{picture.name} has {size:,} bytes, more than {MOST_BYTES:,}")

        began = time.perf_counter()
        copied = walk(page, lambda _: None)
        click.echo(f"{copied} after {time.perf_counter() - began:.1f} s")
        walk(page, look)


if __name__ == "__main__":
    main()
