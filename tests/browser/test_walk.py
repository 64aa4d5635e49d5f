"""A person who was never here: from the first page to the address of a feed, by clicking and typing alone."""

import re
from urllib.parse import parse_qs, urlsplit

import feedparser
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visit import PHONE, Visit, visiting
from tests.servers import Running, ask

pytestmark = pytest.mark.service("chromium")

CLIPBOARD = ["clipboard-read", "clipboard-write"]


def fill_in(page: Page) -> None:
    """Ask for flow matching, not protein, about three a day."""
    page.get_by_role("link", name="Build your own").first.click()
    page.get_by_label("Any of these words or phrases").press_sequentially("flow matching")
    page.get_by_label("But none of these").press_sequentially("protein")
    page.get_by_label("About so many a day").press_sequentially("3")


def check_address(copied: str) -> None:
    """The address says what was asked for, and a reader that follows it gets that."""
    asked = parse_qs(urlsplit(copied).query)
    assert asked == {"keywords": ["flow matching"], "exclude": ["protein"], "per_day": ["3"]}
    feed = feedparser.parse(ask(copied).body)
    assert not feed.bozo
    assert len(feed.entries) > 10
    assert all(
        "flow matching" in entry.title.lower() and "protein" not in entry.title.lower() for entry in feed.entries
    )


def test_a_person_gets_from_the_first_page_to_a_copied_address(browser: Browser, site: Running) -> None:
    """With the preview beside it, and the address in the clipboard."""
    with visiting(browser, site.address, permissions=CLIPBOARD) as visit:
        page = visit.page
        page.goto(site.address)
        fill_in(page)
        preview = page.locator("#preview")
        expect(preview.locator(".entries > li").first).to_contain_text("Flow Matching")
        expect(preview.locator(".entries mark").first).to_have_text(re.compile("flow matching", re.IGNORECASE))
        expect(page).to_have_url(re.compile("per_day=3"))
        expect(page.locator("#address")).to_have_value(re.compile("per_day=3"))
        preview.get_by_role("button", name="Copy").first.click()
        expect(preview.get_by_role("button", name="Copied")).to_be_visible()
        check_address(page.evaluate("navigator.clipboard.readText()"))
        assert visit.trouble() == {}


def test_the_walk_needs_no_script(browser: Browser, site: Running) -> None:
    """A button sends the form, and the address stands in a field."""
    with visiting(browser, site.address, java_script_enabled=False) as visit:
        visit.page.goto(site.address)
        fill_in(visit.page)
        visit.page.get_by_role("button", name="Show what it brings").click()
        check_address(visit.page.get_by_label("Address for your feed reader").input_value())


def test_the_walk_needs_no_mouse_and_no_desk(browser: Browser, site: Running) -> None:
    """By keys alone, on a phone's screen; what was typed into one field is not lost when the next is."""
    with visiting(browser, site.address, viewport=PHONE, permissions=CLIPBOARD) as visit:
        page = visit.page
        page.goto(site.address)
        _tab_to(page, "Build your own")
        page.keyboard.press("Enter")
        page.wait_for_url("**/build")
        for label, text in (("keywords", "flow matching"), ("exclude", "protein"), ("per_day", "3")):
            _tab_to(page, label)
            page.keyboard.type(text)
        expect(page).to_have_url(re.compile("keywords=flow.*exclude=protein.*per_day=3"))
        expect(page.locator("#address")).to_have_value(re.compile("keywords=flow.*exclude=protein.*per_day=3"))
        _tab_to(page, "Copy")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        check_address(page.evaluate("navigator.clipboard.readText()"))


def test_the_preview_follows_the_typing_and_says_what_is_wrong(visit: Visit, site: Running) -> None:
    """With its place in the query; and it goes on when that is put right."""
    visit.page.goto(f"{site.address}/build")
    field, preview = visit.page.locator("#q"), visit.page.locator("#preview")
    field.fill("flow (matching")
    expect(preview).to_contain_text("position")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("flow (matching)")
    expect(preview.locator(".entries > li").first).to_contain_text("Flow Matching")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    assert visit.trouble() == {}


def test_a_builder_can_be_passed_on(visit: Visit, site: Running) -> None:
    """Its address holds all of it."""
    visit.page.goto(f"{site.address}/build")
    visit.page.get_by_label("Any of these words or phrases").fill("speech")
    expect(visit.page.locator("#address")).to_have_value(re.compile("keywords=speech"))
    expect(visit.page).to_have_url(re.compile("keywords=speech"))
    first = visit.page.locator("#preview .entries > li h3, #preview .entries > li h4").first.inner_text()
    visit.page.goto(visit.page.url)
    assert visit.page.get_by_label("Any of these words or phrases").input_value() == "speech"
    assert visit.page.locator("#preview .entries > li h3, #preview .entries > li h4").first.inner_text() == first


def test_names_are_suggested_while_they_are_typed(visit: Visit, site: Running) -> None:
    """Those that there are."""
    visit.page.goto(f"{site.address}/build")
    visit.page.locator("summary", has_text="By whom").click()
    visit.page.get_by_label("Any of these authors").press_sequentially("Okaf")
    expect(visit.page.locator("#list-authors option").first).to_have_attribute("value", re.compile("Okafor"))


def _tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus has that name or text."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("[document.activeElement.name, document.activeElement.textContent.trim()]").count(name):
            return
    pytest.fail(f"Tab does not lead to {name}")
