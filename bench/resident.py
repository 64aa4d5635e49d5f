"""Files -> the same held in memory, so that what is measured is a server whose store the system keeps in its cache.

A server that is asked all the time has its store there, as far as it fits. Some machines give the cache of files back
within a minute, however much memory is free; on those the disk would be measured in the place of the server.
"""

import ctypes
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

_READ, _SHARED = 1, 1  # PROT_READ, MAP_SHARED of mmap(2)

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
_libc.mlock.argtypes = _libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]


@contextmanager
def resident(files: Iterable[Path]) -> Iterator[int]:
    """Hold files, and yield how many bytes of them; what the system does not allow to be held is left where it is."""
    with ExitStack() as stack:
        yield sum(stack.enter_context(_locked(file)) for file in files)


@contextmanager
def _locked(file: Path) -> Iterator[int]:
    size = file.stat().st_size
    with file.open("rb") as opened:
        place = _libc.mmap(None, size, _READ, _SHARED, opened.fileno(), 0)
    held = _libc.mlock(place, size) == 0
    if not held:
        print(f"{file.name} can't be held in memory: {os.strerror(ctypes.get_errno())}")
    try:
        yield size if held else 0
    finally:
        _libc.munmap(place, size)
