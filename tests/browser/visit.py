"""Chromium, and one visitor's stay in it: whom the pages asked, what went wrong, and what ran that must not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    WebError,
    sync_playwright,
)

from tests.servers import program

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
NOWHERE = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
_REPORT = """
addEventListener('securitypolicyviolation', event =>
    violated(`${event.effectiveDirective}: ${event.blockedURI || event.sample} in ${event.documentURI}`));
"""


@dataclass(slots=True)
class Visit:
    """A context of the browser with one page in it, and what was observed there since it began.

    ``asked`` are the addresses of all requests, ``strangers`` those of other hosts, which get no answer.
    """

    context: BrowserContext
    page: Page
    asked: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    hits: list[str] = field(default_factory=list)

    def trouble(self) -> dict[str, list[str]]:
        """Return all that must not be, by its kind; empty where all is well."""
        kinds = ("strangers", "errors", "violations", "hits")
        return {kind: list(getattr(self, kind)) for kind in kinds if getattr(self, kind)}

    def forget(self) -> None:
        """Begin anew, as if nothing had been."""
        for told in (self.asked, self.strangers, self.errors, self.violations, self.hits):
            told.clear()


@contextmanager
def chromium(hosts: str = NOWHERE) -> Iterator[Browser]:
    """Start the Chromium of this machine, for which nothing else has an address, unless ``hosts`` says so."""
    arguments = ["--no-sandbox", f"--host-resolver-rules={hosts}"]  # as root there is no sandbox
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=arguments)
        yield browser
        browser.close()


@contextmanager
def visiting(browser: Browser, site: str, **options: Any) -> Iterator[Visit]:
    """Open a page in a context of its own, with Playwright's options for one; all of it is observed."""
    context = browser.new_context(**({"viewport": DESKTOP} | options))
    visit = Visit(context, context.new_page())
    own = urlsplit(site).netloc

    def requested(request: Request) -> None:
        visit.asked.append(request.url)
        if urlsplit(request.url).scheme in {"http", "https", "ws", "wss"} and urlsplit(request.url).netloc != own:
            visit.strangers.append(request.url)

    def logged(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            visit.violations.append(message.text)
        elif message.text.startswith("hit"):
            visit.hits.append(message.text)

    def asked(dialog: Dialog) -> None:
        visit.hits.append(f"{dialog.type}: {dialog.message}")
        dialog.dismiss()

    def failed(error: WebError) -> None:
        visit.errors.append(str(error.error))

    def violated(told: str) -> None:
        visit.violations.append(told)

    context.on("request", requested)
    context.on("console", logged)
    context.on("dialog", asked)
    context.on("weberror", failed)
    context.expose_function("hit", lambda *told: visit.hits.append(str(told)))
    context.expose_function("violated", violated)
    context.add_init_script(_REPORT)
    yield visit
    context.close()
