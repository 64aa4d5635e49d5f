"""``/feed.*`` for ad-hoc queries, ``/feeds/<name>.*`` for definitions: the addresses that readers poll."""

import time

from flask import Blueprint, Response, request

from feedserver.feeds import Address, Offer, build_archive, compose, definition_named, holds
from feedserver.model import Feed
from feedserver.query import parse_query
from feedserver.render import RENDERERS, Renderer, make_document
from feedserver.web.fast import alias_of, conditions_of
from feedserver.web.finished import Finished, Headers, finish
from feedserver.web.site import current_site

blueprint = Blueprint("feeds", __name__)

# Anybody's page may read a feed; nothing here depends on who asks (Fetch standard, CORS protocol).
CROSS_ORIGIN: Headers = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Last-Modified, Link"),
]
CLOSED = "public, max-age=604800"  # a week: what is closed may still be corrected upstream
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


@blueprint.get(f"/feed/<archive>.{_FORMAT}", provide_automatic_options=False)
def ad_hoc_archive(archive: str, format_name: str) -> Response:
    """Answer a part of an ad-hoc query's history."""
    return _respond(None, format_name, archive)


@blueprint.get(f"/feeds/<name>/<archive>.{_FORMAT}", provide_automatic_options=False)
def named_archive(name: str, archive: str, format_name: str) -> Response:
    """Answer a part of a defined feed's history."""
    return _respond(name, format_name, archive)


@blueprint.route(f"/feed.{_FORMAT}", methods=["OPTIONS"])
@blueprint.route(f"/feeds/<name>.{_FORMAT}", methods=["OPTIONS"])
@blueprint.route(f"/feed/<archive>.{_FORMAT}", methods=["OPTIONS"])
@blueprint.route(f"/feeds/<name>/<archive>.{_FORMAT}", methods=["OPTIONS"])
def preflight(**_address: str) -> Response:
    """Say what a page of another origin may ask for."""
    return Response(status=204, headers=_PREFLIGHT)


def requested(name: str | None) -> Offer:
    """Return what the current request asks for. Raises UnknownFeedError and QueryError."""
    site = current_site()
    base = definition_named(site.definitions.current(), name).query if name else None
    query = parse_query(request.args.items(multi=True), base)
    address = Address(site.base_url(), f"feeds/{name}" if name else "feed", query.query_string)
    return Offer(query, address, site.settings.max_age, site.settings.hub_url)


def _respond(name: str | None, format_name: str, archive: str | None = None) -> Response:
    site = current_site()
    offer = requested(name)
    renderer = RENDERERS[format_name]
    key = (offer.address, archive, format_name)

    def build() -> tuple[Finished, float]:
        now = site.now()
        since, until = holds(offer.query, now)
        if archive is None:
            feed, document, changed = compose(site.store, offer, now, renderer, site.fragments)
        else:
            changed = site.store.revision().changed
            feed = build_archive(site.store, offer, archive)
            document = make_document(renderer, feed)
        changed = min(max(changed, site.definitions.changed if name else since, since), now)
        headers: Headers = [
            ("Content-Type", f"{renderer.media_type}; charset=utf-8"),
            ("Cache-Control", CLOSED if feed.is_archive else _lifetime()),
            ("Link", ", ".join(_links(feed, renderer))),
            ("X-Content-Type-Options", "nosniff"),
            *CROSS_ORIGIN,
        ]
        return finish(document, changed, headers), until.timestamp()

    finished = site.cache.get(key, site.watch.version(), time.time(), build)
    site.cache.alias(alias_of(request.environ), key)
    status, headers, body = finished.answer(conditions_of(request.environ))
    return Response(body, status, headers)


def _lifetime() -> str:
    """Return how long a feed may be kept, and in which cases a cache may pass it on for longer (RFC 5861)."""
    settings = current_site().settings
    seconds, away = (int(span.total_seconds()) for span in (settings.max_age, settings.server.stale_if_error))
    return f"public, max-age={seconds}, stale-while-revalidate={seconds}, stale-if-error={away}"


def _links(feed: Feed, renderer: Renderer) -> list[str]:
    """RFC 8288: the feed itself first, its other documents, the other formats, its page, its hub (WebSub, 4)."""
    own = {"self": feed.self_urls, **feed.related}
    links = [(urls[renderer.name], relation, renderer.media_type) for relation, urls in own.items()]
    others = [other for other in RENDERERS.values() if other is not renderer]
    links += [(feed.self_urls[other.name], "alternate", other.media_type) for other in others]
    links.append((feed.home_url, "alternate", "text/html"))
    hub = [f'<{feed.hub_url}>; rel="hub"'] if feed.hub_url else []
    return [*(f'<{address}>; rel="{relation}"; type="{kind}"' for address, relation, kind in links), *hub]
