"""Address -> bytes, through one cache of answers; and forms that are sent.

Answers lie in an HTTP cache and are revalidated at each call; where upstream fails, the last good answer is returned
and says so. A form that is sent is neither kept nor answered for.
"""

import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from requests import Request, RequestException, Response, Session
from requests_cache import CachedSession
from requests_cache.models.response import CachedResponse

from feedserver.errors import FetchError, NothingThereError
from feedserver.fetch.guard import Guard
from feedserver.fetch.polite import Clock, Limits, make_polite, reason

_NOTHING_THERE = frozenset({400, 404, 410, 422})
_CACHED_FOR = timedelta(days=30)
_LONGEST_SHOWN = 200  # characters of somebody else's text in a message

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: its bytes, the address they came from in the end, after redirects, and its ``Content-Type``, if any.

    ``unchanged`` where upstream said 304; ``stale`` says why an older answer had to do.
    """

    body: bytes
    url: str
    content_type: str
    unchanged: bool = False
    stale: FetchError | None = None


class Fetcher:
    """Fetches addresses through one HTTP cache. Use it from one thread at a time."""

    def __init__(
        self,
        cache: Path,
        user_agent: str,
        limits: Limits | None = None,
        clock: Clock | None = None,
        guard: Guard | None = None,
    ) -> None:
        """Open the cache file (SQLite; made when missing, begun anew when damaged), without answers of over a month."""
        limits = limits or Limits()
        try:
            self._session = _open_session(cache)
        except (sqlite3.DatabaseError, EOFError) as error:
            logger.warning("the cache of answers %s is damaged (%s) and begun anew", cache, error)
            cache.unlink()
            self._session = _open_session(cache)
        self._session.max_redirects = limits.redirects
        self._adapter = make_polite(self._session, user_agent, limits, clock, guard)

    @property
    def sent(self) -> int:
        """How many requests went out so far: pages, redirects and further attempts."""
        return self._adapter.sent

    def asked_pause(self, url: str) -> datetime | None:
        """Return until when the address's host wants to be left alone; None where a call would wait for that itself."""
        return self._adapter.asked_for(url)

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        pause: float = 0,
    ) -> Fetched:
        """Return what the address answers. Raises FetchError where there is no answer, and none from before.

        ``pause`` is how many seconds its host wants between two requests, where that is more than is waited anyway.
        """
        try:
            self._adapter.begin(url, pause)
            response = self._session.get(url, params=dict(params or {}), headers=dict(headers or {}))
        except FetchError as error:
            return self._recall(url, params, error)
        except (RequestException, ValueError, OSError) as error:
            return self._recall(url, params, FetchError(f"{url}: {reason(error)}"))
        if response.status_code != 200:
            kind = NothingThereError if response.status_code in _NOTHING_THERE else FetchError
            message = f"{url}: HTTP status {response.status_code}, not 200"
            return self._recall(url, params, kind(message, status=response.status_code, body=response.content))
        return _fetched(response, unchanged=isinstance(response, CachedResponse))

    def _recall(self, url: str, params: Mapping[str, str] | None, error: FetchError) -> Fetched:
        """Return the last good answer in place of an error, and the error with it; raise it where there is none."""
        try:
            key = self._session.cache.create_key(Request("GET", url, params=dict(params or {})))
        except (RequestException, ValueError):  # what is no address has no answer
            raise error from None
        kept = self._session.cache.get_response(key)
        if kept is None:
            raise error
        return _fetched(kept, stale=error)

    def forget(self, url: str, params: Mapping[str, str] | None = None) -> None:
        """Drop the cached answer, so that a bad one is neither revalidated nor served again."""
        self._session.cache.delete(requests=[Request("GET", url, params=dict(params or {}))])

    def close(self) -> None:
        """Close connections and the cache file."""
        self._session.close()  # type: ignore[no-untyped-call]  # requests-cache left it untyped


class Sender:
    """Sends forms. Use it from one thread at a time."""

    def __init__(
        self, user_agent: str, limits: Limits | None = None, clock: Clock | None = None, guard: Guard | None = None
    ) -> None:
        """Open nothing yet."""
        self._session = Session()
        self._adapter = make_polite(self._session, user_agent, limits or Limits(), clock, guard)

    def post(self, url: str, form: Mapping[str, str]) -> None:
        """Send a form, again where that may help. Raises FetchError unless it was taken, that is, answered 2xx.

        A redirect is followed nowhere: most of them would turn it into a GET, and it was meant for this address.
        """
        try:
            self._adapter.begin(url)
            response = self._session.post(url, data=dict(form), allow_redirects=False)
        except (RequestException, ValueError, OSError) as error:
            raise FetchError(f"{url}: {reason(error)}") from error
        if 200 <= response.status_code < 300:
            return
        kind = NothingThereError if response.status_code in _NOTHING_THERE else FetchError
        leads = response.headers.get("Location", "")[:_LONGEST_SHOWN] if response.is_redirect else ""
        remedy = f", a redirect to {leads!r}; give the address that takes the form" if leads else ", not 2xx"
        raise kind(f"{url}: HTTP status {response.status_code}{remedy}")

    def close(self) -> None:
        """Close connections."""
        self._session.close()


def _fetched(
    response: Response | CachedResponse, *, unchanged: bool = False, stale: FetchError | None = None
) -> Fetched:
    return Fetched(response.content, response.url, response.headers.get("Content-Type", ""), unchanged, stale)


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
