"""WebSub: who announces the hub, and that the hub hears of every change, once things are quiet, whatever goes wrong."""

import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket
from urllib.error import URLError
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from feedserver.cli import main
from feedserver.config import Settings
from feedserver.config.build import STORE_FILE, TOLD_FILE
from feedserver.config.settings import ServerSettings, WebSubSettings
from feedserver.errors import FetchError, NothingThereError, RetryLaterError
from feedserver.feeds import Catalogue
from feedserver.fetch import Limits, Sender
from feedserver.model import EPOCH
from feedserver.query import Definition, parse_query
from feedserver.render import RENDERERS, Fragment
from feedserver.store import Sight, SqliteStore
from feedserver.web import create_app
from feedserver.web.memory import RenderedEntries
from feedserver.websub import Publisher, Topics
from feedserver.websub.plan import LONGEST, Failure, Seen, due, fail, pings, recover
from tests.entries import make_entry, make_listing
from tests.test_refresh import eventually, process
from tests.upstream import FETCH, IMPATIENT, NOW, Answer, Time, Upstream, go_round, hang_up, say, sending

HUB = "https://hub.example.org/"
SITE = "https://papers.example.org/sub"
QUIET, RETRY, MAX_AGE = timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=15)
FORMATS = list(RENDERERS)
FEEDS = {"all": {}, "liked": {"min_upvotes": "20"}}
TOPICS = [f"{SITE}/feeds/{name}.{format_name}" for name in FEEDS for format_name in FORMATS]
ALL, LIKED = TOPICS[:3], TOPICS[3:]


@dataclass(slots=True)
class Hub(Upstream):
    """A hub on loopback: it takes every ping with 202, unless the script or ``trouble`` say otherwise.

    ``bad_topics`` are answered as told, whenever they come up.
    """

    bad_topics: dict[str, Answer] = field(default_factory=dict)

    @property
    def topics(self) -> list[str]:
        """Which topics were pinged, in order, however that was answered."""
        return [asked.params["hub.url"] for asked in self.asked]

    @property
    def taken(self) -> list[str]:
        """Which topics were pinged well, in order."""
        return [asked.params["hub.url"] for asked in self.asked if asked.status == 202]

    def answer(self, params: Mapping[str, str]) -> Answer:
        """Return what a ping is answered now."""
        if self.script:
            return self.script.popleft()
        return self.bad_topics.get(params.get("hub.url", "")) or self.trouble or say(status=202)


def definitions_of(feeds: Mapping[str, Mapping[str, str]]) -> dict[str, Definition]:
    """Return definitions as the configuration would hold them."""
    return {name: Definition(name, parse_query(feed.items())) for name, feed in feeds.items()}


@dataclass(slots=True)
class House:
    """A store, a hub, and the time; ``publisher`` is as a new process would have it."""

    hub: Hub
    store: SqliteStore
    sender: Sender
    time: Time
    file: Path
    definitions: Mapping[str, Definition]

    def publisher(self) -> Publisher:
        """Return a publisher that has seen nothing yet."""
        topics = Topics(
            self.store, lambda: self.definitions, RenderedEntries(0), SITE, self.hub.url, MAX_AGE, ZoneInfo("UTC")
        )
        return Publisher(topics, self.sender, self.file, QUIET, RETRY, now=lambda: self.time.now)

    def settled(self) -> Publisher:
        """Return a publisher that has told the hub of everything; the hub forgets that it was asked."""
        publisher = self.publisher()
        self.look(publisher)
        assert self.hub.taken == TOPICS
        self.hub.asked.clear()
        return publisher

    def look(self, publisher: Publisher) -> list[str]:
        """Let a publisher see what is there, and look again when all has been quiet; return what was pinged."""
        before = len(self.hub.asked)
        publisher.look()
        self.time.now += QUIET
        publisher.look()
        return self.hub.topics[before:]

    def put(self, number: int, **facts: object) -> None:
        """Keep an entry."""
        self.store.put(make_listing(make_entry(number, **facts)), at=self.time.now)

    def told(self) -> dict[str, str]:
        """Return what the file says."""
        return json.loads(self.file.read_text(encoding="utf-8"))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Two feeds, and two entries, of which one is in both feeds."""
    time = Time()
    with Hub() as hub, sending(IMPATIENT, time) as sender, closing(SqliteStore(tmp_path / STORE_FILE)) as store:
        house = House(hub, store, sender, time, tmp_path / TOLD_FILE, definitions_of(FEEDS))
        house.put(1, upvotes=50)
        house.put(2, upvotes=1)
        yield house


class TestAnnouncing:
    """Discovery (WebSub, section 4): Link headers, and links in the document."""

    @pytest.fixture
    def app(self, app: Flask) -> Flask:
        """The app with a hub in its settings, and nobody who would ping it."""
        server, websub = ServerSettings(public_url=SITE), WebSubSettings(hub=HUB)  # type: ignore[arg-type]  # pydantic takes texts for addresses
        site = app.extensions["feedserver"]
        settings = site.settings.model_copy(update={"server": server, "websub": websub})
        app.extensions["feedserver"] = replace(site, settings=settings)
        return app

    @pytest.mark.parametrize("format_name", FORMATS)
    @pytest.mark.parametrize("path", ["/feeds/all.{}", "/feeds/all.{}?", "/feeds/diffusion.{}?limit="])
    def test_a_defined_feed_names_the_hub_and_itself_once(
        self, client: FlaskClient, path: str, format_name: str
    ) -> None:
        """In the header, which subscribers read first."""
        response = client.get(path.format(format_name))
        topic = f"{SITE}{path.partition('?')[0].format(format_name)}"
        links = response.headers["Link"]
        assert links.startswith(f'<{topic}>; rel="self"; ')
        assert links.count('rel="self"') == 1
        assert f', <{HUB}>; rel="hub", ' in links
        assert HUB.encode() in response.data
        assert topic.encode() in response.data

    @pytest.mark.parametrize("format_name", FORMATS)
    @pytest.mark.parametrize("path", ["/feed.{}", "/feed.{}?q=diffusion", "/feeds/all.{}?limit=5", "/feeds/all.{}?v=1"])
    def test_what_an_address_asks_for_names_no_hub(self, client: FlaskClient, path: str, format_name: str) -> None:
        """The hub would never be told."""
        response = client.get(path.format(format_name))
        assert "hub" not in response.headers["Link"]
        assert HUB.encode() not in response.data

    @pytest.mark.parametrize("format_name", FORMATS)
    def test_without_a_hub_nobody_names_one(self, settings: Settings, format_name: str) -> None:
        """Which is the default."""
        app = create_app(settings)
        response = app.test_client().get(f"/feeds/all.{format_name}")
        app.extensions["feedserver"].store.close()
        assert "hub" not in response.headers["Link"]

    @pytest.mark.parametrize("format_name", FORMATS)
    def test_the_command_render_writes_the_same_bytes(
        self, client: FlaskClient, settings: Settings, format_name: str
    ) -> None:
        """Hub included."""
        (settings.config_dir / "feedserver.toml").write_text(
            f'[server]\npublic_url = "{SITE}"\n[websub]\nhub = "{HUB}"\n', encoding="utf-8"
        )
        places = {"FEEDSERVER_CONFIG_DIR": str(settings.config_dir), "FEEDSERVER_DATA_DIR": str(settings.data_dir)}
        result = CliRunner(env={**places, "FEEDSERVER_PUBLIC_URL": ""}).invoke(
            main, ["render", "all", "--format", format_name]
        )
        assert result.stdout_bytes == client.get(f"/feeds/all.{format_name}").data

    @pytest.mark.parametrize("format_name", FORMATS)
    def test_what_the_hub_is_told_of_is_what_it_will_fetch(
        self, app: Flask, client: FlaskClient, format_name: str
    ) -> None:
        """Every topic is a feed's own address, letter for letter, and every fingerprint that of its bytes."""
        site = app.extensions["feedserver"]
        topics = Topics(site.store, site.definitions.current, RenderedEntries(0), SITE, HUB, MAX_AGE, ZoneInfo("UTC"))
        fingerprints = topics.edition(topics.version(), site.now()).fingerprints
        assert len(fingerprints) == 2 * len(FORMATS)
        for name in site.definitions.current():
            tag = client.get(f"/feeds/{name}.{format_name}").headers["ETag"]
            assert f'"{fingerprints[f"{SITE}/feeds/{name}.{format_name}"]}"' == tag


def at(seconds: float) -> datetime:
    """Return a time so long after NOW."""
    return NOW + timedelta(seconds=seconds)


REFUSED, BROKEN = NothingThereError("HTTP status 404"), FetchError("HTTP status 500")


class TestPlan:
    """Decisions, without hub, store or file."""

    def test_a_topic_is_due_when_the_hub_knows_it_with_other_bytes_or_not_at_all(self) -> None:
        assert due({"same": "1", "changed": "2", "new": "3"}, {"same": "1", "changed": "1", "gone": "0"}) == (
            "changed", "new",
        )  # fmt: skip

    def test_a_sight_lasts_as_long_as_the_version_stays(self) -> None:
        first = Seen((1, {}), NOW)
        assert first.then((1, {}), at(60)) is first
        assert first.then((2, {}), at(60)) == Seen((2, {}), at(60))
        assert first.then((1, definitions_of(FEEDS)), at(60)).since == at(60)
        assert first.then((1, {}), at(-60)).since == at(-60)  # the clock went back

    def test_the_wait_doubles_with_each_failure_up_to_an_hour(self) -> None:
        failures: dict[str, Failure] = {}
        waits = []
        for _ in range(40):
            failures["a"] = fail("a", REFUSED, failures, NOW, RETRY)
            waits.append((failures["a"].until - NOW) / RETRY)
        assert waits[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
        assert waits[-1] == LONGEST / RETRY

    def test_a_refused_topic_waits_alone(self) -> None:
        failures = {"a": fail("a", REFUSED, {}, NOW, RETRY)}
        assert pings({"a": "1", "b": "1"}, {}, failures, NOW) == ("b",)
        assert pings({"a": "1", "b": "1"}, {}, failures, at(60)) == ("b", "a")  # what failed goes last

    def test_a_hub_in_trouble_is_left_alone_with_every_topic(self) -> None:
        failures = {"a": fail("a", BROKEN, {}, NOW, RETRY)}
        assert pings({"a": "1", "b": "1"}, {}, failures, at(59)) == ()
        assert pings({"a": "1", "b": "1"}, {}, failures, at(60)) == ("b", "a")

    def test_the_more_topics_fail_the_longer_the_hub_rests(self) -> None:
        failures: dict[str, Failure] = {}
        rests = []
        for topic in "abcdefgh":
            failures[topic] = fail(topic, BROKEN, failures, NOW, RETRY)
            rests.append((failures[topic].rest - NOW) / RETRY)
        assert rests == [1, 2, 4, 8, 16, 32, 60, 60]

    def test_a_topic_that_always_fails_holds_up_the_others_for_a_minute_at_most(self) -> None:
        failures: dict[str, Failure] = {}
        for _ in range(20):
            failures["a"] = fail("a", BROKEN, failures, NOW, RETRY)
        assert failures["a"].until == NOW + LONGEST
        assert pings({"a": "1", "b": "1"}, {}, failures, at(60)) == ("b",)

    def test_what_failed_longest_ago_goes_first_among_what_failed(self) -> None:
        failures = {"a": fail("a", REFUSED, {}, at(10), RETRY), "b": fail("b", REFUSED, {}, NOW, RETRY)}
        assert pings({"a": "1", "b": "1", "c": "1"}, {}, failures, at(1000)) == ("c", "b", "a")

    def test_a_wish_to_be_left_alone_goes_before_the_plan(self) -> None:
        failures = {"a": fail("a", RetryLaterError("later", until=at(7200)), {}, NOW, RETRY)}
        assert pings({"a": "1", "b": "1"}, {}, failures, at(7199)) == ()
        assert pings({"a": "1", "b": "1"}, {}, failures, at(7200)) == ("b", "a")

    def test_when_the_hub_is_back_what_did_not_get_through_is_due_at_once(self) -> None:
        failures = {"a": fail("a", BROKEN, {}, NOW, RETRY), "b": fail("b", REFUSED, {}, NOW, RETRY)}
        assert pings({"a": "1", "b": "1"}, {}, recover(failures, at(1)), at(1)) == ("a",)

    def test_a_clock_that_went_back_delays_nothing(self) -> None:
        failures = {"a": fail("a", BROKEN, {}, NOW, RETRY), "b": fail("b", REFUSED, {}, NOW, RETRY)}
        assert set(pings({"a": "1", "b": "1"}, {}, failures, EPOCH)) == {"a", "b"}


class TestPinging:
    """A publisher over a real store and a real hub; time passes when it is told to."""

    def test_a_new_topic_is_pinged_once(self, house: House) -> None:
        publisher = house.publisher()

        assert house.look(publisher) == TOPICS
        assert house.look(publisher) == []

    def test_a_ping_is_the_form_that_hubs_take(self, house: House) -> None:
        house.look(house.publisher())

        asked = house.hub.asked[0]
        assert asked.params == {"hub.mode": "publish", "hub.url": ALL[0], "hub.topic": ALL[0]}
        assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"

    def test_a_change_is_told_of_the_feeds_that_changed_alone(self, house: House) -> None:
        publisher = house.settled()
        house.put(3, upvotes=1)

        assert house.look(publisher) == ALL
        house.put(1, upvotes=60)
        assert house.look(publisher) == TOPICS

    def test_a_change_that_no_feed_shows_is_not_told(self, house: House) -> None:
        house.definitions = definitions_of({"liked": FEEDS["liked"]})
        publisher = house.publisher()
        house.look(publisher)
        house.put(3, upvotes=1)

        assert house.look(publisher) == []

    def test_nothing_is_told_before_all_is_quiet(self, house: House) -> None:
        publisher = house.settled()
        for number in (3, 4, 5):
            house.put(number)
            publisher.look()
            house.time.now += QUIET - timedelta(milliseconds=1)
            publisher.look()
            assert house.hub.topics == []

        house.time.now += timedelta(milliseconds=1)
        publisher.look()
        assert house.hub.topics == ALL  # three changes, one ping

    def test_what_changes_while_feeds_are_rendered_is_not_quiet(self, house: House) -> None:
        """Else the hub might be told at once, get the old feed from another worker, and count as told of the new."""

        class Meddling(RenderedEntries):
            meddled = False

            def keep(self, style: str, made: Mapping[Sight, Fragment]) -> None:
                if not self.meddled:
                    self.meddled = True
                    house.put(3, upvotes=50)
                super().keep(style, made)

        publisher = house.publisher()
        publisher.topics = replace(publisher.topics, fragments=Meddling(10**6))

        assert house.look(publisher) == []
        assert house.look(publisher) == TOPICS
        assert house.look(publisher) == []

    def test_a_change_of_a_definition_is_told(self, house: House) -> None:
        publisher = house.settled()
        house.definitions = definitions_of({**FEEDS, "liked": {"min_upvotes": "1"}})

        assert house.look(publisher) == LIKED

    def test_a_new_definition_is_told(self, house: House) -> None:
        publisher = house.settled()
        house.definitions = definitions_of({**FEEDS, "new": {}})

        assert house.look(publisher) == [f"{SITE}/feeds/new.{format_name}" for format_name in FORMATS]

    def test_a_name_that_has_no_feed_any_more_is_no_topic(self, house: House) -> None:
        house.definitions = Catalogue(house.definitions, moved={"loved": "liked"}, gone=frozenset({"hated"}))

        assert house.look(house.publisher()) == TOPICS

    def test_an_entry_that_a_span_lets_go_is_told_with_the_hour(self, house: House) -> None:
        house.definitions = definitions_of({"recent": {"within": "36h"}})  # listed on the 8th; now is noon of the 9th
        publisher = house.publisher()
        house.look(publisher)
        assert house.look(publisher) == []
        house.time.now = at(3600)

        assert len(house.look(publisher)) == 3

    def test_a_topic_that_left_the_configuration_is_forgotten(self, house: House) -> None:
        publisher = house.settled()
        house.definitions = definitions_of({"liked": FEEDS["liked"]})
        assert house.look(publisher) == []
        assert list(house.told()) == LIKED

        house.definitions = definitions_of(FEEDS)
        assert house.look(publisher) == ALL

    def test_a_failed_topic_that_left_the_configuration_is_forgotten(self, house: House) -> None:
        publisher = house.settled()
        house.hub.trouble = hang_up
        house.put(3, upvotes=1)
        house.look(publisher)
        house.definitions = definitions_of({"liked": FEEDS["liked"]})
        house.hub.trouble = None
        house.put(1, upvotes=60)

        assert house.look(publisher) == LIKED  # the hub does not rest for a topic that is gone

    def test_a_round_is_told_in_a_line(self, house: House, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        house.look(house.publisher())

        assert caplog.messages == ["the hub was told of 6 changes"]


class TestTrouble:
    """The hub fails; whatever it is, what changed is told in the end."""

    TROUBLES: Mapping[str, Answer] = {
        "status 500": say(status=500),
        "a closed connection": hang_up,
        "a redirect": go_round,
        "status 403": say(status=403),
    }

    @pytest.mark.parametrize("trouble", TROUBLES)
    def test_a_hub_in_trouble_is_asked_once_and_again_after_a_while(self, house: House, trouble: str) -> None:
        publisher = house.settled()
        house.put(3, upvotes=1)
        house.hub.trouble = self.TROUBLES[trouble]
        first = set(house.look(publisher))
        assert len(first) == 1
        house.hub.trouble = None
        house.time.now += RETRY - timedelta(seconds=1)
        publisher.look()
        assert house.hub.taken == []
        house.time.now += timedelta(seconds=1)
        publisher.look()

        assert sorted(house.hub.taken) == sorted(ALL)
        assert house.look(publisher) == []

    def test_a_hub_that_is_gone_is_told_when_it_is_back(self, house: House, caplog: pytest.LogCaptureFixture) -> None:
        publisher = house.settled()
        house.put(3, upvotes=1)
        house.hub.kill()
        for _ in range(30):
            house.look(publisher)
            house.time.now += timedelta(minutes=5)
        house.hub.start()
        for _ in range(2):
            house.time.now += LONGEST
            publisher.look()

        assert sorted(house.hub.taken) == sorted(ALL)
        (warning,) = caplog.messages  # once, however often it was tried
        assert warning.startswith(f"the hub was not told of {ALL[0]}: {house.hub.url}: ")
        assert "refused" in warning
        assert warning.endswith("; 3 pings wait")

    def test_when_the_hub_takes_one_ping_again_it_gets_all_the_others(self, house: House) -> None:
        publisher = house.settled()
        house.put(3, upvotes=1)
        house.hub.trouble = say(status=500)
        for _ in range(10 * 60):
            publisher.look()
            house.time.now += timedelta(minutes=1)
        house.hub.trouble = None
        while not house.hub.taken:
            house.time.now += timedelta(minutes=1)
            publisher.look()
        house.time.now += timedelta(seconds=1)
        publisher.look()

        assert sorted(house.hub.taken) == sorted(ALL)

    def test_a_hub_that_is_gone_is_seldom_asked(self, house: House) -> None:
        house.hub.trouble = say(status=500)
        publisher = house.publisher()
        for _ in range(6 * 60):
            publisher.look()
            house.time.now += timedelta(minutes=1)

        assert len(house.hub.asked) <= 2 * 30  # of six topics in six hours, each ping tried twice

    @pytest.mark.parametrize("bad", [say(status=400), say(status=500)], ids=["400", "500"])
    def test_a_topic_that_always_fails_keeps_no_other_from_its_turn(self, house: House, bad: Answer) -> None:
        publisher = house.settled()
        house.hub.bad_topics[ALL[0]] = bad
        for number in range(3, 6):
            house.put(number, upvotes=50)
            house.look(publisher)
            house.time.now += RETRY
            publisher.look()
            assert set(house.hub.taken) == set(TOPICS) - {ALL[0]}
            house.hub.asked.clear()

        house.hub.bad_topics.clear()
        house.time.now += LONGEST
        publisher.look()
        assert house.hub.taken == [ALL[0]]

    def test_a_wish_to_be_left_alone_is_obeyed(self, house: House) -> None:
        publisher = house.settled()
        house.put(3, upvotes=1)
        house.hub.script.append(say(status=429, Retry_After="7200"))
        assert len(house.look(publisher)) == 1
        asked = house.time.now
        for minutes in range(120):
            house.time.now = asked + timedelta(minutes=minutes, seconds=59)
            publisher.look()
        assert len(house.hub.asked) == 1
        house.time.now = asked + timedelta(seconds=7200)
        publisher.look()

        assert sorted(house.hub.taken) == sorted(ALL)

    def test_a_reason_is_logged_again_when_it_is_another(self, house: House, caplog: pytest.LogCaptureFixture) -> None:
        publisher = house.publisher()
        for status in (500, 500, 403):
            house.hub.trouble = say(status=status)
            house.look(publisher)
            house.time.now += LONGEST

        assert [message.partition("HTTP status ")[2][:3] for message in caplog.messages] == ["500", "403"]

    def test_a_change_that_comes_while_the_hub_is_gone_is_told_once(self, house: House) -> None:
        publisher = house.settled()
        house.hub.trouble = say(status=500)
        for number in (3, 4):
            house.put(number, upvotes=1)
            house.look(publisher)
        house.hub.trouble = None
        house.time.now += LONGEST
        publisher.look()

        assert sorted(house.hub.taken) == sorted(ALL)


class TestCrash:
    """What lasts is what the hub took; so a ping may come twice, but is never lost."""

    def test_a_new_process_does_not_ping_what_was_told(self, house: House) -> None:
        house.settled()
        assert house.look(house.publisher()) == []
        house.put(3, upvotes=1)

        assert house.look(house.publisher()) == ALL

    def test_a_change_that_nobody_saw_is_told_by_the_next_process(self, house: House) -> None:
        house.settled().look()
        house.put(1, upvotes=60)

        assert house.look(house.publisher()) == TOPICS

    def test_a_crash_between_a_ping_and_its_record_repeats_that_ping_alone(self, house: House) -> None:
        publisher = house.settled()
        house.put(1, upvotes=60)
        obstacle = house.file.with_name(f"{house.file.name}.new")

        def take_and_break(handler: object) -> None:
            obstacle.mkdir()  # the disk fails after the ping: the process gets no further
            say(status=202)(handler)  # type: ignore[arg-type]  # a handler is the server's own

        house.hub.script.extend([say(status=202), take_and_break])
        with pytest.raises(OSError, match=obstacle.name):
            house.look(publisher)
        obstacle.rmdir()
        house.look(house.publisher())

        assert house.hub.taken == [*TOPICS[:2], *TOPICS[1:]]

    @pytest.mark.parametrize(
        "damage", [b"", b"{", b"[]", b'{"a": 1}', b"null", b"\xff\xfe", b'{"https://papers.example.org/sub": "12']
    )
    def test_a_damaged_file_is_begun_anew_with_a_warning(
        self, house: House, damage: bytes, caplog: pytest.LogCaptureFixture
    ) -> None:
        house.settled()
        before = house.told()
        house.file.write_bytes(damage)

        assert house.look(house.publisher()) == TOPICS
        assert f"{house.file} is damaged" in caplog.messages[0]
        assert house.told() == before

    def test_another_hub_is_told_of_everything(self, house: House) -> None:
        house.settled()  # its address stands in the feeds, so their bytes are others
        with Hub() as other:
            house.hub = other
            assert house.look(house.publisher()) == TOPICS

    def test_no_scrap_is_left_beside_the_file(self, house: House) -> None:
        house.settled()

        assert sorted(path.name for path in house.file.parent.glob("websub*")) == ["websub.json"]


PUBLISHING = """
import logging, sys
from feedserver.config import Definitions, load_settings, make_publishing, open_store
from feedserver.web.memory import RenderedEntries
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
settings = load_settings()
definitions = Definitions(settings.config_dir)
publishing = make_publishing(settings, open_store(settings), definitions.current, RenderedEntries(0))
print("ready", flush=True)
publishing.run()
"""


def write_settings(folder: Path, hub: Hub, public_url: str = SITE) -> dict[str, str]:
    """Write settings for a hub, and a feed; return the environment that leads to them."""
    (folder / "config").mkdir()
    (folder / "config" / "feeds.toml").write_text("[feeds.all]\ntitle = 'All'\n", encoding="utf-8")
    (folder / "config" / "feedserver.toml").write_text(
        f'[refresh]\nenabled = false\n{FETCH}[server]\npublic_url = "{public_url}"\n'
        f'[websub]\nhub = "{hub.url}"\nquiet = "2s"\nretry = "1s"\n',
        encoding="utf-8",
    )
    places = {"FEEDSERVER_CONFIG_DIR": str(folder / "config"), "FEEDSERVER_DATA_DIR": str(folder / "data")}
    return {**os.environ, "HF_TOKEN": "hf_of_the_tests", "FEEDSERVER_PUBLIC_URL": "", **places}


def test_when_the_process_that_publishes_is_killed_during_a_ping_another_takes_over(tmp_path: Path) -> None:
    logs = [tmp_path / f"{number}.log" for number in (1, 2)]
    with Hub() as hub, ExitStack() as stack:
        environment = write_settings(tmp_path, hub)
        started = [stack.enter_context(process("-c", PUBLISHING, environment=environment, output=log)) for log in logs]

        def kill(handler: object) -> None:
            holder = ["this process tells" in log.read_text() for log in logs].index(True)
            started[holder].kill()
            hang_up(handler)  # type: ignore[arg-type]  # as above

        hub.script.extend([say(status=202), kill])
        assert eventually(lambda: len(hub.taken) == 3, 90)

        assert hub.topics == [*ALL[:2], *ALL[1:]]
        assert all(f"this process tells {hub.url} of changes" in log.read_text() for log in logs)


def fetch(address: str) -> str:
    """Return what lies at an address; nothing where nobody listens yet."""
    try:
        with urlopen(address, timeout=5) as response:  # noqa: S310  # loopback
            return str(response.read().decode())
    except URLError:
        return ""


def test_the_hub_gets_the_new_feed_from_every_worker_at_once(tmp_path: Path) -> None:
    """A whole server of two workers, that somebody else refreshes; the hub fetches as it is told."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    fetched: list[str] = []

    def fetch_and_take(handler: object) -> None:
        fetched.extend(fetch(hub.topics[-1]) for _ in range(8))
        say(status=202)(handler)  # type: ignore[arg-type]  # as above

    with Hub() as hub, closing(SqliteStore(tmp_path / "data" / STORE_FILE)) as store:
        environment = write_settings(tmp_path, hub, f"http://127.0.0.1:{port}")
        command = ("-m", "feedserver", "serve", "--port", str(port), "--workers", "2")
        with process(*command, environment=environment, output=tmp_path / "server.log") as server:
            assert eventually(lambda: len(hub.taken) == 3, 30)
            for topic in 8 * hub.topics:
                assert "Paper" not in fetch(topic)  # each worker has each feed in memory
            hub.trouble = fetch_and_take
            store.put(make_listing(make_entry(1)), at=datetime.now(UTC))
            assert eventually(lambda: len(hub.taken) == 6)
            server.terminate()
            server.wait(20)

    assert len(fetched) == 24
    assert all("Paper 1" in body for body in fetched)
    log = (tmp_path / "server.log").read_text()
    assert log.count("the hub was told of 3 changes") == 2
    assert "hf_of_the_tests" not in log
    assert not any("Authorization" in asked.headers for asked in hub.asked)


def test_a_sender_keeps_its_distance_between_two_pings(house: House) -> None:
    with sending(Limits(pause=2), house.time) as sender:
        house.sender = sender
        house.look(house.publisher())

    assert house.time.slept == [2] * 5
