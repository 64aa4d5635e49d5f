"""``/feed.*`` for ad-hoc queries, ``/feeds/<name>.*`` for definitions: the addresses that readers poll."""

import time
from datetime import datetime

from flask import Blueprint, Response, request

from feedserver.errors import QueryError, UnknownFeedError
from feedserver.feeds import Address, build_feed, definition_named, holds
from feedserver.model import Feed
from feedserver.query import Query, parse_query
from feedserver.render import RENDERERS, render
from feedserver.web.fast import alias_of, conditions_of
from feedserver.web.finished import Finished, Headers, finish
from feedserver.web.site import current_site

blueprint = Blueprint("feeds", __name__)

# Anybody's page may read a feed; nothing here depends on who asks (Fetch standard, CORS protocol).
CROSS_ORIGIN: Headers = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Last-Modified, Link, RateLimit, RateLimit-Policy, Retry-After"),
]
_PREFLIGHT: Headers = [
    ("Allow", "GET, HEAD, OPTIONS"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
    ("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since, Cache-Control"),
    ("Access-Control-Max-Age", "86400"),
]

_FORMAT = f"<any({','.join(RENDERERS)}):format_name>"


@blueprint.get(f"/feed.{_FORMAT}", provide_automatic_options=False)
def ad_hoc(format_name: str) -> Response:
    """Answer a query that stands in the address alone."""
    return _respond(None, format_name)


@blueprint.get(f"/feeds/<name>.{_FORMAT}", provide_automatic_options=False)
def named(name: str, format_name: str) -> Response:
    """Answer a defined feed, refined by what stands in the address."""
    return _respond(name, format_name)


@blueprint.route(f"/feed.{_FORMAT}", methods=["OPTIONS"])
@blueprint.route(f"/feeds/<name>.{_FORMAT}", methods=["OPTIONS"])
def preflight(**_address: str) -> Response:
    """Say what a page of another origin may ask for."""
    return Response(status=204, headers=_PREFLIGHT)


def requested(name: str | None) -> tuple[Query, Address]:
    """Return what the current request asks for. Raises UnknownFeedError, QueryError and TooManyRequests."""
    site = current_site()
    try:
        base = definition_named(site.definitions.current(), name).query if name else None
        query = parse_query(request.args.items(multi=True), base)
    except (UnknownFeedError, QueryError):
        site.limits.count_poll()
        raise
    return query, Address(site.base_url(), f"feeds/{name}" if name else "feed", query.query_string)


def _respond(name: str | None, format_name: str) -> Response:
    site = current_site()
    query, address = requested(name)
    key = (address, format_name)

    def build() -> tuple[Finished, float]:
        site.limits.count_build(address)
        now = site.now()
        since, until = holds(query, now)
        changed = max(site.store.revision().changed, site.definitions.changed if name else since, since)
        feed = build_feed(site.store, query, address, now)
        return _finish(feed, format_name, min(changed, now)), until.timestamp()

    finished = site.cache.get(key, site.watch.version(), time.time(), build)
    site.cache.alias(alias_of(request.environ), key)
    status, headers, body = finished.answer(conditions_of(request.environ))
    return Response(body, status, headers)


def _finish(feed: Feed, format_name: str, changed: datetime) -> Finished:
    site = current_site()
    renderer = RENDERERS[format_name]
    headers: Headers = [
        ("Content-Type", f"{renderer.media_type}; charset=utf-8"),
        ("Cache-Control", f"public, max-age={int(site.settings.server.max_age.total_seconds())}"),
        ("Link", ", ".join(_links(feed, format_name))),
        ("X-Content-Type-Options", "nosniff"),
        *CROSS_ORIGIN,
    ]
    return finish(render(renderer, feed, site.fragments), changed, headers)


def _links(feed: Feed, format_name: str) -> list[str]:
    """RFC 8288: the feed itself first, then the same feed in the other formats, then its page."""
    formats = sorted(RENDERERS, key=lambda other: other != format_name)
    links = [
        f'<{feed.self_urls[other]}>; rel="{"self" if other == format_name else "alternate"}"; '
        f'type="{RENDERERS[other].media_type}"'
        for other in formats
    ]
    return [*links, f'<{feed.home_url}>; rel="alternate"; type="text/html"']
