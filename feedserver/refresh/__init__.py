"""The write path: which listings are due, and fetch, parse, keep."""

from feedserver.refresh.loop import Heed, RefreshLoop, unheeded
from feedserver.refresh.plan import Poll, Schedule, days_since, is_settled, polls
from feedserver.refresh.run import Outcome, Refresher

__all__ = [
    "Heed",
    "Outcome",
    "Poll",
    "RefreshLoop",
    "Refresher",
    "Schedule",
    "days_since",
    "is_settled",
    "polls",
    "unheeded",
]
