"""One request at a time: is it allowed? Waits its turn, bounds time and size, obeys what is asked for, tries again.

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
from requests.utils import select_proxy
from urllib3.exceptions import HTTPError

from feedserver.errors import FetchError, RefusedAddressError, RetryLaterError
from feedserver.fetch.connections import Gate, make_pools, resolve
from feedserver.fetch.guard import Guard, refusal_of_url
from feedserver.fetch.pauses import asked_pause, retry_after

_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one call: times in seconds, sizes in bytes after decompression."""

    connect: float = 5
    read: float = 20  # without a byte
    total: float = 60  # with redirects and further attempts, without the pauses between them
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
    """Sends one request; ``sent`` counts what went out, redirects and further attempts too.

    Redirects come here one by one, so that each is checked as the first address was.
    """

    def __init__(self, limits: Limits, clock: Clock, guard: Guard) -> None:
        super().__init__()
        self._limits = limits
        self._clock = clock
        self._guard = guard
        self._pools = make_pools(Gate(guard, self._seconds_left, limits.size))
        self.poolmanager.pool_classes_by_scheme = self._pools
        self._not_before: dict[str, datetime] = {}
        self._asked_at: dict[str, datetime] = {}
        self._pauses: dict[str, float] = {}
        self._left = limits.total
        self._deadline = 0.0
        self.sent = 0

    def begin(self, url: str, pause: float = 0) -> None:
        """Begin a call, with all of its time; ``pause`` is how many seconds that host wants between two requests."""
        self._left = self._limits.total
        self._pauses = {_host(url): pause}

    def send(self, request: PreparedRequest, *_args: object, **options: Any) -> Response:
        url = request.url or ""
        host = _host(url)
        passed_on = {name: options.get(name) for name in ("verify", "cert", "proxies")}
        self._check(url, options.get("proxies"))
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

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        """Return connections through a proxy, which are bounded as all are."""
        manager = super().proxy_manager_for(*arguments, **options)
        if manager.proxy is not None:  # SOCKS, with a library of its own, has connections of its own
            manager.pool_classes_by_scheme = self._pools
        return manager

    def _check(self, url: str, proxies: Any) -> None:
        """Raise RefusedAddressError for what is known to be refused before there is a connection."""
        if refusal := refusal_of_url(url):
            raise RefusedAddressError(f"{_without_user(url)}: {refusal}")
        if select_proxy(url, proxies):
            self._check_behind_proxy(url)

    def _check_behind_proxy(self, url: str) -> None:
        """The connection goes to the proxy and says nothing of where it leads; see connections.py."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            resolve(parts.hostname or "", port, self._guard)
        except RefusedAddressError as error:
            raise RefusedAddressError(f"{url}: {error}") from None
        except OSError:
            if refusal := self._guard.refusal_of_port(port):
                raise RefusedAddressError(f"{url}: {refusal}") from None

    def asked_for(self, url: str) -> datetime | None:
        """Return until when the host of that address wants to be left alone, if for longer than a call may wait."""
        host = _host(url)
        return self._due(host) if self._seconds_until_due(host) > self._limits.longest_wait else None

    def _wait(self, host: str) -> None:
        """Sleep until the host may be asked."""
        self._refuse_long_wait(host)
        if (wait := self._seconds_until_due(host)) > 0:
            self._clock.sleep(wait)

    def _refuse_long_wait(self, host: str) -> None:
        """Raise RetryLaterError where the host may not be asked for so long that it is left for a later call."""
        due = self._due(host)
        if due and self._seconds_until_due(host) > self._limits.longest_wait:
            raise RetryLaterError(f"{host} asked not to be called before {due:%Y-%m-%d %H:%M:%S} UTC", until=due)

    def _seconds_until_due(self, host: str) -> float:
        due = self._due(host)
        return (due - self._clock.now()).total_seconds() if due else 0.0

    def _due(self, host: str) -> datetime | None:
        """Return when the host may be asked again: what it asked for, and what this call knows that it wants."""
        asked_at, not_before = self._asked_at.get(host), self._not_before.get(host)
        spaced = asked_at and asked_at + timedelta(seconds=self._pauses.get(host, 0))
        return max(filter(None, (spaced, not_before)), default=None)

    def _try_once(self, request: PreparedRequest, host: str, options: dict[str, Any]) -> Response | FetchError:
        """Return the response, or why another attempt is worth making."""
        self.sent += 1
        try:
            response = self._exchange(request, options)
        except FetchError as error:
            raise type(error)(f"{request.url}: {error}") from error
        except RequestException as error:
            if self._seconds_left() <= 0:
                raise FetchError(f"{request.url}: {self._too_late()}") from error
            return FetchError(f"{request.url}: {reason(error)}")
        finally:
            self._left = self._seconds_left()
            self._asked_at[host] = self._clock.now()
        self._keep_away(host, response)
        if response.status_code not in _RETRIED:
            return response
        return FetchError(f"{request.url}: HTTP status {response.status_code}", status=response.status_code)

    def _exchange(self, request: PreparedRequest, options: dict[str, Any]) -> Response:
        """Send and read, in the time that is left of the call."""
        if self._left <= 0:
            raise FetchError(self._too_late())
        self._deadline = time.monotonic() + self._left
        timeout = (min(self._limits.connect, self._left), min(self._limits.read, self._left))
        response = super().send(request, stream=True, timeout=timeout, **options)
        try:
            _check_codings(response)
            response._content = self._read(response)  # what requests itself does, with bounds
        except BaseException:
            response.close()
            raise
        response.request = _without_token(request)
        return response

    def _read(self, response: Response) -> bytes:
        body = bytearray()
        while chunk := _read_some(response):
            body += chunk
            if len(body) > self._limits.size:
                raise FetchError(f"more than {self._limits.size} bytes")
            if self._seconds_left() <= 0:
                raise FetchError(self._too_late())
        return bytes(body)

    def _seconds_left(self) -> float:
        return self._deadline - time.monotonic()

    def _too_late(self) -> str:
        return f"not finished after {self._limits.total:g} seconds"

    def _keep_away(self, host: str, response: Response) -> None:
        """Remember until when the host is to be left alone after its answer."""
        headers, now = response.headers, self._clock.now()
        asked = max(asked_pause(headers, now), retry_after(headers, now) if response.status_code in _RETRIED else _NONE)
        own = max(self._limits.pause, self._pauses.get(host, 0))
        self._not_before[host] = now + max(asked, timedelta(seconds=own))


def make_polite(
    session: Session, user_agent: str, limits: Limits, clock: Clock | None, guard: Guard | None
) -> PoliteAdapter:
    """Let a session send everything through one adapter, which is returned."""
    session.headers["User-Agent"] = user_agent
    session.adapters.clear()
    adapter = PoliteAdapter(limits, clock or Clock(), guard or Guard())
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    return adapter


def _host(url: str) -> str:
    return str(urlsplit(url).netloc)


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _check_codings(response: Response) -> None:
    """Refuse codings within codings: nobody asked for them, and a few bytes may keep a decoder busy for hours."""
    codings = [coding for coding in response.headers.get("Content-Encoding", "").split(",") if coding.strip()]
    if len(codings) > 1:
        raise FetchError(f"{len(codings)} content codings, one inside the other")


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
