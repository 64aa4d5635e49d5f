"""What is known of store, definitions and sources -> whether feeds can be served, and what is wrong."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from feedserver.config import Definitions, Settings, make_sources
from feedserver.errors import FeedserverError
from feedserver.status import SourceStatus, statuses
from feedserver.store import Store
from feedserver.web.finished import Headers

RECHECK = 1.0  # seconds for which an examination is remembered, however often somebody asks
SHARE = 200  # ... and at least as many times as long as it took: with years of listings that is some milliseconds
LISTED = "Feedserver-Listed"
MOST_TOLD = 8  # troubles in a header, which proxies bound
MISSED = 4  # looks that may be missed before what is served counts as old
UNASKED = timedelta(days=2)  # the same where this server does not look by itself: a daily job may fail once

Why = Literal["failing", "idle", "stale", "never", "kept", "empty", "unreadable"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a part (``store``, ``definitions`` or a source): in one lasting word, and for people."""

    part: str
    why: Why
    detail: str


@dataclass(frozen=True, slots=True)
class Health:
    """How it is. ``ready`` where feeds can be served; what is merely old or failing is among the troubles."""

    ready: bool
    troubles: tuple[Trouble, ...] = ()
    sources: tuple[SourceStatus, ...] = ()

    @property
    def listed(self) -> datetime | None:
        """The oldest of the last good listings of all sources that ever had one; None where none had."""
        return min((source.good for source in self.sources if source.good), default=None)


@dataclass(frozen=True, slots=True)
class Expectation:
    """How old the last look at a source, and its last good listing, may be; whether this server looks by itself."""

    span: timedelta
    refreshes: bool

    @classmethod
    def of(cls, settings: Settings) -> "Expectation":
        """Return what the settings promise."""
        refresh = settings.refresh
        span = MISSED * max(refresh.today, refresh.retry) if refresh.enabled else UNASKED
        return cls(span, refresh.enabled)


def judge(
    sources: Sequence[SourceStatus], expected: Expectation, now: datetime, *, kept: bool, definitions_error: str | None
) -> Health:
    """Return how it is; ``kept`` where the store ever held anything, ``definitions_error`` is why old ones are used.

    What is old is served on, and a restart makes nothing newer: only where there is nothing at all, nobody is ready.
    """
    troubles = [trouble for source in sources for trouble in _troubles(source, expected, now)]
    if definitions_error:
        troubles.append(Trouble("definitions", "kept", f"the last good ones are in use: {definitions_error}"))
    read = kept or any(source.good for source in sources)
    if not read:
        troubles.append(Trouble("store", "empty", "nothing was read so far, and nothing imported"))
    return Health(read, tuple(troubles), tuple(sources))


def unreadable(last: Health) -> Health:
    """Return how it is where the store can't be read; what was known of the sources still holds."""
    # The reason names files; the log has it.
    trouble = Trouble("store", "unreadable", "the store can't be read; the log says why")
    return replace(last, ready=False, troubles=(trouble,))


class Checkup:
    """The health as it is now, examined at most once a second. Safe among threads: two may examine at once."""

    def __init__(self, examine: Callable[[], Health], clock: Callable[[], float] = time.monotonic) -> None:
        """Take the function that examines."""
        self._examine = examine
        self._clock = clock
        self._due = float("-inf")
        self._last = Health(ready=False)

    def health(self) -> Health:
        """Return how it is, or was a second ago."""
        now = self._clock()
        if now >= self._due:
            try:
                self._last = self._examine()
            except FeedserverError as error:
                logger.error("how it is can't be told: %s", error)  # noqa: TRY400  # the message says it all
                self._last = unreadable(self._last)
            after = self._clock()
            self._due = after + max(RECHECK, SHARE * (after - now))
        return self._last

    def headers(self) -> Headers:
        """Return what answers tell of it: see ``spell_listed``."""
        return [(LISTED, spell_listed(self.health()))]


def make_checkup(settings: Settings, store: Store, definitions: Definitions, now: Callable[[], datetime]) -> Checkup:
    """Return the check-up of one server."""
    expected, sources = Expectation.of(settings), make_sources(settings)

    def examine() -> Health:
        definitions.current()
        error = definitions.error and definitions.error.replace(f"{settings.config_dir}/", "")
        kept = store.revision().number > 0
        found = statuses(store, sources, settings.refresh.schedule, now())
        return judge(found, expected, now(), kept=kept, definitions_error=error)

    return Checkup(examine)


def spell_listed(health: Health) -> str:
    """Return a Structured Field (RFC 9651): an Item, the Date of ``Health.listed``, or false where there is none.

    The parameter ``degraded`` is there where something is wrong, and names part and kind of the first troubles. Always
    the same words, never a message: those may hold what is not for everybody.
    """
    value = f"@{int(health.listed.timestamp())}" if health.listed else "?0"
    told = [f"{trouble.part} {trouble.why}" for trouble in health.troubles[:MOST_TOLD]]
    more = [f"{len(health.troubles) - MOST_TOLD} more"] if len(health.troubles) > MOST_TOLD else []
    return f'{value};degraded="{", ".join((*told, *more))}"' if told else value


def _troubles(source: SourceStatus, expected: Expectation, now: datetime) -> Iterator[Trouble]:
    limit = now - max(expected.span, MISSED * source.every)
    if source.error:
        yield Trouble(source.name, "failing", source.error)
    is_left_alone = source.held_until is not None and source.held_until > now
    if expected.refreshes and source.attempted and source.attempted < limit and not is_left_alone:
        yield Trouble(source.name, "idle", f"nobody has looked since {source.attempted:%Y-%m-%d %H:%M} UTC")
    if source.good is None:
        yield Trouble(source.name, "never", "no listing was ever read well")
    elif source.good < limit:
        yield Trouble(source.name, "stale", f"the last good listing is of {source.good:%Y-%m-%d %H:%M} UTC")
