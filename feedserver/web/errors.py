"""Errors -> status codes and problem details (RFC 9457). ``STATUS`` is the one table of them."""

import logging
from http import HTTPStatus
from typing import Any

import msgspec
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from feedserver.errors import (
    ConfigError,
    FeedserverError,
    FetchError,
    GoneFeedError,
    ListingError,
    MovedFeedError,
    QueryError,
    StoreError,
    UnknownFeedError,
)
from feedserver.web import feeds
from feedserver.web.feeds import CROSS_ORIGIN, address_under
from feedserver.web.finished import Headers
from feedserver.web.pages.base import error_page
from feedserver.web.site import current_site

logger = logging.getLogger(__name__)

STATUS: dict[type[FeedserverError], HTTPStatus] = {
    QueryError: HTTPStatus.BAD_REQUEST,
    UnknownFeedError: HTTPStatus.NOT_FOUND,
    MovedFeedError: HTTPStatus.MOVED_PERMANENTLY,  # not 308, which fewer readers follow and remember
    GoneFeedError: HTTPStatus.GONE,
    ConfigError: HTTPStatus.INTERNAL_SERVER_ERROR,
    StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
    FetchError: HTTPStatus.BAD_GATEWAY,
    ListingError: HTTPStatus.BAD_GATEWAY,
}

# What was said of a feed's name for good; it takes the place of a feed, and may be read like one.
_FOR_GOOD: Headers = [("Cache-Control", "public, max-age=86400"), *CROSS_ORIGIN]


def init_errors(app: Flask) -> None:
    """Answer every error of ours, and every one of the framework's, with a problem document."""
    app.register_error_handler(FeedserverError, _ours)
    app.register_error_handler(HTTPException, _framework)


def problem(status: HTTPStatus, detail: str, **members: Any) -> Response:
    """Return a problem document, or a page; ``members`` are extensions such as ``parameter`` and ``position``."""
    response = error_page(status, detail) if _is_for_people() else _document(status, detail, members)
    response.cache_control.no_store = True
    if request.blueprint == feeds.blueprint.name:  # who may read a feed may read what is wrong with it
        response.headers.extend(CROSS_ORIGIN)
    else:
        response.vary.update(("Accept", "Accept-Language"))
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.retry_after = 60
    return response


def _document(status: HTTPStatus, detail: str, members: dict[str, Any]) -> Response:
    document = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}
    body = msgspec.json.encode({**document, "instance": request.path, **members})
    return Response(body, status, mimetype="application/problem+json")


def _is_for_people() -> bool:
    """Say whether a browser asked, and not for a feed: those answer programs alone, whatever they say they accept.

    A page has addresses in it, so there is none for a request that came to no host.
    """
    if request.blueprint == feeds.blueprint.name or not (request.host or current_site().settings.public_url):
        return False
    accepts = request.accept_mimetypes
    return accepts.quality("text/html") > accepts.quality("application/problem+json")


def _ours(error: FeedserverError) -> Response:
    status = next(status for kind, status in STATUS.items() if isinstance(error, kind))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("%s: %s", request.path, error)
        return problem(status, "the server has a trouble of its own; its log says more")
    members: dict[str, Any] = {}
    if isinstance(error, QueryError):
        members = {"parameter": error.parameter} if error.parameter else {}
        if error.place is not None:
            members |= {"position": error.place.position, "expected": error.place.expected}
    response = problem(status, str(error), **members)
    if isinstance(error, MovedFeedError):
        response.location = address_under(error.successor)
    if isinstance(error, MovedFeedError | GoneFeedError):
        response.headers.update(_FOR_GOOD)
    return response


def _framework(error: HTTPException) -> Response:
    response = problem(HTTPStatus(error.code or 500), error.description or "")
    response.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
    if error.code == HTTPStatus.TOO_MANY_REQUESTS:  # a page's script has to see how long to wait
        response.headers.update(CROSS_ORIGIN)
    return response
