"""How a source fared, what came of asking it -> how it fares, and until when it is left alone. Pure.

A failure is followed by a pause that doubles with each further one, plus up to as much again at random, so that servers
that were cut off together do not come back together. After ``FAILURES`` in a row the circuit is open: each look is one
try, half an hour to an hour apart in the end, until one goes well. What upstream asks for goes before all that.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from feedserver.model import SourceState

FAILURES = 3  # in a row, that open the circuit
LONGEST = timedelta(hours=1)  # from one try to the next
LONGEST_ASKED = timedelta(days=1)  # the longest pause that upstream is granted


def reached(state: SourceState, retry_at: datetime | None = None) -> SourceState:
    """Return the state after an answer, with which upstream may have asked to be left alone until ``retry_at``."""
    return replace(state, failures=0, next_try=None, open_since=None, retry_at=retry_at)


def put_off(state: SourceState, error: str, retry_at: datetime, now: datetime) -> SourceState:
    """Return the state after upstream asked to be left alone: no failure, for it is well enough to say so."""
    return replace(state, error=error, failed=now, retry_at=retry_at)


def failed(state: SourceState, error: str, retry: timedelta, jitter: float, now: datetime) -> SourceState:
    """Return the state after a failure; ``retry`` is the first pause, ``jitter`` a random number from 0 to 1."""
    failures = state.failures + 1
    return replace(
        state,
        failures=failures,
        error=error,
        failed=now,
        next_try=now + backoff(failures, retry) * (1 + jitter),
        open_since=state.open_since or (now if failures >= FAILURES else None),
    )


def backoff(failures: int, retry: timedelta) -> timedelta:
    """Return the pause after so many failures in a row, before any jitter: at most half of the longest one."""
    doubled = retry * (1 << min(failures - 1, 20))
    return min(doubled, max(LONGEST / 2, retry))


def held_until(state: SourceState, now: datetime) -> datetime | None:
    """Return until when the source is left alone by the plan; None where it may be asked."""
    own = state.next_try if state.next_try and state.failed and state.failed <= now else None  # or the clock went back
    return max((until for until in (asked_pause(state, now), own) if until and until > now), default=None)


def asked_pause(state: SourceState, now: datetime) -> datetime | None:
    """Return until when upstream wants to be left alone, by all calls for this source; None where it does not.

    A time further away than any that is granted comes of a clock that went back.
    """
    until = state.retry_at
    return until if until and now < until <= now + LONGEST_ASKED else None
