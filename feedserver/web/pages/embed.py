"""``/embed/<name>`` and ``/embed?...``: a feed as a small page for frames; with ``.html``, as a list to be included."""

from collections.abc import Collection
from functools import partial

from flask import Response, request
from flask_babel import force_locale

from feedserver.errors import QueryError
from feedserver.feeds import Offer, build_feed, holds
from feedserver.identity import web_address
from feedserver.model import Entry, View
from feedserver.render import entry_date, entry_link, entry_title
from feedserver.web.feeds import CROSS_ORIGIN, lifetime, requested
from feedserver.web.finished import Headers
from feedserver.web.pages.appearance import APPEARANCE, Appearance, parse_appearance
from feedserver.web.pages.base import Values, Variant, blueprint, page, policy
from feedserver.web.pages.words import spell_authors
from feedserver.web.site import current_site

_ALL = frozenset(parameter.name for parameter in APPEARANCE)
_OF_LISTS = frozenset({"count", "lang"})  # a list that is included looks as its host likes
_NAMED_AUTHORS = 3


@blueprint.get("/embed")
def embed() -> Response:
    """Show an ad-hoc query in a frame."""
    return _frame(None)


@blueprint.get("/embed/<name>")
def embed_named(name: str) -> Response:
    """Show a defined feed in a frame."""
    return _frame(name)


@blueprint.get("/embed.html")
def include() -> Response:
    """Give the list of an ad-hoc query's entries."""
    return _list(None)


@blueprint.get("/embed/<name>.html")
def include_named(name: str) -> Response:
    """Give the list of a defined feed's entries."""
    return _list(name)


def _frame(name: str | None) -> Response:
    offer, appearance = _asked(name, _ALL)
    return _page(offer, appearance, "embed.html", [policy(current_site().settings.server.frame_ancestors)])


def _list(name: str | None) -> Response:
    offer, appearance = _asked(name, _OF_LISTS)
    return _page(offer, appearance, "embed_list.html", CROSS_ORIGIN)


def _asked(name: str | None, names: Collection[str]) -> tuple[Offer, Appearance]:
    try:
        appearance, others = parse_appearance(request.args.items(multi=True), names)
    except QueryError:
        current_site().limits.count_poll()
        raise
    return requested(name, others).at_most(appearance.count), appearance


def _page(offer: Offer, appearance: Appearance, template: str, more: Headers) -> Response:
    now = current_site().now()
    with force_locale(appearance.lang):
        return page(
            Variant(offer.address, (template, appearance)),
            template,
            partial(_values, offer, appearance, framed=template == "embed.html"),
            lasts=(holds(offer.query, now)[1] - now).total_seconds(),
            headers=[("Cache-Control", lifetime()), *more],
        )


def _values(offer: Offer, appearance: Appearance, *, framed: bool) -> Values:
    site = current_site()
    feed = build_feed(site.store, offer, site.now())
    entries = [_shown(entry, feed.view) for entry in feed.entries]
    return {"feed": feed, "entries": entries, "appearance": appearance, "framed": framed}


def _shown(entry: Entry, view: View) -> Values:
    """Return what an embed shows of an entry; a link leads to the web, or there is none."""
    return {
        "title": entry_title(entry, view),
        "link": web_address(entry_link(entry, view)),
        "date": entry_date(entry, view),
        "authors": spell_authors(entry.authors, _NAMED_AUTHORS) if "authors" in view.show else "",
        "upvotes": entry.upvotes if "upvotes" in view.show and not entry.content else 0,
    }
