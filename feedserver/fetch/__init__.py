"""Address -> bytes: the only place that opens a socket to somebody else. Guarded, polite and bounded.

Nothing here knows what the bytes mean.
"""

from feedserver.fetch.fetcher import Fetched, Fetcher, Sender
from feedserver.fetch.guard import Guard
from feedserver.fetch.polite import Clock, Limits

__all__ = ["Clock", "Fetched", "Fetcher", "Guard", "Limits", "Sender"]
