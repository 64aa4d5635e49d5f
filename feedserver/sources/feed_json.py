"""JSON Feed 1.0 and 1.1 -> what it says of its entries (https://www.jsonfeed.org/version/1.1/)."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from feedserver.errors import ListingError
from feedserver.sources.feed_element import Element, Marked, Window
from feedserver.text import clean

VERSION = "jsonfeed.org/version/"


def read_json(body: bytes) -> Window:
    """Return what a JSON Feed says. Raises ListingError where the bytes are none."""
    try:
        feed = json.loads(body.lstrip())
    except (ValueError, RecursionError) as error:
        raise ListingError(f"not JSON ({str(error)[:100]}); it begins {body[:60]!r}") from error
    if not isinstance(feed, dict) or VERSION not in str(feed.get("version"))[:100]:
        raise ListingError(f"JSON, but no JSON Feed: its 'version' is no {VERSION!r}; it begins {body[:60]!r}")
    if not isinstance(items := feed.get("items"), list):
        raise ListingError("a JSON Feed without a list of 'items'")
    authors = _authors(feed)
    return Window(
        home=_text(feed, "home_page_url"),
        address=_text(feed, "feed_url"),
        elements=tuple(_element(item, authors) for item in items if isinstance(item, dict)),
    )


def _element(item: Mapping[str, Any], authors: tuple[str, ...]) -> Element:
    attachments = [one for one in _list(item, "attachments") if isinstance(one, dict)]
    guid = item.get("id")
    return Element(
        guid=clean(str(guid)) if isinstance(guid, str | int | float) else "",
        links=(_text(item, "url"), _text(item, "external_url")),
        title=clean(_text(item, "title")),
        texts=(
            Marked(_text(item, "content_html"), is_html=True),
            Marked(_text(item, "content_text"), is_html=False),
            Marked(_text(item, "summary"), is_html=False),
        ),
        authors=_authors(item) or authors,
        categories=tuple(tag for tag in _list(item, "tags") if isinstance(tag, str)),
        dates=(_instant(item, "date_published"), _instant(item, "date_modified")),
        media=tuple(_text(one, "url") for one in attachments),
        images=(
            _text(item, "image"), _text(item, "banner_image"),
            *(_text(one, "url") for one in attachments if _text(one, "mime_type").startswith("image/")),
        ),
    )  # fmt: skip


def _authors(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names under ``authors``, or under the ``author`` of version 1.0."""
    people = [*_list(fields, "authors"), fields.get("author")]
    return tuple(name for one in people if isinstance(one, dict) and (name := _text(one, "name")))


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _list(fields: Mapping[str, Any], name: str) -> list[Any]:
    value = fields.get(name)
    return value if isinstance(value, list) else []


def _instant(fields: Mapping[str, Any], name: str) -> datetime | None:
    """Read an RFC 3339 time, or one as in mail, which some write."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(_text(fields, name).strip()[:100])
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None
