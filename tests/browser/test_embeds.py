"""Feeds in the pages of another origin, whose policy allows what the document on embedding says and nothing else."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from feedserver.config import LimitSettings, Settings
from feedserver.config.settings import RefreshSettings, ServerSettings
from feedserver.store import SqliteStore
from feedserver.web import create_app
from tests.browser.host import Host, allowed, answering, example, hosting
from tests.browser.payloads import payloads
from tests.browser.siege import entry as hostile
from tests.browser.visit import PHONE, Visit, visiting
from tests.entries import day, make_entry, make_listing, sample
from tests.servers import ask

pytestmark = pytest.mark.service("chromium")

FEEDS = """\
[feeds.all]
title = "All papers"

[feeds.diffusion]
title = "Diffusion and flow matching"
q = 'diffusion OR "flow matching" -medical'
"""
TITLES = ["Flow Matching for Generative Modeling", "Diffusion Transformers at Scale"]
PAGES = ["https://huggingface.co/papers/2210.02747", "https://huggingface.co/papers/2601.00005"]
LIGHT, DARK = "rgb(253, 252, 250)", "rgb(27, 25, 23)"  # paper
FALLBACK = '<a href="https://example.org/">Papers, elsewhere</a>'
TITLE = "%3Cscript%3Ehit(0)%3C/script%3E%3Cimg%20src%3Dx%20onerror%3Dhit(0)%3E"
SECOND, MINUTE = 1_000, 60_000  # milliseconds

# What could act in a shadow tree: elements and attributes that the script does not make, other addresses.
_FOREIGN = """
() => [...document.querySelectorAll('feedserver-feed')].flatMap(feed => [...feed.shadowRoot.querySelectorAll('*')])
    .filter(({localName, attributes, href}) =>
        !['div', 'p', 'a', 'ol', 'li', 'time'].includes(localName) ||
        [...attributes].some(({name}) => !/^(class|dir|part|datetime|href|target|rel)$/.test(name)) ||
        href && !/^https?:/.test(href))
    .map(element => element.outerHTML.slice(0, 200))
"""

Serve = Callable[..., str]


@pytest.fixture
def host() -> Iterator[Host]:
    """The site of somebody else."""
    with hosting() as started:
        yield started


@pytest.fixture
def apps() -> list[Flask]:
    """The apps that were started, the last one last."""
    return []


@pytest.fixture
def serve(tmp_path: Path, apps: list[Flask]) -> Iterator[Serve]:
    """Start servers over the sample; ``server`` holds settings of that section. Returns their addresses."""
    (tmp_path / "feeds.toml").write_text(FEEDS, encoding="utf-8")
    store = SqliteStore(tmp_path / "feedserver.sqlite")
    store.put(make_listing(*sample()))
    store.close()
    with ExitStack() as running:

        def started(**server: Any) -> str:
            app = create_app(
                Settings(
                    data_dir=tmp_path,
                    config_dir=tmp_path,
                    refresh=RefreshSettings(enabled=False),
                    limits=LimitSettings(enabled=False),
                    server=ServerSettings(**server),
                )
            )
            apps.append(app)
            running.callback(app.extensions["feedserver"].store.close)
            return running.enter_context(answering(app))

        yield started


@pytest.fixture
def stay(browser: Browser, host: Host) -> Iterator[Visit]:
    """Somebody who visits the host."""
    with visiting(browser, host.address) as begun:
        yield begun


def keep(app: Flask, *entries: Any) -> None:
    """Keep entries, and let the app see them at once."""
    site = app.extensions["feedserver"]
    site.store.put(make_listing(*entries))
    site.watch._due = float("-inf")


def element(server: str, *attributes: str) -> str:
    """Return the script tag, and elements with a fallback in them."""
    feeds = "".join(f"<feedserver-feed {each}>{FALLBACK}</feedserver-feed>" for each in attributes)
    return f'<script src="{server}/embed.js" async></script>{feeds}'


def frames(server: str, *paths: str) -> str:
    """Return frames, one beside the other."""
    return "".join(f'<iframe src="{server}{path}"></iframe>' for path in paths)


def framed(page: Page) -> FrameLocator:
    """Return what is in the page's frame."""
    return page.frame_locator("iframe")


def trouble(visit: Visit, server: str) -> dict[str, list[str]]:
    """Return all that must not be; the server of the feeds is no stranger."""
    others = [address for address in visit.strangers if not address.startswith(f"{server}/")]
    found = {**visit.trouble(), "strangers": others}
    return {kind: told for kind, told in found.items() if told}


def check_links(links: Locator) -> None:
    """Titles lead to the papers, in a tab of its own."""
    expect(links).to_have_text(TITLES)
    for number, address in enumerate(PAGES):
        expect(links.nth(number)).to_have_attribute("href", address)
        expect(links.nth(number)).to_have_attribute("target", "_blank")
        expect(links.nth(number)).to_have_attribute("rel", "noopener")


def check_refused(visit: Visit, count: int) -> None:
    """The browser shows none of so many frames, and says of each that it was its policy."""
    for _ in range(50):
        if len(told := [text for text in visit.violations if "frame-ancestors" in text]) >= count:
            break
        visit.page.wait_for_timeout(100)
    assert len(told) == count == len(visit.page.frames[1:])
    assert not any(frame.locator("main").count() for frame in visit.page.frames)


def check_height(page: Page, before: int = 480) -> int:
    """A frame has the height of its content, once it is another than before; return it, in CSS pixels."""
    (frame,) = page.frames[1:]
    content = "Math.ceil(document.documentElement.getBoundingClientRect().height)"
    expect(page.locator("iframe")).not_to_have_attribute("height", f"{before}")
    page.wait_for_timeout(200)  # it may come in steps
    height = int(page.locator("iframe").get_attribute("height") or 0)
    assert height == frame.evaluate(content) == frame.evaluate("innerHeight")
    return height


class TestFrame:
    """A frame, as the document gives it."""

    def test_it_has_the_height_of_its_content_by_the_few_lines_of_the_document(
        self, stay: Visit, host: Host, serve: Serve
    ) -> None:
        """Also when the window becomes narrow, and lines break; entries and links are there."""
        server = serve()
        own = host.script("/own.js", example("Its height", "js", server))
        body = f'{example("A frame", "html", server)}<script src="{own}"></script>'
        stay.page.goto(host.page("/", body, f"script-src 'self'; {allowed('frame', server)}"))
        check_links(framed(stay.page).locator(".feedserver-title a"))
        wide = check_height(stay.page)
        stay.page.set_viewport_size(PHONE)
        assert check_height(stay.page, wide) > wide
        assert trouble(stay, server) == {}

    def test_the_script_gives_it_its_height_too_even_in_a_sandbox(self, stay: Visit, host: Host, serve: Serve) -> None:
        """And its links open outside of that."""
        server = serve()
        sandbox = 'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox"'
        body = f'<iframe src="{server}/embed/diffusion" {sandbox} width="400" height="480"></iframe>'
        policy = f"{allowed('frame', server)}; {allowed('script', server)}"
        stay.page.goto(host.page("/", body + element(server), policy))
        check_height(stay.page)
        assert trouble(stay, server) == {}
        with stay.context.expect_page():
            framed(stay.page).get_by_role("link", name=TITLES[0]).click()
        assert PAGES[0] in stay.asked

    def test_it_looks_as_it_was_told_to(self, stay: Visit, host: Host, serve: Serve) -> None:
        """Whatever the visitor prefers."""
        server = serve()
        address = f"{server}/embed/all?layout=cards&amp;count=3"
        frames = "".join(f'<iframe src="{address}&amp;theme={theme}"></iframe>' for theme in ("light", "dark", "auto"))
        stay.page.emulate_media(color_scheme="dark")
        stay.page.goto(host.page("/", frames, allowed("frame", server)))
        for number, paper in enumerate((LIGHT, DARK, DARK)):
            inside = stay.page.frame_locator("iframe").nth(number)
            expect(inside.locator(".feedserver-title")).to_have_count(3)
            expect(inside.locator("ol")).to_have_css("display", "grid")
            expect(inside.locator("body")).to_have_css("background-color", paper)

    def test_it_needs_no_script(self, browser: Browser, host: Host, serve: Serve) -> None:
        """Neither the host's nor its own; it keeps the height that it was given."""
        server = serve()
        with visiting(browser, host.address, java_script_enabled=False) as visit:
            policy = f"{allowed('frame', server)}; {allowed('script', server)}"
            visit.page.goto(host.page("/", example("A frame", "html", server) + element(server), policy))
            check_links(framed(visit.page).locator(".feedserver-title a"))
            expect(visit.page.locator("iframe")).to_have_attribute("height", "480")
            assert trouble(visit, server) == {}


class TestWhoMayFrame:
    """``server.frame_ancestors``."""

    @pytest.mark.parametrize("named", ["nobody", "another", "another and the host", "all"])
    def test_a_frame_is_shown_where_the_setting_names_the_host_and_refused_elsewhere(
        self, stay: Visit, host: Host, serve: Serve, named: str
    ) -> None:
        """By the browser, which says why; the script shows the feed all the same."""
        another = "http://127.0.0.1:9"
        ancestors = {"nobody": [], "another": [another], "another and the host": [another, host.address], "all": ["*"]}
        server = serve(frame_ancestors=ancestors[named])
        policy = f"{allowed('frame', server)}; {allowed('script', server)}"
        body = frames(server, "/embed/diffusion", "/embed?q=diffusion") + element(server, "feed=diffusion")
        stay.page.goto(host.page("/", body, policy))
        check_links(stay.page.locator("feedserver-feed [part=title] a"))
        if named in {"nobody", "another"}:
            check_refused(stay, 2)
            return
        for number in (0, 1):
            expect(stay.page.frame_locator("iframe").nth(number).locator("li").first).to_contain_text(TITLES[0])
        assert trouble(stay, server) == {}

    def test_no_other_page_may_be_framed(self, stay: Visit, host: Host, serve: Serve) -> None:
        """Though all may frame the embeds."""
        server = serve()
        pages = ("/", "/build", "/feeds/diffusion", "/status", "/feed?q=diffusion")
        stay.page.goto(host.page("/", frames(server, *pages), allowed("frame", server)))
        check_refused(stay, len(pages))


class TestScript:
    """``embed.js`` and its element."""

    def test_the_example_of_the_document_shows_the_feed(self, stay: Visit, host: Host, serve: Serve) -> None:
        """Entries in the feed's order, links, the name that leads to the feed's page; nothing is set or told."""
        server = serve()
        stay.page.goto(host.page("/", example("By script", "html", server), allowed("script", server)))
        check_links(stay.page.locator("[part=title] a"))
        name = stay.page.locator("[part=name] a")
        expect(name).to_have_text("Diffusion and flow matching")
        expect(name).to_have_attribute("href", f"{server}/feeds/diffusion")
        expect(stay.page.locator("[part=entry]").first).to_contain_text("Yaron Lipman, Ricky T. Q. Chen, Heli Ben-Hamu")
        expect(stay.page.locator("[part=entry]").first).to_contain_text("64 upvotes")
        assert (trouble(stay, server), stay.context.cookies()) == ({}, [])

    @pytest.mark.parametrize("theme", ["light", "dark", ""])
    def test_every_layout_and_theme_looks_as_it_is_called(
        self, stay: Visit, host: Host, serve: Serve, theme: str
    ) -> None:
        """Without a theme, as the visitor prefers."""
        server = serve()
        given = f'feed="all" theme="{theme}"' if theme else 'feed="all"'
        layouts = {"list": ("block", "list-item"), "compact": ("block", "flex"), "cards": ("grid", "list-item")}
        page = element(server, *(f'{given} layout="{layout}"' for layout in layouts))
        stay.page.emulate_media(color_scheme="light" if theme == "dark" else "dark")
        stay.page.goto(host.page("/", page, allowed("script", server)))
        for number, (entries, entry) in enumerate(layouts.values()):
            feed = stay.page.locator("feedserver-feed").nth(number)
            expect(feed.locator("[part=entries]")).to_have_css("display", entries)
            expect(feed.locator("[part=entry]").first).to_have_css("display", entry)
            expect(feed.locator("[part=box]")).to_have_css("background-color", LIGHT if theme == "light" else DARK)
        assert trouble(stay, server) == {}

    def test_a_query_goes_with_a_feed_or_stands_alone(self, stay: Visit, host: Host, serve: Serve) -> None:
        """And no more entries are shown than were asked for; many elements need one script."""
        server = serve()
        asked = {
            'feed="all" count="2"': "feeds/all.json?limit=2",
            'feed="all" query="q=diffusion&amp;min_upvotes=30"': "feeds/all.json?q=diffusion&min_upvotes=30",
            'query="q=diffusion%20-medical&amp;title=Mine" count="1"': "feed.json?q=diffusion+-medical&limit=1",
            'query="q=zyzzyva"': "feed.json?q=zyzzyva",
        }
        stay.page.goto(host.page("/", element(server, *asked), allowed("script", server)))
        for number, path in enumerate(asked.values()):
            titles = [each["title"] for each in json.loads(ask(f"{server}/{path}").body)["items"]]
            assert bool(titles) == ("zyzzyva" not in path)
            feed = stay.page.locator("feedserver-feed").nth(number)
            expect(feed.locator("[part=name]")).to_be_visible()
            expect(feed.locator("[part=title]")).to_have_text(titles)
        expect(stay.page.locator("[part=name]").nth(2)).to_have_text("Mine")
        expect(stay.page.locator("[part=entries]").nth(3)).to_have_text("Nothing matches so far.")
        assert trouble(stay, server) == {}

    def test_its_words_are_in_the_language_of_the_page(self, stay: Visit, host: Host, serve: Serve) -> None:
        """By the nearest lang, and also when that changes on the element itself; where there is none, English."""
        server = serve()
        given = ('feed="diffusion" lang="de-AT"', 'feed="diffusion" lang="fr"', 'query="q=zyzzyva" lang="DE"')
        stay.page.goto(host.page("/", element(server, *given), allowed("script", server)))
        feeds = stay.page.locator("feedserver-feed")
        expect(feeds.nth(0).locator("[part=entry]").first).to_contain_text("64 Stimmen")
        expect(feeds.nth(1).locator("[part=entry]").first).to_contain_text("64 upvotes")
        expect(feeds.nth(2).locator("[part=entries]")).to_have_text("Bisher passt nichts.")
        feeds.nth(1).evaluate("element => { element.lang = 'de' }")
        expect(feeds.nth(1).locator("[part=entry]").first).to_contain_text("64 Stimmen")
        assert trouble(stay, server) == {}

    def test_what_is_inside_is_kept_where_there_is_no_such_feed(self, stay: Visit, host: Host, serve: Serve) -> None:
        """With a word about it; and feeds beside it are shown."""
        server = serve()
        stay.page.goto(host.page("/", element(server, "feed=gone", "feed=diffusion"), allowed("script", server)))
        check_links(stay.page.locator("[part=title] a"))
        expect(stay.page.get_by_role("status")).to_have_text("The feed cannot be read just now.")
        expect(stay.page.get_by_role("link", name="Papers, elsewhere")).to_have_count(1)
        expect(stay.page.get_by_role("link", name="Papers, elsewhere")).to_be_visible()

    def test_what_is_inside_is_kept_where_the_policy_lets_no_script_ask(
        self, stay: Visit, host: Host, serve: Serve
    ) -> None:
        """So the document names no more than is needed."""
        server = serve()
        less, _ = allowed("script", server).split("; ")
        stay.page.goto(host.page("/", element(server, "feed=diffusion"), less))
        expect(stay.page.get_by_role("status")).to_be_visible()
        expect(stay.page.get_by_role("link", name="Papers, elsewhere")).to_be_visible()
        assert "connect-src" in " ".join(stay.violations)

    def test_a_page_that_is_shown_again_shows_what_is_new(
        self, stay: Visit, host: Host, serve: Serve, apps: list[Flask]
    ) -> None:
        """After more than a minute, and not before; the browser itself does not ask before ``max_age`` is over."""
        server = serve(max_age="1s")
        stay.page.clock.install()
        stay.page.goto(host.page("/", element(server, "feed=diffusion"), allowed("script", server)))
        titles = stay.page.locator("[part=title]")
        expect(titles).to_have_text(TITLES)
        keep(apps[-1], make_entry(9, title="Diffusion Tomorrow", listed=day(10)))
        stay.page.wait_for_timeout(
            2.2 * SECOND
        )  # its cache heeds no clock of ours, and may pass on what is 1 s too old
        _show_again(stay.page, 30 * SECOND)
        stay.page.wait_for_timeout(200)
        expect(titles).to_have_text(TITLES)
        _show_again(stay.page, MINUTE)
        expect(titles).to_have_text(["Diffusion Tomorrow", *TITLES])
        assert trouble(stay, server) == {}

    @pytest.mark.parametrize("policy", [True, False], ids=["policy on", "policy off"])
    def test_nothing_runs_of_what_attackers_wrote(
        self, browser: Browser, host: Host, serve: Serve, apps: list[Flask], policy: bool
    ) -> None:
        """Into entries and into titles of feeds, framed and by script: all of it is there, as text."""
        server = serve()
        corpus = list(payloads())
        keep(apps[-1], *(hostile(number, payload) for number, payload in corpus))
        queries = [
            f"q=upvotes:{start}..{start + 49}&amp;since=2026-02-01&amp;title={TITLE}"  # the sample is older
            for start in range(1, len(corpus) + 1, 50)
        ]
        feeds = [f'query="{query}" count="50"' for query in queries]
        inside = frames(server, *(f"/embed?{query}&amp;count=50" for query in queries))
        with visiting(browser, host.address, bypass_csp=not policy) as visit:
            rules = f"{allowed('frame', server)}; {allowed('script', server)}"
            visit.page.goto(host.page("/", inside + element(server, *feeds), rules))
            expect(visit.page.locator("[part=title]")).to_have_count(len(corpus))
            assert sum(frame.locator(".feedserver-title").count() for frame in visit.page.frames) == len(corpus)
            assert visit.page.evaluate(_FOREIGN) == []
            visit.page.wait_for_timeout(200)
            assert trouble(visit, server) == {}


def _show_again(page: Page, later: int) -> None:
    """Let time pass, in milliseconds, and tell the page what browsers tell it when it comes back to sight."""
    page.clock.fast_forward(later)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
