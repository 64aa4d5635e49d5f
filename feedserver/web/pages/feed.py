"""``/feeds/<name>`` and ``/feed?...``: what a person sees who follows a feed's home link."""

from functools import partial

from flask import Response

from feedserver.feeds import Offer, build_feed
from feedserver.model import Entry, View
from feedserver.render import entry_date, entry_link, entry_summary, entry_title, is_voted, plain, spell_authors
from feedserver.web.feeds import requested
from feedserver.web.pages.base import Values, blueprint, page
from feedserver.web.pages.snippets import oembed_url
from feedserver.web.site import current_site


@blueprint.get("/feed")
def ad_hoc() -> Response:
    """Show the feed of an ad-hoc query."""
    return _page(requested(None))


@blueprint.get("/feeds/<name>")
def named(name: str) -> Response:
    """Show a defined feed."""
    return _page(requested(name))


def _page(offer: Offer) -> Response:
    return page(offer.address, "feed.html", partial(_values, offer))


def _values(offer: Offer) -> Values:
    site = current_site()
    feed = build_feed(site.store, offer, site.now())
    return {
        "feed": feed,
        "entries": [shown(entry, feed.view) for entry in feed.entries],
        "oembed_url": oembed_url(offer.address),
    }


def shown(entry: Entry, view: View) -> Values:
    """Return what a list of entries shows of one."""
    return {
        "title": entry_title(entry, view),
        "link": entry_link(entry, view),
        "date": entry_date(entry, view),
        "authors": spell_authors(entry.authors),
        "organisation": entry.organisation and entry.organisation.full_name,
        "is_voted": is_voted(entry),
        "upvotes": entry.upvotes,
        "comments": entry.comments,
        "code": entry.links.code,
        "summary": plain(entry.ai_summary or "", view.maths) or entry_summary(entry, view),
    }
