"""The site below a path of another one, behind nginx: all that it links, loads and tells is found there."""

import re
from collections.abc import Iterator
from urllib.parse import urldefrag, urlsplit

import pytest
from lxml import html
from playwright.sync_api import Browser, expect

from tests.browser.site import PAGES
from tests.browser.test_walk import CLIPBOARD, check_address, fill_in
from tests.browser.visit import Visit, visiting
from tests.servers import Running, ask
from tests.test_proxies import nginx

pytestmark = [pytest.mark.service("chromium"), pytest.mark.service("nginx")]

PATH = "/papers"


@pytest.fixture(scope="module")
def front(site: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site as the world sees it."""
    with nginx(tmp_path_factory.mktemp("front"), site.port, PATH) as started:
        yield f"{started.address}{PATH}"


@pytest.fixture
def visit(browser: Browser, front: str) -> Iterator[Visit]:
    """Somebody who comes through the proxy."""
    with visiting(browser, front, permissions=CLIPBOARD) as begun:
        yield begun


def test_the_walk_leads_through_it(visit: Visit, front: str) -> None:
    """From the first page to a copied address that a reader can follow; nothing is asked for beside it."""
    page = visit.page
    page.goto(f"{front}/")
    fill_in(page)
    expect(page.locator("#preview .entries > li").first).to_contain_text("Flow Matching")
    expect(page).to_have_url(re.compile(f"^{re.escape(front)}/build.*per_day=3"))
    expect(page.locator("#address")).to_have_value(re.compile("per_day=3"))
    page.locator("#preview").get_by_role("button", name="Copy").first.click()
    expect(page.locator("#preview").get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{front}/feed.")
    check_address(copied)
    assert [address for address in visit.asked if not address.startswith(f"{front}/")] == []
    assert visit.trouble() == {}


def test_every_link_of_every_page_is_found(front: str) -> None:
    """Pages, feeds, archives, embeds, styles and scripts."""
    linked: set[str] = set()
    for shown in PAGES:
        page = html.fromstring(ask(f"{front}{shown.path}", Accept="text/html").body)
        named = (urldefrag(str(address)).url for address in page.xpath("//@href | //@src | //@action | //@content"))
        linked |= {address for address in named if urlsplit(address).netloc == urlsplit(front).netloc}
    assert len(linked) > 100
    assert [address for address in linked if not f"{address}/".startswith(f"{front}/")] == []
    refused = {address: ask(address).status for address in sorted(linked)}
    assert {address: status for address, status in refused.items() if status != 200} == {}
