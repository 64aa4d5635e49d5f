"""nginx and Varnish in front of the app, from the very files that are documented: what clients get, and when."""

import gzip
import json
import os
import pwd
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Event, Thread

import feedparser
import pytest

from feedserver.model import Entry
from feedserver.store import SqliteStore
from tests.entries import ROOT, make_entry, make_listing, sample
from tests.servers import COMMANDS, Answer, Running, ask, free_port, listening, program, running, until

SETTINGS = "[server]\nmax_age = '1s'\ntrusted_proxies = 1\n[refresh]\nenabled = false\n[limits]\nenabled = false\n"
PROBE = "/feed.json?limit=1"
PROXIES = [pytest.param(name, marks=pytest.mark.service(name)) for name in ("nginx", "varnishd")]

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Reached:
    """A request that came through to the app."""

    worker: str
    method: str
    status: int
    target: str


@dataclass(frozen=True, slots=True)
class App:
    """The app as gunicorn runs it, over a folder."""

    server: Running
    folder: Path

    def put(self, *entries: Entry) -> None:
        """Let entries come into the store from another process, as they do when another worker refreshes."""
        store = SqliteStore(self.folder / "data" / "feedserver.sqlite")
        store.put(make_listing(*entries))
        store.close()
        time.sleep(0.3)  # each worker looks four times a second

    def reached(self, address: str = "") -> list[Reached]:
        """Return the requests that came through so far, for one address or any."""
        last = f"/feed.rss?title=last{next(_numbers)}"
        ask(f"{self.server.address}{last}")
        until(lambda: last in self._log(), "the log lags behind")
        lines = (line.split() for line in self._log().splitlines())
        requests = [Reached(worker, method, int(status), target) for worker, method, status, target in lines]
        return [request for request in requests if address.endswith(request.target) or not address]

    def _log(self) -> str:
        return (self.folder / "access.log").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Site:
    """The app and what stands in front of it."""

    address: str
    app: App

    def new_feed(self, form: str = "atom", extra: str = "") -> str:
        """Return the address of a feed that nobody has asked for so far, as readers see it."""
        return f"{self.address}/feed.{form}?title=t{next(_numbers)}{extra}"

    def ask_app(self, feed: str, **headers: str) -> Answer:
        """Ask the app itself for what has that address."""
        host = self.address.removeprefix("http://")
        return ask(feed.replace(self.address, self.app.server.address), Host=host, **headers)


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app over the sample."""
    with app_in(tmp_path_factory.mktemp("app"), free_port()) as started:
        started.put(*sample())
        yield started


@pytest.fixture(scope="module", params=PROXIES)
def site(request: pytest.FixtureRequest, behind: App, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same, behind each of the proxies."""
    with FRONTS[request.param](tmp_path_factory.mktemp(request.param), behind.server.port) as front:
        until(lambda: ask(f"{front.address}{PROBE}").status == 200, "the app is not reached")
        yield Site(front.address, behind)


@contextmanager
def app_in(folder: Path, port: int, settings: str = SETTINGS) -> Iterator[App]:
    """Start the app as the Procfile does; end it at once.

    It logs what reaches it: in one thread, so that a request stands in the log before the next one is read.
    """
    log = f"--access-logfile={folder}/access.log --access-logformat='%(p)s %(m)s %(s)s %(U)s?%(q)s'"
    options = f"--bind=127.0.0.1:{port} --threads=1 {log}"
    procfile = COMMANDS["the Procfile"]
    with running(procfile, folder, port, settings, signal.SIGINT, GUNICORN_CMD_ARGS=options) as server:
        yield App(server, folder)


@contextmanager
def nginx(folder: Path, app_port: int, sub_path: str = "") -> Iterator[Running]:
    """Start nginx with the documented file, included as its package does."""
    port = free_port()
    places = {
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{app_port};",
        "listen 80;": f"listen 127.0.0.1:{port};",
        "/var/cache/feedserver": f"{folder}/cache",
        "location / {": f"location {sub_path}/ {{",
        'X-Forwarded-Prefix "";': f'X-Forwarded-Prefix "{sub_path}";',
    }
    adapt(ROOT / "docs" / "nginx.conf", places, folder / "feedserver.conf")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; user {pwd.getpwuid(os.getuid()).pw_name};\n"
        f"events {{ }}\n"
        f"http {{ access_log off; {temporary} include {folder}/feedserver.conf; }}\n",
        encoding="utf-8",
    )
    command = [str(program("nginx")), "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
    with listening(command, port) as server:
        yield server


@contextmanager
def varnishd(folder: Path, app_port: int) -> Iterator[Running]:
    """Start Varnish with the documented file and the options that it names; nothing is kept but what the file keeps."""
    port, file = free_port(), ROOT / "docs" / "varnish.vcl"
    adapt(file, {'.port = "8000";': f'.port = "{app_port}";'}, folder / "default.vcl")
    named = re.findall(r"-p \w+=\w+", file.read_text(encoding="utf-8"))
    options = f"-F -j none -s malloc,32m -a 127.0.0.1:{port} -n {folder}/work -f {folder}/default.vcl"
    command = [str(program("varnishd")), *options.split(), *" ".join(named).split(), "-p", "default_grace=0"]
    with listening(command, port) as server:
        yield server


FRONTS = {"nginx": nginx, "varnishd": varnishd}


def adapt(file: Path, places: dict[str, str], to: Path) -> None:
    """Copy a documented file as a host would: with other ports and paths, in the lines that say so."""
    lines = file.read_text(encoding="utf-8").splitlines()
    for old, new in places.items():
        (number,) = [number for number, line in enumerate(lines) if old in line]
        assert "# ADAPT" in lines[number], f"{file.name}: nobody is told that {old!r} is to be changed"
        lines[number] = lines[number].replace(old, new)
    to.write_text("\n".join(lines) + "\n", encoding="utf-8")


@contextmanager
def failing(port: int) -> Iterator[None]:
    """Answer 503 in the app's place, except to a probe."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path.startswith(PROBE) else 503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        Thread(target=server.serve_forever, args=(0.1,)).start()
        try:
            yield
        finally:
            server.shutdown()


def read(answer: Answer) -> bytes:
    """Return a feed, unpacked."""
    assert answer.status == 200
    coding = answer.headers["Content-Encoding"]
    assert coding in {"gzip", None}
    return gzip.decompress(answer.body) if coding else answer.body


def titles(answer: Answer) -> set[str]:
    """Return the titles in a feed."""
    return {entry.title for entry in feedparser.parse(read(answer)).entries}


def wait_past(answer: Answer) -> None:
    """Wait until a cache must ask the app, by what the app said; nginx counts whole seconds."""
    promised = re.findall(r"(?:max-age|stale-while-revalidate)=(\d+)", answer.headers["Cache-Control"])
    time.sleep(max(0, answer.at + sum(map(int, promised)) + 1.1 - time.monotonic()))


def at_once(times: int, address: str, **headers: str) -> list[Answer]:
    """Ask several times at the same time."""
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(lambda _: ask(address, **headers), range(times)))


def test_however_many_poll_the_app_is_asked_once_a_second(site: Site) -> None:
    feed, start = site.new_feed(), time.monotonic()
    tags = {ask(feed, Accept_Encoding="gzip", Cookie="a=b").headers["ETag"] for _ in range(100)}

    assert len(tags) == 1
    assert len(site.app.reached(feed)) <= 1 + (time.monotonic() - start)


@pytest.mark.parametrize(
    ("accepted", "given"),
    [("gzip", "gzip"), ("br, gzip;q=0.5", "gzip"), ("identity", None), ("br, zstd", None), ("gzip;q=0, *", None)],
)
def test_clients_get_the_same_feed_in_a_coding_that_they_can_read(site: Site, accepted: str, given: str | None) -> None:
    feed = site.new_feed()
    before = [ask(feed, Accept_Encoding=other) for other in ("zstd", "gzip", "identity")]
    answer = ask(feed, Accept_Encoding=accepted, Via="1.1 another proxy")

    assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == (given, "Accept-Encoding")
    assert {read(answer), *map(read, before)} == {site.ask_app(feed).body}


@pytest.mark.parametrize("accepted", ["gzip", "identity", "br, zstd"])
def test_a_client_that_has_the_feed_is_told_so_by_the_cache(site: Site, accepted: str) -> None:
    feed = site.new_feed()
    first = ask(feed, Accept_Encoding=accepted)
    now = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
    conditions = [{"If_None_Match": first.headers["ETag"]}, {"If_Modified_Since": now}]
    conditions.append({"If_None_Match": first.headers["ETag"], "If_Modified_Since": first.headers["Last-Modified"]})
    answers = [ask(feed, Accept_Encoding=accepted, **condition) for condition in conditions]

    assert [(answer.status, answer.body) for answer in answers] == [(304, b"")] * 3
    for name in ("Cache-Control", "Last-Modified", "Vary"):
        assert {answer.headers[name] for answer in answers} == {first.headers[name]}
    assert {answer.headers["ETag"].removeprefix("W/") for answer in answers} == {
        first.headers["ETag"].removeprefix("W/")
    }
    assert ask(feed, Accept_Encoding=accepted, If_None_Match='"another"').status == 200


@pytest.mark.parametrize("accepted", ["gzip", "identity", "br, zstd"])
def test_a_tag_from_the_cache_is_known_to_the_app(site: Site, accepted: str) -> None:
    feed = site.new_feed()
    tag = ask(feed, Accept_Encoding=accepted).headers["ETag"]

    assert site.ask_app(feed, Accept_Encoding=accepted, If_None_Match=tag).status == 304


@pytest.mark.parametrize("name", PROXIES)
def test_a_cache_gets_no_delta_since_its_own_copy(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    app_folder, folder = (tmp_path_factory.mktemp(kind) for kind in ("app", name))
    settings = SETTINGS.replace("[server]", "[server]\ndelta = true")
    with app_in(app_folder, free_port(), settings) as app, FRONTS[name](folder, app.server.port) as front:
        app.put(*sample())
        until(lambda: ask(f"{front.address}{PROBE}").status == 200, "the app is not reached")
        behind = Site(front.address, app)
        feed = behind.new_feed()
        first = ask(feed)
        for _ in range(30):  # so that each worker remembers that state
            behind.ask_app(feed)
        app.put(make_entry(90))
        wait_past(first)
        answer = ask(feed, A_IM="feed", If_None_Match='"another"')

        assert titles(answer) == {*titles(first), "Paper 90"}
        assert {request.status for request in app.reached(feed)} <= {200, 304}


def test_a_tag_from_the_app_is_known_to_the_cache(site: Site) -> None:
    feed = site.new_feed()
    tag = site.ask_app(feed, Accept_Encoding="gzip").headers["ETag"]

    assert ask(feed, Accept_Encoding="gzip", If_None_Match=tag).status == 304


def test_after_max_age_the_app_is_asked_what_changed_and_nobody_has_to_purge(site: Site) -> None:
    """The first who asks afterwards gets what is new, however long nobody asked; what is not new isn't sent again."""
    changing, resting = site.new_feed(), site.new_feed(extra="&min_upvotes=50")
    before, rested = ask(changing, Accept_Encoding="gzip"), ask(resting, Accept_Encoding="gzip")
    title = f"Found by {site.address}"
    wait_past(before)
    site.app.put(make_entry(next(_numbers) + 100, title=title))
    after, still = ask(changing, Accept_Encoding="gzip"), ask(resting, Accept_Encoding="gzip")

    assert title not in titles(before)
    assert title in titles(after)
    assert (still.headers["ETag"], still.body) == (rested.headers["ETag"], rested.body)
    assert [request.status for request in site.app.reached(changing)] == [200, 200]
    assert [request.status for request in site.app.reached(resting)] == [200, 304]


def test_head_is_answered_from_what_get_left(site: Site) -> None:
    feed = site.new_feed()
    get, head = ask(feed, Accept_Encoding="gzip"), ask(feed, "HEAD", Accept_Encoding="gzip")

    assert (head.status, head.body) == (200, b"")
    assert head.headers["ETag"] == get.headers["ETag"]
    assert int(head.headers["Content-Length"]) == len(get.body) > 0
    assert [request.method for request in site.app.reached(feed)] == ["GET"]


def test_an_error_is_passed_on_and_not_kept(site: Site) -> None:
    feed = site.new_feed(extra="&titel=x")
    answers = [ask(feed), ask(feed)]

    assert [answer.status for answer in answers] == [400, 400]
    assert json.loads(answers[0].body)["parameter"] == "titel"
    assert answers[0].headers["Content-Type"] == "application/problem+json"
    assert len(site.app.reached(feed)) == 2


def test_a_page_for_people_is_not_kept(site: Site) -> None:
    page = site.new_feed().replace(".atom", "")

    assert [ask(page).status, ask(page).status] == [200, 200]
    assert len(site.app.reached(page)) == 2


def test_a_query_of_eight_thousand_characters_comes_through(site: Site) -> None:
    feed = site.new_feed(extra="&keywords=" + ",".join(f"{number:>036}'s" for number in range(200)))

    assert 7_800 < len(feed.partition("?")[2]) <= 8_000
    assert ask(feed).status == 200


def test_no_client_can_have_the_links_of_a_cached_feed_changed(site: Site) -> None:
    forged = {"X_Forwarded_Host": "a.example", "X_Forwarded_Prefix": "/b", "X_Forwarded_Proto": "https"}
    feed = site.new_feed("json")

    assert json.loads(ask(feed, **forged).body)["feed_url"] == feed


def test_each_name_of_the_host_gets_links_of_its_own(site: Site) -> None:
    feed = site.new_feed("json")
    answers = [ask(feed), ask(feed, Host="other.example")]

    links = [feed, feed.replace(site.address, "http://other.example")]
    assert [json.loads(answer.body)["feed_url"] for answer in answers] == links


def test_a_graceful_restart_fails_no_request(site: Site) -> None:
    """HUP, by which gunicorn has the settings read again, while every request has to reach the app."""
    before = {request.worker for request in site.app.reached()}
    statuses: list[int] = []
    over = Event()

    def poll() -> None:
        while not over.is_set():
            statuses.append(ask(site.new_feed()).status)

    with ThreadPoolExecutor(3) as pool:
        polls = [pool.submit(poll) for _ in range(3)]
        os.kill(site.app.server.pid, signal.SIGHUP)
        try:
            until(lambda: site.app.reached()[-1].worker not in before, "no new worker answers")
            time.sleep(2.2)  # as long as the worker that ends keeps its connections
        finally:
            over.set()
    for polled in polls:
        polled.result()

    assert set(statuses) == {200}
    assert len(statuses) > 20


@pytest.mark.parametrize("name", PROXIES)
def test_while_the_app_is_down_readers_get_the_last_good_answer(name: str, tmp_path: Path) -> None:
    """In each coding, and 304; from the moment it is back, what is new."""
    port = free_port()
    with FRONTS[name](tmp_path, port) as front:
        with app_in(tmp_path, port) as app:
            app.put(*sample())
            site = Site(front.address, app)
            until(lambda: ask(f"{front.address}{PROBE}").status == 200, "the app is not reached")
            feed = site.new_feed()
            good = ask(feed, Accept_Encoding="gzip")
        wait_past(good)

        with failing(port):
            until(lambda: ask(f"{front.address}{PROBE}&title=t{next(_numbers)}").status == 200, "it seems ill")
            assert {answer.body for answer in at_once(8, feed, Accept_Encoding="gzip")} == {good.body}
            assert ask(site.new_feed()).status == 503
        for _ in range(2):
            assert {read(answer) for answer in at_once(4, feed, Accept_Encoding="identity")} == {read(good)}
            assert ask(feed, Accept_Encoding="gzip", If_None_Match=good.headers["ETag"]).status == 304
        assert ask(site.new_feed()).status in {502, 503}

        with app_in(tmp_path, port) as app:
            app.put(make_entry(99, title="New"))
            until(lambda: "New" in titles(ask(feed)), "what is new does not come", seconds=20)


@pytest.mark.service("nginx")
def test_below_a_sub_path_that_the_proxy_announces_links_are_right(behind: App, tmp_path: Path) -> None:
    with nginx(tmp_path, behind.server.port, "/papers") as front:
        feed = Site(f"{front.address}/papers", behind).new_feed("json")
        document = json.loads(ask(feed).body)
        page = ask(feed.replace(".json", ""))

    assert document["feed_url"] == feed
    assert document["home_page_url"] == feed.replace(".json", "")
    assert f'href="{front.address}/papers/static/style.css' in page.body.decode()
