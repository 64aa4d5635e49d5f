"""What is counted, by whom it may be read, and that no worker's counts are lost."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from feedserver.config import Settings, load_settings, make_refresh_loop, open_store
from feedserver.config.settings import ServerSettings
from feedserver.errors import ConfigError
from feedserver.model import ListingRecord
from feedserver.refresh import Outcome
from feedserver.sources import DailyPapers
from feedserver.web import create_app
from feedserver.web.meter import Kind, Meter, Refresh, Request, kind_of
from feedserver.web.site import EXTENSION, Site
from tests.entries import ROOT, make_entry, make_listing
from tests.servers import COMMANDS, SETTINGS, Running, ask, running, until
from tests.upstream import FETCH

Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]
DAY, GOOD = date(2026, 1, 8), datetime(2026, 1, 9, 12, tzinfo=UTC)
RECORD = ListingRecord("daily-papers", "2026-01-08", GOOD, GOOD, entries=2)
MEASURED = f'{SETTINGS}[server]\nmetrics = ["127.0.0.1"]\n'


def samples(text: str) -> Samples:
    """Return (name, labels) -> value of what Prometheus would read."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def total(found: Samples, name: str, **labels: str) -> float:
    """Return the sum of all samples of that name with these labels."""
    return sum(value for (each, having), value in found.items() if each == name and labels.items() <= set(having))


class TestMeter:
    """Counting in one process."""

    @pytest.mark.parametrize(
        ("path", "kind"),
        [
            ("/feeds/diffusion.rss", Kind("feed", "diffusion")),
            ("/feeds/unknown.rss", Kind("other")),
            ("/feeds/diffusion", Kind("page", "diffusion")),
            ("/feeds/diffusion/2026-01.atom", Kind("archive", "diffusion")),
            ("/feeds/unknown/2026-01.atom", Kind("other")),
            ("/feed.json", Kind("query")),
            ("/feed/r12.json", Kind("archive")),
            ("/feed", Kind("page")),
            ("/", Kind("page")),
            ("/status", Kind("page")),
            ("/feed.pdf", Kind("other")),
            ("/feed/2026-01", Kind("page")),
            ("/feeds/diffusion/2026-01", Kind("page", "diffusion")),
            ("/build", Kind("page")),
            ("/embed/diffusion", Kind("embed", "diffusion")),
            ("/embed/diffusion.html", Kind("embed", "diffusion")),
            ("/embed/unknown", Kind("other")),
            ("/embed", Kind("embed")),
            ("/embed.html", Kind("embed")),
            ("/embed.js", Kind("other")),
            ("/feedserver", Kind("other")),
            ("/feeds/diffusion.rss/x.rss", Kind("other")),
            ("/wp-login.php", Kind("other")),
            ("", Kind("other")),
        ],
    )
    def test_a_path_is_of_one_of_few_kinds(self, path: str, kind: Kind) -> None:
        """Strangers can't make a label."""
        assert kind_of(path, {"diffusion"}) == kind

    def test_no_count_is_lost_among_threads(self) -> None:
        """While another reads."""
        meter, found, over = Meter(lambda: {"a"}), Counter[Request](), threading.Event()

        def count() -> None:
            for _ in range(5_000):
                meter.hit("/feeds/a.rss", "200 OK")
                meter.passed("/feed.rss", "400 BAD REQUEST")

        def read() -> None:
            while not over.is_set():
                found.update(meter.read().requests)

        reader, counters = threading.Thread(target=read), [threading.Thread(target=count) for _ in range(4)]
        for thread in (reader, *counters):
            thread.start()
        for thread in counters:
            thread.join()
        over.set()
        reader.join()
        found.update(meter.read().requests)
        assert found == {
            Request(Kind("feed", "a"), "200 OK", "memory"): 20_000,
            Request(Kind("query"), "400 BAD REQUEST", "app"): 20_000,
        }

    def test_a_refresh_is_timed_from_one_outcome_to_the_next(self) -> None:
        """What is done with an outcome in between is not counted."""
        seconds = [0.0]
        meter = Meter(set, clock=lambda: seconds[0])

        def outcomes() -> Iterator[Outcome]:
            seconds[0] += 2
            yield Outcome(DAY)
            seconds[0] += 3
            yield Outcome(DAY, error="HTTP 500")

        for _ in meter.refreshing("s", outcomes()):
            seconds[0] += 100
        assert meter.read().refreshes == [Refresh("s", True, 2), Refresh("s", False, 3)]

    def test_the_loop_has_its_outcomes_counted(self, settings: Settings) -> None:
        """Also when upstream is out of reach."""
        unreachable = settings.model_copy(update={"sources": (DailyPapers(url="http://127.0.0.1:1/x"),)})
        meter, store = Meter(set), open_store(settings)
        loop = make_refresh_loop(unreachable, store, meter.refreshing)
        loop.look(loop.make_refreshers())
        store.close()
        assert [(refresh.source, refresh.good) for refresh in meter.read().refreshes] == [("daily-papers", False)]


@pytest.fixture
def measured(settings: Settings) -> Iterator[Callable[..., Flask]]:
    """Make apps that count, in this one process."""
    made: list[Flask] = []

    def make(**server: object) -> Flask:
        update = {"server": ServerSettings.model_validate({"metrics": ["127.0.0.1", "10.0.0.0/8"], **server})}
        made.append(create_app(settings.model_copy(update=update)))
        return made[-1]

    yield make
    for app in made:
        app.extensions[EXTENSION].store.close()


def read(client: FlaskClient) -> Samples:
    """Return what an app shows."""
    response = client.get("/metrics")
    assert response.status_code == 200
    return samples(response.get_data(as_text=True))


class TestShown:
    """What ``/metrics`` says."""

    def test_answers_are_counted_by_feed_and_code_and_by_what_gave_them(self, measured: Callable[..., Flask]) -> None:
        """The reading itself too, the next time."""
        client = measured().test_client()
        tag = client.get("/feeds/all.rss").headers["ETag"]
        client.get("/feeds/all.rss")
        client.head("/feeds/all.rss")
        client.get("/feeds/all.rss", headers={"If-None-Match": tag})
        client.get("/feed.rss?titel=x")
        client.get("/feeds/nothing.rss")
        client.get("/metrics")
        found = read(client)
        for number, labels in (
            (1, {"kind": "feed", "feed": "all", "code": "200", "by": "app"}),
            (2, {"kind": "feed", "feed": "all", "code": "200", "by": "memory"}),
            (1, {"kind": "feed", "feed": "all", "code": "304", "by": "memory"}),
            (1, {"kind": "query", "feed": "", "code": "400", "by": "app"}),
            (1, {"kind": "other", "feed": "", "code": "404", "by": "app"}),
            (1, {"kind": "other", "feed": "", "code": "200", "by": "app"}),
        ):
            assert found["feedserver_requests_total", frozenset(labels.items())] == number
        assert total(found, "feedserver_requests_total") == 7
        assert total(found, "feedserver_build_seconds_count") == 1

    def test_it_tells_how_the_sources_fare_and_what_is_in_the_store(self, measured: Callable[..., Flask]) -> None:
        """Looked up when somebody asks."""
        app = measured()
        site: Site = app.extensions[EXTENSION]
        before = read(app.test_client())
        assert total(before, "feedserver_ready") == 0
        assert total(before, "feedserver_trouble", part="store", why="empty") == 1
        assert total(before, "feedserver_source_state", source="daily-papers", state="never") == 1
        site.store.put(make_listing(make_entry(1), make_entry(2)), RECORD)
        site.checkup._due = float("-inf")
        after = read(app.test_client())
        assert total(after, "feedserver_ready") == 1
        assert total(after, "feedserver_entries") == 2
        assert total(after, "feedserver_source_good_timestamp_seconds") == GOOD.timestamp()
        assert total(after, "feedserver_source_listings", source="daily-papers") == 1
        assert total(after, "feedserver_info") == 1

    def test_a_store_that_is_gone_leaves_the_counts(self, measured: Callable[..., Flask], settings: Settings) -> None:
        """It is then that somebody looks at them."""
        app = measured()
        app.extensions[EXTENSION].store.close()
        (settings.data_dir / "feedserver.sqlite").unlink()
        (settings.data_dir / "feedserver.sqlite").mkdir()
        found = read(app.test_client())
        assert total(found, "feedserver_ready") == 0
        assert total(found, "feedserver_trouble", part="store", why="unreadable") == 1

    def test_openmetrics_is_understood_too(self, measured: Callable[..., Flask]) -> None:
        """Newer scrapers prefer it."""
        accept = {"Accept": "application/openmetrics-text;version=1.0.0"}
        response = measured().test_client().get("/metrics", headers=accept)
        assert response.headers["Content-Type"].startswith("application/openmetrics-text")
        assert list(parse_openmetrics(response.get_data(as_text=True)))


class TestReaders:
    """Who may read."""

    @pytest.mark.parametrize(
        ("proxies", "address", "headers", "status"),
        [
            (0, "127.0.0.1", {}, 200),
            (0, "10.9.8.7", {}, 200),
            (0, "::ffff:10.9.8.7", {}, 200),
            (0, "192.0.2.1", {}, 404),
            (0, "::1", {}, 404),
            (0, "", {}, 404),
            (0, "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
            (0, "127.0.0.1", {"Forwarded": "for=192.0.2.1"}, 404),
            (0, "127.0.0.1", {"Via": "1.1 varnish"}, 404),
            (1, "127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, 404),
            (1, "127.0.0.1", {"X-Forwarded-For": "127.0.0.1, 192.0.2.1"}, 404),
            (1, "127.0.0.1", {"X-Forwarded-For": "10.0.0.1"}, 200),
        ],
    )
    def test_only_the_networks_that_are_named(
        self, measured: Callable[..., Flask], proxies: int, address: str, headers: dict[str, str], status: int
    ) -> None:
        """A proxy that is not known to be there must not open it to the world."""
        client = measured(trusted_proxies=proxies).test_client()
        response = client.get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": address})
        assert response.status_code == status

    def test_by_default_there_is_nothing_to_read(self, client: FlaskClient) -> None:
        """Nor an address."""
        assert client.get("/metrics").status_code == 404

    def test_where_nobody_reads_the_library_is_not_loaded(self, settings: Settings) -> None:
        """It takes memory in each worker, and time at the start."""
        code = (
            "import sys; from feedserver.web import create_app; create_app(); print('prometheus_client' in sys.modules)"
        )
        folders = {"FEEDSERVER_DATA_DIR": str(settings.data_dir), "FEEDSERVER_CONFIG_DIR": str(settings.config_dir)}
        (settings.config_dir / "feedserver.toml").write_text(SETTINGS, encoding="utf-8")
        command = [sys.executable, "-c", code]
        assert subprocess.check_output(command, env={**os.environ, **folders}, cwd=ROOT, text=True) == "False\n"

    @pytest.mark.parametrize("value", ['"yes"', "true", '["everybody"]', '["127.0.0.1/99"]'])
    def test_whoever_is_no_network_is_refused(self, tmp_path: Path, value: str) -> None:
        """At the start."""
        (tmp_path / "feedserver.toml").write_text(f"[server]\nmetrics = {value}\n", encoding="utf-8")
        with pytest.raises(ConfigError, match=r"server\.metrics"):
            load_settings({"FEEDSERVER_CONFIG_DIR": str(tmp_path)})


class TestWorkers:
    """One answer for all workers, whoever gives it and whichever of them have ended."""

    @pytest.mark.parametrize("name", ["serve", "the Procfile"])
    def test_counts_add_up_whatever_becomes_of_a_worker(self, name: str, tmp_path: Path) -> None:
        """Exactly: after a worker was killed, after all were replaced; and nothing is left behind."""
        with counting(COMMANDS[name], tmp_path) as server:
            poll(server, 200)
            settle(server, 200)
            assert len(files(tmp_path)) == 2, "not both workers answered"
            victim = workers(server)[0]
            os.kill(victim, signal.SIGKILL)
            until(lambda: victim not in workers(server) and len(workers(server)) == 2, "nobody took its place")
            poll(server, 200)
            settle(server, 400)
            before = set(workers(server))
            poll(server, 100)  # which nobody waits for: who ends in good order takes nothing with it
            os.kill(server.pid, signal.SIGHUP)
            until(lambda: len(set(workers(server)) - before) == len(workers(server)) == 2, "they were not replaced")
            poll(server, 100)
            settle(server, 600)
            assert len(files(tmp_path)) <= 4  # as many as there were workers at a time
        assert files(tmp_path) == []
        assert list(tmp_path.glob("tmp/feedserver-*")) == []

    def test_one_worker_shows_what_another_refreshed(self, tmp_path: Path) -> None:
        """Of all processes one refreshes, and any may be asked."""
        settings = MEASURED.replace("enabled = false", "enabled = true") + FETCH
        source = '[daily-papers]\nurl = "http://127.0.0.1:1/nobody"\n'
        (tmp_path / "config").mkdir()
        (tmp_path / "config" / "sources.toml").write_text(source, encoding="utf-8")
        with counting(COMMANDS["serve"], tmp_path, settings) as server:
            for _ in range(10):
                until(lambda: refreshed(server) == 1, "the failure was not counted")


def refreshed(server: Running) -> float:
    """Return how many refreshes failed."""
    return total(shown(server), "feedserver_refreshes_total", source="daily-papers", result="failed")


@contextmanager
def counting(command: list[str], folder: Path, settings: str = MEASURED) -> Iterator[Running]:
    """Start two workers that count, with a folder of their own for whatever is temporary."""
    (folder / "tmp").mkdir()
    with running(
        command, folder, settings=settings, WEB_CONCURRENCY="2", TMPDIR=str(folder / "tmp"), PYTHONPATH=str(ROOT)
    ) as server:
        until(lambda: len(workers(server)) == 2, "there are not two workers")
        yield server


def poll(server: Running, times: int) -> None:
    """Poll a feed, each time on a connection of its own, and several at a time, so that both workers get some."""
    address = f"{server.address}/feeds/all.rss"
    with ThreadPoolExecutor(8) as pollers:
        assert {answer.status for answer in pollers.map(ask, [address] * times)} == {200}


def shown(server: Running) -> Samples:
    """Return what one of the workers shows."""
    return samples(ask(f"{server.address}/metrics").body.decode())


def settle(server: Running, polls: int) -> None:
    """Wait until all polls are shown, and see that whichever worker answers never shows more."""

    def counted() -> float:
        return total(shown(server), "feedserver_requests_total", kind="feed", feed="all")

    until(lambda: counted() == polls, f"{polls} polls are not shown", seconds=10)
    assert {counted() for _ in range(20)} == {polls}


def files(folder: Path) -> list[Path]:
    """Return the files in which workers share their counts of requests."""
    return sorted(folder.glob("tmp/feedserver-metrics-*/counter_*.db"))


def workers(server: Running) -> list[int]:
    """Return the process ids of gunicorn's workers."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text(encoding="ascii")
    return [int(pid) for pid in children.split()]
