"""A count as pages show it -> a whole number: ``1.2k``, ``1,234 points``, ``-``."""

import re

_MOST = 2**31 - 1
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}
_GROUPED = r"\d{1,3}(?:[,.'\u2019\u00a0\u202f ]\d{3})+(?![\d.,]?\d|\s?[km]\b)"
_COUNT = re.compile(rf"(?<![\w.,])(-?)\s?(?:({_GROUPED})|(\d+(?:[.,]\d+)?)(?:\s?([km])\b)?)", re.IGNORECASE)


def read_count(text: str) -> int:
    """Return the first count in a text; 0 where there is none, or one below nothing."""
    found = _COUNT.search(text)
    if found is None or found[1]:
        return 0
    if found[2]:
        return min(int(re.sub(r"\D", "", found[2])), _MOST)
    return min(round(float(found[3].replace(",", ".")) * _UNITS[(found[4] or "").lower()]), _MOST)
