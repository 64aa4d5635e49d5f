"""The server's own refresher under a simulated clock: in this process, or in one that is killed at random instants."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event, Timer
from time import perf_counter
from typing import Protocol

from bench.loopback import HERE
from bench.replay_clock import SimulatedClock
from feedserver.config import LimitSettings, Settings, make_sources, open_store
from feedserver.config.build import HTTP_CACHE_FILE, LOCK_FILE
from feedserver.config.settings import RefreshSettings
from feedserver.fetch import Clock, Fetcher, Limits
from feedserver.refresh import Poll, Refresher, RefreshLoop
from feedserver.sources import DailyPapers

ROOT = Path(__file__).resolve().parents[1]
# A loopback upstream answers in milliseconds; whatever takes longer is meant to take too long.
LIMITS = Limits(connect=0.3, read=0.3, total=0.8, size=2_000_000)


def replay_settings(folder: Path, url: str, today: str) -> Settings:
    """Return the settings of a server in that folder; ``today`` is the time between two looks at today's listing."""
    (folder / "feeds.toml").touch()
    return Settings(
        data_dir=folder,
        config_dir=folder,
        server={"cache_bytes": 150_000_000},  # type: ignore[arg-type]  # pydantic makes a section of it
        limits=LimitSettings(enabled=False),
        refresh=RefreshSettings(enabled=False, today=today),  # type: ignore[arg-type]  # and a duration
        sources=(DailyPapers(url=url),),
    )


class Refreshing(Protocol):
    """Something that refreshes when it is told to."""

    reasons: Counter[str]

    def look(self) -> float:
        """Refresh what is due at the clock's time, which may pass meanwhile; return the seconds until the next look."""
        ...

    def close(self) -> None:
        """End."""
        ...


class InProcess:
    """The refresher in this process."""

    def __init__(self, settings: Settings, clock: SimulatedClock, seed: int) -> None:
        """Open the store and the fetcher."""
        self.reasons: Counter[str] = Counter()
        self.store = open_store(settings)
        self._clock, jitter = clock, Random(seed).random
        fetching = Clock(now=clock.now, sleep=clock.sleep, jitter=jitter)
        self._fetcher = Fetcher(settings.data_dir / HTTP_CACHE_FILE, "feedserver/replay", LIMITS, fetching, HERE)
        self._refreshers = [
            Refresher(source, self._fetcher, self.store, clock.now, settings.refresh.retry, jitter)
            for source in make_sources(settings)
        ]
        self._loop = RefreshLoop(
            make_refreshers=lambda: self._refreshers,
            schedule=settings.refresh.schedule,
            lock_file=settings.data_dir / LOCK_FILE,
            stopped=Event(),
        )

    def look(self) -> float:
        """See Refreshing.look. The looks at which nothing is due are left out."""
        now = self._clock.now()
        self.reasons.update(poll.why for poll in self._polls() if poll.at <= now)
        least = self._loop.look(self._refreshers)
        next_poll = min(poll.at for poll in self._polls()).timestamp()
        return max(least, next_poll - self._clock.seconds)

    def _polls(self) -> Iterator[Poll]:
        return (poll for refresher in self._refreshers for poll in refresher.plan(self._loop.schedule))

    def close(self) -> None:
        """See Refreshing.close."""
        self._fetcher.close()
        self.store.close()


@dataclass
class Killed:
    """The refresher in a process of its own, which is killed at random instants of its work and started again.

    It is killed once for each of ``kill_at``, in seconds since 1970, in the first look after that.
    """

    settings: Settings
    clock: SimulatedClock
    random: Random
    kill_at: list[float]  # the last one first
    reasons: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    half_way: int = 0  # kills before the look was over
    is_new: bool = False  # whether upstream shows anything new since the last look
    _usual: dict[bool, float] = field(default_factory=lambda: dict.fromkeys((False, True), 0.05))  # seconds of a look
    _process: "subprocess.Popen[str] | None" = None

    def look(self) -> float:
        """See Refreshing.look."""
        while self.kill_at and self.kill_at[-1] <= self.clock.seconds:
            self.kill_at.pop()
            self._look_and_be_killed()
        self._started()
        begin, asked = perf_counter(), self.reasons.total()
        told = self._ask()
        if told is None:
            raise RuntimeError("the refresher ended by itself")
        if self.reasons.total() > asked:
            self._usual[self.is_new] += (perf_counter() - begin - self._usual[self.is_new]) / 5
        return told

    def close(self) -> None:
        """See Refreshing.close."""
        if self._process is not None:
            with suppress(OSError):
                self._process.communicate("", timeout=10)
            self._process = None

    def _look_and_be_killed(self) -> None:
        process = self._started()
        timer = Timer(self.random.uniform(0, 1.2 * self._usual[self.is_new]), process.kill)
        timer.start()
        done = self._ask() is not None
        timer.join()
        with suppress(OSError):
            process.communicate()
        self._process = None
        self.kills += 1
        self.half_way += not done

    def _ask(self) -> float | None:
        """Let it look, and return the seconds until the next one; None where it died meanwhile."""
        process = self._started()
        assert process.stdin is not None  # noqa: S101  # it is a pipe
        assert process.stdout is not None  # noqa: S101  # it is a pipe
        try:
            process.stdin.write(f"{self.clock.seconds!r}\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            return None
        if not line.endswith("\n"):
            return None
        wait, seconds, reasons = json.loads(line)
        self.clock.reach(seconds)
        self.reasons.update(reasons)
        return float(wait)

    def _started(self) -> "subprocess.Popen[str]":
        if self._process is None or self._process.poll() is not None:
            url = self.settings.sources[0].request("2025-03-03").url
            today = f"{int(self.settings.refresh.today.total_seconds())}s"
            command = [
                sys.executable, str(ROOT / "bench" / "replay_runner.py"), str(self.settings.data_dir), url, today,
                str(self.random.randrange(2**31)),
            ]  # fmt: skip
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            assert self._process.stdout is not None  # noqa: S101  # it is a pipe
            self._process.stdout.readline()  # it is ready
        return self._process


def serve_looks(folder: Path, url: str, today: str, seed: int, lines: Iterable[str]) -> None:
    """Look whenever a line with the time comes in, and print what came of it: the other end of ``Killed``."""
    clock = SimulatedClock(0)
    refreshing = InProcess(replay_settings(folder, url, today), clock, seed)
    print("ready", flush=True)
    for line in lines:
        clock.seconds = float(line)
        wait = refreshing.look()
        print(json.dumps([wait, clock.seconds, refreshing.reasons]), flush=True)
        refreshing.reasons.clear()
    refreshing.close()
