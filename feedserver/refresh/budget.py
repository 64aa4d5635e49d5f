"""Requests that were sent, a budget an hour -> how many count now, and when more may be sent. Pure."""

from datetime import datetime, timedelta

from feedserver.model import SourceState, Spent

WINDOW = timedelta(hours=1, minutes=1)  # in which a minute's requests count: an hour, from the minute's end on


def spent(state: SourceState, now: datetime) -> int:
    """Return the requests of the last hour, to the minute."""
    return sum(each.requests for each in _counted(state, now))


def free_at(state: SourceState, budget: int, wanted: int, now: datetime) -> datetime:
    """Return when so many requests may be sent: now, or when enough of those that were sent are an hour old."""
    if wanted > budget:
        return now + WINDOW
    left = budget - spent(state, now)
    at = now
    for each in _counted(state, now):
        if left >= wanted:
            break
        left += each.requests
        at = each.minute + WINDOW
    return at


def _counted(state: SourceState, now: datetime) -> list[Spent]:
    """Return what counts; a minute that is not yet comes of a clock that went back."""
    return [each for each in state.spent if each.minute <= now < each.minute + WINDOW]
