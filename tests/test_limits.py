"""How much work one client may ask for: what is free, what is refused and how, where the counts are; how long a
request may be.
"""

import json
import logging
import shutil
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import limits
import pytest
import redis
from flask import Flask
from werkzeug.test import TestResponse

from feedserver.config import LimitSettings, Settings, load_settings
from feedserver.config.settings import ServerSettings
from feedserver.errors import ConfigError
from feedserver.store import SqliteStore
from feedserver.web import create_app, feeds
from feedserver.web.counts import Counts
from feedserver.web.fast import RECHECK

Make = Callable[..., Flask]


@pytest.fixture
def make(settings: Settings, store: SqliteStore, tmp_path: Path) -> Iterator[Make]:
    """Make apps over the sample, with limits; ``server`` holds settings of that section."""
    store.close()
    shutil.move(tmp_path / "store.sqlite", tmp_path / "feedserver.sqlite")
    made: list[Flask] = []

    def make_app(server: dict[str, Any] | None = None, **given: Any) -> Flask:
        sections = {"limits": LimitSettings(**given), "server": ServerSettings(**(server or {}))}
        made.append(create_app(settings.model_copy(update=sections)))
        return made[-1]

    yield make_app
    for app in made:
        app.extensions["feedserver"].store.close()


def ask(app: Flask, address: str, agent: str = "a reader", remote: str = "192.0.2.1", **headers: str) -> TestResponse:
    """Return the answer to a client that calls itself ``agent``, at ``remote``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().get(
        address, headers={"User-Agent": agent, **named}, environ_overrides={"REMOTE_ADDR": remote}
    )


def statuses(app: Flask, number: int, word: str = "word", **asked: str) -> list[int]:
    """Return how ``number`` queries that nobody asked before are answered."""
    return [ask(app, f"/feed.json?q={word}{one}", **asked).status_code for one in range(number)]


class TestFree:
    """What costs no work is not counted."""

    def test_thousands_of_polls_and_304s_pass(self, make: Make) -> None:
        """Built once, then given away."""
        app = make(polls="1 per hour", queries="1 per hour")
        for address in ("/feeds/all.atom", "/feed.atom?q=diffusion"):
            tag = ask(app, address).headers["ETag"]
            client = app.test_client()
            assert {client.get(address).status_code for _ in range(1000)} == {200}
            known = {"If-None-Match": tag}
            assert {client.get(address, headers=known).status_code for _ in range(1000)} == {304}

    def test_another_spelling_of_a_query_in_memory_costs_nothing(self, make: Make) -> None:
        """It is the same feed."""
        app = make(queries="1 per hour", polls="1 per hour")
        assert ask(app, "/feed.atom?q=diffusion&limit=5").status_code == 200
        for address in (
            "/feed.atom?limit=5&q=diffusion",
            "/feed.atom?q=%64iffusion&limit=5",
            "/feed.atom?q=+diffusion&limit=5",
        ):
            answer = ask(app, address)
            assert answer.status_code == 200
            assert "RateLimit" not in answer.headers

    def test_waiting_for_what_another_builds_costs_nothing(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        """Eight ask at once; one is charged."""
        app, ready, answers = make(queries="1 per hour"), threading.Barrier(8), []
        build = feeds.compose

        def build_slowly(*given: Any) -> Any:
            time.sleep(0.3)
            return build(*given)

        def wait() -> None:
            ready.wait()
            answers.append(ask(app, "/feed.atom?q=diffusion"))

        app.extensions[
            "feedserver"
        ].watch.version()  # the first look: until then, some ask for a version, some for none
        monkeypatch.setattr(feeds, "compose", build_slowly)
        threads = [threading.Thread(target=wait) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [answer.status_code for answer in answers] == [200] * 8
        assert sum("RateLimit" in answer.headers for answer in answers) == 1

    def test_preflights_and_what_is_not_there_at_all_are_free(self, make: Make) -> None:
        """They cost no work."""
        client = make(polls="1 per hour", queries="1 per hour").test_client()
        for _ in range(5):
            assert client.options("/feed.json").status_code == 204
            assert client.get("/nothing").status_code == 404
            assert client.get("/static/icon.png", buffered=True).status_code == 200

    def test_without_limits_nothing_is_counted(self, make: Make) -> None:
        """Nor said."""
        app = make(enabled=False, queries="1 per hour", polls="1 per hour")
        assert set(statuses(app, 5)) == {200}
        assert ask(app, "/feed.json?titel=x").status_code == 400
        assert "RateLimit" not in ask(app, "/feed.json?q=other").headers


class TestRefused:
    """429, and what it tells."""

    def test_the_121st_new_query_in_a_minute_is_too_many(self, make: Make) -> None:
        """As the limits are without any configuration."""
        app = make()
        assert set(statuses(app, 120)) == {200}
        refused = ask(app, "/feed.json?q=another")
        assert refused.status_code == 429
        assert refused.headers["RateLimit-Policy"] == '"queries";q=120;w=60'
        wait = int(refused.headers["Retry-After"])
        assert 1 <= wait <= 60
        assert refused.headers["RateLimit"] == f'"queries";r=0;t={wait}'
        assert set(statuses(app, 120)) == {200}, "what was built before is free"

    def test_it_is_a_problem_that_any_script_may_read_and_no_cache_keeps(self, make: Make) -> None:
        """As feeds are, and errors."""
        app = make(queries="1 per hour")
        ask(app, "/feed.json?q=one")
        refused = ask(app, "/feed.json?q=two")
        problem = json.loads(refused.data)
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert (problem["status"], problem["title"]) == (429, "Too Many Requests")
        assert problem["detail"] == "at most 1 per hour: new queries for one client"
        assert refused.headers["Cache-Control"] == "no-store"
        assert refused.headers.getlist("Access-Control-Allow-Origin") == ["*"]
        exposed = refused.headers["Access-Control-Expose-Headers"].split(", ")
        assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(exposed)
        assert not [name for name, _ in refused.headers if name.startswith("X-RateLimit")]

    def test_a_window_ends(self, make: Make) -> None:
        """After Retry-After the client is welcome."""
        app = make(queries="2 per second")
        assert statuses(app, 3) == [200, 200, 429]
        time.sleep(int(ask(app, "/feed.json?q=late").headers["Retry-After"]) + 0.05)
        assert statuses(app, 3, "later") == [200, 200, 429]

    def test_a_window_that_ends_meanwhile_still_asks_for_a_second(
        self, make: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nobody is to come back at once."""
        app = make(queries="1 per hour")
        (limiter,) = app.extensions["limiter"]
        monkeypatch.setattr(limiter.storage, "get_expiry", lambda _: 0.0)
        assert statuses(app, 1) == [200]
        refused = ask(app, "/feed.json?q=another")
        assert (refused.headers["Retry-After"], refused.headers["RateLimit"]) == ("1", '"queries";r=0;t=0')

    def test_an_answer_that_was_counted_tells_what_is_left_to_its_own_client_alone(self, make: Make) -> None:
        """The next one, from memory, has the same feed without it."""
        app = make(queries="5 per hour", queries_per_address="9 per hour")
        first, second = (ask(app, "/feed.atom?q=diffusion") for _ in range(2))
        assert first.headers["RateLimit-Policy"] == '"queries";q=5;w=3600, "queries_per_address";q=9;w=3600'
        assert first.headers["RateLimit"] == '"queries";r=4;t=3600, "queries_per_address";r=8;t=3600'
        assert "Retry-After" not in first.headers
        assert set(first.headers.keys()) - set(second.headers.keys()) == {"RateLimit", "RateLimit-Policy"}
        assert first.data == second.data

    @pytest.mark.parametrize(
        ("address", "status"), [("/feed.atom?titel=x", 400), ("/feed.atom?q=(", 400), ("/feeds/none.atom", 404)]
    )
    def test_a_mistake_counts_against_the_generous_limit(self, make: Make, address: str, status: int) -> None:
        """Reading it costs something; a query of the same client is none the worse."""
        app = make(polls="2 per hour", queries="1 per hour")
        answers = [ask(app, address) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [status, status, 429]
        assert answers[1].headers["RateLimit-Policy"] == '"polls";q=2;w=3600'
        assert answers[1].headers["RateLimit"].startswith('"polls";r=0;t=')
        assert ask(app, "/feed.atom?q=diffusion").status_code == 200

    @pytest.mark.parametrize("address", ["/", "/status"])
    def test_pages_count_against_the_generous_limit(self, make: Make, address: str) -> None:
        """Each time. The page of a feed counts like the feed."""
        app = make(polls="2 per hour", queries="1 per hour")
        assert [ask(app, address).status_code for _ in range(3)] == [200, 200, 429]

    def test_the_page_of_a_query_counts_as_a_query(self, make: Make) -> None:
        """It is the same work."""
        app = make(queries="2 per hour")
        addresses = [f"/feeds/all?q={word}" for word in ("diffusion", "flow", "diffusion", "matching")]
        assert [ask(app, address).status_code for address in addresses] == [200, 200, 200, 429]

    def test_a_defined_feed_counts_against_the_generous_limit_and_a_refined_one_as_a_query(self, make: Make) -> None:
        """All ask for the one; the other is somebody's own."""
        app = make(polls="2 per hour", queries="1 per hour")
        names = [f"/feeds/{name}.{suffix}" for name in ("all", "diffusion") for suffix in ("rss", "json")]
        assert [ask(app, name).status_code for name in names] == [200, 200, 429, 429]
        refined = [f"/feeds/all.rss?limit={number}" for number in (5, 6)]
        assert [ask(app, address).status_code for address in refined] == [200, 429]

    def test_a_changed_feed_is_built_and_counted_again(self, make: Make) -> None:
        """Once for each change, whoever comes first."""
        app = make(polls="2 per hour")
        site = app.extensions["feedserver"]
        answers = []
        for _ in range(3):
            answers += [ask(app, "/feeds/all.rss") for _ in range(2)]
            site.definitions.generation += 1
            time.sleep(RECHECK)
        assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429, 429]

    def test_refusals_are_not_logged_one_by_one(self, make: Make, caplog: pytest.LogCaptureFixture) -> None:
        """A flood would fill the disk, with addresses of people."""
        app = make(queries="1 per hour")
        with caplog.at_level(logging.INFO):
            statuses(app, 5)
        assert [record.getMessage() for record in caplog.records if record.name == "flask-limiter"] == []


class TestWhom:
    """Who is one client."""

    def test_another_user_agent_may_go_on_until_the_limit_of_the_address(self, make: Make) -> None:
        """Whom one limit stops does not use up the other."""
        app = make(queries="2 per hour", queries_per_address="5 per hour")
        assert statuses(app, 6, "a", agent="one") == [200, 200, 429, 429, 429, 429]
        assert statuses(app, 3, "b", agent="two") == [200, 200, 429]
        assert statuses(app, 2, "c", agent="three") == [200, 429]
        refused = ask(app, "/feed.json?q=d", agent="four")
        assert json.loads(refused.data)["detail"] == "at most 5 per hour: new queries for one address"
        assert '"queries_per_address";r=0;' in refused.headers["RateLimit"]
        assert statuses(app, 2, "e", remote="192.0.2.2") == [200, 200]

    def test_of_ipv6_a_network_of_64_bits_is_one_address(self, make: Make) -> None:
        """One machine may have all of its addresses."""
        app = make(queries="2 per hour")
        assert statuses(app, 1, "a", remote="2001:db8::1") == [200]
        assert statuses(app, 2, "b", remote="2001:db8::ffff:2") == [200, 429]
        assert statuses(app, 1, "c", remote="2001:db8:0:1::1") == [200]

    def test_an_ipv4_address_is_the_same_on_a_socket_of_both_kinds(self, make: Make) -> None:
        """And is not thrown together with all the others."""
        app = make(queries="1 per hour")
        assert statuses(app, 1, "a", remote="::ffff:192.0.2.1") == [200]
        assert statuses(app, 1, "b", remote="192.0.2.1") == [429]
        assert statuses(app, 1, "c", remote="::ffff:192.0.2.2") == [200]

    def test_a_client_without_an_address_is_counted_too(self, make: Make) -> None:
        """On a Unix socket there is none."""
        assert statuses(make(queries="1 per hour"), 2, remote="") == [200, 429]

    def test_a_forwarded_address_from_anybody_does_not_evade(self, make: Make) -> None:
        """No proxy is trusted unless it is configured."""
        app = make(queries="1 per hour")
        answers = [ask(app, f"/feed.json?q=word{n}", X_Forwarded_For=f"198.51.100.{n}") for n in range(2)]
        assert [answer.status_code for answer in answers] == [200, 429]

    def test_behind_a_trusted_proxy_its_word_counts_and_not_what_came_before(self, make: Make) -> None:
        """The last address is the proxy's; the client made up the others."""
        app = make(server={"trusted_proxies": 1}, queries="1 per hour")
        one, spoofed, other = (
            ask(app, f"/feed.json?q=word{number}", X_Forwarded_For=forwarded)
            for number, forwarded in enumerate(["198.51.100.1", "198.51.100.9, 198.51.100.1", "198.51.100.2"])
        )
        assert [answer.status_code for answer in (one, spoofed, other)] == [200, 429, 200]

    def test_apps_count_each_for_itself(self, make: Make) -> None:
        """As workers do."""
        one, other = make(queries="1 per hour"), make(queries="1 per hour")
        assert [statuses(app, 2) for app in (one, other)] == [[200, 429]] * 2


class TestCounts:
    """The counts in memory."""

    def test_a_window_begins_with_its_first_and_ends_by_the_clock(self) -> None:
        """Then it counts from one."""
        seconds = [100.0]
        counts = Counts(clock=lambda: seconds[0])
        assert (counts.get("key"), counts.get_expiry("key")) == (0, 100.0)
        assert [counts.incr("key", 60), counts.incr("key", 60, 2)] == [1, 3]
        seconds[0] = 159.9
        assert (counts.get("key"), counts.get_expiry("key")) == (3, 160.0)
        seconds[0] = 160.0
        assert counts.get("key") == 0
        assert (counts.incr("key", 60), counts.get_expiry("key")) == (1, 220.0)

    def test_the_number_of_keys_is_bounded_and_the_least_recently_counted_go_first(self) -> None:
        """A flood from many addresses must not fill the memory."""
        counts = Counts(most=2)
        for key in ("a", "b", "a", "c"):
            counts.incr(key, 60)
        assert [counts.get(key) for key in ("a", "b", "c")] == [2, 0, 1]

    def test_a_key_or_all_may_be_forgotten(self) -> None:
        """As the library asks of a storage."""
        counts = Counts()
        for key in ("a", "b", "c"):
            counts.incr(key, 60)
        counts.clear("a")
        assert (counts.get("a"), counts.reset(), counts.get("b"), counts.check()) == (0, 2, 0, True)

    def test_threads_lose_no_count(self) -> None:
        """Eight count the same."""
        counts = Counts()
        threads = [threading.Thread(target=lambda: [counts.incr("key", 60) for _ in range(1000)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert counts.get("key") == 8000


@contextmanager
def redis_server(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Redis with the password ``pa/ss`` on loopback."""
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--requirepass", "pa/ss", "--save", ""]
    with subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield process
        finally:
            process.kill()


@pytest.fixture
def port() -> int:
    """A port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def at(port: int) -> str:
    """Return the address of that Redis, with its password."""
    return f"redis://:pa%2Fss@127.0.0.1:{port}/0"


class TestRedis:
    """Counting together."""

    @pytest.mark.service("redis-server")
    def test_workers_with_one_redis_count_together(self, make: Make, tmp_path: Path, port: int) -> None:
        """And tell the same."""
        with redis_server(tmp_path, port):
            one, other = (make(queries="3 per hour", storage=at(port)) for _ in range(2))
            assert statuses(one, 2, "a") == [200, 200]
            answer = ask(other, "/feed.json?q=b")
            assert answer.headers["RateLimit"].startswith('"queries";r=0;t=3600, "queries_per_address";r=597;t=')
            assert statuses(one, 1, "c") == statuses(other, 1, "c") == [429]
            assert ask(one, "/feed.json?q=d").headers["Retry-After"] in {"3599", "3600"}
            with redis.Redis.from_url(at(port)) as client:
                keys = [key.decode() for key in client.scan_iter()]
        assert len(keys) == 2
        assert all(key.startswith("LIMITS:LIMITER/feedserver/") and "192.0.2.1" not in key for key in keys)

    @pytest.mark.service("redis-server")
    def test_when_redis_dies_feeds_go_on_and_each_worker_counts_by_itself(
        self, make: Make, tmp_path: Path, port: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The log says so once, without the password."""
        with redis_server(tmp_path, port) as process:
            app = make(queries="3 per hour", storage=at(port))
            assert statuses(app, 2, "a") == [200, 200]
            process.kill()
            process.wait()
            started = time.monotonic()
            assert statuses(app, 4, "b") == [200, 200, 200, 429]
            assert time.monotonic() - started < 5
        said = [record.getMessage() for record in caplog.records if record.name == "flask-limiter"]
        assert said == ["Rate limit storage unreachable - falling back to in-memory storage"]
        assert "pa/ss" not in caplog.text
        assert "pa%2Fss" not in caplog.text

    @pytest.mark.service("redis-server")
    def test_a_redis_that_dies_between_counting_and_answering_spoils_no_answer(
        self, make: Make, tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is left, nobody knows."""
        build = feeds.compose

        def die(*given: Any) -> Any:
            process.kill()
            process.wait()
            return build(*given)

        monkeypatch.setattr(feeds, "compose", die)
        with redis_server(tmp_path, port) as process:
            answer = ask(make(queries="3 per hour", storage=at(port)), "/feed.json?q=diffusion")
        assert answer.status_code == 200
        assert answer.headers["RateLimit"].startswith('"queries";r=0;t=3600')

    @pytest.mark.service("redis-server")
    def test_a_redis_that_comes_later_is_found(self, make: Make, tmp_path: Path, port: int) -> None:
        """The server starts without it."""
        app = make(queries="1 per hour", storage=at(port))
        assert statuses(app, 2, "a") == [200, 429]
        with redis_server(tmp_path, port):
            time.sleep(1.1)
            assert statuses(app, 2, "b") == [200, 429]

    def test_a_redis_that_never_answers_costs_one_request_a_second_at_most(
        self, make: Make, port: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A machine that swallows packets is worse than one that refuses."""
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", port))
            silent.listen()
            app = make(queries="3 per hour", storage=at(port))
            started = time.monotonic()
            assert statuses(app, 4) == [200, 200, 200, 429]
            assert time.monotonic() - started < 3

    def test_those_who_find_redis_gone_at_the_same_time_all_get_their_feed(self, make: Make, port: int) -> None:
        """Whoever finds out first, and the others."""
        app, ready, answers = make(queries="9 per hour", storage=at(port)), threading.Barrier(8), []

        def find_out(number: int) -> None:
            ready.wait()
            answers.append(ask(app, f"/feed.json?q=word{number}").status_code)

        with socket.socket() as silent:
            silent.bind(("127.0.0.1", port))
            silent.listen()
            threads = [threading.Thread(target=find_out, args=(number,)) for number in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert answers == [200] * 8

    def test_what_the_client_does_not_understand_in_the_address_is_a_config_error(self, make: Make, port: int) -> None:
        """Before the first request."""
        with pytest.raises(ConfigError, match=r"limits.storage: .*socket_timeout") as raised:
            make(storage=f"{at(port)}?socket_timeout=soon")
        assert "pa%2Fss" not in "".join(traceback.format_exception(raised.value))


def settings_with(folder: Path, section: str) -> Settings:
    """Return the settings of a file with these lines."""
    (folder / "feedserver.toml").write_text(section, encoding="utf-8")
    return load_settings({"FEEDSERVER_CONFIG_DIR": str(folder), "FEEDSERVER_DATA_DIR": str(folder)})


class TestSettings:
    """The section ``[limits]``."""

    @pytest.mark.parametrize("rate", ["120 per minute", "120/minute", "10 per 2 seconds", "5 / 3 hours", "1 per day"])
    def test_a_rate_means_what_the_library_takes_it_for(self, tmp_path: Path, rate: str) -> None:
        """One rate, and all of it."""
        section = settings_with(tmp_path, f"[limits]\npolls = '{rate}'\n").limits
        parsed = limits.parse_many(section.polls)
        assert len(parsed) == 1
        assert rate.startswith(str(parsed[0].amount))

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("polls = 'many'", "limits.polls: give a limit such as '120 per minute'"),
            ("polls = '0 per minute'", "limits.polls: give a limit"),
            ("queries = '1 per minute; 5 per hour'", "limits.queries: give a limit"),
            ("queries_per_address = '5 per fortnight'", "limits.queries_per_address: give a limit"),
            ("queries = 5", "limits.queries: "),
            ("enabled = 'perhaps'", "limits.enabled: "),
            ("query = '5 per hour'", "limits.query: unknown setting; did you mean 'limits.queries'?"),
            ("storage = 'memcached://host'", "limits.storage: give 'memory://' or an address of Redis"),
            ("storage = 'redis://'", "limits.storage: give 'memory://'"),
        ],
    )
    def test_a_bad_value_is_refused_with_file_key_and_remedy(self, tmp_path: Path, line: str, said: str) -> None:
        """Each message can be acted on."""
        with pytest.raises(ConfigError) as raised:
            settings_with(tmp_path, f"[limits]\n{line}\n")
        assert f"feedserver.toml: {said}" in str(raised.value)

    @pytest.mark.parametrize(
        "lines",
        [
            "[limits]\nstorage = 'redis://:secret@host:port/0'",
            "[limits]\nstorage = 'redis://:sec/secret@host:6379/0'",
            "[limits]\nstorage = 'redis:/:secret@host/0'",
            "[limits]\nstorage = 'mysql://host?password=secret'",
            "[limits]\nstorage = {url = 'redis://:secret@host'}",
            "limits = 'redis://:secret@host'",
            "[limits]\npolls = 'redis://:secret@host'",
        ],
    )
    def test_a_password_is_in_no_message_and_no_traceback(self, tmp_path: Path, lines: str) -> None:
        """Wherever it was written by mistake."""
        with pytest.raises(ConfigError) as raised:
            settings_with(tmp_path, lines)
        assert "secret" not in "".join(traceback.format_exception(raised.value))

    def test_a_password_is_in_no_representation(self, tmp_path: Path) -> None:
        """Nor is the rest of the address."""
        made = settings_with(tmp_path, "[limits]\nstorage = 'rediss://user:secret@host:6380/1?ssl_cert_reqs=none'")
        assert "secret" not in repr(made)
        assert made.limits.storage.get_secret_value().startswith("rediss://")

    def test_redis_without_its_library_is_a_config_error(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is an extra."""
        monkeypatch.setitem(sys.modules, "redis", None)
        with pytest.raises(ConfigError, match=r"limits.storage: Redis needs its library; install feedserver\[redis\]"):
            settings_with(tmp_path, "[limits]\nstorage = 'redis://host'")


class TestBounds:
    """How long a request may be."""

    @pytest.mark.parametrize(
        ("path", "headers", "status", "said"),
        [
            ("/feed.rss?q=" + "a" * 8000, {}, 414, "at most 8000 characters may follow"),
            ("/feeds/" + "a" * 1000, {}, 414, "a path has at most 1000 characters"),
            ("/feed.rss", {"Referer": "a" * 8001}, 431, "a header has at most 8000 characters"),
            ("/feed.rss", {f"X-{n}": "a" * 170 for n in range(95)}, 431, "at most 16000 characters"),
            ("/nothing", {"If-None-Match": "a" * 8001}, 431, "a header has at most 8000 characters"),
        ],
    )
    def test_a_request_that_is_too_long_is_refused(
        self, make: Make, path: str, headers: dict[str, str], status: int, said: str
    ) -> None:
        """With a problem document, before anything is made of it."""
        answer = ask(make(), path, **headers)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
        assert said in json.loads(answer.data)["detail"]
        assert "RateLimit" not in answer.headers

    def test_a_long_request_within_the_bounds_passes(self, make: Make) -> None:
        """A header, and a query of eight thousand characters."""
        headers = {"Referer": "a" * 8000, "If-None-Match": '"x", ' * 1500}
        assert ask(make(), "/feed.rss?exclude=" + "a," * 100 + "a" * 7780, **headers).status_code == 200

    def test_an_answer_from_memory_reads_the_beginning_of_a_header(self, make: Make) -> None:
        """And remembers no more than that."""
        app = make()
        tag = ask(app, "/feeds/all.rss").headers["ETag"]
        late = ask(app, "/feeds/all.rss", If_None_Match='"other", ' * 900 + tag)
        early = ask(app, "/feeds/all.rss", If_None_Match=f"{tag}, " + '"other", ' * 900)
        assert (late.status_code, early.status_code) == (200, 304)
