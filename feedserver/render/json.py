"""Feed -> JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from feedserver.model import CountField, Entry, Feed, View
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
from feedserver.render.prose import plain

EXTENSION = "_feedserver"


class Json:
    """JSON Feed 1.1; what it has no field for lies under ``_feedserver``."""

    name = "json"
    title = "JSON Feed"
    media_type = "application/feed+json"
    separator = b","

    def frame(self, feed: Feed) -> tuple[bytes, bytes]:
        """See Renderer.frame."""
        document = msgspec.json.encode(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": feed.title,
                "home_page_url": feed.home_url,
                "feed_url": feed.self_urls[self.name],
                **({"next_url": older[self.name]} if (older := feed.related.get("prev-archive")) else {}),
                "description": feed.subtitle,
                "icon": feed.icon_url,
                "favicon": feed.icon_url,
                "language": "en",
                **({"hubs": [{"type": "WebSub", "url": feed.hub_url}]} if feed.hub_url else {}),
                "items": [],
            }
        )
        return document.removesuffix(b"]}"), b"]}"

    def fragment(self, entry: Entry, view: View) -> bytes:
        """See Renderer.fragment."""
        return msgspec.json.encode(_item(entry, view))


def _item(entry: Entry, view: View) -> Mapping[str, Any]:
    link = entry_link(entry, view)
    return _filled(
        {
            "id": entry.id,
            "url": link,
            "external_url": entry.links.arxiv if entry.links.arxiv != link else None,
            "title": entry_title(entry, view),
            "content_html": content_html(entry, view),
            "summary": _summary(entry, view),
            "image": entry.thumbnail,
            "date_published": entry_date(entry, view),
            "date_modified": entry_updated(entry, view),
            "authors": [{"name": name} for name in author_names(entry)],
            "tags": entry_tags(entry, view),
            EXTENSION: _extension(entry, view),
        }
    )


def _summary(entry: Entry, view: View) -> str | None:
    """Return a sentence or two, as the standard has it, where there are; the abstract is in the content."""
    if "ai_summary" in view.show and entry.ai_summary:
        return plain(entry.ai_summary, view.maths)
    return entry_summary(entry, view) if "summary" in view.show else None


def _extension(entry: Entry, view: View) -> Mapping[str, Any]:
    organisation = entry.organisation
    counts = (
        {field: getattr(entry, field) for field in get_args(CountField)} if view.counted and not entry.content else {}
    )
    return _filled(
        {
            **counts,
            "author_count": len(entry.authors),
            "organisation": organisation and {"name": organisation.name, "full_name": organisation.full_name},
            "submitter": entry.submitter and entry.submitter.name,
            "published": entry.published,
            "listed": entry.listed,
            "withdrawn": entry.withdrawn,
            "sources": entry.sources,
            "links": _filled(
                {
                    "page": entry.links.page,
                    "arxiv": entry.links.arxiv,
                    "pdf": entry.links.pdf,
                    "code": entry.links.code,
                    "project": entry.links.project,
                    "discussion": discussion_link(entry),
                }
            ),
        }
    )


def _filled(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out what is not known; zero is known."""
    return {name: value for name, value in fields.items() if value not in (None, (), [], "")}
