"""``/feeds.opml``: the defined feeds, or some of them, as a subscription list."""

from collections.abc import Iterable

from flask import Response, request

from feedserver.errors import QueryError, suggest
from feedserver.feeds import Address, definition_named, feed_title, subtitle
from feedserver.query import Definition
from feedserver.render import RENDERERS
from feedserver.render.opml import MEDIA_TYPE, Subscription, render_opml
from feedserver.web.pages.base import blueprint, check_parameters
from feedserver.web.pages.catalogue import grouped
from feedserver.web.site import current_site

_FORMAT = "atom"


@blueprint.get("/feeds.opml")
def opml() -> Response:
    """List all feeds, or those that ``feeds`` names, in the format that ``format`` names. Raises QueryError."""
    check_parameters("feeds", "format")
    current_site().limits.count_poll()
    format_name = request.args.get("format", _FORMAT)
    if format_name not in RENDERERS:
        raise QueryError(f"format: unknown format {format_name!r}{suggest(format_name, RENDERERS)}", parameter="format")
    body = render_opml("Feedserver", _subscriptions(_chosen(), format_name))
    response = Response(body, mimetype=MEDIA_TYPE)
    response.headers["Content-Disposition"] = "attachment; filename=feeds.opml"
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]  # the same response


def _chosen() -> list[Definition]:
    catalogue = current_site().definitions.current()
    names = (name.strip() for given in request.args.getlist("feeds") for name in given.split(","))
    chosen = dict.fromkeys(name for name in names if name)
    return [definition_named(catalogue, name) for name in chosen] or list(catalogue.values())


def _subscriptions(definitions: list[Definition], format_name: str) -> Iterable[Subscription]:
    base = current_site().base_url()
    for group, members in grouped(definitions).items():
        for definition in members:
            address = Address(base, f"feeds/{definition.name}")
            yield Subscription(
                feed_title(definition.query),
                subtitle(definition.query),
                address.self_urls[format_name],
                address.home_url,
                group,
            )
