"""``/healthz`` and ``/readyz``: what a supervisor or a load balancer asks, as often as it likes."""

import msgspec
from flask import Blueprint, Response

from feedserver.web.site import current_site

blueprint = Blueprint("probes", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """Say that the process is alive, whatever else is wrong."""
    return _answer(200, {"status": "ok"})


@blueprint.get("/readyz")
def ready() -> Response:
    """Say whether feeds can be served, and what is wrong; feeds of old data count as served."""
    health = current_site().checkup.health()
    word = "unavailable" if not health.ready else "degraded" if health.troubles else "ok"
    sources = {source.name: source for source in health.sources}
    document = {"status": word, "listed": health.listed, "troubles": health.troubles, "sources": sources}
    return _answer(200 if health.ready else 503, document)


def _answer(status: int, document: object) -> Response:
    response = Response(msgspec.json.encode(document), status, mimetype="application/json")
    response.cache_control.no_store = True
    return response
