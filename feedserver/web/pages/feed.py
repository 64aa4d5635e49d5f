"""``/feeds/<name>``, ``/feed?...``: what a person sees who follows a feed's home link, and pages of its history."""

from functools import partial

from flask import Response

from feedserver.feeds import Offer, build_archive, build_feed
from feedserver.filters import resolve
from feedserver.web.feeds import requested
from feedserver.web.pages.base import Values, blueprint, page
from feedserver.web.pages.entries import says, shown
from feedserver.web.pages.panel import panel
from feedserver.web.pages.snippets import oembed_url
from feedserver.web.site import current_site

MOST_SHOWN = 50  # entries of a feed on its page; older ones are on pages of their own


@blueprint.get("/feed")
def ad_hoc() -> Response:
    """Show the feed of an ad-hoc query."""
    return _page(requested(None), None)


@blueprint.get("/feeds/<name>")
def named(name: str) -> Response:
    """Show a defined feed."""
    return _page(requested(name), name)


@blueprint.get("/feed/<archive>")
def ad_hoc_archive(archive: str) -> Response:
    """Show a part of an ad-hoc query's history."""
    return _archive_page(requested(None), archive)


@blueprint.get("/feeds/<name>/<archive>")
def named_archive(name: str, archive: str) -> Response:
    """Show a part of a defined feed's history."""
    return _archive_page(requested(name), archive)


def _page(offer: Offer, name: str | None) -> Response:
    return page(offer.address, "feed.html", partial(_values, offer, name))


def _values(offer: Offer, name: str | None) -> Values:
    site = current_site()
    feed = build_feed(site.store, offer.at_most(MOST_SHOWN), site.now())
    part = resolve(offer.query.filter, site.now())
    return {
        "feed": feed,
        "says": says(feed),
        "entries": [shown(entry, feed.view, part) for entry in feed.entries],
        "older": _page_of(feed.related.get("prev-archive")),
        "oembed_url": oembed_url(offer.address) if site.settings.server.frame_ancestors else None,
        **panel(offer, name),
    }


def _archive_page(offer: Offer, archive: str) -> Response:
    return page(offer.address.archive(archive), "archive.html", partial(_archive_values, offer, archive))


def _archive_values(offer: Offer, archive: str) -> Values:
    feed = build_archive(current_site().store, offer, archive)
    days = [entry.entered.date() for entry in feed.entries if entry.entered]
    return {
        "feed": feed,
        "home": offer.address.home_url,
        "first": min(days, default=None),
        "last": max(days, default=None),
        "entries": [shown(entry, feed.view, brief=not offer.query.digest) for entry in feed.entries],
        "older": _page_of(feed.related.get("prev-archive")),
        "newer": _page_of(feed.related.get("next-archive")),
    }


def _page_of(urls: dict[str, str] | None) -> str | None:
    """Return the address of the page for a document that has these addresses."""
    if urls is None:
        return None
    address, mark, query = urls["json"].partition("?")
    return address.removesuffix(".json") + mark + query
