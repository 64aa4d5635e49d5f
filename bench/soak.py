"""Run the server for minutes as it is run in earnest, and see whether anybody is ever failed or told something old.

``python bench/soak.py --minutes 5`` starts it by the Procfile, with a refresher that finds an upstream on loopback;
asks for hot, conditional and unseen feeds at half of what it can do; lets the store grow every few seconds, edits and
breaks the definitions, and restarts the workers once. It fails where a request failed, where an answer was older than a
second after a commit, or where the workers' memory keeps growing. ``--smoke`` takes seconds.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

sys.path.pop(0)  # this folder, in which a file stands for the standard library's `select`
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

import click

from bench.base import DATA, SEED, load_base
from bench.cases import measure
from bench.changes import FEED, Agenda, Changes
from bench.client import Request
from bench.folders import furnish
from bench.freshness import ALLOWED, EDIT, MARK, Freshness
from bench.growth import Growth
from bench.pacing import Outcome, Pacer, percentile
from bench.servers import Server, gunicorn, running
from bench.stored import CACHE
from feedserver.demo import serve_sample
from feedserver.web import gunicorn_settings

PATH = f"/feeds/{FEED}.atom"
CONNECTIONS = 32
SHARE = 0.5  # of the measured capacity
MOST_GROWTH = 0.05  # of the memory, in the second half
JUDGED_FROM = 180  # seconds; before, caches are still filling
_HOT, _ZIPPED, _CONDITIONAL, _UNSEEN = "hot", "gzip", "conditional", "unseen"
_MIX = (_HOT, _CONDITIONAL, _ZIPPED, _CONDITIONAL, _HOT, _UNSEEN, _CONDITIONAL, _ZIPPED, _CONDITIONAL, _HOT)
_REFRESHED = """
[refresh]
look_back = 1
today = "1m"
recent = "1m"

[fetch]
pause = "0s"
allow = ["127.0.0.1"]
"""
_SOURCE = """
[daily-papers]
url = "{url}"
"""


@dataclass(frozen=True, slots=True)
class Extent:
    """How long, with how many entries, how often what: seconds."""

    seconds: float
    entries: int
    measuring: float
    commits: float
    edits: float


@dataclass(slots=True)
class Restart:
    """What came of a graceful restart: how many workers were replaced, in how many seconds."""

    replaced: int = 0
    of: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        """Say it, and what it means for the app's code."""
        preloaded = getattr(gunicorn_settings, "preload_app", False)
        code = "preloaded: HUP keeps the code of the master" if preloaded else "not preloaded: HUP takes new code"
        return f"{self.replaced} of {self.of} workers replaced within {self.seconds:.1f} s; the app is {code}"


@dataclass(slots=True)
class Verdict:
    """What is wrong, in sentences; nothing where all is well."""

    wrong: list[str] = field(default_factory=list)

    def demand(self, good: bool, otherwise: str) -> None:  # reads as the sentence it is
        """Note what is wrong unless it is good."""
        if not good:
            self.wrong.append(otherwise)


@click.command()
@click.option("--minutes", default=5.0, show_default=True, help="How long the load lasts.")
@click.option("--captured", "saved", type=click.Path(path_type=Path), default=DATA, help="Folder of list answers.")
@click.option("--smoke", is_flag=True, help="A small store and a few seconds.")
def main(minutes: float, saved: Path, smoke: bool) -> None:
    """Soak the server."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server is ended as well
    extent = Extent(8, 1_000, 1, 0.8, 2.5) if smoke else Extent(60 * minutes, 10_000, 5, 3, 11)
    with TemporaryDirectory(prefix="feedserver-soak-") as folder, serve_sample() as upstream:
        base = load_base(saved).some() if smoke else load_base(saved)
        built, _ = base.store(extent.entries, Path(folder, "stores") if smoke else CACHE)
        store = Path(shutil.copy(built, Path(folder, "copy.sqlite")))
        environment = furnish(
            Path(folder, "server"), store, _REFRESHED, f"[feeds.{FEED}]\n", _SOURCE.format(url=upstream)
        )
        feeds = Path(environment["FEEDSERVER_CONFIG_DIR"], "feeds.toml")
        words = sorted(word for word, share in measure(base.entries).word.items() if share >= 0.01)
        freshness = Freshness()
        changes = Changes(store, feeds, base.entries, freshness)
        changes.edit()
        changes.commit()
        with running(gunicorn(), environment, PATH) as server:
            verdict = _soak(server, changes, words, extent)
            if verdict.wrong:
                print(f"the server said:\n{server.said()}")
    print("\n".join(f"FAILED: {each}" for each in verdict.wrong) or "passed")
    sys.exit(1 if verdict.wrong else 0)


def _soak(server: Server, changes: Changes, words: Sequence[str], extent: Extent) -> Verdict:
    freshness, verdict = changes.freshness, Verdict()
    asked = _requests(freshness, words)
    sleep(max(ALLOWED.values()))  # what was changed before the start is not what is measured
    capacity = Pacer(server.port, CONNECTIONS, freshness.judge).run(asked, extent.measuring).rate
    rate = SHARE * capacity
    print(f"{capacity:,.0f} answers a second at best; {rate:,.0f} for {extent.seconds:.0f} s", flush=True)
    print(f"the machine's load average: {os.getloadavg()[0]:.2f}", flush=True)
    restart = Restart()
    with Growth(server) as growth, Agenda(_items(server, changes, restart, extent)) as agenda:
        outcome = Pacer(server.port, CONNECTIONS, freshness.judge).run(asked, extent.seconds, rate)
    _tell(outcome, freshness, restart, growth)
    verdict.demand(not outcome.failures, f"{len(outcome.failures)} answers, such as: {_some(outcome.failures)}")
    verdict.demand(agenda.failure is None, f"a change could not be made: {agenda.failure!r}")
    verdict.demand(min(map(len, freshness.moments.values())) > 1, "nothing was changed while it served")
    verdict.demand(restart.replaced == restart.of > 0, f"the restart: {restart}")
    mean, rise = growth.second_half()
    if extent.seconds >= JUDGED_FROM:
        verdict.demand(rise <= MOST_GROWTH * mean, f"memory rose by {rise:.1f} MiB in the second half")
    return verdict


def _items(
    server: Server, changes: Changes, restart: Restart, extent: Extent
) -> Iterator[tuple[float, Callable[[], None]]]:
    """Yield what is done when. The last second is left to see what became of it."""
    end = extent.seconds - max(ALLOWED.values())
    yield from ((due, changes.commit) for due in _steps(extent.commits, end))
    for number, due in enumerate(_steps(extent.edits, end)):
        yield due, changes.spoil if number % 3 == 1 else changes.edit
    yield extent.seconds / 3, lambda: _restart(server, restart)


def _steps(step: float, end: float) -> list[float]:
    return [number * step for number in range(1, int(end / step) + 1)]


def _restart(server: Server, restart: Restart) -> None:
    """Ask the master for new workers, as an administrator does, and wait until the old ones are gone."""
    begin, old = perf_counter(), set(server.workers())
    os.kill(server.pid, signal.SIGHUP)
    while perf_counter() < begin + 10 and (not server.workers() or old & set(server.workers())):
        sleep(0.05)
    restart.of, restart.replaced = len(old), len(old - set(server.workers()))
    restart.seconds = perf_counter() - begin


def _requests(freshness: Freshness, words: Sequence[str]) -> Iterator[Request]:
    """Yield requests without end, of all kinds in turn; unseen ones never twice, and the mark is in all of them."""
    random, known = Random(SEED), set[tuple[str, ...]]()
    while True:
        for kind in _MIX:
            if kind == _HOT:
                yield Request(PATH, kind=kind)
            elif kind == _ZIPPED:
                yield Request(PATH, (("Accept-Encoding", "gzip"),), kind)
            elif kind == _CONDITIONAL:
                yield Request(PATH, (("If-None-Match", freshness.latest),), kind)
            else:
                chosen = tuple(sorted(random.sample(words, 3)))
                if chosen not in known:
                    known.add(chosen)
                    yield Request(f"/feed.atom?keywords={','.join((*chosen, MARK))}", kind=kind)


def _tell(outcome: Outcome, freshness: Freshness, restart: Restart, growth: Growth) -> None:
    print(f"{outcome.answered:,} answers, {outcome.rate:,.0f} a second, {len(outcome.failures)} wrong")
    for kind, times in outcome.latencies.items():
        p50, p99, most = (percentile(times, share) for share in (0.5, 0.99, 1))
        print(f"  {kind}: {len(times):,}; p50 {p50:.2f} ms, p99 {p99:.2f} ms, at most {most:.0f} ms")
    for kind, what in ((MARK, "commits"), (EDIT, "edits of feeds.toml")):
        made, worst = len(freshness.moments[kind]), freshness.worst[kind]
        print(f"  {made} {what}; an answer was at most {worst:.2f} s behind (allowed: {ALLOWED[kind]:g} s)")
    print(f"  restart: {restart}")
    print(f"  {outcome.retries} requests sent once more, as the server had closed an idle connection")
    mean, rise = growth.second_half()
    print(f"  workers: {mean:.0f} MiB in the mean, {growth.highest:.0f} at most; {rise:+.1f} MiB in the second half")


def _some(sentences: Sequence[str]) -> str:
    return "; ".join(islice(dict.fromkeys(sentences), 5))


if __name__ == "__main__":
    main()
