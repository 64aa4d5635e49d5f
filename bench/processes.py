"""Process ids -> the memory they hold and the processor time they took, from /proc; nothing on systems without it."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

KNOWN = Path("/proc/self/smaps_rollup").exists()
_KIBI = 1 << 10
_TICKS = os.sysconf("SC_CLK_TCK")
_FIELD = re.compile(r"^(Rss|Pss): +(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of one process: all that it sees, and its share of it, where what n processes see counts an n-th."""

    rss: int
    pss: int


def memory(pid: int) -> Memory:
    """Return the memory of a process."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = {name: int(value) * _KIBI for name, value in _FIELD.findall(text)}
    return Memory(found["Rss"], found["Pss"])


def processor_seconds(pids: Iterable[int]) -> float:
    """Return what all threads of the processes took so far, in user and system mode together."""
    return sum(map(_ticks, pids)) / _TICKS


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return int(fields[11]) + int(fields[12])  # proc(5): utime, stime
