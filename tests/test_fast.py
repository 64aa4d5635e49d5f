"""Finished feeds in memory: which coding, what is kept and for how long, and that a hit asks nobody."""

import gzip
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

import brotli
import pytest
import zstandard
from flask import Flask
from flask.testing import FlaskClient

from feedserver.errors import StoreError
from feedserver.render import Document
from feedserver.web.cache import FeedCache
from feedserver.web.coding import choose_coding
from feedserver.web.fast import FastPath, Watch
from feedserver.web.finished import Conditions, Finished, finish
from tests.entries import OBSERVED, make_entry, make_listing

MODIFIED = datetime(2026, 1, 9, 12, tzinfo=UTC)
NOW = MODIFIED.timestamp()


def document(body: bytes) -> Document:
    """Return bytes as the renderers give them."""
    return Document(body, blake2b(body, digest_size=16).hexdigest())


BODY = b"<feed>" + b"an entry " * 200 + b"</feed>"
FEED = finish(
    document(BODY), MODIFIED, [("Content-Type", "application/atom+xml; charset=utf-8"), ("Cache-Control", "public")]
)
DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
    "identity": lambda body: body,
}


class TestCoding:
    """Accept-Encoding (RFC 9110, 12.5.3)."""

    @pytest.mark.parametrize(
        ("accepted", "coding"),
        [
            ("", "identity"),
            ("gzip", "gzip"),
            ("x-gzip", "gzip"),
            ("gzip, deflate", "gzip"),
            ("gzip, deflate, br", "br"),
            ("gzip, deflate, br, zstd", "zstd"),
            ("gzip;q=1.0, br;q=0.5", "gzip"),
            ("br;q=0.9, gzip;q=0.8, zstd;q=0", "br"),
            ("*", "zstd"),
            ("*;q=0.5, gzip", "gzip"),
            ("gzip;q=0", "identity"),
            ("identity", "identity"),
            ("identity;q=1, gzip;q=0.5", "identity"),
            ("identity;q=0.5, gzip;q=0.5", "gzip"),
            ("GZIP ; Q=0.7", "gzip"),
            ("gzip;q=many", "identity"),
            ("*;q=nan, zstd;q=inf, br;q=-1", "identity"),
            ("compress", "identity"),
            (",, ,", "identity"),
        ],
    )
    def test_the_client_gets_what_it_likes_best(self, accepted: str, coding: str) -> None:
        """By q-values, then by our own order."""
        assert choose_coding(accepted) == coding

    @pytest.mark.parametrize("coding", list(DECODERS))
    def test_every_coding_gives_back_the_same_bytes(self, coding: str) -> None:
        """With its own tag, and Vary on all of them."""
        status, headers, body = FEED.answer(Conditions(accept_encoding=coding), NOW)
        named = dict(headers)
        assert (status, DECODERS[coding](body)) == ("200 OK", BODY)
        assert named.get("Content-Encoding", "identity") == coding
        assert named["ETag"] == (f'"{FEED.tag}"' if coding == "identity" else f'"{FEED.tag}-{coding}"')
        assert named["Vary"] == "Accept-Encoding"
        assert int(named["Content-Length"]) == len(body)

    def test_a_small_body_is_left_as_it_is(self) -> None:
        """Headers weigh more than what would be saved."""
        headers = finish(document(b"short"), MODIFIED, []).answer(Conditions(accept_encoding="gzip"), NOW)[1]
        assert "Content-Encoding" not in dict(headers)

    def test_compressing_twice_gives_the_same_bytes(self) -> None:
        """A strong tag stands for one sequence of bytes."""
        again = finish(document(BODY), MODIFIED, [])
        for coding in DECODERS:
            asked = Conditions(accept_encoding=coding)
            assert FEED.answer(asked, NOW)[2] == again.answer(asked, NOW)[2]


def numbered(number: int) -> Finished:
    """Return a finished feed of 1,000 bytes and a little."""
    return finish(document(str(number).encode() * 1000), MODIFIED, [])


class TestCache:
    """What is kept, and for how long."""

    def test_what_was_built_is_found_under_every_spelling_until_the_version_changes(self) -> None:
        """And until its time is over."""
        cache = FeedCache(10**6)
        built = cache.get("key", (1,), 0, lambda: (numbered(1), 100.0))
        cache.alias(("spelling",), "key")
        assert cache.find(("spelling",), (1,), 99) is built
        assert cache.find(("spelling",), (2,), 99) is None
        assert cache.find(("spelling",), (1,), 100) is None
        assert cache.find(("other",), (1,), 0) is None

    def test_a_new_version_with_the_same_bytes_keeps_the_validators(self) -> None:
        """Neither ETag nor Last-Modified moves without the other."""
        cache = FeedCache(10**6)
        first = cache.get("key", (1,), 0, lambda: (numbered(1), 1e9))
        later = finish(document(numbered(1).body), MODIFIED + timedelta(hours=1), [])
        assert cache.get("key", (2,), 0, lambda: (later, 1e9)) is first
        changed = finish(document(b"changed"), MODIFIED + timedelta(hours=1), [])
        assert cache.get("key", (3,), 0, lambda: (changed, 1e9)) is changed

    def test_the_bound_holds_and_the_least_recently_used_go_first(self) -> None:
        """Bytes are counted, not feeds."""
        cache = FeedCache(3 * numbered(1).size)
        for number in range(1, 4):
            cache.get(number, (1,), 0, lambda number=number: (numbered(number), 1e9))
            cache.alias((str(number),), number)
        cache.find(("1",), (1,), 0)
        cache.get(4, (1,), 0, lambda: (numbered(4), 1e9))
        assert [cache.find((str(number),), (1,), 0) is not None for number in (1, 2, 3)] == [True, False, True]

    def test_spellings_are_bounded_too(self) -> None:
        """A stranger must not fill the memory with question marks."""
        cache = FeedCache(10**6, most_aliases=2)
        cache.get("key", (1,), 0, lambda: (numbered(1), 1e9))
        for spelling in ("a", "b", "c"):
            cache.alias((spelling,), "key")
        assert [cache.find((spelling,), (1,), 0) is not None for spelling in ("a", "b", "c")] == [False, True, True]

    def test_concurrent_misses_build_once_and_nobody_waits_for_another_key(self) -> None:
        """Sixteen ask at the same time."""
        cache, built, started = FeedCache(10**6), [], threading.Barrier(16)

        def build() -> tuple[Finished, float]:
            built.append(1)
            time.sleep(0.05)
            return numbered(1), 1e9

        def ask() -> None:
            started.wait()
            assert cache.get("key", (1,), 0, build).body == numbered(1).body

        threads = [threading.Thread(target=ask) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(built) == 1
        assert cache._building == {}

    def test_a_build_that_fails_leaves_the_way_free(self) -> None:
        """The next one builds."""
        cache = FeedCache(10**6)

        def fail() -> tuple[Finished, float]:
            raise StoreError("out of order")

        with pytest.raises(StoreError):
            cache.get("key", (1,), 0, fail)
        assert cache.get("key", (1,), 0, lambda: (numbered(1), 1e9)).body == numbered(1).body


class TestWatch:
    """Finding out whether the data changed."""

    def test_it_looks_a_few_times_a_second_and_not_at_each_request(self) -> None:
        """By its clock."""
        seconds, looks = [0.0], []
        watch = Watch(lambda: (looks.append(1) or len(looks),), clock=lambda: seconds[0])
        assert [watch.version() for _ in range(5)] == [(1,)] * 5
        seconds[0] = 0.3
        assert watch.version() == (2,)

    def test_a_store_that_does_not_answer_leaves_the_last_version(self) -> None:
        """What lies in memory goes on being served."""
        seconds, versions = [0.0], iter([(7,)])

        def look() -> tuple[int, ...]:
            try:
                return next(versions)
            except StopIteration:
                raise StoreError("out of order") from None

        watch = Watch(look, clock=lambda: seconds[0])
        watch.version()
        seconds[0] = 1.0
        assert watch.version() == (7,)


class TestPath:
    """The whole way, in front of Flask."""

    def test_a_hit_does_not_reach_flask(self, app: Flask, client: FlaskClient) -> None:
        """Nor the store: both may be gone."""
        first = client.get("/feeds/all.atom", headers={"Accept-Encoding": "gzip"})
        fast = app.wsgi_app
        assert isinstance(fast, FastPath)
        fast._app = never
        again = client.get("/feeds/all.atom", headers={"Accept-Encoding": "gzip"})
        assert (again.status_code, again.data) == (200, first.data)
        assert dict(again.headers) == dict(first.headers)
        known = {"If-None-Match": first.headers["ETag"], "Accept-Encoding": "gzip"}
        assert client.get("/feeds/all.atom", headers=known).status_code == 304
        assert client.head("/feeds/all.atom").data == b""

    def test_a_change_is_served_within_a_second(self, app: Flask, client: FlaskClient) -> None:
        """Also one that another process made."""
        before = client.get("/feed.json")
        later = OBSERVED + timedelta(hours=1)
        app.extensions["feedserver"].store.put(make_listing(make_entry(70, first_seen=later), observed=later))
        time.sleep(0.5)
        after = client.get("/feed.json")
        assert b"2601.00070" in after.data
        assert after.headers["ETag"] != before.headers["ETag"]
        assert after.headers["Last-Modified"] != before.headers["Last-Modified"]

    def test_an_error_is_not_kept(self, client: FlaskClient) -> None:
        """Nor served in place of a feed."""
        assert [client.get("/feed.atom?q=(").status_code for _ in range(2)] == [400, 400]
        assert client.get("/feeds/none.atom").status_code == 404

    def test_one_host_is_not_told_the_addresses_of_another(self, client: FlaskClient) -> None:
        """Without a configured address, each has its own."""
        one, other = (client.get("/feed.json", headers={"Host": host}).data for host in ("a.example", "b.example"))
        assert b"http://a.example/feed.json" in one
        assert b"http://b.example/feed.json" in other


def never(*_: Any) -> Any:
    """Fail: a hit must not come this far."""
    raise AssertionError("the app was asked")
