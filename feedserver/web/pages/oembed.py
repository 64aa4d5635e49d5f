"""``/oembed?url=...``: what a site shows where somebody pastes the address of one of our feeds (https://oembed.com)."""

import json
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from flask import Response, abort, request
from werkzeug.exceptions import BadRequest, NotFound

from feedserver.errors import GoneFeedError, QueryError, UnknownFeedError
from feedserver.feeds import Offer, feed_title
from feedserver.web.feeds import CROSS_ORIGIN, lifetime, requested
from feedserver.web.pages.base import blueprint
from feedserver.web.pages.snippets import HEIGHT, WIDTH, iframe
from feedserver.web.site import current_site


@blueprint.get("/oembed")
def oembed() -> Response:
    """Answer of type ``rich`` (oEmbed 1.0, 2.3.4.4). Parameters that are not the standard's are passed over."""
    current_site().limits.count_poll()
    if request.args.get("format", "json") != "json":
        abort(HTTPStatus.NOT_IMPLEMENTED, "format: there is json only")
    response = Response(json.dumps(_rich(_offer())), HTTPStatus.OK, mimetype="application/json")
    response.headers.extend([("Cache-Control", lifetime()), *CROSS_ORIGIN])
    response.add_etag()
    response.make_conditional(request)
    return response


def _rich(offer: Offer) -> dict[str, Any]:
    width, height = min(WIDTH, _bound("maxwidth", WIDTH)), min(HEIGHT, _bound("maxheight", HEIGHT))
    title = feed_title(offer.query)
    return {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": "Feedserver",
        "provider_url": f"{offer.address.base_url}/",
        "cache_age": int(offer.max_age.total_seconds()),
        "html": iframe(offer.address, title, str(width), height),
        "width": width,
        "height": height,
    }


def _bound(name: str, default: int) -> int:
    value = request.args.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and int(value[:9]) > 0):
        raise BadRequest(f"{name}: {value!r} is not a whole number of pixels, from 1 up")
    return int(value[:9])


def _offer() -> Offer:
    """Return the feed whose page is asked about. Raises NotFound where it is no page of a feed of ours."""
    address = request.args.get("url")
    if not address:
        raise BadRequest("url: is missing; give the address of a feed's page")
    site = current_site()
    if not site.settings.server.frame_ancestors:
        raise NotFound("no site may show feeds of this server in a frame")
    name = _feed_named(address)
    catalogue = site.definitions.current()
    try:
        return requested(name and catalogue.moved.get(name, name), parse_qsl(_split(address).query))
    except (UnknownFeedError, GoneFeedError, QueryError) as error:
        raise NotFound(f"url: {error}") from error


def _feed_named(address: str) -> str | None:
    """Return the name of the defined feed whose page that is, None for an ad-hoc query's. Raises NotFound."""
    given, own = _split(address), urlsplit(current_site().base_url())
    if given.scheme in {"http", "https"} and given.netloc.lower() == own.netloc.lower():
        path = given.path.removeprefix(own.path) if given.path.startswith(own.path) else ""
        if path == "/feed":
            return None
        before, _, name = path.rpartition("/")
        if before == "/feeds" and name:
            return name
    raise NotFound(f"url: {address!r} is no page of a feed of this server")


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError as error:
        raise NotFound(f"url: {address!r} is no address") from error
