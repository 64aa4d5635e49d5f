"""``/feed.*`` for ad-hoc queries, ``/feeds/<name>.*`` for definitions: the addresses that readers poll."""

from flask import Blueprint, Response, request

from feedserver.feeds import Address, build_feed, definition_named
from feedserver.model import EPOCH, Feed
from feedserver.query import parse_query
from feedserver.render import RENDERERS
from feedserver.web.conditional import conditional
from feedserver.web.site import current_site

blueprint = Blueprint("feeds", __name__)

_FORMAT = f"<any({','.join(RENDERERS)}):format_name>"


@blueprint.get(f"/feed.{_FORMAT}")
def ad_hoc(format_name: str) -> Response:
    """Answer a query that stands in the address alone."""
    return _respond(requested_feed(), format_name)


@blueprint.get(f"/feeds/<name>.{_FORMAT}")
def named(name: str, format_name: str) -> Response:
    """Answer a defined feed, refined by what stands in the address."""
    return _respond(requested_feed(name), format_name)


def requested_feed(name: str | None = None) -> Feed:
    """Return the feed that the current request asks for. Raises UnknownFeedError and QueryError."""
    site = current_site()
    base = definition_named(site.definitions.current(), name).query if name else None
    query = parse_query(request.args.items(multi=True), base)
    path = f"feeds/{name}" if name else "feed"
    return build_feed(site.store, query, Address(site.base_url(), path, query.query_string), site.now())


def _respond(feed: Feed, format_name: str) -> Response:
    renderer = RENDERERS[format_name]
    defined = current_site().definitions.changed if request.endpoint == "feeds.named" else EPOCH
    response = conditional(renderer.render(feed), f"{renderer.media_type}; charset=utf-8", max(feed.modified, defined))
    response.headers["Link"] = ", ".join(_links(feed, format_name))
    return response


def _links(feed: Feed, format_name: str) -> list[str]:
    """RFC 8288: the feed itself first, then the same feed in the other formats, then its page."""
    formats = sorted(RENDERERS, key=lambda other: other != format_name)
    links = [
        f'<{feed.self_urls[other]}>; rel="{"self" if other == format_name else "alternate"}"; '
        f'type="{RENDERERS[other].media_type}"'
        for other in formats
    ]
    return [*links, f'<{feed.home_url}>; rel="alternate"; type="text/html"']
