"""A clock that stands still until it is told to go on."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(slots=True)
class SimulatedClock:
    """``seconds`` since 1970."""

    seconds: float

    def now(self) -> datetime:
        """Return the time, in whole seconds."""
        return datetime.fromtimestamp(int(self.seconds), UTC)

    def time(self) -> float:
        """Return the time as ``time.time`` does."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.seconds += seconds

    def reach(self, seconds: float) -> None:
        """Go on to a time, unless it is over."""
        self.seconds = max(self.seconds, seconds)
