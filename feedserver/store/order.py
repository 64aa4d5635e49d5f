"""Entry -> the row id that encodes feed order, so that the newest match is found by walking rows downwards.

From the highest bit down: 26 bits of minutes since 1970 at which the entry was listed (until 2097), 15 bits of first
sight in steps of ten minutes after that (an entry seen later sorts above, for seven months; an older listing that is
filled in later ties), and 22 bits of a hash of the id, so that ties are broken the same way everywhere.
"""

from datetime import datetime
from zlib import crc32

from feedserver.model import Entry

_SEEN_BITS, _TIE_BITS = 15, 22
_STEP = 600  # seconds


def feed_order(entry: Entry) -> int:
    """Return a number below 2**63 that is greater for the entry that comes first in a feed sorted by listing."""
    listed = int(entry.listed.timestamp())
    delay = (int(entry.first_seen.timestamp()) - listed) // _STEP
    seen = min(max(delay, 0), (1 << _SEEN_BITS) - 1)
    return first_row(entry.listed) | seen << _TIE_BITS | crc32(entry.id.encode()) & ((1 << _TIE_BITS) - 1)


def first_row(listed: datetime) -> int:
    """Return the least row id of what was listed in that minute or later; times out of range are clipped."""
    minutes = int(listed.timestamp()) // 60
    return min(max(minutes, 0), (1 << 26) - 1) << (_SEEN_BITS + _TIE_BITS)
