"""What feeds promise over HTTP and about their history, a test a demand: the list of the tests is the checklist.

The answers come from the app itself and, where bytes on the wire matter, from a whole server on loopback.
"""

import json
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import format_datetime, parsedate_to_datetime
from fnmatch import fnmatch
from http import HTTPStatus
from http.client import HTTPConnection
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree, html

from feedserver.config import LimitSettings, Settings
from feedserver.config.settings import ServerSettings, WebSubSettings
from feedserver.render import RENDERERS
from feedserver.store import SqliteStore
from feedserver.web import create_app
from feedserver.web.site import Site
from tests.answers import HISTORY, entries, ids, in_body, is_archive, linked, links, modified, problem, walk
from tests.conftest import FEEDS, RETIRED
from tests.entries import OBSERVED, ROOT, make_entry, make_listing, sample
from tests.servers import COMMANDS, running

FORMATS = list(RENDERERS)
FEED_PATHS = ["/feed", "/feed?q=diffusion", "/feeds/all", "/feeds/diffusion?limit=1", "/feeds/all/2026-01", "/feed/r1"]
LATER = OBSERVED + timedelta(hours=1)
CODINGS = ["identity", "gzip", "br", "zstd"]
DAY = "public, max-age=86400"
SITE = "https://papers.example.org/sub"
HUB = "https://hub.example.org/"
AWKWARD = [
    "/feed.atom?limit=5&q=diffusion", "/feed.rss?q=%22flow+matching%22+OR+(%3Cb%3E+-c)&title=a,+b;+%22c%22+%3Cd%3E",
    "/feed.json?authors=Y.+Song,Yaron+Lipman&title=%E6%89%A9%E6%95%A3", "/feeds/all.atom?title=a%26b%23c%3Fd%25%27",
]  # fmt: skip
PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800}
SYNDICATION = "http://purl.org/rss/1.0/modules/syndication/"
HISTORIES = ["/feeds/all?limit=2", "/feed?q=-mmlu&limit=1", "/feeds/all?min_upvotes=20&limit=1"]
VALIDATORS = [("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")]


def in_format(path: str, format_name: str) -> str:
    """Return the address of a document of a feed."""
    path, mark, query = path.partition("?")
    return f"{path}.{format_name}{mark}{query}"


ADDRESSES = [in_format(path, format_name) for path in FEED_PATHS for format_name in FORMATS]


def site_of(app: Flask) -> Site:
    """Return what the app stands on."""
    site: Site = app.extensions["feedserver"]
    return site


def keep(app: Flask, *entries: Any, at: datetime = LATER) -> None:
    """Keep entries, as another process would, and let the app see it at once."""
    site_of(app).store.put(make_listing(*entries, observed=at))
    site_of(app).watch._due = float("-inf")


def define(app: Flask, text: str) -> None:
    """Write feeds.toml anew, and let the app see it at once."""
    site = site_of(app)
    (site.settings.config_dir / "feeds.toml").write_text(text, encoding="utf-8")
    site.definitions._checked = site.watch._due = float("-inf")


_respellings = count(1)


def respelled(address: str) -> str:
    """Return the same address in a spelling that memory does not know, so that the app itself has to answer."""
    return f"{address}{'' if '?' in address else '?'}{'&' * next(_respellings)}"


@contextmanager
def serving(settings: Settings, server: Mapping[str, object], **websub: object) -> Iterator[FlaskClient]:
    """Yield a client of an app with other settings; nobody is pinged."""
    sections = {"server": ServerSettings.model_validate(server), "websub": WebSubSettings.model_validate(websub)}
    app = create_app(settings.model_copy(update={"server": sections["server"]}))
    site = site_of(app)
    app.extensions["feedserver"] = replace(site, settings=settings.model_copy(update=sections))
    yield app.test_client()
    site.store.close()


class Clock:
    """The time that the app sees."""

    def __init__(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)
        monkeypatch.setattr(time, "time", self.seconds)  # for the limits
        object.__setattr__(site_of(app), "clock", self.seconds)
        app.wsgi_app._clock = self.seconds  # type: ignore[attr-defined]  # of the fast path

    def seconds(self) -> float:
        """Return the time since 1970."""
        return self.now.timestamp()


@pytest.fixture
def clock(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that stands still until it is set."""
    return Clock(app, monkeypatch)


@dataclass(frozen=True, slots=True)
class Wire:
    """An answer, byte by byte."""

    status: int
    headers: Message
    body: bytes


Ask = Callable[..., Wire]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a whole server over the sample."""
    folder = tmp_path_factory.mktemp("server")
    store = SqliteStore(folder / "data" / "feedserver.sqlite")
    store.put(make_listing(*sample()))
    store.close()
    with running(COMMANDS["serve"], folder) as running_server:
        yield running_server.address


@pytest.fixture
def ask(server: str) -> Ask:
    """A client that sends what it is told and keeps all that comes, up to the end of the connection."""

    def send(target: str, method: str = "GET", **headers: str) -> Wire:
        named = {"Host": "localhost", "Connection": "close"} | {n.replace("_", "-"): v for n, v in headers.items()}
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items()), "", ""]
        parts = urlsplit(server)
        with socket.create_connection((str(parts.hostname), parts.port or 80), timeout=15) as connection:
            connection.sendall("\r\n".join(lines).encode())
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        status, _, fields = head.partition(b"\r\n")
        return Wire(int(status.split()[1]), BytesHeaderParser().parsebytes(fields), body)

    return send


def lasting(headers: Message) -> list[tuple[str, str]]:
    """Return the headers but for those of the moment: the time, and what is left of a limit."""
    return sorted((name, value) for name, value in headers.items() if not name.startswith(("Date", "RateLimit")))


class TestHTTP:
    """HTTP: RFC 9110, 9111, 5861, 8288, 9457."""

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_etag_and_last_modified_are_on_every_200(self, client: FlaskClient, address: str) -> None:
        """RFC 9110, 8.8: on archives too, built or from memory."""
        for _ in range(2):
            response = client.get(address)
            assert response.status_code == 200
            assert re.fullmatch('"[0-9a-f]{32}"', response.headers["ETag"])
            assert modified(response).tzinfo is not None

    def test_last_modified_is_never_in_the_future(self, app: Flask, client: FlaskClient, clock: Clock) -> None:
        """RFC 9110, 8.8.2.1: neither when the store was filled by a clock that was wrong."""
        keep(app, make_entry(70), at=clock.now + timedelta(days=365))
        response = client.get("/feed.rss")
        assert modified(response) == clock.now
        clock.now += timedelta(hours=1)
        known = {"If-Modified-Since": response.headers["Last-Modified"]}
        assert client.get("/feed.rss", headers=known).status_code == 304

    def test_last_modified_is_not_in_the_future_after_two_changes_in_a_second_and_none_is_missed(
        self, app: Flask, client: FlaskClient, clock: Clock
    ) -> None:
        """RFC 9110, 8.8.2.1 and 8.8.2.2: dates count seconds, changes don't."""
        keep(app, make_entry(70, first_seen=clock.now), at=clock.now)
        first = client.get("/feed.rss")
        keep(app, make_entry(71, first_seen=clock.now), at=clock.now)
        second = client.get("/feed.rss", headers={"If-Modified-Since": first.headers["Last-Modified"]})
        assert (second.status_code, modified(second)) == (200, clock.now)
        assert second.data != first.data
        clock.now += timedelta(seconds=1)
        third = client.get("/feed.rss", headers={"If-Modified-Since": second.headers["Last-Modified"]})
        assert (third.status_code, modified(third)) == (200, clock.now)
        known = {"If-Modified-Since": third.headers["Last-Modified"]}
        assert client.get("/feed.rss", headers=known).status_code == 304

    @pytest.mark.parametrize(
        ("address", "change"),
        [
            ("/feed.rss", make_entry(70, first_seen=LATER)),
            ("/feed.rss", make_entry(6, title="Another Title", summary="", first_seen=LATER)),
            ("/feed.rss", make_entry(6, title="A Title Alone", summary="", upvotes=99, first_seen=LATER)),
            ("/feed.rss?q=upvotes:..3", make_entry(6, title="A Title Alone", summary="", upvotes=99, first_seen=LATER)),
            ("/feed.rss?limit=1", make_entry(1, listed=datetime(2026, 1, 10, tzinfo=UTC), first_seen=LATER)),
        ],
        ids=["new", "edited", "voted for", "left the filter", "left the limit"],
    )
    def test_last_modified_rises_when_an_entry_is_new_edited_or_leaves(
        self, app: Flask, client: FlaskClient, address: str, change: Any
    ) -> None:
        """RFC 9110, 8.8.2.1: a cache that has the old feed gets the new one, by either validator."""
        before = client.get(address)
        keep(app, change)
        after = client.get(address)
        assert after.headers["ETag"] != before.headers["ETag"]
        assert modified(after) > modified(before)
        for header, validator in VALIDATORS:
            assert client.get(address, headers={header: before.headers[validator]}).data == after.data

    def test_last_modified_rises_when_an_entry_is_deleted_by_the_passing_of_time(
        self, client: FlaskClient, clock: Clock
    ) -> None:
        """RFC 9110, 8.8.2.1: nothing was kept meanwhile."""
        clock.now = datetime(2026, 1, 10, 12, tzinfo=UTC)
        before = client.get("/feed.rss?within=2d")
        clock.now = datetime(2026, 1, 11, 0, 10, tzinfo=UTC)
        after = client.get("/feed.rss?within=2d", headers={"If-Modified-Since": before.headers["Last-Modified"]})
        assert len(ids(after)) < len(ids(before))
        assert modified(before) < modified(after) <= clock.now

    def test_last_modified_rises_when_an_entry_is_deleted_by_a_new_definition(
        self, app: Flask, client: FlaskClient
    ) -> None:
        """RFC 9110, 8.8.2.1: a reader that sends the date alone must see it too."""
        before = client.get("/feeds/all.rss")
        define(app, '[feeds.all]\nq = "-medical"')
        after = client.get("/feeds/all.rss", headers={"If-Modified-Since": before.headers["Last-Modified"]})
        assert (after.status_code, len(ids(before)) - len(ids(after))) == (200, 1)
        assert modified(after) > modified(before)
        assert after.headers["ETag"] != before.headers["ETag"]

    @pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"other" , W/{}', "*", " * "])
    @pytest.mark.parametrize("address", ADDRESSES[:3])
    def test_if_none_match_is_compared_weakly_in_lists_and_with_an_asterisk(
        self, client: FlaskClient, address: str, form: str
    ) -> None:
        """RFC 9110, 13.1.2 and 8.8.3.2."""
        etag = client.get(address).headers["ETag"]
        assert client.get(address, headers={"If-None-Match": form.format(etag)}).status_code == 304

    @pytest.mark.parametrize("form", ['"other"', "{tag}", '"{tag}x"', '"x{tag}"', '""', "", '"{tag}', '"*"'])
    def test_if_none_match_of_another_tag_gets_the_feed(self, client: FlaskClient, form: str) -> None:
        """RFC 9110, 13.1.2: also of one that is malformed."""
        tag = client.get("/feed.rss").headers["ETag"].strip('"')
        assert client.get("/feed.rss", headers={"If-None-Match": form.format(tag=tag)}).status_code == 200

    def test_if_modified_since_is_ignored_when_if_none_match_is_present(self, client: FlaskClient) -> None:
        """RFC 9110, 13.1.3: in both directions, so that a reader that sends both gets 304 for the tag it has."""
        etag = client.get("/feed.rss").headers["ETag"]
        for tag, since, status in (
            ('"other"', "Fri, 01 Jan 2100 00:00:00 GMT", 200),
            (etag, "Thu, 01 Jan 1970 00:00:00 GMT", 304),
        ):
            headers = {"If-None-Match": tag, "If-Modified-Since": since}
            assert client.get("/feed.rss", headers=headers).status_code == status

    @pytest.mark.parametrize(
        "since",
        [
            "tomorrow", "", "0", "-1", "4070952000", "2099-01-09T12:00:00Z", "Fri, 32 Jan 2099 12:00:00 GMT",
            "Fri, 09 Jan 2099 99:00:00 GMT", "Fri, 09 Jan 99999 12:00:00 GMT",
            "Fri, 09 Jan 2099 12:00:00 +9999999999999999", "Fri, 09 Jan 2099 12:00:00 +2401",
        ],
    )  # fmt: skip
    def test_invalid_dates_are_ignored(self, client: FlaskClient, since: str) -> None:
        """RFC 9110, 13.1.3: whatever they hold; built or from memory."""
        for _ in range(2):
            assert client.get("/feed.rss", headers={"If-Modified-Since": since}).status_code == 200

    @pytest.mark.parametrize("form", ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y", "%a, %d %b %Y %H:%M:%S GMT"])
    @pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 304)])
    def test_obsolete_date_formats_are_accepted(
        self, client: FlaskClient, form: str, seconds: int, status: int
    ) -> None:
        """RFC 9110, 5.6.7: that of RFC 850, that of asctime, and the one in use."""
        since = (modified(client.get("/feed.rss")) + timedelta(seconds=seconds)).strftime(form)
        assert client.get("/feed.rss", headers={"If-Modified-Since": since}).status_code == status

    @pytest.mark.parametrize("address", ADDRESSES[:3])
    @pytest.mark.parametrize("later", [0, 1, 3600, 10 * 365 * 86_400])
    def test_if_modified_since_gets_304_for_any_date_from_last_modified_on(
        self, client: FlaskClient, address: str, later: int
    ) -> None:
        """RFC 9110, 13.1.3: not just for the date that was handed out; readers send their own, also of the future."""
        since = format_datetime(modified(client.get(address)) + timedelta(seconds=later), usegmt=True)
        assert client.get(address, headers={"If-Modified-Since": since}).status_code == 304

    @pytest.mark.parametrize("target", ["/feeds/all.atom", "/feed.atom?limit=5"])
    @pytest.mark.parametrize("coding", CODINGS)
    def test_304_carries_etag_cache_control_content_location_date_expires_and_vary_as_the_200_would(
        self, ask: Ask, target: str, coding: str
    ) -> None:
        """RFC 9110, 15.4.5: on the wire, from the app and from memory."""
        full = ask(target, Accept_Encoding=coding)
        new = respelled(target)
        for spelling in (new, new, target):
            short = ask(spelling, Accept_Encoding=coding, If_None_Match=full.headers["ETag"])
            assert (full.status, short.status) == (200, 304)
            for name in ("ETag", "Cache-Control", "Content-Location", "Expires", "Vary"):
                assert short.headers.get_all(name) == full.headers.get_all(name)
            assert abs(parsedate_to_datetime(short.headers["Date"]).timestamp() - time.time()) < 30

    @pytest.mark.parametrize(("header", "validator"), VALIDATORS)
    def test_304_has_no_body_and_no_text_html_type(self, ask: Ask, header: str, validator: str) -> None:
        """RFC 9110, 15.4.5: nothing that looks like HTML, nor anything else that describes content."""
        full = ask("/feeds/all.rss")
        new = respelled("/feeds/all.rss")
        for spelling in (new, new, "/feeds/all.rss"):
            short = ask(spelling, **{header: full.headers[validator]})
            assert (short.status, short.body) == (304, b"")
            described = {"content-type", "content-encoding", "content-length", "transfer-encoding", "last-modified"}
            assert not described & {name.lower() for name in short.headers}

    @pytest.mark.parametrize(
        ("address", "is_touched"), [("/feed.atom", True), ("/feed.atom?q=mmlu", False), ("/feeds/all.json", True)]
    )
    def test_both_validators_change_together_or_neither_does(
        self, app: Flask, client: FlaskClient, address: str, is_touched: bool
    ) -> None:
        """RFC 9110, 8.8: a reader may look at one of them alone; a change elsewhere leaves both as they were."""
        before = client.get(address)
        keep(app, make_entry(70, first_seen=LATER))
        after = client.get(address)
        assert (after.headers["ETag"] != before.headers["ETag"]) is is_touched
        assert (modified(after) > modified(before)) is is_touched
        for header, validator in VALIDATORS:
            response = client.get(address, headers={header: before.headers[validator]})
            assert response.status_code == (200 if is_touched else 304)

    def test_a_reader_that_sends_if_modified_since_alone_gets_each_change_once(
        self, app: Flask, client: FlaskClient
    ) -> None:
        """RFC 9110, 13.1.3: several changes later it has what the others have."""
        seen = client.get("/feed.json")
        for number in range(70, 75):
            keep(app, make_entry(number, first_seen=LATER))
            seen = client.get("/feed.json", headers={"If-Modified-Since": seen.headers["Last-Modified"]})
            assert (seen.status_code, f"https://arxiv.org/abs/2601.000{number}" in ids(seen)) == (200, True)
            known = {"If-Modified-Since": seen.headers["Last-Modified"]}
            assert client.get("/feed.json", headers=known).status_code == 304

    @pytest.mark.parametrize("target", ["/feeds/all.atom", "/feed/2026-01.json", "/", "/nothing", "/feed.rss?titel=x"])
    def test_head_is_get_without_body(self, ask: Ask, target: str) -> None:
        """RFC 9110, 9.3.2: the same status and headers, the length included; from the app and from memory."""
        get = ask(target)
        for spelling in (target, respelled(target) if "feed" in target else target):
            head = ask(spelling, "HEAD")
            assert (head.status, head.body) == (get.status, b"")
            assert lasting(head.headers) == lasting(get.headers)
            assert int(get.headers["Content-Length"]) == len(get.body)

    def test_a_connection_lives_on_after_head_304_and_errors(self, server: str) -> None:
        """RFC 9112, 6.3 and 9.3: each answer ends where its reader thinks that it ends."""
        connection = HTTPConnection(urlsplit(server).netloc, timeout=15)
        connection.connect()
        first = connection.sock
        for method, target, status in (
            ("GET", "/feeds/all.rss", 200), ("HEAD", "/feeds/all.rss", 200), ("GET", "/feeds/none.rss", 404),
            ("HEAD", "/feeds/none.rss", 404), ("OPTIONS", "/feeds/all.rss", 204), ("GET", "/feeds/all.rss", 304),
            ("POST", "/feeds/all.rss", 405), ("GET", "/feeds/all.rss", 200),
        ):  # fmt: skip
            connection.request(method, target, headers={"If-None-Match": "*"} if status == 304 else {})
            response = connection.getresponse()
            body = response.read()
            assert (response.status, connection.sock is first) == (status, True)
            assert bool(body) is (method in {"GET", "POST"} and status != 304)
        connection.close()

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "SUBSCRIBE"])
    @pytest.mark.parametrize("address", ["/feed.rss", "/feeds/all.json", "/feeds/all/2026-01.atom", "/", "/feeds/all"])
    def test_other_methods_get_405_with_allow(self, client: FlaskClient, address: str, method: str) -> None:
        """RFC 9110, 15.5.6: also where the feed lies in memory."""
        client.get(address)
        response = client.open(address, method=method)
        assert problem(response)["status"] == 405
        assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}

    @pytest.mark.parametrize(
        "address", [*ADDRESSES[:6], "/", "/feed", "/feeds/all", "/status", "/nothing", "/feeds/old"]
    )
    def test_no_answer_sets_a_cookie(self, client: FlaskClient, address: str) -> None:
        """RFC 6265, 3: nor does one that was sent change anything."""
        plain = client.get(address)
        client.set_cookie("session", "x")
        known = client.get(address)
        assert "Set-Cookie" not in plain.headers
        first, second = ((each.status_code, dict(each.headers), each.data) for each in (plain, known))
        assert first == second

    @pytest.mark.parametrize(
        ("target", "status"),
        [
            ("/feed.atom/", 200), ("/feeds/all.atom/", 200), ("/feeds/all/", 200), ("/feeds//all.atom", 404),
            ("//feed.atom", 200), ("//", 200), ("/Feed.atom", 404), ("/feed.ATOM", 404),
        ],
    )  # fmt: skip
    def test_no_spelling_of_an_address_is_redirected_at_all(self, ask: Ask, target: str, status: int) -> None:
        """RFC 9110, 15.4: what has moved is, once; so there are no chains, nor any that must not be stored."""
        answer = ask(target)
        assert (answer.status, answer.headers["Location"]) == (status, None)

    @pytest.mark.parametrize("coding", CODINGS)
    @pytest.mark.parametrize("address", ADDRESSES[:3])
    def test_vary_names_accept_encoding_on_both_variants(self, client: FlaskClient, address: str, coding: str) -> None:
        """RFC 9110, 12.5.5: coded or not, 200 or 304, from the app or from memory; and it names nothing else."""
        accepted = {"Accept-Encoding": coding}
        for _ in range(2):
            full = client.get(address, headers=accepted)
            short = client.get(address, headers={**accepted, "If-None-Match": full.headers["ETag"]})
            assert full.headers.get("Content-Encoding", "identity") == coding
            assert full.headers.getlist("Vary") == short.headers.getlist("Vary") == ["Accept-Encoding"]

    def test_each_variant_has_a_strong_etag_of_its_own(self, client: FlaskClient) -> None:
        """RFC 9110, 8.8.3.3."""
        found = {client.get("/feed.rss", headers={"Accept-Encoding": coding}).headers["ETag"] for coding in CODINGS}
        assert len(found) == len(CODINGS)
        assert all(etag.startswith('"') for etag in found)

    @pytest.mark.parametrize(
        "form",
        [
            '"{}"', 'W/"{}"', '"{}-gzip"', '"{}-br"', '"{}-zstd"', 'W/"{}-gzip"', '"{};gzip"', '"{}:gzip"',
            '"{}"-gzip', '"{}--gzip"', '"{}-gzip-gzip"', '"other" , W/"{}-gzip"',
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("coding", CODINGS)
    def test_what_proxies_do_to_a_tag_when_they_compress_is_seen_through(
        self, client: FlaskClient, form: str, coding: str
    ) -> None:
        """RFC 9110, 8.8.3.3: weakened, with a suffix inside or outside of the quotes, or with two."""
        tag = client.get("/feed.rss").headers["ETag"].strip('"')
        asked = {"If-None-Match": form.format(tag), "Accept-Encoding": coding}
        assert client.get("/feed.rss", headers=asked).status_code == 304

    @pytest.mark.parametrize("coding", CODINGS)
    def test_the_etag_that_was_handed_out_with_gzip_gets_304_with_gzip(self, ask: Ask, coding: str) -> None:
        """RFC 9110, 13.1.2: the trap of Flask-Compress, which changes the tag after it was compared."""
        full = ask("/feeds/all.atom?limit=3", Accept_Encoding=coding)
        assert full.headers.get("Content-Encoding", "identity") == coding
        for target in ("/feeds/all.atom?limit=3", respelled("/feeds/all.atom?limit=3")):
            again = ask(target, Accept_Encoding=coding, If_None_Match=full.headers["ETag"])
            assert (again.status, again.headers["ETag"]) == (304, full.headers["ETag"])

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_the_body_is_a_pure_function_of_the_data(self, app: Flask, clock: Clock, address: str) -> None:
        """RFC 9110, 8.8.3: no clock, process or client in it, so another process half a year later gives the same."""
        first = app.test_client().get(address)
        clock.now += timedelta(days=180)
        other = create_app(site_of(app).settings)
        second = other.test_client().get(address, headers={"User-Agent": "other", "Accept": "text/html"})
        site_of(other).store.close()
        assert second.data == first.data
        assert dict(second.headers) == dict(first.headers)

    @pytest.mark.parametrize("path", FEED_PATHS[:4])
    def test_cache_control_is_public_with_max_age_stale_while_revalidate_and_stale_if_error(
        self, client: FlaskClient, path: str
    ) -> None:
        """RFC 9111, 5.2.2 and RFC 5861, 3 and 4: in every format alike."""
        for format_name in FORMATS:
            said = client.get(in_format(path, format_name)).cache_control
            assert (said.public, said.max_age, int(said["stale-if-error"])) == (True, 900, 86_400)
            assert 0 < int(said["stale-while-revalidate"]) <= 900
            assert len(said) == 4

    @pytest.mark.parametrize(
        ("max_age", "seconds"), [("7m", 420), ("15m", 900), ("1h", 3600), ("6h", 21_600), ("2d", 172_800)]
    )
    @pytest.mark.parametrize("format_name", ["rss", "atom"])
    def test_max_age_is_the_poll_interval_that_ttl_and_the_syndication_module_ask_for(
        self, settings: Settings, format_name: str, max_age: str, seconds: int
    ) -> None:
        """RFC 9111, 5.2.2.1: whichever of them a reader goes by, it neither asks in vain nor far too seldom."""
        with serving(settings, {"max_age": max_age}) as client:
            response = client.get(f"/feeds/all.{format_name}")
        assert response.cache_control.max_age == seconds
        head = etree.fromstring(response.data)
        period = PERIODS[head.findtext(f".//{{{SYNDICATION}}}updatePeriod")]
        interval = period / int(head.findtext(f".//{{{SYNDICATION}}}updateFrequency"))
        assert seconds <= interval <= max(2 * seconds, 3600)
        assert [int(ttl.text) * 60 for ttl in head.iter("ttl")] == ([seconds] if format_name == "rss" else [])

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_what_is_public_depends_on_nobodys_credentials(self, client: FlaskClient, address: str) -> None:
        """RFC 9111, 3.5: a shared cache may give to all what it got for one. There are no private feeds."""
        plain = client.get(address)
        private = {"Authorization": "Basic dXNlcjpwYXNz", "Cookie": "session=x", "X-Forwarded-User": "somebody"}
        known = client.get(respelled(address), headers=private)
        assert plain.cache_control.public
        assert (known.data, dict(known.headers)) == (plain.data, dict(plain.headers))

    @pytest.mark.parametrize("address", [*ADDRESSES, *AWKWARD])
    def test_link_headers_are_well_formed(self, client: FlaskClient, address: str) -> None:
        """RFC 8288, 3: a library reads them, and what it read makes the same header again."""
        response = client.get(address)
        spelled = [
            f"<{link['url']}>" + "".join(f'; {name}="{value}"' for name, value in link.items() if name != "url")
            for link in links(response)
        ]
        assert response.status_code == 200
        assert ", ".join(spelled) == response.headers["Link"]
        assert all(link["url"].startswith("http://localhost/feed") for link in links(response))

    @pytest.mark.parametrize("address", [*ADDRESSES, *AWKWARD])
    def test_exactly_one_link_is_self_and_it_is_the_one_in_the_body(self, client: FlaskClient, address: str) -> None:
        """RFC 8288, 3.3 and RFC 4287, 4.2.7.2: and it leads to the same bytes."""
        response = client.get(address)
        (own,) = (link["url"] for link in links(response) if link["rel"] == "self")
        assert in_body(response, "self") == [own]
        assert client.get(own).data == response.data

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_link_headers_lead_to_every_other_format_and_to_the_page(self, client: FlaskClient, address: str) -> None:
        """RFC 8288, 3: each of the type that the link says."""
        response = client.get(address)
        others = [link for link in links(response) if link["rel"] == "alternate"]
        types = {renderer.media_type for renderer in RENDERERS.values()} - {response.mimetype} | {"text/html"}
        assert {link["type"] for link in others} == types
        assert [client.get(link["url"]).mimetype for link in others] == [link["type"] for link in others]

    @pytest.mark.parametrize("format_name", FORMATS)
    def test_a_link_header_names_the_hub(self, settings: Settings, format_name: str) -> None:
        """WebSub, 4: subscribers read headers first."""
        with serving(settings, {"public_url": SITE}, hub=HUB) as client:
            response = client.get(f"/feeds/all.{format_name}")
        hubs = [link for link in links(response) if link["rel"] == "hub"]
        assert hubs == [{"url": HUB, "rel": "hub"}]
        assert linked(response)["self"] == f"{SITE}/feeds/all.{format_name}"

    @pytest.mark.parametrize(
        "address", ["/feed", "/feed?q=%3Cb%3E+OR+diffusion", "/feeds/all", "/feeds/diffusion?limit=1"]
    )
    def test_html_pages_link_to_every_format_with_type_title_and_address(
        self, client: FlaskClient, address: str
    ) -> None:
        """HTML, 4.6.7 (autodiscovery): and that is what is served there."""
        page = html.fromstring(client.get(address).get_data(as_text=True))
        found = [link.attrib for link in page.iterfind("head/link") if link.get("rel") == "alternate"]
        assert all(link["title"] for link in found)
        *found, embedded = found
        assert embedded["type"] == "application/json+oembed"
        assert [link["type"] for link in found] == [renderer.media_type for renderer in RENDERERS.values()]
        assert [client.get(link["href"]).mimetype for link in found] == [link["type"] for link in found]

    @pytest.mark.parametrize(
        "tail",
        [
            *(f".{name}" for name in FORMATS), *(f"/2026-01.{name}" for name in FORMATS), "", "?limit=5",
            ".rss?limit=5", "/r1.atom?limit=5", ".rss?q=%22a+b%22,%2C&title=%E6%89%A9", ".rss?x=y", "/a%0D%0Ab%3F.rss",
        ],
    )  # fmt: skip
    def test_a_feed_that_moved_is_301(self, app: Flask, client: FlaskClient, tail: str) -> None:
        """RFC 9110, 15.4.2: not 308; to the same document, format and query, whatever that is."""
        define(app, FEEDS + RETIRED)
        response = client.get(f"/feeds/diffuse{tail}")
        assert (response.status_code, response.location) == (301, f"http://localhost/feeds/diffusion{tail}")
        assert "is named 'diffusion' now" in problem(response)["detail"]

    def test_a_feed_that_moved_is_301_for_head_and_conditional_requests_too(
        self, app: Flask, client: FlaskClient
    ) -> None:
        """RFC 9110, 13.2.1: also where the reader has what lay in memory when the feed was here."""
        old = client.get("/feeds/diffusion.rss")
        define(app, FEEDS.replace("feeds.diffusion", "feeds.flows") + '[feeds.diffusion]\nmoved = "flows"\n')
        for headers in ({}, *({header: old.headers[validator]} for header, validator in VALIDATORS)):
            for method in ("GET", "HEAD"):
                response = client.open("/feeds/diffusion.rss", method=method, headers=headers)
                assert (response.status_code, response.location) == (301, "http://localhost/feeds/flows.rss")

    def test_a_move_may_be_kept_for_a_day_and_read_by_any_page(self, app: Flask, client: FlaskClient) -> None:
        """RFC 9111, 4.2.2 and the Fetch standard, 3.2: as the feed itself may."""
        define(app, FEEDS + RETIRED)
        response = client.get("/feeds/diffuse.json", headers={"Origin": "https://other.example"})
        assert response.headers["Cache-Control"] == DAY
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert client.options("/feeds/diffuse.json").status_code == 204

    def test_a_move_leads_to_the_feed_in_one_step(self, app: Flask, client: FlaskClient) -> None:
        """RFC 9110, 15.4: what is at its end is what the new address gives."""
        define(app, FEEDS + RETIRED)
        response = client.get("/feeds/diffuse.atom?limit=5", follow_redirects=True)
        assert (len(response.history), response.status_code) == (1, 200)
        assert response.data == client.get("/feeds/diffusion.atom?limit=5").data

    def test_a_move_leads_to_the_address_that_readers_see(self, settings: Settings) -> None:
        """RFC 9110, 10.2.2: the configured one, or the one that a trusted proxy announces, with its sub-path."""
        (settings.config_dir / "feeds.toml").write_text(FEEDS + RETIRED, encoding="utf-8")
        with serving(settings, {"public_url": SITE}) as client:
            response = client.get("/feeds/diffuse.rss?limit=5", headers={"Host": "evil.example"})
            assert response.headers["Location"] == f"{SITE}/feeds/diffusion.rss?limit=5"
        with serving(settings, {"trusted_proxies": 1}) as client:
            forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "papers.org", "X-Forwarded-Prefix": "/sub"}
            response = client.get("/feeds/diffuse.rss", headers=forwarded)
            assert response.headers["Location"] == "https://papers.org/sub/feeds/diffusion.rss"

    @pytest.mark.parametrize(
        "tail", ["", *(f".{name}" for name in FORMATS), ".rss?limit=5", "/2026-01.rss", ".rss?x=y"]
    )
    def test_a_feed_that_is_gone_is_410(self, app: Flask, client: FlaskClient, tail: str) -> None:
        """RFC 9110, 15.5.11: and says so; readers stop asking."""
        define(app, FEEDS + RETIRED)
        response = client.get(f"/feeds/gans{tail}")
        assert problem(response) == {
            "type": "about:blank", "title": "Gone", "status": 410, "detail": "the feed 'gans' is gone for good",
            "instance": f"/feeds/gans{tail.partition('?')[0]}",
        }  # fmt: skip
        assert response.headers["Cache-Control"] == DAY
        assert response.headers["Access-Control-Allow-Origin"] == "*"

    def test_what_moved_or_is_gone_stands_on_no_page(self, app: Flask, client: FlaskClient) -> None:
        """RFC 9110, 15.5.11: nobody is led there any more."""
        define(app, FEEDS + RETIRED)
        page = client.get("/").get_data(as_text=True)
        assert "/feeds/diffusion.rss" in page
        assert "diffuse" not in page
        assert "gans" not in page

    @pytest.mark.parametrize(
        ("address", "status", "said"),
        [
            ("/feed.rss?titel=x", 400, "did you mean 'title'?"),
            ("/feed.rss?q=(a", 400, "did not expect the end"),
            ("/feed?q=(a", 400, "did not expect the end"),
            ("/feeds/difusion.rss", 404, "did you mean 'diffusion'?"),
            ("/feeds/all.xml", 404, "did you mean 'all'?"),
            ("/feeds/all/2026-13.atom", 404, "r1234, 2026-01"),
            ("/nothing", 404, "not found"),
            ("/feeds/%FF%0D%0A.rss", 404, "known: all, diffusion"),
            ("/feed.rss?q=" + "a" * 8000, 414, "at most 8000 characters"),
        ],
    )
    def test_an_error_has_its_status_and_is_a_problem_document(
        self, client: FlaskClient, address: str, status: int, said: str
    ) -> None:
        """RFC 9457, 3: with type, title, status, detail and instance."""
        response = client.get(address)
        document = problem(response)
        assert (response.status_code, document["type"]) == (status, "about:blank")
        assert document["title"] == HTTPStatus(status).phrase
        assert said in document["detail"]
        assert response.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("address", ["/feed.rss", "/feeds/all.json", "/feeds/all", "/", "/status"])
    def test_an_error_that_nobody_foresaw_is_a_problem_document_too(
        self, app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, address: str
    ) -> None:
        """RFC 9457, 3: 500, and nothing of the server's insides."""

        def fail(*_: Any, **__: Any) -> None:
            raise RuntimeError("a secret")

        app.testing = False
        for method in ("find", "summary"):
            monkeypatch.setattr(SqliteStore, method, fail)
        response = client.get(address)
        assert problem(response)["status"] == 500
        assert b"secret" not in response.data

    @pytest.mark.parametrize("accepted", ["text/html,application/xhtml+xml,*/*;q=0.8", "*/*", "application/rss+xml"])
    def test_an_error_is_never_200_nor_202_nor_html(self, client: FlaskClient, accepted: str) -> None:
        """RFC 9110, 15: rss2email takes 202 for a feed, browsers are readers too."""
        for address in ("/feed.rss?titel=x", "/feeds/none.atom", "/feeds/all/none.json"):
            response = client.get(address, headers={"Accept": accepted})
            assert problem(response)["status"] in {400, 404}

    @pytest.mark.parametrize(
        "address", ["/feed.rss", "/feeds/all.json", "/feeds/all/2026-01.atom", "/feed", "/", "/status"]
    )
    def test_503_has_retry_after(self, app: Flask, client: FlaskClient, address: str) -> None:
        """RFC 9110, 15.6.4 and 10.2.3: the store is away; nothing is said of its insides, and no cache keeps it."""
        store = site_of(app).store
        store._path.write_bytes(b"broken" * 1000)
        store.close()
        response = client.get(address)
        assert problem(response)["status"] == 503
        assert response.headers["Retry-After"] == "60"
        assert response.headers["Cache-Control"] == "no-store"
        assert b"sqlite" not in response.data.lower()

    def test_429_has_retry_after(self, settings: Settings, store: SqliteStore) -> None:
        """RFC 6585, 4, and RFC 9110, 10.2.3: a problem document that says when to come back."""
        app = create_app(settings.model_copy(update={"limits": LimitSettings(queries="2 per minute")}))
        answers = [app.test_client().get(f"/feed.atom?q=word{number}") for number in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert problem(answers[-1])["status"] == 429
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
        site_of(app).store.close()

    def test_rate_limits_do_not_go_by_the_address_alone(self, settings: Settings, store: SqliteStore) -> None:
        """Many readers sit behind one aggregator, and polls and 304s of what is in memory are free for all of them."""
        limits = LimitSettings(queries="1 per minute", polls="1 per minute")
        app = create_app(settings.model_copy(update={"limits": limits}))
        for number, agent in enumerate(("one reader", "another reader")):
            answer = app.test_client().get(f"/feed.atom?q=word{number}", headers={"User-Agent": agent})
            assert answer.status_code == 200
        known = {"If-None-Match": app.test_client().get("/feeds/all.atom").headers["ETag"]}
        assert {app.test_client().get("/feeds/all.atom", headers=known).status_code for _ in range(100)} == {304}
        site_of(app).store.close()

    def test_a_feed_in_memory_outlives_the_store(self, app: Flask, client: FlaskClient) -> None:
        """RFC 9110, 15.6.4: 503 is for those who can't be helped; 304s stay cheap."""
        first = client.get("/feed.rss")
        store = site_of(app).store
        store._path.write_bytes(b"broken" * 1000)
        store.close()
        site_of(app).watch._due = float("-inf")
        assert client.get("/feed.rss").data == first.data
        assert client.get("/feed.rss", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304

    def test_the_documents_name_the_paths_to_exempt_from_bot_walls(self, app: Flask) -> None:
        """All addresses that readers ask for, icons included, by the app's own table; and no others."""
        text = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
        exempt = re.findall(r"`(/[^`]*)`", text.partition("**Bot walls.**")[2].partition("\n\n")[0])
        paths = {rule.endpoint: re.sub("<[^>]*>", "x", rule.rule) for rule in app.url_map.iter_rules()}
        polled = {end for end in paths if end.startswith("feeds.") or end in {"static", "pages.favicon"}}
        for endpoint in polled:
            assert any(fnmatch(paths[endpoint], pattern) for pattern in exempt), paths[endpoint]
        for pattern in exempt:
            assert any(fnmatch(paths[endpoint], pattern) for endpoint in polled), pattern

    @pytest.mark.parametrize("unit", ["bytes=0-10", "bytes=-10", "bytes=999999-", "bytes=0-0,5-6"])
    @pytest.mark.parametrize("address", ADDRESSES[:6])
    def test_range_and_if_range_are_ignored(self, client: FlaskClient, address: str, unit: str) -> None:
        """RFC 9110, 14.2 and 14.3: the whole feed, which does not claim that parts may be had."""
        full = client.get(address)
        for asked in ({"Range": unit}, {"Range": unit, "If-Range": full.headers["ETag"]}):
            for spelling in (address, respelled(address)):
                response = client.get(spelling, headers=asked)
                assert (response.status_code, response.data) == (200, full.data)
                assert response.headers.get("Accept-Ranges", "none") == "none"
                assert "Content-Range" not in response.headers

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_nothing_varies_on_the_user_agent(self, client: FlaskClient, address: str) -> None:
        """RFC 9110, 12.5.5: a browser, a reader and a script get the same."""
        agents = ("Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0", "FreshRSS/1.27 (Linux)", "curl/8.5.0", "")
        found = [client.get(respelled(address), headers={"User-Agent": agent}) for agent in agents]
        assert len({response.data for response in found}) == 1
        assert len({str(response.headers) for response in found}) == 1
        assert found[0].headers["Vary"] == "Accept-Encoding"

    @pytest.mark.parametrize("path", FEED_PATHS)
    @pytest.mark.parametrize(
        ("format_name", "media_type"),
        [
            ("atom", "application/atom+xml; charset=utf-8"),
            ("rss", "application/rss+xml; charset=utf-8"),
            ("json", "application/feed+json; charset=utf-8"),
        ],
    )
    def test_each_format_has_its_media_type_with_charset(
        self, client: FlaskClient, path: str, format_name: str, media_type: str
    ) -> None:
        """RFC 4287, 7: which no browser is to guess otherwise, and which the XML declares as well."""
        response = client.get(in_format(path, format_name))
        assert response.headers["Content-Type"] == media_type
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert format_name == "json" or b"encoding='UTF-8'" in response.data.partition(b"?>")[0]

    @pytest.mark.parametrize("address", ADDRESSES)
    @pytest.mark.parametrize(
        "accepted", ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json", "x/y"]
    )
    def test_browsers_get_the_right_type_as_readers_do(self, client: FlaskClient, address: str, accepted: str) -> None:
        """RFC 9110, 12.5.1: Accept changes nothing; people have a page at the address without suffix."""
        plain, asked = client.get(address), client.get(respelled(address), headers={"Accept": accepted})
        assert (asked.headers["Content-Type"], asked.data) == (plain.headers["Content-Type"], plain.data)


class TestHistory:
    """History: RFC 5005."""

    @pytest.fixture(autouse=True)
    def _months(self, app: Flask) -> None:
        """Three months of arrivals: the sample in January, three entries each in February and March."""
        for month, first in ((2, 70), (3, 80)):
            listed = [datetime(2026, month, number, tzinfo=UTC) for number in (1, 2, 3)]
            facts = [{"listed": day, "first_seen": day, "upvotes": 30} for day in listed]
            arrived = (make_entry(first + number, **fact) for number, fact in enumerate(facts))
            keep(app, *arrived, at=datetime(2026, month, 10, tzinfo=UTC))

    @pytest.mark.parametrize("path", HISTORIES)
    @pytest.mark.parametrize("format_name", ["rss", "atom"])
    def test_no_document_says_that_it_is_complete(self, client: FlaskClient, path: str, format_name: str) -> None:
        """RFC 5005, 2: a reader would drop its copies of what left the feed; and there are paging links."""
        for response in (*walk(client, in_format(path, format_name)), client.get(f"/feed.{format_name}?limit=200")):
            assert etree.fromstring(response.data).find(f".//{{{HISTORY}}}complete") is None

    @pytest.mark.parametrize("path", HISTORIES)
    @pytest.mark.parametrize("format_name", FORMATS)
    def test_no_document_has_the_links_of_paged_feeds_which_may_shift_while_read(
        self, client: FlaskClient, path: str, format_name: str
    ) -> None:
        """RFC 5005, 3: first, last, next and previous; nor does an entry have any link of a history."""
        for response in walk(client, in_format(path, format_name)):
            assert not {"first", "last", "next", "previous"} & {link["rel"] for link in links(response)}
            if format_name != "json":
                tree = etree.fromstring(response.data)
                relations = [str(relation) for relation in tree.xpath("//*[local-name()='link']/@rel")]
                assert not {"first", "last", "next", "previous"} & set(relations)
                assert not [r for e in entries(response) for r in e.links if "archive" in r.rel]

    @pytest.mark.parametrize("path", HISTORIES)
    @pytest.mark.parametrize("format_name", FORMATS)
    def test_the_subscription_document_has_prev_archive(self, client: FlaskClient, path: str, format_name: str) -> None:
        """RFC 5005, 4: in header and body, and is no archive itself; without it where it holds all there is."""
        response = client.get(in_format(path, format_name))
        assert in_body(response, "prev-archive") == [linked(response)["prev-archive"]]
        assert not is_archive(response)
        everything = client.get(f"/feed.{format_name}?limit=200")
        assert "archive" not in everything.headers["Link"]

    @pytest.mark.parametrize("path", HISTORIES)
    @pytest.mark.parametrize("format_name", FORMATS)
    def test_archive_documents_have_archive_current_prev_archive_and_next_archive(
        self, client: FlaskClient, path: str, format_name: str
    ) -> None:
        """RFC 5005, 4: the last one nothing before it; the one that a feed names nothing after it."""
        subscription, *archives = walk(client, in_format(path, format_name))
        assert len(archives) == 3
        for older, archive, newer in zip([*archives[1:], None], archives, [None, *archives[:-1]], strict=True):
            relations = linked(archive)
            assert is_archive(archive) or format_name == "json"
            assert relations["current"] == linked(subscription)["self"]
            assert relations.get("prev-archive") == (older and linked(older)["self"])
            if newer:
                assert ids(client.get(relations["next-archive"])) == ids(newer)
            for relation in {"current", "prev-archive", "next-archive"} & relations.keys():
                assert format_name == "json" or in_body(archive, relation) == [relations[relation]]

    @pytest.mark.parametrize("path", HISTORIES)
    @pytest.mark.parametrize("format_name", FORMATS)
    def test_archive_documents_do_not_change_once_published(
        self, app: Flask, client: FlaskClient, path: str, format_name: str
    ) -> None:
        """RFC 5005, 4: nor does a validator of theirs, whatever arrives, is voted for or reaches a threshold late."""
        before = walk(client, in_format(path, format_name))[1:]
        april = datetime(2026, 4, 10, tzinfo=UTC)
        late = {"title": "A Title Alone", "summary": "", "upvotes": 999, "comments": 99, "stars": 9}
        keep(app, make_entry(90, listed=april, first_seen=april), make_entry(6, **late, first_seen=april), at=april)
        for archive in before:
            again = client.get(linked(archive)["self"])
            assert (again.data, dict(again.headers)) == (archive.data, dict(archive.headers))
            for header, validator in VALIDATORS:
                known = {header: archive.headers[validator]}
                assert client.get(linked(archive)["self"], headers=known).status_code == 304

    @pytest.mark.parametrize("format_name", FORMATS)
    def test_archive_documents_have_a_long_max_age(self, client: FlaskClient, clock: Clock, format_name: str) -> None:
        """RFC 9111, 5.2.2.1: a week, but for the month that is not over."""
        clock.now = datetime(2026, 3, 20, tzinfo=UTC)
        _, newest, *older = walk(client, f"/feeds/all.{format_name}?limit=2")
        assert [archive.cache_control.max_age for archive in (newest, *older)] == [604_800] * 3
        assert client.get(f"/feeds/all/2026-03.{format_name}?limit=2").cache_control.max_age == 900

    @pytest.mark.parametrize("format_name", FORMATS)
    def test_archives_are_cut_by_fixed_ranges_of_a_stable_sequence(
        self, app: Flask, client: FlaskClient, format_name: str
    ) -> None:
        """RFC 5005, 4: never page N from the newest; who walks back while entries arrive misses none."""
        subscription = client.get(f"/feeds/all.{format_name}?limit=2")
        walked, found = linked(subscription).get("prev-archive"), []
        for number in range(90, 100):
            keep(app, make_entry(number, listed=datetime(2026, 4, 2, tzinfo=UTC)), at=datetime(2026, 4, 10, tzinfo=UTC))
            if walked:
                archive = client.get(walked)
                found += ids(archive)
                walked = linked(archive).get("prev-archive")
        assert sorted(found) == [f"https://arxiv.org/abs/2601.{n:05}" for n in (*range(1, 7), 70, 71, 72, 80, 81, 82)]

    @pytest.mark.parametrize(("format_name", "element"), [("rss", b"<atom:link"), ("atom", b"<link")])
    def test_rss_uses_atom_link_and_atom_its_own(self, client: FlaskClient, format_name: str, element: bytes) -> None:
        """RFC 5005, 4: in the spelling that readers look for who know no namespaces."""
        for response in walk(client, f"/feeds/all.{format_name}?limit=2"):
            head = re.split(b"<(?:item|entry)>", response.data)[0]
            relations = {"current", "prev-archive", "next-archive"} & linked(response).keys()
            assert len(re.findall(element + b' rel="(?:current|prev-archive|next-archive)"', head)) == len(relations)

    def test_json_feed_has_next_url(self, client: FlaskClient) -> None:
        """JSON Feed 1.1: the document before, never the feed's own address nor one that was named already."""
        documents = [json.loads(response.data) for response in walk(client, "/feeds/all.json?limit=2")]
        named = [document.get("next_url") for document in documents]
        assert named == [document["feed_url"] for document in documents[1:]] + [None]
        assert len({documents[0]["feed_url"], *named}) == len(documents) + 1

    @pytest.mark.parametrize("path", HISTORIES)
    @pytest.mark.parametrize("format_name", FORMATS)
    def test_the_subscription_document_stays_the_address_in_self(
        self, client: FlaskClient, path: str, format_name: str
    ) -> None:
        """RFC 5005, 4: an archive has one of its own, and leads back by current."""
        address = f"http://localhost{in_format(path, format_name)}"
        subscription, *archives = walk(client, in_format(path, format_name))
        assert in_body(subscription, "self") == [address]
        assert {linked(archive)["current"] for archive in archives} == {address}
        own = [in_body(archive, "self") for archive in archives]
        assert own == [[linked(archive)["self"]] for archive in archives]
        assert [address] not in own

    @pytest.mark.parametrize("format_name", FORMATS)
    def test_page_one_stands_alone(self, client: FlaskClient, format_name: str) -> None:
        """RFC 5005, 4: most readers know no history; they get the newest entries, whole."""
        response = client.get(f"/feeds/all.{format_name}?limit=2")
        everything = client.get(f"/feeds/all.{format_name}?limit=200")
        assert ids(response) == [f"https://arxiv.org/abs/2601.{number:05}" for number in (82, 81)]
        assert entries(response) == entries(everything)[:2]
        found = (each.data.count(b"The summary of paper 82.") for each in (response, everything))
        assert 0 < next(found) == next(found)
