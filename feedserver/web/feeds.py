"""``/feed.*`` for ad-hoc queries, ``/feeds/<name>.*`` for definitions: the addresses that readers poll."""

from collections.abc import Iterable
from itertools import accumulate

from flask import Blueprint, Response, request, url_for

from feedserver.errors import QueryError, UnknownFeedError
from feedserver.feeds import Address, Offer, build_archive, compose, definition_named, holds
from feedserver.model import Feed
from feedserver.query import parse_query
from feedserver.render import RENDERERS, Renderer, make_document
from feedserver.web.delta import begin, is_wanted
from feedserver.web.fast import alias_of, conditions_of
from feedserver.web.finished import Finished, Headers, finish
from feedserver.web.health import LISTED
from feedserver.web.site import current_site

blueprint = Blueprint("feeds", __name__)

# Anybody's page may read a feed; nothing here depends on who asks (Fetch standard, CORS protocol).
CROSS_ORIGIN: Headers = [
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Expose-Headers",
        f"ETag, Last-Modified, Link, {LISTED}, RateLimit, RateLimit-Policy, Retry-After",
    ),
]
ASKING = 60  # seconds that a cache may take to ask again while it passes on what it has
LONGEST_LINKS = 2_000  # characters; proxies have a few thousand for all headers together
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
    response = Response(status=204, headers=_PREFLIGHT)
    if current_site().settings.server.delta:
        response.headers["Access-Control-Allow-Headers"] += ", A-IM"
    return response


def requested(name: str | None, given: Iterable[tuple[str, str]] | None = None) -> Offer:
    """Return what the current request asks for. Raises UnknownFeedError, QueryError and TooManyRequests.

    ``given`` are the query's parameters where they are not just those of the address.
    """
    site = current_site()
    try:
        base = definition_named(site.definitions.current(), name).query if name else None
        given = request.args.items(multi=True) if given is None else given
        query = parse_query(given, base, site.settings.source_names)
    except (UnknownFeedError, QueryError):
        site.limits.count_poll()
        raise
    address = Address(site.base_url(), f"feeds/{name}" if name else "feed", query.query_string)
    return Offer(query, address, site.settings.max_age, site.settings.hub_url, site.settings.zone)


def address_under(name: str) -> str:
    """Return where the current request would lead under another feed's name: to the same document, the same query."""
    path = url_for(request.endpoint or "", **{**(request.view_args or {}), "name": name})
    query = request.query_string.decode(errors="replace")
    return current_site().base_url() + path.removeprefix(request.script_root) + (f"?{query}" if query else "")


def _respond(name: str | None, format_name: str, archive: str | None = None) -> Response:
    site = current_site()
    offer = requested(name)
    renderer = RENDERERS[format_name]
    key = (offer.address, archive, format_name)

    def build() -> tuple[Finished, float]:
        site.limits.count_build(offer.address)
        now = site.now()
        since, until = holds(offer.query, now)
        if archive is None:
            feed, document, changed = compose(site.store, offer, now, renderer, site.fragments)
        else:
            changed = site.store.revision().changed
            feed = build_archive(site.store, offer, archive)
            document = make_document(renderer, feed)
        changed = min(max(changed, site.definitions.changed if name else since, since), now)
        history = begin(renderer, feed, document) if archive is None and site.settings.server.delta else None
        return finish(document, changed, _headers(feed, renderer), history), until.timestamp()

    timed = site.meter.timing(build) if site.meter else build
    finished = site.cache.get(key, site.watch.version(), site.clock(), timed)
    site.cache.alias(alias_of(request.environ), key)
    asked = conditions_of(request.environ)
    delta = finished.since(asked) if is_wanted(request.headers.get("A-IM", "")) else None
    if delta is not None:
        site.limits.count_poll()  # it is cut and compressed for this one answer
    status, headers, body = (delta or finished).answer(asked, site.clock())
    return Response(body, status, headers + site.watch.headers)


def _headers(feed: Feed, renderer: Renderer) -> Headers:
    return [
        ("Content-Type", f"{renderer.media_type}; charset=utf-8"),
        ("Cache-Control", CLOSED if feed.is_archive else lifetime()),
        *(("Link", links) for links in [_links(feed, renderer)] if links),
        ("X-Content-Type-Options", "nosniff"),
        *CROSS_ORIGIN,
    ]


def lifetime() -> str:
    """Return how long a feed may be kept, and in which cases a cache may pass it on for longer (RFC 5861)."""
    settings = current_site().settings
    seconds, away = (int(span.total_seconds()) for span in (settings.max_age, settings.server.stale_if_error))
    return f"public, max-age={seconds}, stale-while-revalidate={min(seconds, ASKING)}, stale-if-error={away}"


def _links(feed: Feed, renderer: Renderer) -> str:
    """Return RFC 8288 links: the feed itself, its hub (WebSub, 4) and other documents, then formats and page.

    Where the address is so long that they would fill what proxies take, it is left at the first ones.
    """
    own = {"self": feed.self_urls, **feed.related}
    links = [_link(urls[renderer.name], relation, renderer.media_type) for relation, urls in own.items()]
    links[1:1] = [f'<{feed.hub_url}>; rel="hub"'] if feed.hub_url else []
    others = [other for other in RENDERERS.values() if other is not renderer]
    links += [_link(feed.self_urls[other.name], "alternate", other.media_type) for other in others]
    links.append(_link(feed.home_url, "alternate", "text/html"))
    ends = accumulate(len(link) + 2 for link in links)
    return ", ".join(link for link, end in zip(links, ends, strict=True) if end <= LONGEST_LINKS)


def _link(address: str, relation: str, media_type: str) -> str:
    return f'<{address}>; rel="{relation}"; type="{media_type}"'
