"""Feeds under headings -> a subscription list (http://opml.org/spec2.opml), which every reader takes."""

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from lxml import etree

MEDIA_TYPE = "text/x-opml"


class Subscription(NamedTuple):
    """A feed to subscribe to: its title, what it holds, its address and its page, and the heading it stands under."""

    title: str
    description: str
    url: str
    page: str
    group: str | None = None


def render_opml(title: str, subscriptions: Iterable[Subscription]) -> bytes:
    """Return the list; feeds that follow each other under the same heading are in one folder."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for group, members in groupby(subscriptions, key=lambda subscription: subscription.group):
        parent = body if group is None else etree.SubElement(body, "outline", text=group, title=group)
        for one in members:
            etree.SubElement(
                parent, "outline", type="rss", text=one.title, title=one.title, description=one.description,
                xmlUrl=one.url, htmlUrl=one.page,
            )  # fmt: skip
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
