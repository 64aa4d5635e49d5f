"""Every page -> pictures of it in a folder: in light, in dark, and on a phone. ``python docs/shots.py FOLDER``."""

import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import click

from tests.browser.site import PAGES, showing
from tests.browser.visit import DESKTOP, PHONE, chromium

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": DESKTOP},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "device_scale_factor": 2},
    "german": {"viewport": DESKTOP, "locale": "de-DE"},
}
HIGHEST = 2_400  # pixels of a picture; what is below is more of the same


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--only", help="The page with that name alone.")
def main(folder: Path, only: str | None) -> None:
    """Take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, showing(Path(data) / "site") as site, chromium() as browser:
        for look, options in LOOKS.items():
            context = browser.new_context(**options)
            page = context.new_page()
            for shown in PAGES:
                if only in {None, shown.name}:
                    page.goto(site.address + shown.path, wait_until="networkidle")
                    height = min(page.evaluate("document.documentElement.scrollHeight"), HIGHEST)
                    clip = {"x": 0, "y": 0, "width": options["viewport"]["width"], "height": height}
                    page.screenshot(path=folder / f"{shown.name}-{look}.png", full_page=True, clip=clip)
            context.close()


if __name__ == "__main__":
    main()
