"""``/``: the defined feeds under their headings, what each brings, and where to begin."""

from collections.abc import Iterable

from flask import Response

from feedserver.feeds import Address, Offer, build_feed, feed_title, outlook
from feedserver.query import Definition
from feedserver.web.pages.base import Values, blueprint, page
from feedserver.web.pages.charts import bar_chart
from feedserver.web.pages.entries import says, shown
from feedserver.web.pages.words import spell_rate
from feedserver.web.site import current_site

_DAYS, _HEIGHT = 30, 28  # of the chart
_NEWEST = 3  # entries


@blueprint.get("/")
def catalogue() -> Response:
    """List the defined feeds."""
    return page("catalogue", "catalogue.html", _values)


def grouped(definitions: Iterable[Definition]) -> dict[str | None, list[Definition]]:
    """Return heading -> feeds, both in the order of the file."""
    groups: dict[str | None, list[Definition]] = {}
    for definition in definitions:
        groups.setdefault(definition.group, []).append(definition)
    return groups


def _values() -> Values:
    groups = grouped(current_site().definitions.current().values())
    return {"groups": {group: [_card(one) for one in members] for group, members in groups.items()}}


def _card(definition: Definition) -> Values:
    site, query = current_site(), definition.query
    address = Address(site.base_url(), f"feeds/{definition.name}")
    offer = Offer(query, address, site.settings.max_age, zone=site.settings.zone)
    feed = build_feed(site.store, offer.at_most(_NEWEST), site.now())
    seen = outlook(site.store, query, site.now(), _DAYS, site.settings.zone)
    return {
        "name": definition.name,
        "title": feed_title(query),
        "says": says(feed),
        "page": address.home_url,
        "urls": address.self_urls,
        "chart": bar_chart([day.entries for day in seen.days], _HEIGHT),
        "rate": spell_rate(seen.per_day),
        "newest": [shown(entry, feed.view) for entry in feed.entries],
    }
