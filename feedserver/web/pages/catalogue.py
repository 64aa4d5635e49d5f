"""``/``: what feeds there are, with their addresses, and the parameters explained."""

from flask import Response

from feedserver.feeds import feed_title, subtitle
from feedserver.query import PARAMETERS
from feedserver.web.pages.base import Values, blueprint, page
from feedserver.web.site import current_site


@blueprint.get("/")
def catalogue() -> Response:
    """List the defined feeds with their addresses, and explain the parameters."""
    return page("catalogue", "home.html", _values)


def _values() -> Values:
    definitions = current_site().definitions.current().values()
    feeds = [
        {"name": definition.name, "title": feed_title(definition.query), "subtitle": subtitle(definition.query)}
        for definition in definitions
    ]
    return {"feeds": feeds, "parameters": PARAMETERS}
