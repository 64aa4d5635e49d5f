"""Every page in Chromium -> when it is painted, what jumps, what it weighs; beside an empty page of the same machine.

First contentful paint is Chromium's own account, from the moment in which the address was entered: a median of several
visits, each with an empty cache. ``--smoke`` makes one visit of each, and fails where one jumps or is too heavy.
"""

import sys
from pathlib import Path

sys.path.pop(0)  # this folder, in which a file stands for the standard library's `select`
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from threading import Thread

import click
from playwright.sync_api import Browser

from tests.browser.paint import Paint, measure
from tests.browser.site import PAGES, showing
from tests.browser.visit import DESKTOP, chromium
from tests.servers import program

ROUNDS = 9
MOST_BYTES = 100_000
_EMPTY = '<!doctype html><html lang="en"><title>Empty</title><p>Empty'


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_told: object) -> None:
        """Say nothing."""


@contextmanager
def empty(folder: Path) -> Iterator[str]:
    """Serve a page of one word from a folder; yield its address."""
    (folder / "empty.html").write_text(_EMPTY, encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/empty.html"
        server.shutdown()


def visit(browser: Browser, address: str) -> Paint:
    """Return what a first visit costs, in a context of its own."""
    context = browser.new_context(viewport=DESKTOP)
    cost = measure(context.new_page(), address)
    context.close()
    return cost


def rows(browser: Browser, addresses: dict[str, str], rounds: int) -> dict[str, list[Paint]]:
    """Visit every page in turn, round after round, so that a busy machine touches all of them."""
    costs: dict[str, list[Paint]] = {name: [] for name in addresses}
    for _ in range(rounds):
        for name, address in addresses.items():
            costs[name].append(visit(browser, address))
    return costs


def report(costs: dict[str, list[Paint]]) -> str:
    """Return the table."""
    lines = ["| page | first paint, ms | slowest, ms | layout shift | bytes | on the wire | requests |"]
    lines.append("|---|---:|---:|---:|---:|---:|---:|")
    for name, visits in costs.items():
        last, paints = visits[-1], [cost.paint for cost in visits]
        figures = f"{median(paints):.0f} | {max(paints):.0f} | {max(cost.shift for cost in visits):.4f}"
        lines.append(f"| {name} | {figures} | {last.bytes:,} | {last.wire:,} | {last.requests} |")
    return "\n".join(lines)


@click.command()
@click.option("--smoke", is_flag=True, help="One visit of each page.")
@click.option("--rounds", default=ROUNDS, show_default=True, help="Visits of each page.")
def main(smoke: bool, rounds: int) -> None:
    """Print the table."""
    if program("chromium") is None:
        print("chromium is not installed")
        sys.exit(0 if smoke else 1)
    with (
        tempfile.TemporaryDirectory() as folder,
        showing(Path(folder) / "site") as site,
        empty(Path(folder)) as nothing,
    ):
        addresses = {"an empty page": nothing} | {page.name: site.address + page.path for page in PAGES}
        with chromium() as browser:
            visit(browser, nothing)  # the first of a process is slow
            rows(browser, addresses, 1)  # the server's first of each page is, too
            costs = rows(browser, addresses, 1 if smoke else rounds)
    print(report(costs))
    bad = [name for name, visits in costs.items() for cost in visits if round(cost.shift, 3) or cost.bytes > MOST_BYTES]
    if bad:
        sys.exit(f"these jump, or weigh more than {MOST_BYTES:,} bytes: {', '.join(sorted(set(bad)))}")


if __name__ == "__main__":
    main()
