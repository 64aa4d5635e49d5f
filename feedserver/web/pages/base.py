"""A template and its values -> a page: with validators, kept in memory for a while, without inline code or styles."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache, partial
from hashlib import blake2b
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

from flask import Blueprint, Response, render_template, request, send_from_directory

from feedserver.config import make_sources
from feedserver.errors import QueryError, suggest
from feedserver.feeds import Address
from feedserver.render import RENDERERS, Document
from feedserver.status import statuses
from feedserver.web.fast import alias_of, conditions_of
from feedserver.web.finished import Finished, Headers, finish
from feedserver.web.language import english, language
from feedserver.web.pages.words import spell_age, spell_error, spell_rate
from feedserver.web.site import current_site

blueprint = Blueprint("pages", __name__)

LASTS = 60.0  # seconds that a page is kept at most: it tells how long ago things were
_FRAMED = frozenset({"pages.embed", "pages.embed_named"})
STATIC = Path(__file__).parents[1] / "static"
_POLICY = (
    "default-src 'none'; style-src 'self' {0}/static/ {0}/embed/; script-src 'self' {0}/static/; "
    "img-src 'self' {0}/static/; connect-src 'self' {0}/; form-action 'self' {0}/; base-uri 'none'; frame-ancestors {1}"
)

Values = Mapping[str, Any]


class Variant(NamedTuple):
    """One of several pages of one feed: the feed's address, and what tells this page from the others."""

    address: Address
    variant: Hashable


def page(
    where: str | Address | Variant,
    template: str,
    make: Callable[[], Values],
    *,
    lasts: float = LASTS,
    headers: Headers | None = None,
) -> Response:
    """Return the page that a template makes of values, which are made only where the page is not in memory.

    ``where`` tells it from all others of the site. At an address, to build it counts like a feed; else every request
    counts. A variant has a language of its own, whoever asks, and is answered in front of Flask from then on.
    ``headers`` take the place of those that pages have.
    """
    site = current_site()
    spoken = None if isinstance(where, Variant) else language()
    if isinstance(where, str):
        site.limits.count_poll()

    def build() -> tuple[Finished, float]:
        if not isinstance(where, str):
            site.limits.count_build(where.address if isinstance(where, Variant) else where)
        body = render_template(template, **_for_all(), **make()).encode()
        document = Document(body, blake2b(body, digest_size=16).hexdigest())
        own = dict(_headers(spoken)) | dict(headers or ())
        return finish(document, site.now(), list(own.items())), site.clock() + lasts

    key = ("page", site.base_url(), spoken, where)
    finished = site.cache.get(key, site.watch.version(), site.clock(), build)
    if spoken is None:
        site.cache.alias(alias_of(request.environ), key)
    status, told, body = finished.answer(conditions_of(request.environ), site.clock())
    return Response(body, status, told)


def check_parameters(*known: str) -> None:
    """Raise QueryError where the current request has a parameter that this page has not."""
    for parameter in request.args:
        if parameter not in known:
            current_site().limits.count_poll()
            raise QueryError(f"unknown parameter {parameter!r}{suggest(parameter, known)}", parameter=parameter)


def policy(ancestors: Sequence[str] = ()) -> tuple[str, str]:
    """Return the header that says what a page may load, and which sites may show it in a frame: none unless named."""
    return "Content-Security-Policy", _POLICY.format(current_site().base_url(), " ".join(ancestors) or "'none'")


def error_page(status: HTTPStatus, detail: str) -> Response:
    """Return the page of an error, in a frame where an embed was asked for; it asks nothing of the store."""
    body = render_template("error.html", **_about_site(), title=spell_error(status), detail=detail)
    headers = dict(_headers(language()))
    if request.endpoint in _FRAMED:
        headers |= [policy(current_site().settings.server.frame_ancestors)]
    return Response(body, status, headers)


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Give the icon to those who look for it here."""
    return send_from_directory(STATIC, "icon.png", mimetype="image/png", max_age=86400)


def _for_all() -> Values:
    """Return what every template but that of errors may use."""
    site = current_site()
    sources = make_sources(site.settings)
    return {
        **_about_site(),
        "spell_rate": spell_rate,
        "renderers": RENDERERS.values(),
        "kept": cache(site.store.summary),  # called where it is shown: a fragment of a page has no footer
        "sources": cache(partial(statuses, site.store, sources, site.settings.refresh.schedule, site.now())),
        "now": site.now(),
        "spell_age": spell_age,
    }


def _about_site() -> Values:
    return {"asset": _asset, "base_url": current_site().base_url(), "language": language(), "english": english}


def _asset(name: str) -> str:
    """Return the address of a static file, another one for other bytes."""
    return f"{current_site().base_url()}/static/{name}?v={_digest(name)}"


@cache
def _digest(name: str) -> str:
    return blake2b((STATIC / name).read_bytes(), digest_size=6).hexdigest()


def _headers(spoken: str | None) -> Headers:
    chosen = [("Content-Language", spoken), ("Vary", "Accept-Language")] if spoken else []
    return [
        *chosen,
        ("Content-Type", "text/html; charset=utf-8"),
        policy(),
        ("Cache-Control", "no-cache"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
    ]
