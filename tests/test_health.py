"""Saying how it is: the judgement, the probes, the header on feeds, the status page."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from flask import Flask
from flask.testing import FlaskClient

from feedserver.config import LimitSettings, Settings
from feedserver.config.settings import RefreshSettings
from feedserver.errors import CostlyQueryError, FeedserverError, StoreError
from feedserver.model import ListingRecord
from feedserver.status import SourceStatus
from feedserver.web import create_app
from feedserver.web.health import Checkup, Expectation, Health, Trouble, Why, judge, spell_listed, unreadable
from feedserver.web.site import EXTENSION, Site
from tests.entries import ROOT, make_entry, make_listing

NOW = datetime(2026, 1, 9, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LOOKING, WAITING = Expectation(HOUR, refreshes=True), Expectation(HOUR, refreshes=False)
SOURCE = "daily-papers"


def source(
    good: timedelta | None = MINUTE,
    attempted: timedelta | None = MINUTE,
    error: str | None = None,
    retry: timedelta | None = None,
) -> SourceStatus:
    """Return a source that was read well and asked so long ago, and may be asked again in ``retry``."""
    return SourceStatus(
        name=SOURCE,
        state="failing" if error else "good" if good else "never",
        every=timedelta(minutes=15),
        listings=3,
        attempted=NOW - attempted if attempted else None,
        good=NOW - good if good else None,
        error=error,
        retry_at=NOW + retry if retry else None,
        held_until=NOW + retry if retry else None,
        open_since=None,
        failures=1 if error else 0,
        last_error=error,
        failed=NOW if error else None,
        troubles=(),
        suspects=(),
        spent=0,
        budget=120,
        next=(),
    )


class TestJudgement:
    """What is wrong, and whether feeds can be served all the same."""

    @pytest.mark.parametrize(
        ("given", "expected", "troubles"),
        [
            (source(), LOOKING, []),
            (source(good=HOUR), LOOKING, []),
            (source(good=HOUR + MINUTE), LOOKING, ["stale"]),
            (source(good=HOUR + MINUTE, attempted=HOUR + MINUTE), LOOKING, ["idle", "stale"]),
            (source(good=HOUR + MINUTE, attempted=HOUR + MINUTE), WAITING, ["stale"]),
            (source(attempted=HOUR + MINUTE, error="429", retry=HOUR), LOOKING, ["failing"]),
            (source(attempted=HOUR + MINUTE, error="429", retry=-MINUTE), LOOKING, ["failing", "idle"]),
            (source(error="500"), LOOKING, ["failing"]),
            (source(good=2 * HOUR, error="500"), LOOKING, ["failing", "stale"]),
            (source(good=None, error="500"), LOOKING, ["failing", "never"]),
            (source(good=None, attempted=None), LOOKING, ["never"]),
        ],
    )
    def test_old_and_failing_data_is_a_trouble_but_served(
        self, given: SourceStatus, expected: Expectation, troubles: list[str]
    ) -> None:
        """For no restart would make it newer."""
        health = judge([given], expected, NOW, kept=True, definitions_error=None)
        assert health.ready
        assert [(trouble.part, trouble.why) for trouble in health.troubles] == [(SOURCE, why) for why in troubles]

    @pytest.mark.parametrize(
        ("given", "kept", "ready"),
        [
            (source(good=None), False, False),
            (source(good=None), True, True),  # imported
            (source(good=MINUTE), False, True),  # a listing that was empty
        ],
    )
    def test_nobody_is_ready_before_anything_was_read(self, given: SourceStatus, kept: bool, ready: bool) -> None:
        """Readers would get empty feeds, and caches keep them."""
        health = judge([given], LOOKING, NOW, kept=kept, definitions_error=None)
        assert health.ready is ready
        assert (("store", "empty") in [(trouble.part, trouble.why) for trouble in health.troubles]) is not ready

    def test_broken_definitions_are_a_trouble(self) -> None:
        """With what is wrong with them."""
        health = judge([source()], LOOKING, NOW, kept=True, definitions_error="feeds.x: limit")
        assert health.ready
        assert health.troubles == (Trouble("definitions", "kept", "the last good ones are in use: feeds.x: limit"),)

    def test_a_store_that_cannot_be_read_is_the_one_trouble_that_counts(self) -> None:
        """What was known of the sources is known still."""
        health = unreadable(judge([source(error="500")], LOOKING, NOW, kept=True, definitions_error=None))
        assert (health.ready, [trouble.why for trouble in health.troubles]) == (False, ["unreadable"])
        assert health.listed == NOW - MINUTE

    def test_how_much_is_expected_follows_from_the_settings(self) -> None:
        """Four looks, or two days where somebody else looks."""
        kept = Settings(data_dir=Path(), config_dir=Path())
        assert Expectation.of(kept) == Expectation(HOUR, refreshes=True)
        slow = kept.model_copy(update={"refresh": RefreshSettings(today=HOUR)})
        assert Expectation.of(slow).span == 4 * HOUR
        idle = kept.model_copy(update={"refresh": RefreshSettings(enabled=False)})
        assert Expectation.of(idle) == Expectation(timedelta(days=2), refreshes=False)


class TestCheckup:
    """Examining, as seldom as need be."""

    def test_it_examines_once_a_second_however_often_it_is_asked(self) -> None:
        """By its clock."""
        seconds, examined = [0.0], []
        checkup = Checkup(lambda: examined.append(1) or Health(ready=True), clock=lambda: seconds[0])
        for seconds[0] in (0.0, 0.5, 0.99, 1.0, 1.5):
            assert checkup.health().ready
        assert len(examined) == 2

    def test_what_takes_long_is_done_less_often(self) -> None:
        """So that a store of many years takes no more of a worker than one of a day."""
        seconds, examined = [0.0], []

        def examine() -> Health:
            examined.append(1)
            seconds[0] += 0.1
            return Health(ready=True)

        checkup = Checkup(examine, clock=lambda: seconds[0])
        for seconds[0] in (0.0, 10.0, 20.0, 20.2):
            checkup.health()
        assert len(examined) == 2

    @pytest.mark.parametrize(
        "error", [StoreError("the store '/somewhere' can't be used"), CostlyQueryError("too much")]
    )
    def test_an_error_is_an_answer(self, error: FeedserverError) -> None:
        """For who asks is mostly a reader, who is to get a feed."""
        seconds, outcomes = [0.0], [Health(ready=True, sources=(source(),)), None]

        def examine() -> Health:
            if (outcome := outcomes.pop(0)) is None:
                raise error
            return outcome

        checkup = Checkup(examine, clock=lambda: seconds[0])
        assert checkup.health().ready
        seconds[0] = 2.0
        assert spell_listed(checkup.health()) == f'@{int((NOW - MINUTE).timestamp())};degraded="store unreadable"'


@pytest.mark.parametrize(
    ("health", "spelled"),
    [
        (Health(ready=True, sources=(source(),)), f"@{int((NOW - MINUTE).timestamp())}"),
        (Health(ready=True, sources=(source(good=HOUR), source())), f"@{int((NOW - HOUR).timestamp())}"),
        (Health(ready=True, sources=(source(good=None), source())), f"@{int((NOW - MINUTE).timestamp())}"),
        (Health(ready=True, sources=(source(good=None),)), "?0"),
        (
            Health(True, tuple(Trouble(f"blog-{number}", "failing", "") for number in range(300)), (source(),)),
            f'@{int((NOW - MINUTE).timestamp())};degraded="'
            + "".join(f"blog-{number} failing, " for number in range(8))
            + '292 more"',
        ),
        (Health(ready=False), "?0"),
        (
            Health(True, (Trouble(SOURCE, "failing", 'GET /etc/"x"'), Trouble(SOURCE, "stale", "")), (source(),)),
            f'@{int((NOW - MINUTE).timestamp())};degraded="daily-papers failing, daily-papers stale"',
        ),
    ],
)
def test_the_header_is_a_structured_field_without_any_message(health: Health, spelled: str) -> None:
    """The oldest of the sources; messages may hold what is not for everybody."""
    assert spell_listed(health) == spelled


@pytest.fixture
def site(app: Flask) -> Site:
    """The site of the app over the sample."""
    found: Site = app.extensions[EXTENSION]
    return found


def record(site: Site, good: datetime | None, error: str | None = None) -> None:
    """Let a listing have been read, or fail, and all memories of that be over."""
    at = good or site.now()
    today = f"{site.now():%Y-%m-%d}"
    site.store.put(make_listing(key=today), ListingRecord(SOURCE, today, at, good, error=error))
    forget(site)


def forget(site: Site) -> None:
    """Let the second be over for which it is remembered how it is."""
    site.checkup._due = site.watch._due = float("-inf")


class TestProbes:
    """``/healthz`` and ``/readyz``."""

    def test_a_process_is_alive_without_any_store(self, client: FlaskClient, lost: Site) -> None:
        """It asks nobody."""
        response = client.get("/healthz")
        assert (response.status_code, response.json) == (200, {"status": "ok"})
        assert response.headers["Cache-Control"] == "no-store"

    def test_a_server_is_ready_once_something_was_read(self, settings: Settings) -> None:
        """Before that, it says what is missing."""
        empty = create_app(settings)
        site: Site = empty.extensions[EXTENSION]
        response = empty.test_client().get("/readyz")
        assert response.status_code == 503
        assert response.json["status"] == "unavailable"
        assert ("store", "empty") in [(trouble["part"], trouble["why"]) for trouble in response.json["troubles"]]
        record(site, site.now())
        response = empty.test_client().get("/readyz")
        site.store.close()
        assert (response.status_code, response.json["status"], response.json["troubles"]) == (200, "ok", [])
        assert response.json["sources"][SOURCE]["state"] == "good"
        assert response.headers["Cache-Control"] == "no-store"

    def test_what_is_old_or_failing_leaves_it_ready(self, client: FlaskClient, site: Site) -> None:
        """And says since when."""
        good = site.now() - timedelta(days=3)
        record(site, good)
        record(site, None, error="HTTP 503")
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json["status"]) == (200, "degraded")
        assert [trouble["why"] for trouble in answer.json["troubles"]] == ["failing", "stale"]
        assert answer.json["listed"] == good.isoformat().replace("+00:00", "Z")

    def test_broken_definitions_are_told_without_their_folder(
        self, client: FlaskClient, site: Site, settings: Settings
    ) -> None:
        """Where files lie is nobody's business."""
        (settings.config_dir / "feeds.toml").write_text("[feeds.x]\nlimit = 1000", encoding="utf-8")
        site.definitions._checked = float("-inf")
        body = client.get("/readyz").get_data(as_text=True)
        assert "feeds.toml: feeds.x: limit: 1000 is not between 1 and 200" in body
        assert str(settings.config_dir) not in body

    def test_a_store_that_cannot_be_read_makes_it_unready(self, client: FlaskClient, lost: Site) -> None:
        """Without its path; HEAD says the same as GET."""
        response = client.get("/readyz")
        assert response.status_code == 503
        assert [trouble["why"] for trouble in response.json["troubles"]] == ["unreadable"]
        assert str(lost.settings.data_dir) not in response.get_data(as_text=True)
        head = client.head("/readyz")
        assert (head.status_code, head.data) == (503, b"")
        assert head.headers["Content-Length"] == response.headers["Content-Length"]

    def test_probes_are_free(self, settings: Settings) -> None:
        """A supervisor asks every second."""
        limited = create_app(settings.model_copy(update={"limits": LimitSettings(polls="1 per minute")}))
        client = limited.test_client()
        answers = [client.get(path).status_code for path in ("/healthz", "/readyz") for _ in range(3)]
        limited.extensions[EXTENSION].store.close()
        assert answers == [200, 200, 200, 503, 503, 503]


@pytest.fixture
def lost(site: Site) -> Iterator[Site]:
    """A site whose store can't be read any more; it comes back."""
    file = site.settings.data_dir / "feedserver.sqlite"
    site.store.close()
    file.rename(file.with_suffix(".away"))
    file.mkdir()
    forget(site)
    yield site
    file.rmdir()
    file.with_suffix(".away").rename(file)


class TestHeader:
    """``Feedserver-Listed`` on feeds."""

    def test_every_answer_tells_when_the_sources_were_read(self, client: FlaskClient, site: Site) -> None:
        """Built, from memory, by HEAD, and by 304, so that caches bring it up to date; archives too."""
        record(site, site.now())
        told = f"@{int(site.now().timestamp())}"
        answers = [client.get("/feed.atom"), client.get("/feed.atom"), client.head("/feed.atom")]
        answers.append(client.get("/feed.atom", headers={"If-None-Match": answers[0].headers["ETag"]}))
        answers.append(client.get("/feed/2026-01.atom"))
        assert [answer.status_code for answer in answers] == [200, 200, 200, 304, 200]
        for answer in answers:
            assert abs(int(answer.headers["Feedserver-Listed"][1:]) - int(told[1:])) <= 1
        assert "Feedserver-Listed" in answers[0].headers["Access-Control-Expose-Headers"]

    def test_a_look_that_brings_nothing_moves_the_header_and_no_validator(
        self, client: FlaskClient, site: Site
    ) -> None:
        """Readers are told that somebody looked, and need not fetch anything for that."""
        record(site, site.now() - HOUR)
        first = client.get("/feeds/all.json")
        record(site, site.now(), error=None)
        second = client.get("/feeds/all.json", headers={"If-None-Match": first.headers["ETag"]})
        assert second.status_code == 304
        assert second.headers["Feedserver-Listed"] > first.headers["Feedserver-Listed"]
        third = client.get("/feeds/all.json")
        assert {name: third.headers[name] for name in ("ETag", "Last-Modified", "Content-Length")} == {
            name: first.headers[name] for name in ("ETag", "Last-Modified", "Content-Length")
        }

    def test_trouble_comes_and_goes(self, client: FlaskClient, site: Site) -> None:
        """Within a second, in words, and without the message."""
        record(site, site.now())
        record(site, None, error="http://10.0.0.1/secret: refused")
        failing = client.get("/feed.rss").headers["Feedserver-Listed"]
        assert failing.partition(";")[2] == 'degraded="daily-papers failing"'
        record(site, site.now())
        assert ";" not in client.get("/feed.rss").headers["Feedserver-Listed"]

    def test_what_lies_in_memory_says_that_the_store_is_gone(
        self, client: FlaskClient, site: Site, request: pytest.FixtureRequest
    ) -> None:
        """And is served."""
        record(site, site.now())
        client.get("/feed.rss")
        request.getfixturevalue("lost")
        answer = client.get("/feed.rss")
        assert answer.status_code == 200
        assert answer.headers["Feedserver-Listed"].endswith(';degraded="store unreadable"')


class TestPage:
    """``/status``."""

    def test_it_tells_ages_errors_and_when_somebody_looks_next(self, settings: Settings) -> None:
        """And leaves it to the person when to look again: what changes by itself is lost on many."""
        looking = create_app(settings.model_copy(update={"refresh": RefreshSettings(enabled=True)}), at_work=False)
        site: Site = looking.extensions[EXTENSION]
        site.store.put(make_listing(make_entry()))
        record(site, site.now() - 3 * HOUR)
        record(site, None, error="HTTP 503 <Service Unavailable>")
        page = looking.test_client().get("/status").get_data(as_text=True)
        attempted = site.now()
        site.store.close()
        assert "http-equiv" not in page
        assert "3 hours ago" in page
        assert "just now" in page
        assert "HTTP 503 &lt;Service Unavailable&gt;" in page
        assert "the last good listing is of" in page
        oldest = attempted - timedelta(days=30)
        assert f"Next looks</th><td>{oldest:%Y-%m-%d} at {attempted:%H:%M} UTC (never asked for)" in page
        assert "script" not in page

    def test_nobody_who_does_not_look_says_when(self, client: FlaskClient, site: Site) -> None:
        """Where the server does not refresh by itself, it knows of no next look."""
        record(site, site.now())
        assert "Next look" not in client.get("/status").get_data(as_text=True)


def test_the_troubles_in_the_documents_are_those_there_are() -> None:
    """Scripts rely on these words."""
    told = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
    table = told.split("## Saying how it is")[1].split("## Metrics")[0]
    assert re.findall(r"\| `(\w+)` \| [^|]+ \|$", table, re.MULTILINE) == list(get_args(Why))
    example = json.loads(table.split("```json")[1].split("```")[0])
    assert set(example) == {"status", "listed", "troubles", "sources"}
