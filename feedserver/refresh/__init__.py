"""The write path: which listings are due, and fetch, parse, keep."""

from feedserver.refresh.days import days_since, is_settled
from feedserver.refresh.loop import Heed, RefreshLoop, seal, unheeded
from feedserver.refresh.plan import Known, Poll, Schedule, plan, sealed_until
from feedserver.refresh.run import Outcome, Refresher

__all__ = [
    "Heed",
    "Known",
    "Outcome",
    "Poll",
    "RefreshLoop",
    "Refresher",
    "Schedule",
    "days_since",
    "is_settled",
    "plan",
    "seal",
    "sealed_until",
    "unheeded",
]
