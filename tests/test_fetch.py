"""The fetcher, against a real server: revalidated, bounded, polite, and honest about an answer that is old."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from feedserver.errors import FetchError, NothingThereError, RetryLaterError
from feedserver.fetch import Limits
from tests.upstream import (
    DAY,
    IMPATIENT,
    NO_ANSWER,
    NOW,
    PATH,
    Time,
    Upstream,
    encode,
    fetching,
    go_round,
    gzipped,
    hang_up,
    late,
    paper,
    pour,
    say,
    sending,
    slowly,
)

ASK = {"date": DAY.isoformat()}
GOOD = encode([paper()])
STEADY = Limits(pause=0)
TOKEN = {"Authorization": "Bearer hf_of_the_tests"}
REASONS = {
    "status 500": "HTTP status 500",
    "status 503 with an HTML page": "HTTP status 503",
    "status 404": "HTTP status 404",
    "status 403": "HTTP status 403",
    "status 204": "HTTP status 204",
    "a closed connection": "closed connection",
    "a body shorter than its Content-Length": "IncompleteRead",
    "garbage where gzip was promised": "decompressing",
    "a redirect loop": "redirects",
    "a redirect to a file": "file:///",
    "a redirect to a closed port": "refused",
    "a huge body": "more than 1000000 bytes",
    "a gzip bomb": "more than 1000000 bytes",
    "silence": "timed out",
}


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """An upstream that lists one paper today."""
    with Upstream({DAY: [paper()]}) as running:
        yield running


def test_an_answer_is_revalidated_and_then_unchanged(upstream: Upstream, tmp_path: Path) -> None:
    with fetching(tmp_path) as fetcher:
        first = fetcher.get(upstream.url, ASK)
        second = fetcher.get(upstream.url, ASK)

    assert (first.body, first.unchanged, first.stale) == (GOOD, False, None)
    assert (second.body, second.unchanged, second.stale) == (GOOD, True, None)
    assert upstream.statuses == [200, 304]
    assert "If-None-Match" not in upstream.asked[0].headers
    assert upstream.asked[1].headers["If-None-Match"].startswith('W/"')


def test_an_answer_says_where_it_came_from_and_what_it_is(upstream: Upstream, tmp_path: Path) -> None:
    upstream.script.extend([say(status=302, Location=f"/moved?date={DAY}"), say(GOOD)] * 2)
    moved = f"http://127.0.0.1:{upstream.port}/moved?date={DAY}"
    with fetching(tmp_path) as fetcher:
        told = [fetcher.get(upstream.url), fetcher.get(upstream.url), fetcher.get(moved)]
        upstream.kill()
        told += [fetcher.get(upstream.url), fetcher.get(moved)]

    assert [fetched.url for fetched in told] == [moved] * 5
    assert {fetched.content_type for fetched in told} == {"application/json; charset=utf-8"}
    assert [fetched.stale is not None for fetched in told] == [False, False, False, True, True]


def test_an_answer_may_say_nothing_of_what_it_is(upstream: Upstream, tmp_path: Path) -> None:
    upstream.trouble = pour(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", b"")
    with fetching(tmp_path) as fetcher:
        assert fetcher.get(upstream.url, ASK).content_type == ""


def test_a_changed_answer_is_read_anew(upstream: Upstream, tmp_path: Path) -> None:
    with fetching(tmp_path) as fetcher:
        fetcher.get(upstream.url, ASK)
        upstream.days[DAY] = [paper(upvotes=9)]
        changed = fetcher.get(upstream.url, ASK)

    assert (changed.body, changed.unchanged) == (encode([paper(upvotes=9)]), False)
    assert upstream.statuses == [200, 200]


def test_another_process_goes_on_with_the_same_cache(upstream: Upstream, tmp_path: Path) -> None:
    for _ in range(2):
        with fetching(tmp_path) as fetcher:
            fetched = fetcher.get(upstream.url, ASK)

    assert (fetched.body, fetched.unchanged) == (GOOD, True)
    assert upstream.statuses == [200, 304]


def test_each_page_of_each_day_is_an_answer_of_its_own(upstream: Upstream, tmp_path: Path) -> None:
    with fetching(tmp_path) as fetcher:
        assert fetcher.get(upstream.url, ASK).body == GOOD
        assert fetcher.get(upstream.url, {**ASK, "p": "1"}).body == b"[]"
        assert fetcher.get(upstream.url, ASK).body == GOOD

    assert upstream.statuses == [200, 200, 304]


def test_an_answer_without_a_validator_is_read_whole_each_time(upstream: Upstream, tmp_path: Path) -> None:
    upstream.etags = False
    with fetching(tmp_path) as fetcher:
        fetcher.get(upstream.url, ASK)
        again = fetcher.get(upstream.url, ASK)

    assert (again.body, again.unchanged, again.stale) == (GOOD, False, None)
    assert upstream.statuses == [200, 200]


@pytest.mark.parametrize("vary", ["*", "Authorization", "Origin, Accept-Encoding"])
def test_no_vary_or_cache_control_keeps_an_answer_from_being_revalidated(
    upstream: Upstream, tmp_path: Path, vary: str
) -> None:
    upstream.trouble = say(GOOD, Vary=vary, Cache_Control="no-store")
    with fetching(tmp_path) as fetcher:
        fetcher.get(upstream.url, ASK, TOKEN)
        assert fetcher.get(upstream.url, ASK, TOKEN).unchanged

    assert upstream.statuses == [200, 304]


def test_a_compressed_answer_comes_out_plain(upstream: Upstream, tmp_path: Path) -> None:
    upstream.trouble = gzipped(GOOD)
    with fetching(tmp_path) as fetcher:
        assert [fetcher.get(upstream.url, ASK).body for _ in range(2)] == [GOOD, GOOD]

    assert "gzip" in upstream.asked[0].headers["Accept-Encoding"]


def test_every_trouble_has_its_reason_here() -> None:
    assert list(REASONS) == list(NO_ANSWER)


@pytest.mark.parametrize("trouble", NO_ANSWER)
def test_trouble_is_an_error_that_says_why(upstream: Upstream, tmp_path: Path, trouble: str) -> None:
    upstream.trouble = NO_ANSWER[trouble]
    with fetching(tmp_path) as fetcher, pytest.raises(FetchError, match=REASONS[trouble]):
        fetcher.get(upstream.url, ASK)


@pytest.mark.parametrize("trouble", NO_ANSWER)
def test_in_trouble_the_last_good_answer_is_given_and_says_why(
    upstream: Upstream, tmp_path: Path, trouble: str
) -> None:
    with fetching(tmp_path) as fetcher:
        fetcher.get(upstream.url, ASK)
        upstream.trouble = NO_ANSWER[trouble]
        fetched = fetcher.get(upstream.url, ASK)

    assert (fetched.body, fetched.unchanged) == (GOOD, False)
    assert REASONS[trouble] in str(fetched.stale)


def test_a_dead_upstream_is_answered_for_until_it_is_back(upstream: Upstream, tmp_path: Path) -> None:
    with fetching(tmp_path) as fetcher:
        fetcher.get(upstream.url, ASK)
        upstream.kill()
        dead = fetcher.get(upstream.url, ASK)
        upstream.start()
        alive = fetcher.get(upstream.url, ASK)

    assert dead.body == GOOD
    assert "refused" in str(dead.stale)
    assert (alive.unchanged, alive.stale) == (True, None)


def test_the_reason_is_that_of_the_last_failure(upstream: Upstream, tmp_path: Path) -> None:
    with fetching(tmp_path) as fetcher:
        fetcher.get(upstream.url, ASK)
        for name in ("status 500", "a huge body"):
            upstream.trouble = NO_ANSWER[name]
            assert REASONS[name] in str(fetcher.get(upstream.url, ASK).stale)


def test_not_modified_without_an_earlier_answer_is_an_error(upstream: Upstream, tmp_path: Path) -> None:
    upstream.trouble = say(status=304)
    with fetching(tmp_path) as fetcher, pytest.raises(FetchError, match="HTTP status 304"):
        fetcher.get(upstream.url, ASK)


@pytest.mark.parametrize("address", ["", "example.org/list", "file:///etc/hostname", "ftp://127.0.0.1/", "http://"])
def test_what_is_no_web_address_is_never_opened(tmp_path: Path, address: str) -> None:
    with fetching(tmp_path) as fetcher, pytest.raises(FetchError, match=r"URL|adapter"):
        fetcher.get(address)


def test_a_damaged_cache_file_is_begun_anew(upstream: Upstream, tmp_path: Path) -> None:
    (tmp_path / "http-cache.sqlite").write_bytes(b"this is no SQLite file" * 100)
    with fetching(tmp_path) as fetcher:
        assert fetcher.get(upstream.url, ASK).body == GOOD


@pytest.mark.parametrize("compressed", [False, True])
def test_the_size_that_counts_is_that_after_decompression(upstream: Upstream, tmp_path: Path, compressed: bool) -> None:
    answer = gzipped if compressed else say
    with fetching(tmp_path, replace(IMPATIENT, size=10_000)) as fetcher:
        upstream.trouble = answer(b" " * 10_000)
        assert len(fetcher.get(upstream.url, ASK).body) == 10_000
        upstream.trouble = answer(b" " * 10_001)
        with pytest.raises(FetchError, match="more than 10000 bytes"):
            fetcher.get(upstream.url, {"date": "2026-01-08"})

    assert upstream.statuses == [200, 200]  # the same answer would come again


def test_an_answer_that_trickles_is_given_up_when_its_time_is_over(upstream: Upstream, tmp_path: Path) -> None:
    upstream.trouble = slowly(b" " * 60, pause=0.05)
    begun = time.monotonic()
    with fetching(tmp_path, replace(IMPATIENT, total=0.2, attempts=1)) as fetcher:
        with pytest.raises(FetchError, match=r"not finished after 0\.2 seconds"):
            fetcher.get(upstream.url, ASK)
        assert time.monotonic() - begun < 1.5


def test_silence_is_given_up_at_each_attempt(upstream: Upstream, tmp_path: Path) -> None:
    upstream.trouble = late(30)
    begun = time.monotonic()
    with fetching(tmp_path, replace(IMPATIENT, read=0.1, attempts=3)) as fetcher:
        with pytest.raises(FetchError, match="timed out"):
            fetcher.get(upstream.url, ASK)
        assert time.monotonic() - begun < 5

    assert upstream.statuses == [0, 0, 0]


def test_redirects_are_followed_up_to_their_number(upstream: Upstream, tmp_path: Path) -> None:
    with fetching(tmp_path, replace(IMPATIENT, redirects=2)) as fetcher:
        upstream.script.extend([go_round, go_round])
        assert fetcher.get(upstream.url, ASK).body == GOOD
        upstream.script.extend([go_round, go_round, go_round])
        with pytest.raises(FetchError, match="Exceeded 2 redirects"):
            fetcher.get(upstream.url, {"date": "2026-01-08"})


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(upstream: Upstream, tmp_path: Path, status: int) -> None:
    time = Time()
    upstream.script.append(say(status=status))
    with fetching(tmp_path, STEADY, time) as fetcher:
        fetched = fetcher.get(upstream.url, ASK)

    assert (fetched.body, fetched.stale) == (GOOD, None)
    assert upstream.statuses == [status, 200]
    assert time.slept == [1.5]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 501])
def test_what_stays_wrong_is_not_tried_again(upstream: Upstream, tmp_path: Path, status: int) -> None:
    time = Time()
    upstream.trouble = say(status=status)
    with fetching(tmp_path, STEADY, time) as fetcher, pytest.raises(FetchError, match=f"status {status}"):
        fetcher.get(upstream.url, ASK)

    assert upstream.statuses == [status]
    assert time.slept == []


def test_the_waits_between_attempts_double_and_carry_jitter(upstream: Upstream, tmp_path: Path) -> None:
    time = Time()
    upstream.trouble = say(status=502)
    with fetching(tmp_path, Limits(pause=0, attempts=4, backoff=2), time) as fetcher, pytest.raises(FetchError):
        fetcher.get(upstream.url, ASK)

    assert time.slept == [3, 6, 12]  # 2, 4 and 8, and as much again times the jitter of a half
    assert len(upstream.asked) == 4


def test_a_connection_that_breaks_is_tried_again(upstream: Upstream, tmp_path: Path) -> None:
    upstream.script.extend(
        NO_ANSWER[name] for name in ("a closed connection", "a body shorter than its Content-Length")
    )
    with fetching(tmp_path, STEADY) as fetcher:
        fetched = fetcher.get(upstream.url, ASK)

    assert (fetched.body, fetched.stale) == (GOOD, None)
    assert upstream.statuses == [0, 200, 200]


def in_seconds(seconds: int) -> str:
    """Spell a time from now as an HTTP date."""
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


WAITS = {
    "Retry-After in seconds": {"Retry_After": "{seconds}"},
    "Retry-After as a date": {"Retry_After": "{date}"},
    "RateLimit": {"RateLimit": '"api";r=0;t={seconds}'},
    "RateLimit of older drafts": {"RateLimit": "limit=100, remaining=0, reset={seconds}"},
    "RateLimit without a time, and the window of its policy": {
        "RateLimit": '"other";r=5, "api";r=0',
        "RateLimit_Policy": '"other";q=9;w=99999, "api";q=100;w={seconds}',
    },
    "headers of the oldest drafts": {"RateLimit_Remaining": "0", "RateLimit_Reset": "{seconds}"},
    "X-RateLimit as a span": {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "{seconds}"},
    "X-RateLimit as a time": {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "{unix}"},
    "the longer of two": {"Retry_After": "1", "RateLimit": '"api";r=0;t={seconds}'},
}


def wait(kind: str, seconds: int, status: int = 429, body: bytes = b"") -> object:
    """Answer with a wish to be left alone for so many seconds."""
    filled = {"seconds": seconds, "date": in_seconds(seconds), "unix": int(NOW.timestamp()) + seconds}
    spelled = {name: text.format(**filled) for name, text in WAITS[kind].items()}
    return say(body, status, **spelled)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("kind", WAITS)
def test_a_short_wait_that_upstream_asks_for_is_slept(
    upstream: Upstream, tmp_path: Path, kind: str, status: int
) -> None:
    time = Time()
    upstream.script.append(wait(kind, 7, status))
    with fetching(tmp_path, STEADY, time) as fetcher:
        assert fetcher.get(upstream.url, ASK).body == GOOD

    assert time.slept == [1.5, 5.5]  # the wait before a second attempt is part of the seven seconds


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("kind", WAITS)
def test_a_long_wait_is_left_for_later(upstream: Upstream, tmp_path: Path, kind: str, status: int) -> None:
    time = Time()
    upstream.script.append(wait(kind, 3600, status))
    with fetching(tmp_path, STEADY, time) as fetcher:
        with pytest.raises(RetryLaterError, match="not to be called before 2026-01-09 13:00:00 UTC") as caught:
            fetcher.get(upstream.url, ASK)
        assert caught.value.until == NOW + timedelta(hours=1)
        with pytest.raises(RetryLaterError):  # whatever else is wanted of that host
            fetcher.get(upstream.url, {"date": "2026-01-08"})
        assert len(upstream.asked) == 1
        time.now = NOW + timedelta(hours=1)
        assert fetcher.get(upstream.url, ASK).body == GOOD


def test_a_long_wait_asked_for_at_the_last_attempt_is_told_too(upstream: Upstream, tmp_path: Path) -> None:
    upstream.script.extend([say(status=500), say(status=500), wait("Retry-After in seconds", 3600)])
    with fetching(tmp_path, STEADY) as fetcher, pytest.raises(RetryLaterError):
        fetcher.get(upstream.url, ASK)


def test_a_host_that_wants_to_be_left_alone_is_answered_for(upstream: Upstream, tmp_path: Path) -> None:
    with fetching(tmp_path, STEADY) as fetcher:
        fetcher.get(upstream.url, ASK)
        upstream.trouble = wait("Retry-After in seconds", 3600)
        fetched = fetcher.get(upstream.url, ASK)

    assert fetched.body == GOOD
    assert isinstance(fetched.stale, RetryLaterError)
    assert fetched.stale.until == NOW + timedelta(hours=1)


@pytest.mark.parametrize("kind", ["RateLimit", "RateLimit of older drafts"])
def test_a_limit_spent_by_a_good_answer_holds_up_the_next_request(
    upstream: Upstream, tmp_path: Path, kind: str
) -> None:
    time = Time()
    upstream.script.append(wait(kind, 15, 200, GOOD))
    with fetching(tmp_path, STEADY, time) as fetcher:
        assert fetcher.get(upstream.url, ASK).body == GOOD
        assert time.slept == []
        fetcher.get(upstream.url, ASK)

    assert time.slept == [15]


@pytest.mark.parametrize(
    "headers",
    [
        {"RateLimit": '"api";r=499;t=30'},
        {"RateLimit": '"api";r=10;t=30'},
        {"RateLimit": "limit=100, remaining=1, reset=30"},
        {"RateLimit": '"api";r=0'},
        {"RateLimit": '"api";r=0', "RateLimit_Policy": '"other";q=100;w=60'},
        {"RateLimit_Policy": '"api";q=100;w=60'},
        {"X_RateLimit_Remaining": "1", "X_RateLimit_Reset": "30"},
        {"X_RateLimit_Remaining": "0"},
        {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "soon"},
        {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": str(int(NOW.timestamp()) - 30)},
        {"X_RateLimit_Reset": "30"},
        {"Retry_After": "30"},  # means something with an error only
    ],
)
def test_a_limit_that_is_not_spent_holds_up_nothing(
    upstream: Upstream, tmp_path: Path, headers: dict[str, str]
) -> None:
    time = Time()
    upstream.trouble = say(GOOD, **headers)
    with fetching(tmp_path, STEADY, time) as fetcher:
        assert fetcher.get(upstream.url, ASK).stale is None
        assert fetcher.get(upstream.url, ASK).stale is None

    assert time.slept == []


@pytest.mark.parametrize(
    "value",
    ["", "soon", "-5", "1.5", "\u00b2", in_seconds(-60), "Thu, 31 Feb 2026 00:00:00 GMT", "Mon, 01 Jan 99999999999 GMT",
     "Mon, 01 Jan 99999999999 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 +2359"],
)  # fmt: skip
def test_a_wait_that_says_nothing_is_passed_over(upstream: Upstream, tmp_path: Path, value: str) -> None:
    upstream.script.append(say(status=503, Retry_After=value))
    with fetching(tmp_path, STEADY) as fetcher:
        assert fetcher.get(upstream.url, ASK).body == GOOD

    assert upstream.statuses == [503, 200]


@pytest.mark.parametrize("value", ["999999999", "9" * 30, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_nobody_is_left_alone_for_more_than_a_day(upstream: Upstream, tmp_path: Path, value: str) -> None:
    upstream.trouble = say(status=503, Retry_After=value)
    with fetching(tmp_path, STEADY) as fetcher, pytest.raises(RetryLaterError) as caught:
        fetcher.get(upstream.url, ASK)

    assert caught.value.until == NOW + timedelta(days=1)


def test_requests_to_one_host_keep_their_distance(upstream: Upstream, tmp_path: Path) -> None:
    time = Time()
    with Upstream() as other, fetching(tmp_path, Limits(pause=2), time) as fetcher:
        fetcher.get(upstream.url, ASK)
        assert time.slept == []
        fetcher.get(other.url, ASK)
        assert time.slept == []
        fetcher.get(upstream.url, ASK)
        assert time.slept == [2]


def test_a_host_that_wants_more_distance_gets_it(upstream: Upstream, tmp_path: Path) -> None:
    time = Time()
    with Upstream() as other, fetching(tmp_path, Limits(pause=1), time) as fetcher:
        fetcher.get(upstream.url, ASK)
        fetcher.get(upstream.url, ASK, pause=3)  # after what was asked before that was known
        fetcher.get(upstream.url, ASK)  # for whoever asks next
        assert time.slept == [3, 3]
        fetcher.get(other.url, ASK, pause=3)
        fetcher.get(other.url, ASK, pause=0.5)
        assert time.slept == [3, 3, 3]
        fetcher.get(other.url, ASK, pause=0.5)
        assert time.slept == [3, 3, 3, 1]


def test_the_distance_is_kept_between_attempts_that_fail_too(upstream: Upstream, tmp_path: Path) -> None:
    time = Time()
    upstream.trouble = hang_up
    with fetching(tmp_path, STEADY, time) as fetcher, pytest.raises(FetchError):
        fetcher.get(upstream.url, ASK, pause=5)

    assert time.slept == [1.5, 3.5, 3, 2]


def test_redirects_and_attempts_share_the_time_of_a_call(upstream: Upstream, tmp_path: Path) -> None:
    def dawdle(handler: object) -> None:
        time.sleep(0.15)
        go_round(handler)  # type: ignore[arg-type]  # a handler is the server's own

    upstream.trouble = dawdle
    with fetching(tmp_path, replace(IMPATIENT, total=0.4, redirects=20)) as fetcher:
        for _ in range(2):  # and each call has its own
            asked = len(upstream.asked)
            with pytest.raises(FetchError, match=r"not finished after 0\.4 seconds"):
                fetcher.get(upstream.url, ASK)
            assert 2 <= len(upstream.asked) - asked <= 4


def test_the_request_says_who_asks_and_what_for(upstream: Upstream, tmp_path: Path) -> None:
    with fetching(tmp_path) as fetcher:
        fetcher.get(upstream.url, {**ASK, "limit": "100"}, TOKEN)

    (asked,) = upstream.asked
    assert asked.path == PATH
    assert asked.params == {"date": "2026-01-09", "limit": "100"}
    assert asked.headers["User-Agent"] == "feedserver/test"
    assert asked.headers["Authorization"] == "Bearer hf_of_the_tests"


def test_the_token_is_not_written_into_the_cache(upstream: Upstream, tmp_path: Path) -> None:
    with fetching(tmp_path) as fetcher:
        for _ in range(2):
            fetcher.get(upstream.url, ASK, TOKEN)

    assert b"hf_of_the_tests" not in written(tmp_path)
    assert b"Denoising" in written(tmp_path)


def test_a_redirect_does_not_write_the_token_into_the_cache(upstream: Upstream, tmp_path: Path) -> None:
    upstream.script.append(go_round)
    with fetching(tmp_path) as fetcher:
        assert fetcher.get(upstream.url, ASK, TOKEN).body == GOOD

    assert all("Authorization" in asked.headers for asked in upstream.asked)
    assert b"hf_of_the_tests" not in written(tmp_path)


def test_the_token_does_not_follow_a_redirect_to_another_host(upstream: Upstream, tmp_path: Path) -> None:
    with Upstream({DAY: [paper()]}) as other, fetching(tmp_path) as fetcher:
        upstream.trouble = say(status=302, Location=f"http://localhost:{other.port}{PATH}?date={DAY}")
        assert fetcher.get(upstream.url, ASK, TOKEN).body == GOOD

    assert "Authorization" in upstream.asked[0].headers
    assert "Authorization" not in other.asked[0].headers


def written(folder: Path) -> bytes:
    """Return every byte under a folder."""
    return b"".join(file.read_bytes() for file in folder.iterdir())


def test_a_forgotten_answer_is_neither_revalidated_nor_given_again(upstream: Upstream, tmp_path: Path) -> None:
    with fetching(tmp_path) as fetcher:
        fetcher.get(upstream.url, ASK, TOKEN)
        fetcher.forget(upstream.url, ASK)
        assert not fetcher.get(upstream.url, ASK, TOKEN).unchanged
        fetcher.forget(upstream.url, ASK)
        upstream.trouble = say(status=500)
        with pytest.raises(FetchError):
            fetcher.get(upstream.url, ASK, TOKEN)

    assert all("If-None-Match" not in asked.headers for asked in upstream.asked)


def test_forgetting_one_answer_leaves_the_others(upstream: Upstream, tmp_path: Path) -> None:
    with fetching(tmp_path) as fetcher:
        fetcher.get(upstream.url, ASK)
        fetcher.forget(upstream.url, {**ASK, "p": "1"})
        assert fetcher.get(upstream.url, ASK).unchanged


FORM = {"hub.mode": "publish", "hub.url": "https://papers.example.org/feeds/all.rss"}


@pytest.mark.parametrize("status", [200, 202, 204])
def test_a_form_is_sent_each_time_and_any_2xx_is_good(upstream: Upstream, status: int) -> None:
    upstream.trouble = say(status=status)
    with sending() as sender:
        sender.post(upstream.url, FORM)
        sender.post(upstream.url, FORM)

    assert [asked.params for asked in upstream.asked] == [FORM, FORM]
    assert upstream.asked[0].headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert upstream.asked[0].headers["User-Agent"] == "feedserver/test"


@pytest.mark.parametrize("trouble", NO_ANSWER)
def test_a_form_that_is_not_taken_is_an_error_that_says_why(upstream: Upstream, trouble: str) -> None:
    reasons = {"a redirect loop": "a redirect to '/api", "a redirect to a closed port": "a redirect to 'http://127"}
    upstream.trouble = NO_ANSWER[trouble]
    with sending() as sender:
        if trouble == "status 204":
            sender.post(upstream.url, FORM)
            return
        with pytest.raises(FetchError, match=reasons.get(trouble, REASONS[trouble])):
            sender.post(upstream.url, FORM)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_form_follows_no_redirect(upstream: Upstream, status: int) -> None:
    with Upstream() as other, sending() as sender:
        upstream.trouble = say(status=status, Location=f"{other.url}?{'x' * 9000}")
        with pytest.raises(FetchError, match="give the address that takes the form") as caught:
            sender.post(upstream.url, FORM)

    assert (upstream.statuses, other.asked) == ([status], [])
    assert len(str(caught.value)) < 500


def test_a_form_that_may_yet_be_taken_is_sent_again(upstream: Upstream) -> None:
    time = Time()
    upstream.script.extend([say(status=503), hang_up, say(status=202)])
    with sending(STEADY, time) as sender:
        sender.post(upstream.url, FORM)

    assert [asked.params for asked in upstream.asked] == [FORM, FORM, FORM]
    assert time.slept == [1.5, 3]


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_a_form_that_is_refused_is_told_from_a_server_in_trouble(upstream: Upstream, status: int) -> None:
    upstream.trouble = say(status=status)
    with sending() as sender, pytest.raises(NothingThereError, match=f"HTTP status {status}, not 2xx"):
        sender.post(upstream.url, FORM)

    assert upstream.statuses == [status]


def test_a_long_wait_asked_for_by_who_takes_forms_is_left_for_later(upstream: Upstream) -> None:
    upstream.script.append(say(status=429, Retry_After="3600"))
    with sending(STEADY) as sender:
        for _ in range(2):
            with pytest.raises(RetryLaterError) as caught:
                sender.post(upstream.url, FORM)

    assert caught.value.until == NOW + timedelta(hours=1)
    assert upstream.statuses == [429]


@pytest.mark.parametrize("address", ["", "example.org/hub", "file:///etc/hostname", "http://"])
def test_a_form_is_sent_to_web_addresses_only(address: str) -> None:
    with sending() as sender, pytest.raises(FetchError, match=r"URL|adapter"):
        sender.post(address, FORM)


def test_every_request_that_goes_out_is_counted(upstream: Upstream, tmp_path: Path) -> None:
    """Further attempts and redirects too; what comes from a pause that was asked for, is not."""
    with fetching(tmp_path, STEADY) as fetcher:
        fetcher.get(upstream.url, ASK)
        upstream.script.extend([say(status=500), go_round])
        fetcher.get(upstream.url, ASK)
        assert fetcher.sent == len(upstream.asked) == 4
        upstream.script.append(say(GOOD, Retry_After="1", RateLimit='"api";r=0;t=3600'))
        assert fetcher.asked_pause(upstream.url) is None
        fetcher.get(upstream.url, ASK)
        assert fetcher.asked_pause(upstream.url) == fetcher.asked_pause(f"{upstream.url}?p=1")
        assert fetcher.get(upstream.url, ASK).stale
        assert fetcher.sent == len(upstream.asked) == 5


@pytest.mark.parametrize(
    ("asked", "told"),
    [(20, None), (21, timedelta(seconds=21)), (3600, timedelta(hours=1)), (90_000, timedelta(days=1))],
)
def test_a_pause_too_long_to_be_slept_is_told(
    upstream: Upstream, tmp_path: Path, asked: int, told: timedelta | None
) -> None:
    """By an answer that is good otherwise: whoever plans has to know."""
    upstream.script.append(say(GOOD, RateLimit=f'"api";r=0;t={asked}'))
    with fetching(tmp_path, STEADY) as fetcher:
        fetcher.get(upstream.url, ASK)
        assert fetcher.asked_pause(upstream.url) == (told and NOW + told)
