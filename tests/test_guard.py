"""The guard: whatever upstream sends or leads to, nobody is asked who must not be, in bounds, and feeds are served."""

import gzip
import socket
import ssl
import subprocess
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import brotli
import pytest
from flask.testing import FlaskClient

from feedserver.config import LimitSettings, Settings
from feedserver.config.build import STORE_FILE, make_refreshers
from feedserver.config.settings import FetchSettings, RefreshSettings
from feedserver.errors import FetchError, RefusedAddressError
from feedserver.fetch import Fetcher, Guard, Limits, Sender
from feedserver.refresh import Refresher
from feedserver.sources import DailyPapers
from feedserver.store import SqliteStore
from feedserver.web import create_app
from tests.house import LISTED
from tests.upstream import (
    DAY,
    PATH,
    Answer,
    Time,
    Upstream,
    encode,
    fetching,
    go_round,
    gzipped,
    paper,
    pour,
    say,
    sending,
    slowly,
)

OPEN = "127.0.0.2"  # where upstream plays, and may be asked; nobody else on loopback may
LIMITS = Limits(connect=1, read=0.3, total=1, size=100_000, attempts=2, backoff=0, longest_wait=0, pause=0)
MOST_SECONDS = 6  # twice: what a call may take, and what a machine at work adds
MOST_BYTES = 8_000_000
GOOD = encode([paper()])
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
ZEROS = bytes(30_000_000)

# Hosts that reach this machine, with {port} where somebody listens who must not be asked, or networks around it.
HOSTS = (
    "127.0.0.1:{port}",
    "localhost:{port}",
    "LOCALHOST:{port}",
    "127.1:{port}",
    "127.0.1:{port}",
    "127.000.000.001:{port}",
    "2130706433:{port}",
    "0x7f000001:{port}",
    "0x7f.0.0.1:{port}",
    "0x7f.1:{port}",
    "0177.0.0.1:{port}",
    "017700000001:{port}",
    "%31%32%37.0.0.1:{port}",
    "0:{port}",
    "0.0.0.0:{port}",
    "127.0.0.1:00{port}",
    "[::1]:{port}",
    "[::]:{port}",
    "[::ffff:127.0.0.1]:{port}",
    "[::FFFF:7F00:1]:{port}",
    "[0:0:0:0:0:ffff:7f00:0001]:{port}",
    "[::127.0.0.1]:{port}",
    "[64:ff9b::127.0.0.1]:{port}",
    "[64:ff9b:1::7f00:1]:{port}",
    "[2002:7f00:1::]:{port}",
    "[2001:0:7f00:1::80ff:fffe]:{port}",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.1.1",
    "[::ffff:192.168.1.1]",
    "100.64.0.1",
    "169.254.1.1",
    "[fe80::1]",
    "[fc00::1]",
    "[fd12:3456::1]",
    "[fec0::1]",
    "224.0.0.1",
    "239.255.255.250",
    "[ff02::1]",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "198.18.0.1",
    "192.88.99.1",
    "[2001:db8::1]",
    "[100::1]",
    "[3fff::1]",
    "[5f00::1]",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "0251.0376.0251.0376",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "[fd00:ec2::254]",
    "[fd20:ce::254]",
    "8.8.8.8:22",
    "8.8.8.8:6379",
    "[2606:4700:4700::1111]:25",
    "user:password@127.0.0.1:{port}",
    "example.org@127.0.0.1:{port}",
    "127.0.0.2:{port}@127.0.0.1:{port}",
    "127.0.0.1:{port}\\@example.org",
    ":password@8.8.8.8",
)
# Hosts that some machines know as their own, and others as none at all: refused or unknown, and asked by none.
DOUBTFUL = (
    "localhost.:{port}",
    "127.0.0.1.:{port}",
    "１２７.０.０.１:{port}",
    "①②⑦.⓪.⓪.①:{port}",
    "127。0。0。1:{port}",
    "[fe80::1%25lo]",
)
# What a name may resolve to, one answer a look.
NAMES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "loopback": (("127.0.0.1",),),
    "loopback in IPv6": (("::1",),),
    "a mapped address": (("::ffff:127.0.0.1",),),
    "a private address": (("10.1.2.3",),),
    "metadata": (("169.254.169.254",),),
    "metadata among public addresses": (("168.63.129.16",),),
    "link-local with a zone": (("fe80::1%1",),),
    "several, all of them private": (("10.1.2.3", "192.168.7.7", "::1", "fd00::1"),),
}
REDIRECTS = {
    "to a file": "file:///etc/hostname",
    "to a file on a host": "file://localhost/etc/hostname",
    "to FTP": "ftp://127.0.0.1:{port}/",
    "to gopher": "gopher://127.0.0.1:{port}/_GET%20/",
    "to data": "data:application/json,[]",
    "to a dictionary": "dict://127.0.0.1:{port}/d:x",
    "to LDAP": "ldap://127.0.0.1:{port}/",
    "to a jar": "jar:http://127.0.0.1:{port}!/",
    "to script": "javascript:alert(1)",
    "to the same scheme": "//127.0.0.1:{port}/",
    "to a host with blanks": "http://127.0.0.1 :{port}/",
    "to a port that is none": "http://127.0.0.1:{port}999999/",
    "to no host": "http:///",
    "to half an address": "http://[::1:{port}/",
    "to another way, with bytes": "http://\xe4\xff:{port}/",
}


def deflated(body: bytes) -> bytes:
    """Compress without the frame of zlib, as some servers do."""
    coder = zlib.compressobj(wbits=-15)
    return coder.compress(body) + coder.flush()


ANSWERS: Mapping[str, Answer] = {
    "a huge body": say(bytes(5_000_000)),
    "a huge body in chunks": pour(CHUNKED, b"2000\r\n" + bytes(8192) + b"\r\n"),
    "a body without an end": pour(HEAD + b"\r\n", bytes(8192)),
    "a body that trickles": slowly(bytes(90), 0.05),
    "a bomb of gzip": gzipped(ZEROS),
    "a bomb of gzip, in many members": say(gzip.compress(bytes(50_000)) * 200, Content_Encoding="gzip"),
    "nothing, compressed without an end": pour(HEAD + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 400),
    "a bomb of deflate": say(zlib.compress(ZEROS), Content_Encoding="deflate"),
    "a bomb of bare deflate": say(deflated(ZEROS), Content_Encoding="deflate"),
    "a bomb of brotli": say(brotli.compress(ZEROS, quality=5), Content_Encoding="br"),
    "a bomb in chunks": pour(
        CHUNKED[:-2] + b"Content-Encoding: gzip\r\n\r\n%x\r\n" % len(gzip.compress(ZEROS)) + gzip.compress(ZEROS), b""
    ),
    "a bomb in a bomb": say(gzip.compress(gzip.compress(ZEROS)), Content_Encoding="gzip, gzip"),
    "nothing in a bomb": say(gzip.compress(gzip.compress(b"") * 500_000), Content_Encoding="gzip, gzip"),
    "a bomb in five codings": say(gzip.compress(gzip.compress(ZEROS)), Content_Encoding="gzip,br,deflate,gzip,gzip"),
    "codings in two headers": pour(HEAD + b"Content-Encoding: gzip\r\nContent-Encoding: br\r\n\r\n", b"x"),
    "a bomb in an error": say(gzip.compress(ZEROS), 500, Content_Encoding="gzip"),
    "a bomb in a redirect": say(gzip.compress(ZEROS), 302, Content_Encoding="gzip", Location="/"),
    "a coding that is none": say(b"no gzip", Content_Encoding="gzip"),
    "silence": pour(b"", b"\r\n", 30),
    "silence after the headers": pour(HEAD + b"Content-Length: 9\r\n\r\n", b"x", 30),
    "headers without an end": pour(HEAD, b"X-More: 1\r\n"),
    "a header without an end": pour(HEAD + b"X-Long: ", b"x" * 8192),
    "a status without an end": pour(b"HTTP/1.1 200 ", b"x" * 8192),
    "headers that trickle": pour(HEAD + b"X-Slow: ", b"x", 0.05),
    "headers that trickle fast": pour(HEAD + b"X-Slow: ", b"x", 0.001),
    "a status that trickles": pour(b"HTTP/1.1 200 ", b"x", 0.05),
    "a chunk's size that trickles": pour(CHUNKED + b"1;", b"x", 0.05),
    "a chunk's size without an end": pour(CHUNKED, b"1" * 8192),
    "a chunk's extension without an end": pour(CHUNKED + b"1;", b"x" * 8192),
    "trailers without an end": pour(CHUNKED + b"0\r\n", b"X-More: 1\r\n" * 500),
    "trailers that trickle": pour(CHUNKED + b"0\r\nX: ", b"x", 0.05),
    "interim answers without an end": pour(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "hints without an end": pour(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100),
    "a chunk that is no number": pour(CHUNKED + b"zz\r\n", b""),
    "a chunk of negative size": pour(CHUNKED + b"-5\r\nabcde\r\n", b""),
    "a chunk that is cut short": pour(CHUNKED + b"fffffffff\r\nabc", b""),
    "a length that is a lie": pour(HEAD + b"Content-Length: 99999999999999\r\n\r\nabc", b""),
    "two lengths": pour(HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", b""),
    "bytes that are no answer": pour(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10, b""),
    "SSH": pour(b"SSH-2.0-OpenSSH_9.6\r\n", b""),
    "nothing at all": pour(b"", b""),
    "a redirect in a circle": go_round,
    "a redirect to nowhere": say(status=302),
    "a redirect with a long address": pour(b"HTTP/1.1 302 F\r\nLocation: /" + b"x" * 70_000 + b"\r\n\r\n", b""),
}


@dataclass(slots=True)
class Scene:
    """An upstream that may be asked, and one that must not be."""

    upstream: Upstream
    secret: Upstream

    @property
    def guard(self) -> Guard:
        """What lets through to the first alone; that the other's port would be good takes away no reason."""
        return Guard(allow=(ip_network(OPEN),), ports=(80, 443, self.secret.port))

    def fill(self, address: str) -> str:
        """Write in the port of the one that must not be asked."""
        return address.replace("{port}", str(self.secret.port))


@pytest.fixture(scope="module")
def servers() -> Iterator[Scene]:
    """Both, running."""
    with Upstream(host=OPEN) as upstream, Upstream({DAY: [paper()]}) as secret:
        yield Scene(upstream, secret)


@pytest.fixture
def scene(servers: Scene) -> Iterator[Scene]:
    """Both, as they are at first; the secret must never be asked."""
    servers.upstream.trouble = None
    servers.upstream.days = {DAY: list(LISTED)}
    yield servers
    assert servers.secret.asked == []


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[tuple[str, ...]]]:
    """What names resolve to, one answer a look, the last of them for ever; all others as the machine knows them."""
    known: dict[str, list[tuple[str, ...]]] = {}
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *arguments: Any, **options: Any) -> list[Any]:
        if host not in known:
            return real(host, port, *arguments, **options)
        if not known[host]:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answer = known[host].pop(0) if len(known[host]) > 1 else known[host][0]
        return [found for address in answer for found in real(address, port, type=socket.SOCK_STREAM)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


def refusing(scene: Scene, tmp_path: Path, address: str, error: type[FetchError] = RefusedAddressError) -> str:
    """Fetch what must not be had, in time and memory bounds; return why not."""
    with fetching(tmp_path, LIMITS, guard=scene.guard) as fetcher:
        tracemalloc.start()
        begun = time.monotonic()
        try:
            with pytest.raises(error) as caught:
                fetcher.get(address)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert time.monotonic() - begun < MOST_SECONDS
    assert peak < MOST_BYTES
    return str(caught.value)


def test_there_are_sixty_cases_and_more() -> None:
    assert len({*HOSTS, *DOUBTFUL, *NAMES, *REDIRECTS, *ANSWERS}) >= 140


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_must_not_be_asked_is_not(scene: Scene, tmp_path: Path, host: str) -> None:
    refusing(scene, tmp_path, scene.fill(f"http://{host}/latest"))


@pytest.mark.parametrize("host", DOUBTFUL)
def test_nor_one_that_may_be_none(scene: Scene, tmp_path: Path, host: str) -> None:
    refusing(scene, tmp_path, scene.fill(f"http://{host}/latest"), FetchError)


@pytest.mark.parametrize("host", [*HOSTS, *DOUBTFUL])
def test_nor_where_a_redirect_leads_there(scene: Scene, tmp_path: Path, host: str) -> None:
    location = scene.fill(f"http://{host}/latest").encode().decode("latin-1")  # as bytes go over the wire
    scene.upstream.trouble = say(status=302, Location=location)
    refusing(scene, tmp_path, scene.upstream.url, FetchError if host in DOUBTFUL else RefusedAddressError)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_what_it_resolves_to(
    scene: Scene, tmp_path: Path, names: dict[str, list[tuple[str, ...]]], name: str
) -> None:
    names["rebound.example"] = list(NAMES[name])
    said = refusing(scene, tmp_path, scene.fill("http://rebound.example:{port}/"))

    assert "http://rebound.example" in said
    assert "rebound.example may not be asked: " in said
    assert "fetch.allow" in said


@pytest.mark.parametrize("name", NAMES)
def test_also_where_a_redirect_names_it(
    scene: Scene, tmp_path: Path, names: dict[str, list[tuple[str, ...]]], name: str
) -> None:
    names["rebound.example"] = list(NAMES[name])
    scene.upstream.trouble = say(status=307, Location=scene.fill("https://rebound.example:{port}/"))
    assert "rebound.example may not be asked: " in refusing(scene, tmp_path, scene.upstream.url)


@pytest.mark.parametrize("redirect", REDIRECTS)
def test_a_redirect_leads_to_the_web_or_nowhere(scene: Scene, tmp_path: Path, redirect: str) -> None:
    scene.upstream.trouble = say(status=301, Location=scene.fill(REDIRECTS[redirect]))
    refusing(scene, tmp_path, scene.upstream.url, FetchError)


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_hostile_answer_is_given_up_in_bounds(scene: Scene, tmp_path: Path, answer: str) -> None:
    scene.upstream.trouble = ANSWERS[answer]
    refusing(scene, tmp_path, scene.upstream.url, FetchError)


@pytest.mark.parametrize("answer", [answer for answer in ANSWERS if "trickle" in answer])
def test_what_trickles_ends_with_the_time_of_a_call(scene: Scene, tmp_path: Path, answer: str) -> None:
    scene.upstream.trouble = ANSWERS[answer]
    with fetching(tmp_path, replace(LIMITS, total=0.4), guard=scene.guard) as fetcher:
        with pytest.raises(FetchError, match=r"not finished after 0\.4 seconds"):
            fetcher.get(scene.upstream.url)
        assert fetcher.sent == 1


@pytest.mark.parametrize("answer", ["trailers without an end", "interim answers without an end"])
def test_what_is_no_body_is_counted_too(scene: Scene, tmp_path: Path, answer: str) -> None:
    scene.upstream.trouble = ANSWERS[answer]
    limits = replace(LIMITS, total=60)
    with fetching(tmp_path, limits, guard=scene.guard) as fetcher, pytest.raises(FetchError, match="more than 100000"):
        fetcher.get(scene.upstream.url)


@pytest.mark.parametrize("answer", ["a bomb in a bomb", "a bomb in five codings", "codings in two headers"])
def test_codings_in_codings_are_not_begun(scene: Scene, tmp_path: Path, answer: str) -> None:
    scene.upstream.trouble = ANSWERS[answer]
    assert "content codings, one inside the other" in refusing(scene, tmp_path, scene.upstream.url, FetchError)


def test_a_refused_address_is_tried_once(scene: Scene, tmp_path: Path) -> None:
    scene.upstream.asked.clear()
    scene.upstream.trouble = say(status=302, Location=scene.fill("http://127.0.0.1:{port}/"))
    time = Time()
    with fetching(tmp_path, LIMITS, time, scene.guard) as fetcher:
        with pytest.raises(RefusedAddressError, match=r"127\.0\.0\.1 is a loopback address, and fetch\.allow"):
            fetcher.get(scene.upstream.url)
        assert fetcher.sent == 2

    assert len(scene.upstream.asked) == 1
    assert time.slept == []


def test_a_password_in_an_address_is_in_no_message(scene: Scene, tmp_path: Path) -> None:
    said = refusing(scene, tmp_path, scene.fill("http://somebody:hunter2@127.0.0.1:{port}/"))
    assert "hunter2" not in said
    assert scene.fill("http://127.0.0.1:{port}/: an address must not hold a user name") in said


class TestRebinding:
    """A name that is one thing when it is checked, and another when it is connected to."""

    def test_a_name_is_resolved_once_for_a_connection(
        self, scene: Scene, tmp_path: Path, names: dict[str, list[tuple[str, ...]]]
    ) -> None:
        """Else the second look would lead to the secret, whose port is the same here."""
        names["rebound.example"] = [(OPEN,), ("127.0.0.1",)]
        with fetching(tmp_path, LIMITS, guard=scene.guard) as fetcher:
            assert fetcher.get(f"http://rebound.example:{scene.upstream.port}{PATH}?date={DAY}").body == encode(LISTED)
        assert names["rebound.example"] == [("127.0.0.1",)]

    def test_and_checked_anew_for_the_next(
        self, scene: Scene, tmp_path: Path, names: dict[str, list[tuple[str, ...]]]
    ) -> None:
        """Where the first connection is over."""
        names["rebound.example"] = [(OPEN,), ("127.0.0.1",)]
        scene.upstream.script.append(pour(HEAD + b"Content-Length: 2\r\nConnection: close\r\n\r\n[]", b""))
        address = f"http://rebound.example:{scene.upstream.port}{PATH}"
        with fetching(tmp_path, LIMITS, guard=scene.guard) as fetcher:
            assert fetcher.get(address, {"date": "2026-01-01"}).body == b"[]"
            with pytest.raises(RefusedAddressError):
                fetcher.get(address, {"date": "2026-01-02"})

    @pytest.mark.parametrize("others", [("127.0.0.1",), ("::1", "10.0.0.1"), ("169.254.169.254", "127.0.0.1")])
    def test_of_several_addresses_only_the_good_are_connected_to(
        self, scene: Scene, tmp_path: Path, names: dict[str, list[tuple[str, ...]]], others: tuple[str, ...]
    ) -> None:
        """Wherever they stand."""
        names["rebound.example"] = [(*others, OPEN, *others)]
        with fetching(tmp_path, LIMITS, guard=scene.guard) as fetcher:
            assert fetcher.get(f"http://rebound.example:{scene.upstream.port}{PATH}?date={DAY}").body == encode(LISTED)

    def test_where_one_address_is_dead_the_next_is_tried(
        self, scene: Scene, tmp_path: Path, names: dict[str, list[tuple[str, ...]]]
    ) -> None:
        """As long as both may be asked."""
        names["two.example"] = [("127.0.0.3", OPEN)]
        guard = Guard(allow=(ip_network("127.0.0.2/31"),))
        with fetching(tmp_path, LIMITS, guard=guard) as fetcher:
            assert fetcher.get(f"http://two.example:{scene.upstream.port}{PATH}?date={DAY}").body == encode(LISTED)

    def test_an_unknown_name_is_an_error_like_others(
        self, tmp_path: Path, names: dict[str, list[tuple[str, ...]]]
    ) -> None:
        """It may be known again at the next try."""
        names["nobody.example"] = []
        with fetching(tmp_path, LIMITS) as fetcher, pytest.raises(FetchError, match="not known") as caught:
            fetcher.get("http://nobody.example/")
        assert not isinstance(caught.value, RefusedAddressError)
        assert fetcher.sent == 2


class TestAllowList:
    """What the host opens."""

    def test_a_network_is_open_at_any_port(self, scene: Scene, tmp_path: Path) -> None:
        """That is what it is for: a bridge on another machine."""
        with fetching(tmp_path, LIMITS, guard=Guard(allow=(ip_network("127.0.0.0/30"),))) as fetcher:
            assert fetcher.get(scene.upstream.url, {"date": str(DAY)}).body == encode(LISTED)

    @pytest.mark.parametrize(
        ("network", "address"),
        [("169.254.0.0/16", "169.254.169.254"), ("fd00::/8", "[fd00:ec2::254]"), ("0.0.0.0/0", "168.63.129.16")],
    )
    def test_a_wide_network_does_not_open_what_holds_the_keys_of_a_cloud(
        self, tmp_path: Path, network: str, address: str
    ) -> None:
        """Whoever wants that names the one address."""
        guard = Guard(allow=(ip_network(network),))
        with fetching(tmp_path, LIMITS, guard=guard) as fetcher, pytest.raises(RefusedAddressError, match="alone"):
            fetcher.get(f"http://{address}/latest/meta-data/")
        assert Guard(allow=(ip_network(address.strip("[]")),)).refusal(ip_network(address.strip("[]"))[0], 80) is None

    @pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
    def test_public_addresses_are_open_at_the_ports_of_the_web(self, address: str) -> None:
        """Also by way of a network with IPv6 alone."""
        found = ip_network(address)[0]
        assert [Guard().refusal(found, port) is None for port in (80, 443, 22, 8080)] == [True, True, False, False]
        assert Guard(ports=(8080,)).refusal(found, 8080) is None

    def test_what_is_set_is_what_is_heeded(self, scene: Scene, tmp_path: Path) -> None:
        """By default, nobody around is asked."""
        sources = (DailyPapers(url=scene.upstream.url),)
        for allow, error in (((), "fetch.allow"), ((OPEN,), None)):
            fetch = FetchSettings.model_validate({"allow": allow, "attempts": 1, "pause": "0s"})
            settings = Settings(data_dir=tmp_path, config_dir=tmp_path, fetch=fetch, sources=sources)
            store = SqliteStore(tmp_path / STORE_FILE)
            (refresher,) = make_refreshers(settings, store)
            said = refresher.refresh(DAY.isoformat()).error
            refresher.fetcher.close()
            store.close()
            assert (error in (said or "")) if error else said is None

    @pytest.mark.parametrize("make", [lambda path: Fetcher(path / "x.sqlite", "test"), lambda path: Sender("test")])
    def test_who_is_told_nothing_is_closed(
        self, scene: Scene, tmp_path: Path, make: Callable[[Path], Fetcher | Sender]
    ) -> None:
        """A guard that was forgotten guards."""
        made = make(tmp_path)
        with pytest.raises(RefusedAddressError):
            made.get(scene.upstream.url) if isinstance(made, Fetcher) else made.post(scene.upstream.url, {})
        made.close()

    @pytest.mark.parametrize("host", ["127.0.0.1:{port}", "169.254.169.254", "localhost:{port}", "a:b@127.0.0.1"])
    def test_a_hub_is_guarded_too(self, scene: Scene, host: str) -> None:
        """A form is sent to nobody who may not be asked."""
        with sending(LIMITS, guard=scene.guard) as sender, pytest.raises(RefusedAddressError):
            sender.post(scene.fill(f"http://{host}/"), {"hub.mode": "publish"})


class TestProxies:
    """A proxy that the environment names is trusted, wherever it is; what is asked for through it is checked."""

    @pytest.fixture
    def proxy(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Upstream]:
        """A proxy for all, on loopback, which nobody opened."""
        for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
        with Upstream({DAY: [paper()]}) as running:
            monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{running.port}")
            yield running

    def test_it_is_asked_for_what_is_public(self, tmp_path: Path, proxy: Upstream) -> None:
        """And for names that this machine does not know."""
        with fetching(tmp_path, LIMITS, guard=Guard()) as fetcher:
            assert fetcher.get(f"http://8.8.8.8{PATH}", {"date": str(DAY)}).body == GOOD

    def test_it_may_know_names_that_this_machine_does_not(
        self, tmp_path: Path, proxy: Upstream, names: dict[str, list[tuple[str, ...]]]
    ) -> None:
        """The ports stay those of the web."""
        names["outside.example"] = []
        with fetching(tmp_path, LIMITS, guard=Guard()) as fetcher:
            assert fetcher.get(f"http://outside.example{PATH}", {"date": str(DAY)}).body == GOOD
            with pytest.raises(RefusedAddressError, match="port 22"):
                fetcher.get("http://outside.example:22/")
        assert len(proxy.asked) == 1

    @pytest.mark.parametrize("host", ["10.0.0.1", "localhost", "[::1]", "0x7f.1", "169.254.169.254", "inside.example"])
    def test_it_is_not_asked_for_what_is_refused(
        self, tmp_path: Path, proxy: Upstream, names: dict[str, list[tuple[str, ...]]], host: str
    ) -> None:
        """Neither at once nor after a redirect."""
        names["inside.example"] = [("192.168.1.1",)]
        with fetching(tmp_path, LIMITS, guard=Guard()) as fetcher:
            with pytest.raises(RefusedAddressError):
                fetcher.get(f"http://{host}/")
            proxy.trouble = say(status=302, Location=f"http://{host}/")
            with pytest.raises(RefusedAddressError):
                fetcher.get("http://8.8.8.8/")
        assert len(proxy.asked) == 1

    def test_its_answers_are_bounded_too(self, tmp_path: Path, proxy: Upstream) -> None:
        """Headers that trickle end."""
        proxy.trouble = ANSWERS["headers that trickle"]
        with fetching(tmp_path, LIMITS, guard=Guard()) as fetcher, pytest.raises(FetchError, match="not finished"):
            fetcher.get("http://8.8.8.8/")


@pytest.mark.service("openssl")
class TestTls:
    """A connection to a checked address is still one to the host by its name."""

    @pytest.fixture
    def asked_names(self, scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str | None]]:
        """An upstream with a certificate for ``feeds.example``; which names clients say they want."""
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=feeds.example",
             "-addext", "subjectAltName=DNS:feeds.example"],
            check=True, capture_output=True,
        )  # fmt: skip
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        wanted: list[str | None] = []
        context.sni_callback = lambda _connection, name, _context: wanted.append(name)
        with Upstream({DAY: list(LISTED)}, host=OPEN) as upstream:
            assert upstream._server
            upstream._server.socket = context.wrap_socket(
                upstream._server.socket, server_side=True, do_handshake_on_connect=False
            )
            self.port = upstream.port
            yield wanted

    def test_the_name_is_sent_and_the_certificate_checked_against_it(
        self, scene: Scene, tmp_path: Path, asked_names: list[str], names: dict[str, list[tuple[str, ...]]]
    ) -> None:
        """Not against the address."""
        names["feeds.example"] = [(OPEN,)]
        with fetching(tmp_path, LIMITS, guard=scene.guard) as fetcher:
            assert fetcher.get(f"https://feeds.example:{self.port}{PATH}?date={DAY}").body == encode(LISTED)
        assert asked_names == ["feeds.example"]

    def test_a_certificate_of_another_name_is_none(
        self, scene: Scene, tmp_path: Path, asked_names: list[str], names: dict[str, list[tuple[str, ...]]]
    ) -> None:
        """Though the address is the same."""
        names["other.example"] = [(OPEN,)]
        with (
            fetching(tmp_path, LIMITS, guard=scene.guard) as fetcher,
            pytest.raises(FetchError, match=r"other\.example"),
        ):
            fetcher.get(f"https://other.example:{self.port}{PATH}?date={DAY}")
        assert asked_names[:1] == ["other.example"]


@pytest.fixture(scope="module")
def served(servers: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FlaskClient, Refresher]]:
    """A server that has three papers of a good hour, and what refreshes it."""
    folder: Path = tmp_path_factory.mktemp("served")
    (folder / "feeds.toml").write_text("[feeds.all]\n", encoding="utf-8")
    idle = {"refresh": RefreshSettings(enabled=False), "limits": LimitSettings(enabled=False)}
    store = SqliteStore(folder / STORE_FILE)
    servers.upstream.days = {DAY: list(LISTED)}
    servers.upstream.trouble = None
    time = Time()
    with fetching(folder, LIMITS, time, servers.guard) as fetcher:
        refresher = Refresher(DailyPapers(url=servers.upstream.url), fetcher, store, now=lambda: time.now)
        assert refresher.refresh(DAY.isoformat()).error is None
        app = create_app(Settings(data_dir=folder, config_dir=folder, **idle))
        yield app.test_client(), refresher
        app.extensions["feedserver"].store.close()
    store.close()


@pytest.mark.parametrize("case", [*HOSTS, *DOUBTFUL, *NAMES, *REDIRECTS, *ANSWERS, "billion laughs"])
def test_whatever_upstream_does_the_feed_is_served(
    scene: Scene,
    served: tuple[FlaskClient, Refresher],
    names: dict[str, list[tuple[str, ...]]],
    case: str,
) -> None:
    client, refresher = served
    names["rebound.example"] = list(NAMES.get(case, ()))
    address = "http://rebound.example:{port}/" if case in NAMES else f"http://{case}/"
    location = scene.fill(REDIRECTS.get(case, address)).encode().decode("latin-1")
    laughs = "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><l>&b;</l>"
    others = {"billion laughs": say(laughs.encode(), Content_Type="application/xml")}
    scene.upstream.trouble = (ANSWERS | others).get(case) or say(status=302, Location=location)

    assert refresher.refresh(DAY.isoformat()).error is not None
    answer = client.get("/feeds/all.atom")
    assert (answer.status_code, answer.data.count(b"<entry")) == (200, 3)
