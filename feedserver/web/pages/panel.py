"""A feed on offer -> what a page tells of it: what it brings, how to subscribe, how to write it down."""

from dataclasses import replace

from feedserver.config import spell_definition
from feedserver.feeds import Offer, feed_title, outlook
from feedserver.query import PARAMETERS, Query
from feedserver.render import RENDERERS
from feedserver.web.pages.base import Values
from feedserver.web.pages.charts import bar_chart
from feedserver.web.pages.snippets import snippets
from feedserver.web.pages.subscribe import code, readers
from feedserver.web.pages.words import spell_rate
from feedserver.web.site import current_site

DAYS = 90
_HEIGHT = 48  # of the chart


def panel(offer: Offer, name: str | None = None) -> Values:
    """Return how many entries a day there are, the addresses in all formats, and the lines for ``feeds.toml``."""
    site = current_site()
    seen = outlook(site.store, offer.query, site.now(), DAYS, site.settings.zone)
    urls, whole = offer.address.self_urls, _whole(offer.query, name)
    return {
        "addresses": [(renderer, urls[renderer.name]) for renderer in RENDERERS.values()],
        "builder": f"{site.base_url()}/build?{whole.query_string}" if whole else None,
        "chart": bar_chart([day.entries for day in seen.days], _HEIGHT),
        "code": code(urls["atom"]),
        "definition": spell_definition(name or "my-feed", whole) if whole else None,
        "outlook": seen,
        "rate": spell_rate(seen.per_day),
        "snippets": snippets(offer.address, feed_title(offer.query), framed=bool(site.settings.server.frame_ancestors)),
        "readers": readers(urls["atom"]),
    }


def _whole(query: Query, name: str | None) -> Query | None:
    """Return the query with the parameters of the definition that it refines; None where one says more of the other.

    Of a feed of words, for example, refined by further words, both hold, which one parameter can't say.
    """
    base = current_site().definitions.current()[name].query.parameters if name else ()
    refined = dict(query.parameters)
    if any(parameter in refined for parameter, _ in base):
        return None
    given = dict(base) | refined
    return replace(query, parameters=tuple((one.name, given[one.name]) for one in PARAMETERS if one.name in given))
