"""A template and its values -> a page: with validators, kept in memory for a while, without inline code or styles."""

from collections.abc import Callable, Mapping
from functools import cache
from hashlib import blake2b
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request, send_from_directory

from feedserver.config import make_sources
from feedserver.feeds import Address, spell_rate
from feedserver.render import RENDERERS, Document
from feedserver.status import spell_age, statuses
from feedserver.web.fast import conditions_of
from feedserver.web.finished import Finished, Headers, finish
from feedserver.web.language import language
from feedserver.web.site import current_site

blueprint = Blueprint("pages", __name__)

LASTS = 60.0  # seconds that a page is kept at most: it tells how long ago things were
_STATIC = Path(__file__).parents[1] / "static"
_POLICY = (
    "default-src 'none'; style-src 'self' {0}/static/; script-src 'self' {0}/static/; img-src 'self' {0}/static/; "
    "connect-src 'self' {0}/; form-action 'self' {0}/; base-uri 'none'; frame-ancestors {1}"
)

Values = Mapping[str, Any]


def page(
    where: str | Address,
    template: str,
    make: Callable[[], Values],
    *,
    lasts: float = LASTS,
    ancestors: str = "'none'",
) -> Response:
    """Return the page that a template makes of values, which are made only where the page is not in memory.

    ``where`` tells it from all others of the site. At an address, to build it counts like a feed; else every request
    counts. ``ancestors`` says who may show it in a frame, as the policy spells it.
    """
    site = current_site()
    if isinstance(where, str):
        site.limits.count_poll()

    def build() -> tuple[Finished, float]:
        if isinstance(where, Address):
            site.limits.count_build(where)
        body = render_template(template, **_for_all(), **make()).encode()
        document = Document(body, blake2b(body, digest_size=16).hexdigest())
        return finish(document, site.now(), _headers(ancestors)), site.clock() + lasts

    key = ("page", site.base_url(), language(), where)
    finished = site.cache.get(key, site.watch.version(), site.clock(), build)
    status, headers, body = finished.answer(conditions_of(request.environ), site.clock())
    return Response(body, status, headers)


def error_page(status: HTTPStatus, detail: str) -> Response:
    """Return the page of an error; it asks nothing of the store, which may be the trouble."""
    body = render_template("error.html", **_about_site(), title=status.phrase, detail=detail)
    return Response(body, status, _headers("'none'"))


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Give the icon to those who look for it here."""
    return send_from_directory(_STATIC, "icon.png", mimetype="image/png", max_age=86400)


def _for_all() -> Values:
    """Return what every template but that of errors may use."""
    site = current_site()
    return {
        **_about_site(),
        "spell_rate": spell_rate,
        "renderers": RENDERERS.values(),
        "kept": site.store.summary(),
        "sources": statuses(site.store, make_sources(site.settings), site.settings.refresh.schedule, site.now()),
        "now": site.now(),
        "spell_age": spell_age,
    }


def _about_site() -> Values:
    return {"asset": _asset, "base_url": current_site().base_url(), "language": language()}


def _asset(name: str) -> str:
    """Return the address of a static file, another one for other bytes."""
    return f"{current_site().base_url()}/static/{name}?v={_digest(name)}"


@cache
def _digest(name: str) -> str:
    return blake2b((_STATIC / name).read_bytes(), digest_size=6).hexdigest()


def _headers(ancestors: str) -> Headers:
    return [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", _POLICY.format(current_site().base_url(), ancestors)),
        ("Content-Language", language()),
        ("Cache-Control", "no-cache"),
        ("Vary", "Accept-Language"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
    ]
