"""What every request needs: settings, store, definitions, the clock, and the site's own address."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from flask import current_app, request
from werkzeug.exceptions import BadRequest

from feedserver.config import Definitions, Settings
from feedserver.store import Store
from feedserver.web.cache import FeedCache
from feedserver.web.fast import Watch
from feedserver.web.health import Checkup
from feedserver.web.limits import RateLimits
from feedserver.web.memory import RenderedEntries
from feedserver.web.meter import Meter
from feedserver.web.suggesting import Suggesting


@dataclass(frozen=True, slots=True)
class Site:
    """One server's belongings; a Flask app has one, under ``EXTENSION``. It has a meter where anybody may read it.

    ``clock`` counts seconds since 1970.
    """

    settings: Settings
    store: Store
    definitions: Definitions
    cache: FeedCache
    fragments: RenderedEntries
    watch: Watch
    limits: RateLimits
    checkup: Checkup
    suggesting: Suggesting
    meter: Meter | None = None
    clock: Callable[[], float] = time.time

    def now(self) -> datetime:
        """The time, whole seconds."""
        return now(self.clock)

    def base_url(self) -> str:
        """Where readers find the site: as configured, else as this request came in."""
        if self.settings.public_url:
            return self.settings.public_url
        if not request.host:
            raise BadRequest("the Host header is missing or no host name")
        return request.url_root.rstrip("/")


EXTENSION = "feedserver"


def current_site() -> Site:
    """Return the site of the app that handles this request."""
    return cast(Site, current_app.extensions[EXTENSION])


def now(clock: Callable[[], float] = time.time) -> datetime:
    """Return the time, whole seconds."""
    return datetime.fromtimestamp(int(clock()), UTC)
