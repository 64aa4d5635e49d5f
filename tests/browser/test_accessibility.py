"""axe-core, the accessibility checker, on every page: in light and dark, at a desk and on a phone."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.site import PAGES, Page
from tests.browser.visit import DESKTOP, PHONE, Visit, visiting
from tests.servers import Running, program

pytestmark = [pytest.mark.service("chromium"), pytest.mark.service("axe-core")]

_RUN = "axe.run().then(found => ({violations: found.violations, passes: found.passes.length}))"


@pytest.mark.parametrize("shown", PAGES, ids=lambda page: page.name)
def test_axe_finds_nothing_to_complain_of(visit: Visit, site: Running, shown: Page) -> None:
    """Of all its rules, best practices included; an embed is a part of somebody's page, not a page."""
    visit.page.goto(site.address + shown.path)
    visit.page.evaluate(Path(program("axe-core") or "").read_text(encoding="utf-8"))
    for size in (DESKTOP, PHONE):
        visit.page.set_viewport_size(size)  # type: ignore[arg-type]  # a TypedDict, by another name
        for scheme in ("light", "dark"):
            visit.page.emulate_media(color_scheme=scheme)
            found = visit.page.evaluate(_RUN)
            assert list(map(_told, found["violations"])) == [], f"{scheme}, {size['width']} pixels wide"
            assert found["passes"] > 10


@pytest.mark.parametrize("name", ["catalogue", "builder-filled", "builder-error", "query", "entry-long", "status"])
def test_it_finds_as_little_in_german(browser: Browser, site: Running, name: str) -> None:
    """English parts of a German page are marked as such."""
    (shown,) = (page for page in PAGES if page.name == name)
    with visiting(browser, site.address, locale="de-DE") as visit:
        visit.page.goto(site.address + shown.path)
        assert visit.page.locator("html").get_attribute("lang") == "de"
        visit.page.evaluate(Path(program("axe-core") or "").read_text(encoding="utf-8"))
        found = visit.page.evaluate(_RUN)
    assert list(map(_told, found["violations"])) == []
    assert found["passes"] > 10


def _told(violation: dict[str, Any]) -> str:
    nodes = [f"{node['html'][:160]}: {node['failureSummary']}" for node in violation["nodes"][:3]]
    return "\n".join([f"{violation['id']}: {violation['help']}", *nodes])
