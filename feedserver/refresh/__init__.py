"""The write path: which listings are due, and fetch, parse, keep."""

from feedserver.refresh.loop import Heed, RefreshLoop, seal, unheeded
from feedserver.refresh.plan import Known, Poll, Schedule, awaited, plan, sealed_until
from feedserver.refresh.run import Outcome, Refresher
from feedserver.refresh.settled import is_settled

__all__ = [
    "Heed",
    "Known",
    "Outcome",
    "Poll",
    "RefreshLoop",
    "Refresher",
    "Schedule",
    "awaited",
    "is_settled",
    "plan",
    "seal",
    "sealed_until",
    "unheeded",
]
