"""Address -> bytes: the only place that opens a socket to somebody else. Polite and bounded.

Answers lie in an HTTP cache and are revalidated at each call; where upstream fails, the last good answer is returned
and says so. A form that is sent is neither kept nor answered for. Nothing here knows what the bytes mean.
"""

import logging
import random
import re
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Request, RequestException, Response, Session
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError  # noqa: A004  # requests calls it so
from requests_cache import CachedSession
from requests_cache.models.response import CachedResponse
from urllib3.exceptions import HTTPError

from feedserver.errors import FetchError, NothingThereError, RetryLaterError

_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOTHING_THERE = frozenset({400, 404, 410, 422})
_SPENT = re.compile(r"\b(?:r|remaining)=0\b")
_RESET = re.compile(r"\b(?:t|reset)=(\d{1,9})\b")
_CACHED_FOR = timedelta(days=30)
_LONGEST_SHOWN = 200  # characters of somebody else's text in a message

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one fetch: times in seconds, sizes in bytes after decompression."""

    connect: float = 5
    read: float = 20
    total: float = 60
    size: int = 20_000_000
    redirects: int = 5
    attempts: int = 3
    backoff: float = 1  # before the second attempt; doubles, plus up to as much again at random
    longest_wait: float = 20  # what asks for more is left for a later call
    pause: float = 1  # between two requests to one host


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as the fetcher sees it; tests bring their own."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: ``unchanged`` where upstream said 304, ``stale`` says why an older answer had to do."""

    body: bytes
    unchanged: bool = False
    stale: FetchError | None = None


class Fetcher:
    """Fetches addresses through one HTTP cache. Use it from one thread at a time."""

    def __init__(self, cache: Path, user_agent: str, limits: Limits | None = None, clock: Clock | None = None) -> None:
        """Open the cache file (SQLite; made when missing, begun anew when damaged), without answers of over a month."""
        limits = limits or Limits()
        try:
            self._session = _open_session(cache)
        except (sqlite3.DatabaseError, EOFError) as error:
            logger.warning("the cache of answers %s is damaged (%s) and begun anew", cache, error)
            cache.unlink()
            self._session = _open_session(cache)
        self._session.max_redirects = limits.redirects
        _make_polite(self._session, user_agent, limits, clock)

    def get(
        self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Fetched:
        """Return what the address answers. Raises FetchError where there is no answer, and none from before."""
        try:
            response = self._session.get(url, params=dict(params or {}), headers=dict(headers or {}))
        except FetchError as error:
            return self._recall(url, params, error)
        except (RequestException, ValueError, OSError) as error:
            return self._recall(url, params, FetchError(f"{url}: {_reason(error)}"))
        if response.status_code != 200:
            kind = NothingThereError if response.status_code in _NOTHING_THERE else FetchError
            return self._recall(url, params, kind(f"{url}: HTTP status {response.status_code}, not 200"))
        return Fetched(response.content, unchanged=isinstance(response, CachedResponse))

    def _recall(self, url: str, params: Mapping[str, str] | None, error: FetchError) -> Fetched:
        """Return the last good answer in place of an error, and the error with it; raise it where there is none."""
        try:
            key = self._session.cache.create_key(Request("GET", url, params=dict(params or {})))
        except (RequestException, ValueError):  # what is no address has no answer
            raise error from None
        kept = self._session.cache.get_response(key)
        if kept is None:
            raise error
        return Fetched(kept.content, stale=error)

    def forget(self, url: str, params: Mapping[str, str] | None = None) -> None:
        """Drop the cached answer, so that a bad one is neither revalidated nor served again."""
        self._session.cache.delete(requests=[Request("GET", url, params=dict(params or {}))])

    def close(self) -> None:
        """Close connections and the cache file."""
        self._session.close()  # type: ignore[no-untyped-call]  # requests-cache left it untyped


class Sender:
    """Sends forms. Use it from one thread at a time."""

    def __init__(self, user_agent: str, limits: Limits | None = None, clock: Clock | None = None) -> None:
        """Open nothing yet."""
        self._session = Session()
        _make_polite(self._session, user_agent, limits or Limits(), clock)

    def post(self, url: str, form: Mapping[str, str]) -> None:
        """Send a form, again where that may help. Raises FetchError unless it was taken, that is, answered 2xx.

        A redirect is followed nowhere: most of them would turn it into a GET, and it was meant for this address.
        """
        try:
            response = self._session.post(url, data=dict(form), allow_redirects=False)
        except (RequestException, ValueError, OSError) as error:
            raise FetchError(f"{url}: {_reason(error)}") from error
        if 200 <= response.status_code < 300:
            return
        kind = NothingThereError if response.status_code in _NOTHING_THERE else FetchError
        leads = response.headers.get("Location", "")[:_LONGEST_SHOWN] if response.is_redirect else ""
        remedy = f", a redirect to {leads!r}; give the address that takes the form" if leads else ", not 2xx"
        raise kind(f"{url}: HTTP status {response.status_code}{remedy}")

    def close(self) -> None:
        """Close connections."""
        self._session.close()


def _make_polite(session: Session, user_agent: str, limits: Limits, clock: Clock | None) -> None:
    session.headers["User-Agent"] = user_agent
    session.adapters.clear()
    for scheme in ("https://", "http://"):
        session.mount(scheme, _PoliteAdapter(limits, clock or Clock()))


def _open_session(cache: Path) -> CachedSession:
    session = CachedSession(
        str(cache),
        backend="sqlite",
        expire_after=timedelta(microseconds=1),  # each answer is asked for anew, with validators where it has them
        always_revalidate=True,
        allowable_methods=("GET",),
    )
    session.cache.delete(older_than=_CACHED_FOR)
    return session


class _PoliteAdapter(HTTPAdapter):
    """Sends one request: waits its turn, bounds time and size, obeys Retry-After and RateLimit, tries again."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        super().__init__()
        self._limits = limits
        self._clock = clock
        self._not_before: dict[str, datetime] = {}

    def send(self, request: PreparedRequest, *_args: object, **options: Any) -> Response:
        host = str(urlsplit(request.url or "").netloc)
        passed_on = {name: options.get(name) for name in ("verify", "cert", "proxies")}
        attempt = 1
        while True:
            self._wait(host)
            answer = self._try_once(request, host, passed_on)
            if isinstance(answer, Response):
                return answer
            self._refuse_long_wait(host)
            if attempt == self._limits.attempts:
                raise answer
            self._clock.sleep(self._limits.backoff * 2 ** (attempt - 1) * (1 + self._clock.jitter()))
            attempt += 1

    def _wait(self, host: str) -> None:
        """Sleep until the host may be asked."""
        self._refuse_long_wait(host)
        if (wait := self._seconds_until_due(host)) > 0:
            self._clock.sleep(wait)

    def _refuse_long_wait(self, host: str) -> None:
        """Raise RetryLaterError where the host may not be asked for so long that it is left for a later call."""
        if self._seconds_until_due(host) > self._limits.longest_wait:
            due = self._not_before[host]
            raise RetryLaterError(f"{host} asked not to be called before {due:%Y-%m-%d %H:%M:%S} UTC", until=due)

    def _seconds_until_due(self, host: str) -> float:
        due = self._not_before.get(host)
        return (due - self._clock.now()).total_seconds() if due else 0.0

    def _try_once(self, request: PreparedRequest, host: str, options: dict[str, Any]) -> Response | FetchError:
        """Return the response, or why another attempt is worth making."""
        limits = self._limits
        try:
            response = super().send(request, stream=True, timeout=(limits.connect, limits.read), **options)
            response.request = _without_token(request)
            response._content = self._read(response)  # what requests itself does, with bounds
        except RequestException as error:
            return FetchError(f"{request.url}: {_reason(error)}")
        pause = _asked_pause(response, self._clock.now())
        self._not_before[host] = self._clock.now() + max(pause, timedelta(seconds=limits.pause))
        if response.status_code not in _RETRIED:
            return response
        return FetchError(f"{request.url}: HTTP status {response.status_code}")

    def _read(self, response: Response) -> bytes:
        deadline = time.monotonic() + self._limits.total
        body = bytearray()
        while chunk := _read_some(response):
            body += chunk
            if len(body) > self._limits.size:
                response.close()
                raise FetchError(f"{response.url}: more than {self._limits.size} bytes")
            if time.monotonic() > deadline:
                response.close()
                raise FetchError(f"{response.url}: not finished after {self._limits.total:g} seconds")
        return bytes(body)


def _read_some(response: Response) -> bytes:
    """Return what has arrived, decompressed, without waiting for a whole block: a trickle must not stretch the time."""
    try:
        chunk: bytes = response.raw.read1(65536, decode_content=True)
    except HTTPError as error:
        raise ConnectionError(error) from error
    return chunk


def _without_token(request: PreparedRequest) -> PreparedRequest:
    """Return the request as it may lie in the cache: requests-cache cleans the last of a redirect, not those before."""
    kept = request.copy()
    kept.headers.pop("Authorization", None)
    return kept


def _asked_pause(response: Response, now: datetime) -> timedelta:
    """Return how long the server wants to be left alone: Retry-After (RFC 9110, 10.2.3) or a spent RateLimit.

    RateLimit comes as ``"api";r=0;t=30`` or, in older drafts, as ``limit=100, remaining=0, reset=30``.
    """
    pause = _retry_after(response.headers.get("Retry-After", ""), now) if response.status_code in _RETRIED else 0
    limit = response.headers.get("RateLimit", "")
    for policy in [limit] if "remaining" in limit else limit.split(","):
        if _SPENT.search(policy) and (reset := _RESET.search(policy)):
            pause = max(pause, int(reset[1]))
    return timedelta(seconds=min(pause, 86_400))


def _retry_after(value: str, now: datetime) -> float:
    if value.isascii() and value.isdigit():
        return int(value[:9])
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return 0
    return max(0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())


def _reason(error: Exception) -> str:
    """Say in a line what went wrong; the libraries' own texts nest their causes."""
    cause: BaseException = error
    while (inner := cause.__cause__ or cause.__context__) is not None:
        cause = inner
    return f"{type(error).__name__} ({cause})"
