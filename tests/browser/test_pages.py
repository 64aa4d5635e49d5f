"""Every page, as people of all kinds meet it: no strangers are asked, nothing jumps, keys are enough, paper will do."""

import re

import pytest
from playwright.sync_api import Browser

from tests.browser.paint import measure
from tests.browser.site import PAGES, Page
from tests.browser.visit import PHONE, Visit, visiting
from tests.servers import Running

pytestmark = pytest.mark.service("chromium")
each_page = pytest.mark.parametrize("shown", PAGES, ids=lambda page: page.name)

MOST_BYTES = 100_000  # of a page with all that it needs, unpacked

# Where the keyboard should lead: of radio buttons with one name, to one.
_STOPS = """
() => {
    const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex="0"]';
    const seen = new Set();
    return [...document.querySelectorAll(wanted)].filter(element => {
        const shown = element.checkVisibility({visibilityProperty: true});
        if (element.disabled || element.tabIndex < 0 || !shown) return false;
        if (element.type !== 'radio') return true;
        return !seen.has(element.name) && seen.add(element.name);
    }).length;
}
"""
# What stands out of an element: what of it is another with focus than without.
_FOCUS = """
() => {
    window.reached = new Map();
    const looks = element => {
        const style = getComputedStyle(element);
        return ['outlineStyle', 'outlineWidth', 'outlineColor', 'boxShadow', 'borderColor', 'backgroundColor']
            .map(name => style[name]).join();
    };
    for (const element of document.querySelectorAll('*')) element.before_focus = looks(element);
    document.addEventListener('focusin', ({target}) => reached.set(target, looks(target) !== target.before_focus));
}
"""
_REACHED = (
    "[reached.size, [...reached].filter(([, seen]) => !seen).map(([element]) => element.outerHTML.slice(0, 120))]"
)
_MOVES = """
() => [...document.querySelectorAll('*')].filter(element => {
    const style = getComputedStyle(element);
    const lasts = `${style.animationDuration}, ${style.transitionDuration}`.split(', ');
    return lasts.some(time => parseFloat(time) > 0.01) || style.scrollBehavior === 'smooth';
}).map(element => element.outerHTML.slice(0, 120))
"""


@each_page
def test_a_page_is_light_and_still_and_asks_nobody_else(visit: Visit, site: Running, shown: Page) -> None:
    """Nor does it break its own policy, or raise an error."""
    cost = measure(visit.page, site.address + shown.path)
    assert visit.trouble() == {}
    assert round(cost.shift, 3) == 0  # a part that is laid out while the rest still comes may move by less
    assert 500 < cost.bytes < MOST_BYTES


@each_page
def test_a_page_says_the_same_without_script(browser: Browser, visit: Visit, site: Running, shown: Page) -> None:
    """All that is there with it, but for what only a script could do."""
    visit.page.goto(site.address + shown.path)
    with visiting(browser, site.address, java_script_enabled=False) as bare:
        bare.page.goto(site.address + shown.path)
        for what in ("h1", "h2", "h3", "main a[href]", "article", "label"):
            count = bare.page.locator(what).count()
            assert count == visit.page.locator(what).count(), what
        assert bare.page.locator("h1").first.is_visible()
        assert len(bare.page.locator("body").inner_text()) > 40


@each_page
def test_a_page_is_no_wider_than_a_phone(browser: Browser, site: Running, shown: Page) -> None:
    """Nothing has to be scrolled sideways, however long a word is."""
    with visiting(browser, site.address, viewport=PHONE) as visit:
        visit.page.goto(site.address + shown.path)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@each_page
def test_the_keyboard_reaches_everything_and_shows_where_it_is(visit: Visit, site: Running, shown: Page) -> None:
    """By Tab alone."""
    visit.page.goto(site.address + shown.path)
    stops = visit.page.evaluate(_STOPS)
    visit.page.evaluate(_FOCUS)
    for _ in range(stops):
        visit.page.keyboard.press("Tab")
    assert visit.page.evaluate(_REACHED) == [stops, []]


@each_page
def test_nothing_moves_for_those_who_want_it_still(browser: Browser, site: Running, shown: Page) -> None:
    """No transition, no animation, no smooth scrolling."""
    with visiting(browser, site.address, reduced_motion="reduce") as visit:
        visit.page.goto(site.address + shown.path)
        assert visit.page.evaluate(_MOVES) == []


@each_page
def test_a_page_can_be_printed(visit: Visit, site: Running, shown: Page) -> None:
    """Dark on white, whatever the screen shows."""
    visit.page.emulate_media(media="print", color_scheme="dark")
    visit.page.goto(site.address + shown.path)
    assert len(re.findall(rb"/Type\s*/Page\b", visit.page.pdf())) >= 1
    assert visit.page.locator("h1").first.is_visible()
    ink, paper = visit.page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert (_light(paper) > 200, _light(ink) < 100) == (True, True)


def test_titles_stand_as_their_script_does(visit: Visit, site: Running) -> None:
    """From right to left, if their first letter does."""
    visit.page.goto(f"{site.address}/feeds/hard")
    directions = {
        title: visit.page.get_by_text(title).first.evaluate("element => getComputedStyle(element).direction")
        for title in ("תמונות", "A Title Alone")
    }
    assert directions == {"תמונות": "rtl", "A Title Alone": "ltr"}


def _light(colour: str) -> float:
    """Return how light a colour is as CSS spells it, from 0 to 255; what is transparent shows white paper."""
    red, green, blue, *alpha = (float(number) for number in re.findall(r"[\d.]+", colour))
    return 255 if alpha == [0] else (red + green + blue) / 3
