"""How much work one client may ask for: flask-limiter counts and refuses, and answers tell what is left.

Only work is counted, where it is done. What lies finished in memory is given away before anybody asks here.
"""

import logging
import time
from collections.abc import Callable
from hashlib import blake2b
from ipaddress import ip_address
from math import ceil
from typing import Any

from flask import Flask, Response, g, request
from flask_limiter import Limiter, RequestLimit
from limits.errors import ConfigurationError, StorageError

from feedserver.config import LimitSettings
from feedserver.errors import ConfigError
from feedserver.feeds import Address
from feedserver.web.counts import SCHEME

_REDIS: dict[str, Any] = {
    "wrap_exceptions": True,  # as StorageError, whatever the client library calls them
    "socket_connect_timeout": 0.5,  # seconds that one request loses when Redis is gone; the others count in memory
    "socket_timeout": 0.5,
}


class RateLimits:
    """The limits of one app. Counting raises TooManyRequests where a limit is reached."""

    def __init__(self, settings: LimitSettings) -> None:
        """Make the limits; nothing is connected to before the first count."""
        self._limiter = limiter = _make_limiter(settings)
        self._polls = _gate(
            limiter, "polls", settings.polls, _address, "feeds to be built, pages and errors for one address"
        )
        self._queries = _gate(limiter, "queries", settings.queries, _client, "new queries for one client")
        self._queries_per_address = _gate(
            limiter, "queries_per_address", settings.queries_per_address, _address, "new queries for one address"
        )

    def init_app(self, app: Flask) -> None:
        """Set the limits to work. Raises ConfigError."""
        # It would log each refusal, and whose; that a storage is gone is a warning.
        logging.getLogger("flask-limiter").setLevel(logging.WARNING)
        try:
            self._limiter.init_app(app)
        except (ValueError, ConfigurationError) as error:  # neither shows the address
            raise ConfigError(f"limits.storage: {error}") from error
        app.after_request(_tell)

    def count_poll(self) -> None:
        """Count a request that costs a little: a page, an error. Raises TooManyRequests."""
        self._count(self._polls)

    def count_build(self, address: Address) -> None:
        """Count the making of a feed: as a query, unless it is a feed that all ask for. Raises TooManyRequests."""
        if address.query_string:
            self._count(self._queries)  # first, so that whom it stops uses up nothing of the neighbours'
            self._count(self._queries_per_address)
        else:
            self._count(self._polls)

    def _count(self, gate: Callable[[], None]) -> None:
        if not self._limiter.enabled:
            return
        try:
            gate()
        finally:
            counted = g.setdefault("counted", {})
            counted |= {limit.request_args[-1]: limit for limit in self._limiter.current_limits}


def _tell(response: Response) -> Response:
    """Say in the headers of this one answer what is left (draft-ietf-httpapi-ratelimit-headers, and Retry-After)."""
    counted: dict[str, RequestLimit] = g.pop("counted", {})
    if not counted:
        return response
    readings = {name: _reading(limit) for name, limit in counted.items()}
    response.headers["RateLimit-Policy"] = ", ".join(
        f'"{name}";q={limit.limit.amount};w={limit.limit.get_expiry()}' for name, limit in counted.items()
    )
    response.headers["RateLimit"] = ", ".join(
        f'"{name}";r={left};t={seconds}' for name, (left, seconds) in readings.items()
    )
    if waits := [readings[name][1] for name, limit in counted.items() if limit.breached]:
        response.retry_after = max(1, *waits)
    return response


def _make_limiter(settings: LimitSettings) -> Limiter:
    storage = settings.storage.get_secret_value()
    in_memory = storage.startswith("memory:")
    return Limiter(
        _address,
        enabled=settings.enabled,
        storage_uri=f"{SCHEME}://" if in_memory else storage,
        storage_options={} if in_memory else {**_REDIS},
        strategy="fixed-window",
        key_prefix="feedserver",  # others may keep their counts in the same Redis
        in_memory_fallback_enabled=not in_memory,
        swallow_errors=True,
    )


def _gate(limiter: Limiter, name: str, rate: str, key: Callable[[], str], whom: str) -> Callable[[], None]:
    """Return a function that counts the current request, and raises TooManyRequests where that is one too many."""

    def gate() -> None:
        """Do nothing: flask-limiter counts the calls of what it guards."""

    gate.__name__ = name  # by which it tells its guarded functions apart
    return limiter.shared_limit(rate, name, key_func=key, error_message=f"at most {rate}: {whom}")(gate)


def _address() -> str:
    return _digest(_network(request.remote_addr or ""))


def _client() -> str:
    """Tell the readers behind one address apart, as far as they say who they are."""
    return _digest(_network(request.remote_addr or ""), request.headers.get("User-Agent", ""))


def _network(address: str) -> str:
    """Return an IPv4 address as it is; of IPv6 the /64, for a single machine may have all of its addresses."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(parsed) if parsed.version == 4 else f"{int(parsed) >> 64:x}/64"


def _digest(*texts: str) -> str:
    """Keep keys short, and addresses out of the storage."""
    return blake2b("\n".join(texts).encode(), digest_size=8).hexdigest()


def _reading(limit: RequestLimit) -> tuple[int, int]:
    """Return what is left, and in how many seconds the window ends."""
    try:
        return limit.remaining, max(0, ceil(limit.window.reset_time - time.time()))
    except StorageError:  # it went just now
        return 0, limit.limit.get_expiry()
