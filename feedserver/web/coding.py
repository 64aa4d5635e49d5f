"""Bytes -> the same bytes in a content coding, and which coding a client is given (RFC 9110, 8.4 and 12.5.3)."""

import gzip
import re
from collections.abc import Callable
from functools import lru_cache

import brotli
import zstandard

IDENTITY = "identity"
_WEIGHT = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?")  # RFC 9110, 12.4.2
LEAST = 500  # bytes; below, headers weigh more than what is saved

# In the order of preference where a client likes several alike: zstd is the quickest to make and nearly the smallest.
CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstandard.compress(body, 3),
    "br": lambda body: brotli.compress(body, quality=4),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}


@lru_cache(maxsize=1024)
def choose_coding(accepted: str) -> str:
    """Return the coding for an Accept-Encoding header; ``identity`` where nothing else is wanted."""
    weights = weigh(accepted)
    rest = weights.get("*", 0.0)
    candidates = [
        (weights.get(coding, weights.get("x-gzip", rest) if coding == "gzip" else rest), coding) for coding in CODINGS
    ]
    best = max((weight for weight, _ in candidates), default=0.0)
    if best <= 0 or best < weights.get(IDENTITY, 0.0):
        return IDENTITY
    return next(coding for weight, coding in candidates if weight == best)


def weigh(header: str) -> dict[str, float]:
    """Return the weight of each name, in lower case, in a list with q-values."""
    return dict(map(_weigh, filter(None, (part.strip() for part in header.lower().split(",")))))


def _weigh(part: str) -> tuple[str, float]:
    coding, _, parameters = part.partition(";")
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return coding.strip(), 1.0
    return coding.strip(), float(value) if _WEIGHT.fullmatch(value.strip()) else 0.0
