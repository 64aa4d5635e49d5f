"""Harvest made-up records of arXiv by OAI-PMH into a new store, kill that half-way, let it go on: quick, and whole?

``python bench/harvest.py`` takes a million; ``--records 20000`` that many; ``--smoke`` takes seconds. It fails where
the store does not end complete, or more than a page is asked for twice.
"""

import sys
from pathlib import Path

sys.path.pop(0)  # this folder, in which a file stands for the standard library's `select`
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import json
import os
import subprocess
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from signal import SIGKILL
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import perf_counter
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import click

from bench.loopback import HERE
from bench.records import PAGE, identifier, page
from feedserver.fetch import Fetcher, Limits
from feedserver.harvest import Harvester
from feedserver.identity import paper_name
from feedserver.sources.arxiv_oai import ArxivOai, Selection
from feedserver.store import SqliteStore

SMOKE = 2_000
NOW = datetime(2026, 1, 9, tzinfo=UTC)


class _Upstream(ThreadingHTTPServer):
    """Gives pages of ``records`` records; ``half`` is set when half of them were given."""

    daemon_threads = True

    def __init__(self, records: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.records = records
        self.asked: list[int] = []
        self.half = Event()
        Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/oai"


class _Handler(BaseHTTPRequestHandler):
    server: _Upstream

    def do_GET(self) -> None:
        start = int(parse_qs(urlsplit(self.path).query).get("resumptionToken", ["0"])[0])
        self.server.asked.append(start)
        body = page(start, self.server.records)
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        if 2 * start >= self.server.records:
            self.server.half.set()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Run(NamedTuple):
    """One process that harvested: seconds until it ended, its memory at its peak in bytes, its own last word."""

    seconds: float
    memory: int
    said: str


def run(url: str, folder: Path, kill_at: Event | None = None) -> Run:
    """Harvest in a process of its own; kill it, where it is to be killed."""
    start = perf_counter()
    child = subprocess.Popen([sys.executable, __file__, "--worker", url, str(folder)], stdout=subprocess.PIPE)
    if kill_at is not None:
        kill_at.wait()
        os.kill(child.pid, SIGKILL)
    said = child.stdout.read().decode() if child.stdout else ""
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != (0 if kill_at is None else -SIGKILL):
        raise SystemExit(f"the harvest ended with {child.returncode}")
    return Run(perf_counter() - start, usage.ru_maxrss * 1024, said)


def work(url: str, folder: Path) -> None:
    """Harvest without pauses, and print records and seconds."""
    store = SqliteStore(folder / "store.sqlite")
    fetcher = Fetcher(folder / "http-cache.sqlite", "feedserver/bench", Limits(pause=0), guard=HERE)
    start = perf_counter()
    harvester = Harvester(ArxivOai(url), fetcher, store, now=lambda: NOW)
    records = sum(step.records for step in harvester.run(Selection()))
    print(json.dumps({"records": records, "seconds": perf_counter() - start}))
    fetcher.close()
    store.close()


def check(folder: Path, records: int) -> None:
    """Fail unless every record is in the store."""
    store = SqliteStore(folder / "store.sqlite")
    found = store.summary().entries
    ends = store.get_all([paper_name(identifier(number)) for number in (0, records // 2, records - 1)])
    store.close()
    if found != records or len(ends) != 3:
        raise SystemExit(f"{found:,} of {records:,} records are in the store")


@click.command()
@click.option("--records", default=1_000_000, show_default=True, help="How many records upstream has.")
@click.option("--smoke", is_flag=True, help=f"{SMOKE} records, one run of it killed.")
@click.option("--worker", nargs=2, hidden=True)
def main(records: int, smoke: bool, worker: tuple[str, str] | None) -> None:
    """Measure a harvest; see the module's first lines."""
    if worker:
        work(worker[0], Path(worker[1]))
        return
    records = SMOKE if smoke else records
    with TemporaryDirectory(prefix="feedserver-bench-") as name:
        upstream, folder = _Upstream(records), Path(name)
        first = run(upstream.url, folder, upstream.half)
        before = len(upstream.asked)
        second = run(upstream.url, folder)
        upstream.shutdown()
        check(folder, records)
        size = sum(file.stat().st_size for file in folder.glob("store.sqlite*"))
    done = json.loads(second.said)
    again = len(upstream.asked) - -(-records // PAGE)
    print(f"killed after {first.seconds:,.1f} s and {before} pages; the peak of memory {first.memory / 1e6:,.0f} MB")
    print(
        f"went on with {done['records']:,} records in {done['seconds']:,.1f} s: {_rate(done):,.0f} records/s; ", end=""
    )
    print(f"the peak {second.memory / 1e6:,.0f} MB")
    print(f"all of {records:,} records are in the store, {size / 1e6:,.0f} MB; pages asked for twice: {again}")
    if again > 1:
        raise SystemExit("more than a page was asked for twice")


def _rate(done: dict[str, float]) -> float:
    return done["records"] / done["seconds"]


if __name__ == "__main__":
    main()
