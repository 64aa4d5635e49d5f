"""What feeds are, what the hub was told, what failed -> which topics to ping now. Pure: decisions, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from feedserver.errors import FetchError, NothingThereError, RetryLaterError
from feedserver.model import EPOCH
from feedserver.websub.topics import Version

LONGEST = timedelta(hours=1)  # from one try to the next, however often it failed


@dataclass(frozen=True, slots=True)
class Seen:
    """A version of the data, and since when it has been seen."""

    version: Version
    since: datetime

    def then(self, version: Version, now: datetime) -> "Seen":
        """Return what is seen now: the same for longer, or another; a clock that went back makes it another."""
        return self if self.version == version and self.since <= now else Seen(version, now)


@dataclass(frozen=True, slots=True)
class Failure:
    """A topic's pings that failed: how many in a row, when last, why, and until when the topic is left alone.

    ``rest`` is until when the hub is left alone, with whatever topic; None where the hub is well and refused this one.
    """

    count: int
    at: datetime
    reason: str
    until: datetime
    rest: datetime | None = None


Failures = Mapping[str, Failure]


def due(current: Mapping[str, str], told: Mapping[str, str]) -> tuple[str, ...]:
    """Return the topics whose bytes are not those that the hub was last told of."""
    return tuple(topic for topic, fingerprint in current.items() if told.get(topic) != fingerprint)


def pings(current: Mapping[str, str], told: Mapping[str, str], failures: Failures, now: datetime) -> tuple[str, ...]:
    """Return the topics to ping now: what failed goes last, so that it keeps no other from its turn."""
    if any(failure.at <= now < failure.rest for failure in failures.values() if failure.rest):
        return ()
    waiting = {topic for topic, failure in failures.items() if failure.at <= now < failure.until}
    ready = (topic for topic in due(current, told) if topic not in waiting)
    return tuple(sorted(ready, key=lambda topic: failures[topic].at if topic in failures else EPOCH))


def fail(topic: str, error: FetchError, failures: Failures, now: datetime, retry: timedelta) -> Failure:
    """Return what becomes of a topic whose ping failed.

    It waits the longer, the more often it failed. The hub, unless it merely refused the topic, rests the longer, the
    more topics fail: one that always fails holds up the others for ``retry``, and a hub that is gone is seldom asked.
    """
    count = failures[topic].count + 1 if topic in failures else 1
    until = now + _backoff(count, retry)
    if isinstance(error, NothingThereError):
        return Failure(count, now, str(error), until)
    failing = 1 + sum(1 for other, failure in failures.items() if failure.rest and other != topic)
    asked = error.until if isinstance(error, RetryLaterError) else now
    rest = max(now + _backoff(failing, retry), asked)
    return Failure(count, now, str(error), until, rest)


def recover(failures: Failures, now: datetime) -> Failures:
    """Return what remains when the hub took a ping: what did not get through to it is due at once."""
    return {
        topic: replace(failure, until=now, rest=None) if failure.rest else failure
        for topic, failure in failures.items()
    }


def _backoff(count: int, retry: timedelta) -> timedelta:
    """Return the wait after so many failures: it doubles each time."""
    return min(retry * (1 << min(count - 1, 12)), LONGEST)
