"""The way past Flask: a poll for a feed that lies finished in memory is answered from there.

A hit parses no request, touches no database and compresses nothing; what it has to know is whether the data changed,
and that is looked up a few times a second, not at each request.
"""

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

from feedserver.errors import StoreError
from feedserver.web.cache import FeedCache, Version
from feedserver.web.finished import Conditions, Headers

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

RECHECK = 0.25  # seconds between two looks at the version of the data


logger = logging.getLogger(__name__)


class Watch:
    """The version of the data, and the headers that tell its age, looked up at most every RECHECK seconds.

    ``headers`` are of the moment, not of a feed: they stand in every answer, 304 too, and in no validator.
    """

    def __init__(
        self,
        look: Callable[[], Version],
        clock: Callable[[], float] = time.monotonic,
        tell: Callable[[], Headers] = list,
    ) -> None:
        """Take the functions that look."""
        self._look = look
        self._tell = tell
        self._clock = clock
        self._due = float("-inf")
        self._version: Version = ()
        self.headers: Headers = []

    def version(self) -> Version:
        """Return the version, at most RECHECK seconds old; the last one known where the store does not answer."""
        now = self._clock()
        if now >= self._due:
            self._due = now + RECHECK
            try:
                self._version = self._look()
            except StoreError as error:
                logger.error("serving what is in memory: %s", error)  # noqa: TRY400  # the message says it all
            self.headers = self._tell()
        return self._version


class FastPath:
    """WSGI middleware in front of the app."""

    def __init__(
        self,
        app: Application,
        cache: FeedCache,
        watch: Watch,
        count: Callable[[str, str], None] | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Wrap ``app``, which fills the cache; ``count`` is told the path and the status line of each answer.

        ``clock`` counts seconds since 1970.
        """
        self._app = app
        self._cache = cache
        self._watch = watch
        self._count = count
        self._clock = clock

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer from memory, or let the app do it."""
        method = environ["REQUEST_METHOD"]
        if method in {"GET", "HEAD"}:
            now = self._clock()
            finished = self._cache.find(alias_of(environ), self._watch.version(), now)
            if finished is not None:
                status, headers, body = finished.answer(conditions_of(environ), now)
                start_response(status, headers + self._watch.headers)
                if self._count is not None:
                    self._count(environ.get("PATH_INFO", ""), status)
                return [body] if method == "GET" else []
        return self._app(environ, start_response)


class Detour:
    """WSGI middleware in front of the fast path, where deltas are served: who might get one is sent to the app."""

    def __init__(self, app: Application, fast: FastPath) -> None:
        """Take both ways."""
        self._app = app
        self._fast = fast

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Go one of the two ways."""
        detour = "HTTP_A_IM" in environ and "HTTP_IF_NONE_MATCH" in environ
        return (self._app if detour else self._fast)(environ, start_response)


def alias_of(environ: Environ) -> tuple[str, ...]:
    """Return what tells one request for a feed from another: the address as it came in."""
    get = environ.get
    return (
        environ["wsgi.url_scheme"],
        get("HTTP_HOST", ""),
        get("SCRIPT_NAME", ""),
        get("PATH_INFO", ""),
        get("QUERY_STRING", ""),
    )


def conditions_of(environ: Environ) -> Conditions:
    """Return what the request says of the client's copy, and of codings."""
    get = environ.get
    return Conditions(get("HTTP_IF_NONE_MATCH"), get("HTTP_IF_MODIFIED_SINCE"), get("HTTP_ACCEPT_ENCODING", ""))
