"""An entry as kept, the same entry as seen again, or missing -> the entry to keep: all of updating, without I/O."""

from feedserver.merge.missing import suspicion, withdraw
from feedserver.merge.one import appeared, merge
from feedserver.merge.several import Joined, join

__all__ = ["Joined", "appeared", "join", "merge", "suspicion", "withdraw"]
