"""Feed -> RSS 2.0, by feedgen. Source: https://www.rssboard.org/rss-specification and the Best Practices Profile."""

import re
import threading

from feedserver.model import Entry, Feed, View
from feedserver.render.syndication import filled, frame, spell, split

_PLAIN = re.compile(rb"<(title|category|dc:creator)>[^<]*</")
_LOCALE = threading.Lock()  # to spell a date, feedgen sets the locale of the whole process, and sets it back


class Rss:
    """RSS 2.0 with Dublin Core, content:encoded, Media RSS, slash and Atom elements."""

    name = "rss"
    title = "RSS"
    media_type = "application/rss+xml"
    separator = b""

    def frame(self, feed: Feed) -> tuple[bytes, bytes]:
        """See Renderer.frame."""
        with _LOCALE:
            document: bytes = frame(feed, self.name, self.media_type).rss_str()
        return split(_PLAIN.sub(_with_plain_references, document), b"</channel>")

    def fragment(self, entry: Entry, view: View) -> bytes:
        """See Renderer.fragment."""
        with _LOCALE:
            element = filled(entry, view).rss_entry()
        return _PLAIN.sub(_with_plain_references, spell(element))


def _with_plain_references(text: re.Match[bytes]) -> bytes:
    """Write ``&`` and ``<`` as numeric references: the form that most readers take for plain text (RSS profile)."""
    return text[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;").replace(b"&gt;", b"&#x3E;")
