"""Feed -> Atom 1.0 (RFC 4287), by feedgen."""

from feedserver.model import Entry, Feed, View
from feedserver.render.syndication import filled, frame, spell, split


class Atom:
    """Atom 1.0 with Media RSS, DCMI terms and the threading extension."""

    name = "atom"
    title = "Atom"
    media_type = "application/atom+xml"
    separator = b""

    def frame(self, feed: Feed) -> tuple[bytes, bytes]:
        """See Renderer.frame."""
        return split(frame(feed, self.name, self.media_type).atom_str(), b"</feed>")

    def fragment(self, entry: Entry, view: View) -> bytes:
        """See Renderer.fragment."""
        return spell(filled(entry, view).atom_entry())
