"""RFC 3229 with "feed": who asks is given what is new since a state that the server remembers; off by default."""

import gzip
import json
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from feedserver.config import LimitSettings, Settings
from feedserver.config.settings import ServerSettings
from feedserver.model import Feed, View
from feedserver.render import RENDERERS, Fragment, Renderer, assemble
from feedserver.store import SqliteStore
from feedserver.web import create_app
from feedserver.web.cache import FeedCache
from feedserver.web.delta import MOST, begin, is_wanted
from feedserver.web.fast import RECHECK, Detour, FastPath
from feedserver.web.finished import Conditions, Finished, finish
from tests.entries import OBSERVED, day, make_entry, make_listing

MODIFIED = datetime(2026, 1, 9, 12, tzinfo=UTC)
BASE = day(9) + timedelta(hours=18)


class Server:
    """An app whose entries and definitions change."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        """Wrap ``app``."""
        self.app = app
        self._definitions = settings.config_dir / "feeds.toml"
        self._site = app.extensions["feedserver"]
        self._changes = 0

    def get(self, address: str, tag: str | None = None, method: str = "GET", **headers: str) -> TestResponse:
        """Return the answer to a reader that asks for a delta, and holds the state under ``tag``."""
        given = {"A-IM": "feed", **({"If-None-Match": tag} if tag else {})}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.test_client().open(address, method=method, headers=given)

    def put(self, *numbers: int, **facts: Any) -> None:
        """Let entries arrive, or change."""
        self._changes += 1
        later = OBSERVED + timedelta(hours=self._changes)
        entries = [make_entry(number, **{"listed": BASE, "first_seen": later, **facts}) for number in numbers]
        self._site.store.put(make_listing(*entries, observed=later))
        time.sleep(RECHECK)

    def redefine(self, old: str, new: str) -> None:
        """Edit the definitions."""
        text = self._definitions.read_text(encoding="utf-8").replace(old, new)
        self._definitions.write_text(text, encoding="utf-8")
        self._site.definitions._checked = float("-inf")
        time.sleep(RECHECK)


Make = Callable[..., Server]


@pytest.fixture
def make(settings: Settings, store: SqliteStore, tmp_path: Path) -> Iterator[Make]:
    """Make servers over the sample."""
    store.close()
    shutil.move(tmp_path / "store.sqlite", tmp_path / "feedserver.sqlite")
    made: list[Flask] = []

    def make_server(*, limits: dict[str, Any] | None = None, **server: Any) -> Server:
        sections: dict[str, Any] = {"server": ServerSettings(**server)}
        if limits:
            sections["limits"] = LimitSettings(**limits)
        made.append(create_app(settings.model_copy(update=sections)))
        return Server(made[-1], settings)

    yield make_server
    for app in made:
        app.extensions["feedserver"].store.close()


@pytest.fixture
def server(make: Make) -> Server:
    """A server that gives deltas."""
    return make(delta=True)


def numbers(answer: TestResponse) -> list[int]:
    """Return which entries stand in a feed of any format, which has to be valid."""
    if "json" in answer.headers["Content-Type"]:
        feed = json.loads(answer.data)
        assert {"version", "title", "feed_url", "items"} <= set(feed)
        ids = [item["id"] for item in feed["items"]]
    else:
        parsed = feedparser.parse(answer.data)
        assert not parsed.bozo
        assert parsed.feed.title
        ids = [entry.id for entry in parsed.entries]
    return [int(name.rpartition(".")[2]) for name in ids]


class TestOff:
    """As it is by default."""

    def test_a_reader_that_asks_for_a_delta_gets_the_whole_feed(self, make: Make) -> None:
        """rss2email asks, and takes 226 for an error, for ever."""
        server = make()
        tag = server.get("/feeds/all.atom").headers["ETag"]
        server.put(70)
        answer = server.get("/feeds/all.atom", tag)
        assert answer.status_code == 200
        assert len(numbers(answer)) == 7
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert not {"IM", "Delta-Base"} & set(answer.headers.keys())
        allowed = server.get("/feeds/all.atom", method="OPTIONS").headers["Access-Control-Allow-Headers"]
        assert "A-IM" not in allowed

    def test_nothing_stands_in_front_of_the_fast_path(self, make: Make) -> None:
        """Nor is anything remembered."""
        server = make()
        assert isinstance(server.app.wsgi_app, FastPath)
        server.get("/feeds/all.atom")
        ((_, kept),) = server._site.cache._kept._kept.items()
        assert kept.finished.history is None


class TestDelta:
    """As it is with ``server.delta``."""

    @pytest.mark.parametrize("format_name", list(RENDERERS))
    @pytest.mark.parametrize("path", ["/feeds/all", "/feed"])
    def test_a_reader_gets_new_and_changed_entries_only(self, server: Server, path: str, format_name: str) -> None:
        """In a whole document of the same format, under the tag of the full feed."""
        address = f"{path}.{format_name}"
        tag = server.get(address).headers["ETag"]
        server.put(70, 71)
        server.put(6, title="A Title Alone", summary="", upvotes=99)
        full, delta = server.get(address), server.get(address, tag)
        assert (delta.status, full.status) == ("226 IM Used", "200 OK")
        assert sorted(numbers(delta)) == [6, 70, 71]
        assert numbers(delta) == [number for number in numbers(full) if number in {6, 70, 71}]
        assert delta.headers["IM"] == "feed"
        assert delta.headers["Delta-Base"] == tag
        assert delta.headers["Cache-Control"] == "no-store, im, max-age=900"
        for name in ("ETag", "Last-Modified", "Content-Type", "Link", "Vary"):
            assert delta.headers.getlist(name) == full.headers.getlist(name)
        assert delta.headers["Vary"] == "Accept-Encoding, A-IM"
        assert int(delta.headers["Content-Length"]) == len(delta.data) < len(full.data)
        assert server.get(address, delta.headers["ETag"]).status_code == 304

    @pytest.mark.parametrize(
        ("form", "base"),
        [
            ('"{tag}"', '"{tag}"'),
            ('W/"{tag}"', '"{tag}"'),
            ('"{tag}-gzip"', '"{tag}-gzip"'),
            ('W/"{tag}-br"', '"{tag}-br"'),
            ('"{tag}"-gzip', '"{tag}"'),
            ('"other", "{tag};gzip" , "another"', '"{tag};gzip"'),
        ],
    )
    def test_a_tag_is_known_in_every_form_that_proxies_give_it(self, server: Server, form: str, base: str) -> None:
        """And is given back as it came, so that the reader knows which one it was."""
        tag = server.get("/feed.json").headers["ETag"].strip('"')
        server.put(70)
        answer = server.get("/feed.json", form.format(tag=tag))
        assert (answer.status_code, numbers(answer)) == (226, [70])
        assert answer.headers["Delta-Base"] == base.format(tag=tag)

    def test_a_delta_is_compressed_as_a_feed_is(self, server: Server) -> None:
        """Its tag is the one that the whole feed has in this coding; that works as the next base."""
        tag = server.get("/feed.rss", Accept_Encoding="gzip").headers["ETag"]
        server.put(70)
        plain, coded = (server.get("/feed.rss", tag, Accept_Encoding=coding) for coding in ("identity", "gzip"))
        assert (coded.status_code, coded.headers["Content-Encoding"]) == (226, "gzip")
        assert gzip.decompress(coded.data) == plain.data
        assert coded.headers["ETag"] == server.get("/feed.rss", Accept_Encoding="gzip").headers["ETag"]
        server.put(71)
        assert numbers(server.get("/feed.rss", coded.headers["ETag"])) == [71]

    def test_every_state_that_was_served_is_a_base(self, server: Server) -> None:
        """And a reader that holds several gets the smallest delta."""
        tags = []
        for number in (70, 71):
            tags.append(server.get("/feed.json").headers["ETag"])
            server.put(number)
        assert sorted(numbers(server.get("/feed.json", tags[0]))) == [70, 71]
        assert numbers(server.get("/feed.json", ", ".join(reversed(tags)))) == [71]

    @pytest.mark.parametrize("tag", [None, '"other"', f'"{"0" * 32}"', "", '"'])
    def test_who_names_no_state_that_is_known_gets_everything(self, server: Server, tag: str | None) -> None:
        """feedparser asks for a delta without any tag."""
        server.get("/feed.json")
        server.put(70)
        answer = server.get("/feed.json", tag)
        assert (answer.status_code, len(numbers(answer))) == (200, 7)
        assert (answer.headers["Vary"], "IM" in answer.headers) == ("Accept-Encoding, A-IM", False)

    @pytest.mark.parametrize("form", ["{tag}", "{old}, {tag}", "*", "W/{tag}"])
    def test_who_has_the_current_state_gets_304(self, server: Server, form: str) -> None:
        """Also where it has an older one beside it."""
        old = server.get("/feed.json").headers["ETag"]
        server.put(70)
        tag = server.get("/feed.json").headers["ETag"]
        answer = server.get("/feed.json", form.format(tag=tag, old=old))
        assert (answer.status_code, answer.data) == (304, b"")
        assert (answer.headers["ETag"], answer.headers["Vary"]) == (tag, "Accept-Encoding, A-IM")

    @pytest.mark.parametrize("asked", ["", "vcdiff", "feed;q=0", "feeds", "feed;q=x", "gzip"])
    def test_who_does_not_ask_for_this_kind_gets_everything(self, server: Server, asked: str) -> None:
        """Other instance manipulations are not known here."""
        tag = server.get("/feed.json").headers["ETag"]
        server.put(70)
        assert server.get("/feed.json", tag, A_IM=asked).status_code == 200

    def test_a_date_is_no_base(self, server: Server) -> None:
        """RFC 3229 goes by tags."""
        modified = server.get("/feed.json").headers["Last-Modified"]
        server.put(70)
        assert server.get("/feed.json", If_Modified_Since=modified).status_code == 200

    def test_head_has_the_headers_of_get_and_no_body(self, server: Server) -> None:
        """Length included."""
        tag = server.get("/feed.atom").headers["ETag"]
        server.put(70)
        get, head = server.get("/feed.atom", tag), server.get("/feed.atom", tag, method="HEAD")
        assert (head.status_code, head.data) == (226, b"")
        assert dict(head.headers) == dict(get.headers)

    def test_the_link_to_the_archives_moves_with_the_entries_and_is_no_obstacle(self, server: Server) -> None:
        """A feed that is full has another one with each entry."""
        address = "/feed.json?limit=3"
        before = server.get(address)
        server.put(70)
        delta = server.get(address, before.headers["ETag"])
        assert (delta.status_code, numbers(delta)) == (226, [70])
        assert json.loads(delta.data)["next_url"] != json.loads(before.data)["next_url"]

    def test_entries_that_only_go_are_no_delta(self, server: Server) -> None:
        """It could not be said in one."""
        tag = server.get("/feeds/diffusion.json").headers["ETag"]
        server.redefine("min_upvotes = 20", "min_upvotes = 50")
        answer = server.get("/feeds/diffusion.json", tag)
        assert (answer.status_code, numbers(answer)) == (200, [1])

    def test_a_feed_of_another_title_is_sent_whole(self, server: Server) -> None:
        """Even where there are new entries too; from then on there are deltas again."""
        tag = server.get("/feeds/all.rss").headers["ETag"]
        server.redefine("All papers", "Everything")
        server.put(70)
        answer = server.get("/feeds/all.rss", tag)
        assert (answer.status_code, b"<title>Everything</title>" in answer.data) == (200, True)
        server.put(71)
        assert server.get("/feeds/all.rss", tag).status_code == 200
        assert numbers(server.get("/feeds/all.rss", answer.headers["ETag"])) == [71]

    def test_archives_are_always_whole(self, server: Server) -> None:
        """They have no Vary: A-IM."""
        address = json.loads(server.get("/feed.json?limit=2").data)["next_url"].removeprefix("http://localhost")
        answer = server.get(address, '"other"')
        assert (answer.status_code, answer.headers["Vary"]) == (200, "Accept-Encoding")

    def test_a_page_of_another_origin_may_ask_for_it_and_read_what_it_got(self, server: Server) -> None:
        """CORS."""
        allowed = server.get("/feed.json", method="OPTIONS").headers["Access-Control-Allow-Headers"]
        assert {"A-IM", "If-None-Match"} <= set(allowed.split(", "))
        tag = server.get("/feed.json").headers["ETag"]
        server.put(70)
        answer = server.get("/feed.json", tag, Origin="https://other.example")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert {"ETag", "IM", "Delta-Base"} <= set(answer.headers["Access-Control-Expose-Headers"].split(", "))

    def test_a_delta_counts_as_a_poll(self, make: Make) -> None:
        """It is cut and compressed for one reader; 200 and 304 from memory stay free."""
        server = make(delta=True, limits={"polls": "3 per minute"})
        tag = server.get("/feeds/all.json").headers["ETag"]
        server.put(70)
        current = server.get("/feeds/all.json").headers["ETag"]
        assert [server.get("/feeds/all.json", tag).status_code for _ in range(2)] == [226, 429]
        assert [server.get("/feeds/all.json", each).status_code for each in (None, current, '"other"')] == [
            200,
            304,
            200,
        ]

    def test_only_a_reader_that_might_get_a_delta_leaves_the_fast_path(self, server: Server) -> None:
        """It takes both headers."""
        tag = server.get("/feed.json").headers["ETag"]
        detour = server.app.wsgi_app
        assert isinstance(detour, Detour)
        reached: list[str] = []
        app = detour._app

        def count(environ: dict[str, Any], start_response: Any) -> Any:
            reached.append(environ["PATH_INFO"])
            return app(environ, start_response)

        detour._app = detour._fast._app = count
        client = server.app.test_client()
        assert client.get("/feed.json").headers["Vary"] == "Accept-Encoding, A-IM"
        assert client.get("/feed.json", headers={"If-None-Match": tag}).status_code == 304
        assert client.get("/feed.json", headers={"A-IM": "feed"}).status_code == 200
        assert reached == []
        assert server.get("/feed.json", tag).status_code == 304
        assert reached == ["/feed.json"]


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("feed", True), ("Feed", True), (" feed ", True), ("vcdiff, feed", True), ("feed;q=0.5, gzip", True),
        ("gzip;q=1.0,FEED ; Q=1", True), ("", False), ("feed;q=0", False), ("feed;q=0.0", False), ("a feed", False),
        ("vcdiff", False), ("feed;q=nan", False), (",,;", False),
    ],
)  # fmt: skip
def test_a_im_is_a_list_with_weights(asked: str, wanted: bool) -> None:
    """RFC 3229, 10.5.3."""
    assert is_wanted(asked) == wanted


def state(renderer: Renderer, *names: str, title: str = "A feed") -> Finished:
    """Return a finished feed with a history, of entries that are their names."""
    urls = dict.fromkeys(RENDERERS, "https://example.org/feed")
    feed = Feed(
        "urn:a",
        title,
        "Of entries",
        "https://example.org",
        "https://example.org/icon.png",
        urls,
        MODIFIED,
        View(),
        timedelta(hours=1),
    )
    fragments = [Fragment(name.encode(), name.encode().rjust(16), MODIFIED, signed=False) for name in names]
    document = assemble(renderer, feed, fragments)
    return finish(document, MODIFIED, [], begin(renderer, feed, document))


class TestHistory:
    """What is remembered."""

    def test_the_last_states_are_remembered_and_older_ones_are_not(self) -> None:
        """Eight of them, and they weigh something."""
        cache, renderer = FeedCache(10**7), RENDERERS["rss"]
        states = [state(renderer, *map(str, range(number))) for number in range(1, MOST + 4)]
        for version, each in enumerate(states):
            last = cache.get("key", (version,), 0, lambda each=each: (each, 1e9))
        asked = [Conditions(f'"{each.tag}"') for each in states]
        assert [last.since(each) is not None for each in asked] == [False] * 2 + [True] * MOST + [False]
        assert last.history is not None
        assert last.size >= 8000 + 2 * len(last.body) + sum(len(each.digests) for each in last.history.earlier)
        assert len(last.history.earlier[-1].digests) == 16 * (MOST + 2)

    def test_a_state_that_comes_back_is_no_base_of_itself(self) -> None:
        """Then it is the current one, and the other is the base."""
        cache, renderer = FeedCache(10**7), RENDERERS["json"]
        first, second = state(renderer, "1", "2"), state(renderer, "1", "3")
        for version, each in enumerate((first, second, first)):
            last = cache.get("key", (version,), 0, lambda each=each: (each, 1e9))
        assert last.since(Conditions(f'"{first.tag}"')) is None
        delta = last.since(Conditions(f'"{second.tag}"'))
        assert delta is not None
        assert json.loads(delta.body)["items"] == [2]

    @pytest.mark.parametrize("new", [["7"], ["7", "8"], ["5", "7", "1"], ["7", "1", "8"], ["8", "1"]])
    @pytest.mark.parametrize("renderer", RENDERERS.values(), ids=list(RENDERERS))
    def test_what_is_cut_is_what_would_have_been_made_of_the_new_entries_alone(
        self, renderer: Renderer, new: list[str]
    ) -> None:
        """To the byte, wherever in the feed they stand."""
        old, now = state(renderer, "1", "5"), state(renderer, *new)
        delta = now.after(old).since(Conditions(f'"{old.tag}"'))
        assert delta is not None
        assert delta.body == state(renderer, *[name for name in new if name not in {"1", "5"}]).body

    def test_entries_in_another_order_are_no_delta(self) -> None:
        """The feed is sent whole."""
        old, now = state(RENDERERS["atom"], "1", "2"), state(RENDERERS["atom"], "2", "1")
        assert now.after(old).since(Conditions(f'"{old.tag}"')) is None

    def test_a_feed_that_became_another_forgets_its_states(self) -> None:
        """Its new title would reach nobody who gets deltas only."""
        old, now = state(RENDERERS["atom"], "1"), state(RENDERERS["atom"], "1", "2", title="Another")
        assert now.after(old).since(Conditions(f'"{old.tag}"')) is None
