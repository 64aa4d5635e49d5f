"""Folder, address, interval and seed as arguments, times on standard input -> a refresher that looks at those times.

``bench/replay_refresher.py`` starts it, and kills it.
"""

import logging
import sys
from pathlib import Path

sys.path.pop(0)  # this folder, in which a file stands for the standard library's `select`
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.replay_refresher import serve_looks

if __name__ == "__main__":
    logging.disable(logging.WARNING)  # kills and faults are what it is about
    serve_looks(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), iter(sys.stdin.readline, ""))
