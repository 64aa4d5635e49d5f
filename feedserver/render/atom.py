"""Feed -> Atom 1.0 (RFC 4287), by feedgen."""

from feedserver.model import Feed
from feedserver.render.syndication import generator


class Atom:
    """Atom 1.0 with Media RSS, DCMI terms and the threading extension."""

    name = "atom"
    title = "Atom"
    media_type = "application/atom+xml"

    def render(self, feed: Feed) -> bytes:
        """See Renderer.render."""
        document: bytes = generator(feed, self.name, self.media_type).atom_str()
        return document
