"""Feed -> RSS 2.0: the feed's own part by feedgen, its entries as feedgen would write them.

Source: https://www.rssboard.org/rss-specification and the Best Practices Profile.
"""

import re
import threading
from email.utils import format_datetime

from feedserver.model import Entry, Feed, View
from feedserver.render.base import (
    author_names,
    discussion_link,
    entry_date,
    entry_link,
    entry_tags,
    entry_title,
    entry_updated,
)
from feedserver.render.content import content_html, escaped_summary
from feedserver.render.syndication import frame, split
from feedserver.render.xml import attribute, plain, text

_TITLE = re.compile(rb"<title>[^<]*</")
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
        return split(_TITLE.sub(_with_plain_references, document), b"</channel>")

    def fragment(self, entry: Entry, view: View) -> bytes:
        """See Renderer.fragment."""
        content = text(content_html(entry, view))
        summary = text(escaped_summary(entry, view)) if "summary" in view.show and entry.summary else ""
        talk = discussion_link(entry)
        parts = [
            f"<item><title>{plain(entry_title(entry, view))}</title><link>{text(entry_link(entry, view))}</link>",
            f"<description>{summary or content}</description>",
            f"<content:encoded>{content}</content:encoded>" if summary else "",
            f'<guid isPermaLink="false">{text(entry.id)}</guid>',
            *(f"<category>{plain(tag)}</category>" for tag in entry_tags(entry, view)),
            f"<comments>{text(talk)}</comments>" if talk else "",
            f"<pubDate>{format_datetime(entry_date(entry, view))}</pubDate>",
            f"<dcterms:created>{entry.published.isoformat()}</dcterms:created>",
            f"<slash:comments>{entry.comments}</slash:comments>" if view.counted and talk else "",
            f"<atom:updated>{entry_updated(entry, view).isoformat()}</atom:updated>",
            *(f"<dc:creator>{plain(name)}</dc:creator>" for name in author_names(entry)),
            f'<media:thumbnail url="{attribute(entry.thumbnail)}"/>' if entry.thumbnail else "",
            "</item>",
        ]
        return "".join(parts).encode()


def _with_plain_references(title: re.Match[bytes]) -> bytes:
    return title[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;").replace(b"&gt;", b"&#x3E;")
