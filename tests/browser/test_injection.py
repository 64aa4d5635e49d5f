"""Nothing that attackers write into entries, feeds and addresses runs, asks anybody, or is even stopped by the policy.

Where the policy has to stop something, Chromium reports it, and that is a failure too: the pages' escaping has to stand
alone. What entries and feeds hold is shown once more with the policy switched off, where it would run.
"""

from collections.abc import Iterable, Iterator

import pytest
from playwright.sync_api import Browser, Error

from tests.browser.payloads import payloads
from tests.browser.siege import ACTING, DOORS, besieged, named, shown, tried
from tests.browser.site import Page
from tests.browser.visit import Visit, visiting
from tests.servers import Running

pytestmark = pytest.mark.service("chromium")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The server that attackers filled."""
    with besieged(tmp_path_factory.mktemp("siege")) as server:
        yield server


@pytest.mark.parametrize("policy", [True, False], ids=["policy on", "policy off"])
def test_nothing_runs_of_what_entries_and_feeds_hold(browser: Browser, site: Running, policy: bool) -> None:
    """On any page that shows them."""
    with visiting(browser, site.address, bypass_csp=not policy) as visit:
        assert _ran(visit, site, shown()) == {}


def test_nothing_runs_of_what_a_feed_is_called(visit: Visit, site: Running) -> None:
    """On its own page."""
    assert _ran(visit, site, named()) == {}


@pytest.mark.parametrize("door", DOORS)
def test_nothing_runs_of_what_an_address_holds(visit: Visit, site: Running, door: str) -> None:
    """Whether the page repeats it in a title, in an error, or not at all."""
    assert _ran(visit, site, tried(door)) == {}


def test_the_corpus_is_alive(browser: Browser, site: Running) -> None:
    """Where nothing is escaped and there is no policy, most of it runs, calls out or leaves its trace in the page."""
    tasted = list(payloads())[::4]
    with visiting(browser, site.address, bypass_csp=True) as visit:
        alive = [number for number, payload in tasted if _lives(visit, site, payload)]
    assert len(alive) > 0.6 * len(tasted)


def _lives(visit: Visit, site: Running, payload: str) -> bool:
    """Say whether a payload does anything where it is written into a page as it is, in a text and in an attribute."""
    visit.forget()
    page = visit.context.new_page()
    try:
        page.goto(f"{site.address}/status")
        page.set_content(f'<!doctype html><title>x</title><p title="{payload}">{payload}</p>', wait_until="commit")
        return bool(page.evaluate(ACTING) or visit.trouble())
    except Error:
        return True  # it led to another page
    finally:
        page.close()


def _ran(visit: Visit, site: Running, pages: Iterable[Page]) -> dict[str, object]:
    """Return what ran or tried to, by the name of the page that was open."""
    found: dict[str, object] = {}
    for page in pages:
        try:
            visit.page.goto(site.address + page.path)
            acting = visit.page.evaluate(ACTING)
        except Error as error:  # it led to another page
            acting, visit.page = [str(error)], visit.context.new_page()
        if trouble := visit.trouble() | ({"acting": acting} if acting else {}):
            found[page.name] = trouble
            visit.forget()
    visit.page.wait_for_timeout(200)
    return found | visit.trouble()
