"""Bytes -> a response with validators, 304 where the client has them already. The one place that does so."""

from datetime import datetime
from hashlib import blake2b

from flask import Response, request

from feedserver.web.site import current_site


def conditional(body: bytes, content_type: str, modified: datetime) -> Response:
    """Return 200 or 304 (RFC 9110, 13): a strong ETag from the content, Last-Modified, Cache-Control."""
    site = current_site()
    response = Response(body, content_type=content_type)
    response.set_etag(blake2b(body, digest_size=16).hexdigest())
    response.last_modified = min(modified, site.now())
    response.cache_control.public = True
    response.cache_control.max_age = int(site.settings.server.max_age.total_seconds())
    response.make_conditional(request)
    return response
