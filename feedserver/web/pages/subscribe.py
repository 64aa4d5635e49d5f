"""A feed's address -> the ways to subscribe to it: links to readers on the web, a code for the telephone."""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

import segno
from markupsafe import Markup
from segno import DataOverflowError

_READERS = (  # name, what the address of the feed, percent-encoded, is put into
    ("Feedly", "https://feedly.com/i/subscription/feed/{}"),
    ("Inoreader", "https://www.inoreader.com/?add_feed={}"),
    ("NewsBlur", "https://www.newsblur.com/?url={}"),
    ("Feedbin", "https://feedbin.com/?subscribe={}"),
    ("The Old Reader", "https://theoldreader.com/feeds/subscribe?url={}"),
)
_LONGEST_CODE = 1_000  # characters; beyond, a camera can't tell its dots apart


class Reader(NamedTuple):
    """A reader on the web, and where it takes a new subscription."""

    name: str
    url: str


def readers(address: str) -> Sequence[Reader]:
    """Return the readers, each with where it subscribes to the feed at an address."""
    return [Reader(name, pattern.format(quote(address, safe=""))) for name, pattern in _READERS]


def code(address: str) -> Markup | None:
    """Return a QR code of an address as an SVG element; None of one that is too long for it."""
    if len(address) > _LONGEST_CODE:
        return None
    try:
        drawn = segno.make(address, micro=False, error="l")
    except DataOverflowError:
        return None
    return Markup(drawn.svg_inline(scale=4, border=2, svgclass="code", lineclass=None, omitsize=True))  # noqa: S704  # of dots alone
