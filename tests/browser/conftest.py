"""Chromium and the site, once for all tests of the pages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.site import showing
from tests.browser.visit import Visit, chromium, visiting
from tests.servers import Running

PATIENCE = 20_000  # milliseconds until something on a page must have happened, whatever else the machine does

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server over the made-up shelf."""
    with showing(tmp_path_factory.mktemp("site")) as server:
        yield server


@pytest.fixture
def visit(browser: Browser, site: Running) -> Iterator[Visit]:
    """A visitor of it, at a desk."""
    with visiting(browser, site.address) as begun:
        yield begun
