"""``/entry?id=...``: everything known of one entry, how its votes grew, what is like it, which feeds it is in."""

from functools import partial
from urllib.parse import urlsplit

from flask import Response, abort, request

from feedserver.feeds import Address, feed_title, related
from feedserver.filters import matches, resolve
from feedserver.model import Entry, View
from feedserver.render import entry_summary, entry_title, is_voted, plain
from feedserver.taxonomy import category_name
from feedserver.web.pages.base import Values, blueprint, check_parameters, page
from feedserver.web.pages.charts import curve
from feedserver.web.pages.entries import shown
from feedserver.web.site import current_site

_VIEW = View()
_WIDTH, _HEIGHT = 480, 96  # of the curve
_FOLDED = 30  # authors, beyond whom the list is folded


@blueprint.get("/entry")
def entry() -> Response:
    """Show an entry, by its id."""
    check_parameters("id")
    found = current_site().store.get(request.args.get("id", ""))
    if found is None:
        current_site().limits.count_poll()
        abort(404, "no entry has that id")
    return page(f"entry {found.id}", "entry.html", partial(_values, found))


def _values(found: Entry) -> Values:
    site = current_site()
    rises = [(rise.observed, rise.count) for rise in site.store.history(found.id) if rise.field == "upvotes"]
    return {
        "entry": found,
        "title": entry_title(found, _VIEW),
        "ai_summary": plain(found.ai_summary or "", _VIEW.maths),
        "summary": entry_summary(found, _VIEW),
        "is_voted": is_voted(found),
        "folded": len(found.authors) > _FOLDED,
        "categories": [(code, category_name(code)) for code in found.categories],
        "pictures": _pictures(found),
        "curve": curve(rises, site.now(), _WIDTH, _HEIGHT),
        "since": rises[0][0] if rises else None,
        "related": [shown(other, _VIEW) for other in related(site.store, found)],
        "feeds": _feeds_with(found),
    }


def _pictures(found: Entry) -> list[tuple[str, str]]:
    """Return name and address of each picture and film; the page itself asks no other host for them."""
    addresses = dict.fromkeys(filter(None, (found.thumbnail, *found.media)))
    return [(urlsplit(address).path.rpartition("/")[2] or address, address) for address in addresses]


def _feeds_with(found: Entry) -> list[tuple[str, str]]:
    """Return title and page of each defined feed that the entry is in by its filter alone: not of chosen editions."""
    site = current_site()
    return [
        (feed_title(definition.query), Address(site.base_url(), f"feeds/{definition.name}").home_url)
        for definition in site.definitions.current().values()
        if not (definition.query.unit or definition.query.per_day)
        and matches(resolve(definition.query.filter, site.now()), found)
    ]
