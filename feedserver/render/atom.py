"""Feed -> Atom 1.0 (RFC 4287): the feed's own part by feedgen, its entries as feedgen would write them."""

from feedserver.model import Entry, Feed, View
from feedserver.render.base import (
    author_names,
    discussion_link,
    entry_date,
    entry_link,
    entry_summary,
    entry_tags,
    entry_title,
    entry_updated,
)
from feedserver.render.content import content_html
from feedserver.render.syndication import frame, split
from feedserver.render.xml import attribute, text
from feedserver.taxonomy import SCHEME, category_name


class Atom:
    """Atom 1.0 with Media RSS, DCMI terms and the threading extension (RFC 4685)."""

    name = "atom"
    title = "Atom"
    media_type = "application/atom+xml"
    separator = b""

    def frame(self, feed: Feed) -> tuple[bytes, bytes]:
        """See Renderer.frame."""
        return split(frame(feed, self.name, self.media_type).atom_str(), b"</feed>")

    def fragment(self, entry: Entry, view: View) -> bytes:
        """See Renderer.fragment."""
        summary = entry_summary(entry, view) if "summary" in view.show else ""
        count = f' thr:count="{entry.comments}"' if view.counted else ""
        talk = discussion_link(entry)
        parts = [
            f"<entry><id>{text(entry.id)}</id><title>{text(entry_title(entry, view))}</title>",
            f"<updated>{entry_updated(entry, view).isoformat()}</updated>",
            *(f"<author><name>{text(name)}</name></author>" for name in author_names(entry)),
            f'<content type="html">{text(content_html(entry, view))}</content>',
            f'<link href="{attribute(entry_link(entry, view))}"/>',
            f'<summary type="text">{text(summary)}</summary>' if summary else "",
            *(_category(tag) for tag in entry_tags(entry, view)),
            f"<published>{entry_date(entry, view).isoformat()}</published>",
            f"<dcterms:created>{entry.published.isoformat()}</dcterms:created>",
            f'<link rel="replies" type="text/html" href="{attribute(talk)}"{count}/>' if talk else "",
            f'<media:thumbnail url="{attribute(entry.thumbnail)}"/>' if entry.thumbnail else "",
            "</entry>",
        ]
        return "".join(parts).encode()


def _category(tag: str) -> str:
    """Spell a tag; a category of arXiv's with its name."""
    name = category_name(tag)
    named = f' scheme="{SCHEME}" label="{attribute(name)}"' if name else ""
    return f'<category term="{attribute(tag)}"{named}/>'
