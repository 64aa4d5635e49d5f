"""Topics + what the hub was told -> pings: after each change, once all is quiet, until the hub took them."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from feedserver.errors import FetchError
from feedserver.websub.plan import Failures, Seen, fail, pings, recover
from feedserver.websub.told import read_told, write_told
from feedserver.websub.topics import Edition, Topics

if TYPE_CHECKING:
    from feedserver.fetch import Sender

BETWEEN_LOOKS = 1.0  # seconds from one look at the version of the data to the next

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Publisher:
    """Tells the hub of each change at least once; ``now`` is the clock. Use it from one thread.

    All that lasts is what the hub took, in ``file``: a feed is due as long as its bytes are others. So a crash, at
    whatever moment, loses no ping and repeats at most one, and several changes before a ping become one.
    """

    topics: Topics
    sender: "Sender"
    file: Path
    quiet: timedelta
    retry: timedelta
    now: Callable[[], datetime]
    _told: dict[str, str] = field(init=False)
    _failures: Failures = field(init=False, default_factory=dict)
    _sight: Seen | None = field(init=False, default=None)
    _edition: Edition | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Read what the hub was told. Raises OSError where the file is there and can't be read."""
        self._told = read_told(self.file)

    def look(self) -> float:
        """Tell the hub what is due now, and return the seconds until the next look. Raises StoreError and OSError."""
        edition = self._read(self.now())
        if edition is not None:
            self._tell(edition)
        return BETWEEN_LOOKS

    def _read(self, now: datetime) -> Edition | None:
        """Return the feeds as every worker serves them by now; None where they have changed just now.

        The hub fetches a feed as soon as it is told. A worker notices a change within a second or so (RECHECK in
        ``web/fast.py`` and ``config/definitions.py``), and must have done so by then; hence ``quiet``, after the
        commit. What changes while the feeds are rendered is not quiet either.
        """
        version = self.topics.version()
        self._sight = self._sight.then(version, now) if self._sight else Seen(version, now)
        if now - self._sight.since < self.quiet:
            return None
        if self._edition is None or not self._edition.is_of(version, now):
            edition = self.topics.edition(version, now)
            if self.topics.version() != version:
                return None
            self._edition = edition
            self._forget(edition)
        return self._edition

    def _forget(self, edition: Edition) -> None:
        """Drop what is known of topics that are gone: if one comes back, it is new."""
        self._failures = {topic: one for topic, one in self._failures.items() if topic in edition.fingerprints}
        if not self._told.keys() <= edition.fingerprints.keys():
            self._told = {topic: one for topic, one in self._told.items() if topic in edition.fingerprints}
            write_told(self.file, self._told)

    def _tell(self, edition: Edition) -> None:
        """Ping one topic after the other; stop where the hub is out of reach or wants to be left alone."""
        topics = pings(edition.fingerprints, self._told, self._failures, self.now())
        taken = 0
        for topic in topics:
            try:
                # W3C WebSub leaves the ping open; this is the form that hubs take, some by `url`, some by `topic`
                self.sender.post(self.topics.hub_url, {"hub.mode": "publish", "hub.url": topic, "hub.topic": topic})
            except FetchError as error:
                if self._fail(topic, error, len(topics) - taken):
                    break
            else:
                taken += 1
                self._keep(topic, edition.fingerprints[topic])
        if taken:
            logger.info("the hub was told of %d changes", taken)

    def _keep(self, topic: str, fingerprint: str) -> None:
        others = {other: failure for other, failure in self._failures.items() if other != topic}
        self._failures = recover(others, self.now())
        self._told[topic] = fingerprint
        write_told(self.file, self._told)

    def _fail(self, topic: str, error: FetchError, waiting: int) -> bool:
        """Remember the failure; say whether it is the hub's. It is logged once for a reason, not at each try."""
        failure = fail(topic, error, self._failures, self.now(), self.retry)
        if failure.reason not in {known.reason for known in self._failures.values()}:
            logger.warning("the hub was not told of %s: %s; %d pings wait", topic, error, waiting)
        self._failures = {**self._failures, topic: failure}
        return failure.rest is not None
