"""One request at a time: waits its turn, bounds time and size, obeys what the server asks for, tries again.

Time comes in as a Clock, so that whoever plays months in seconds can bring another; only how long an answer may take
is measured by the machine's own.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, RequestException, Response, Session
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError  # noqa: A004  # requests calls it so
from urllib3.exceptions import HTTPError

from feedserver.errors import FetchError, RetryLaterError
from feedserver.fetch.pauses import asked_pause, retry_after

_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_NONE = timedelta(0)


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


class PoliteAdapter(HTTPAdapter):
    """Sends one request; ``sent`` counts what went out, redirects and further attempts too."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        super().__init__()
        self._limits = limits
        self._clock = clock
        self._not_before: dict[str, datetime] = {}
        self.sent = 0

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

    def asked_for(self, url: str) -> datetime | None:
        """Return until when the host of that address wants to be left alone, if for longer than a call may wait."""
        host = str(urlsplit(url).netloc)
        return self._not_before[host] if self._seconds_until_due(host) > self._limits.longest_wait else None

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
        self.sent += 1
        try:
            response = super().send(request, stream=True, timeout=(limits.connect, limits.read), **options)
            response.request = _without_token(request)
            response._content = self._read(response)  # what requests itself does, with bounds
        except RequestException as error:
            return FetchError(f"{request.url}: {reason(error)}")
        headers, now = response.headers, self._clock.now()
        pause = max(asked_pause(headers, now), retry_after(headers, now) if response.status_code in _RETRIED else _NONE)
        self._not_before[host] = now + max(pause, timedelta(seconds=limits.pause))
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


def make_polite(session: Session, user_agent: str, limits: Limits, clock: Clock | None) -> PoliteAdapter:
    """Let a session send everything through one adapter, which is returned."""
    session.headers["User-Agent"] = user_agent
    session.adapters.clear()
    adapter = PoliteAdapter(limits, clock or Clock())
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    return adapter


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


def reason(error: Exception) -> str:
    """Say in a line what went wrong; the libraries' own texts nest their causes."""
    cause: BaseException = error
    while (inner := cause.__cause__ or cause.__context__) is not None:
        cause = inner
    return f"{type(error).__name__} ({cause})"
