"""Every page in Chromium -> when it is painted, what jumps, what it weighs; beside an empty page of the same machine.

First contentful paint is Chromium's own account, from the moment in which the address was entered: a median of several
visits, each with an empty cache, in a window that stands there already. For Chromium takes some 0.3 s of two cores to
make the controls of a new one, as a trace of it shows, and what is asked for meanwhile waits. ``--smoke`` makes one
visit of each, and fails where one jumps or is too heavy; ``--write`` keeps the table in ``bench/RESULTS.md``.
"""

import sys
from pathlib import Path

sys.path.pop(0)  # this folder, in which a file stands for the standard library's `select`
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from threading import Thread

import click
from playwright.sync_api import Browser

from bench.results import PAGES as SECTION
from bench.results import table, write_section
from tests.browser.paint import Paint, measure
from tests.browser.site import PAGES, showing
from tests.browser.visit import DESKTOP, chromium
from tests.servers import program

ROUNDS = 9
MOST_BYTES = 100_000
SETTLED = 1_000  # milliseconds after which a new window is at rest
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


def visit(browser: Browser, address: str, settled: int = 0) -> Paint:
    """Return what a first visit costs, in a context of its own, whose window was opened some milliseconds before."""
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.wait_for_timeout(settled)
    cost = measure(page, address)
    context.close()
    return cost


def rows(browser: Browser, addresses: dict[str, str], rounds: int, settled: int = 0) -> dict[str, list[Paint]]:
    """Visit every page in turn, round after round, so that a busy machine touches all of them."""
    costs: dict[str, list[Paint]] = {name: [] for name in addresses}
    for _ in range(rounds):
        for name, address in addresses.items():
            costs[name].append(visit(browser, address, settled))
    return costs


def report(costs: dict[str, list[Paint]], rounds: int) -> str:
    """Return the table, and what it is of."""
    head = ("page", "first paint, ms", "slowest, ms", "layout shift", "bytes", "on the wire", "requests")
    return f"""\
`bench/pages.py`; {rounds} visits of each page of a made-up shelf, each with an empty cache, in a window of Chromium on
the same machine that had been open for a second. Load average: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, most
of it Chromium's own.

First contentful paint is a median, by Chromium's account; below 200 ms is wanted. Beside it, an empty page.

{table(head, (_line(name, visits) for name, visits in costs.items()))}
"""


def _line(name: str, visits: list[Paint]) -> tuple[str, ...]:
    paints, last = [cost.paint for cost in visits], visits[-1]
    shift = max(cost.shift for cost in visits)
    told = (f"{median(paints):.0f}", f"{max(paints):.0f}", f"{shift:.4f}", f"{last.bytes:,}", f"{last.wire:,}")
    return name, *told, str(last.requests)


@click.command()
@click.option("--smoke", is_flag=True, help="One visit of each page.")
@click.option("--rounds", default=ROUNDS, show_default=True, help="Visits of each page.")
@click.option("--write", is_flag=True, help="Keep the table in bench/RESULTS.md.")
def main(smoke: bool, rounds: int, write: bool) -> None:
    """Print the table."""
    if smoke and write:
        raise click.UsageError("--smoke measures too little to be written down")
    if program("chromium") is None:
        print("chromium is not installed")
        sys.exit(0 if smoke else 1)
    rounds = 1 if smoke else rounds
    with (
        tempfile.TemporaryDirectory() as folder,
        showing(Path(folder) / "site") as site,
        empty(Path(folder)) as nothing,
    ):
        addresses = {"an empty page": nothing} | {page.name: site.address + page.path for page in PAGES}
        with chromium() as browser:
            visit(browser, nothing)  # the first of a process is slow
            rows(browser, addresses, 1)  # the server's first of each page is, too
            costs = rows(browser, addresses, rounds, 0 if smoke else SETTLED)
    text = report(costs, rounds)
    print(text)
    if write:
        write_section(SECTION, text)
    bad = [name for name, visits in costs.items() for cost in visits if round(cost.shift, 3) or cost.bytes > MOST_BYTES]
    if bad:
        sys.exit(f"these jump, or weigh more than {MOST_BYTES:,} bytes: {', '.join(sorted(set(bad)))}")


if __name__ == "__main__":
    main()
