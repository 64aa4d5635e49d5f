"""The Flask app: ``create_app`` is what gunicorn calls in each worker."""

import logging
import time
from collections.abc import Callable
from functools import partial

from flask import Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix

from feedserver.config import Definitions, Settings, load_settings, make_publishing, make_refresh_loop, open_store
from feedserver.feeds import sealed_days
from feedserver.refresh import unheeded
from feedserver.web import feeds, pages, probes
from feedserver.web.bounds import bound_request
from feedserver.web.cache import FeedCache, Version
from feedserver.web.errors import init_errors
from feedserver.web.fast import Application, Detour, FastPath, Watch
from feedserver.web.health import make_checkup
from feedserver.web.language import init_languages
from feedserver.web.limits import RateLimits
from feedserver.web.memory import RenderedEntries
from feedserver.web.meter import Meter, Metered
from feedserver.web.site import EXTENSION, Site, now
from feedserver.web.suggesting import Suggesting

STATIC_LASTS = 86_400  # seconds; what pages load has another address as soon as it is another file


def create_app(
    settings: Settings | None = None, *, at_work: bool = True, clock: Callable[[], float] | None = None
) -> Flask:
    """Return the app, with its refresher and its publisher ``at_work``, as far as the settings say.

    A server that forks its workers from a process with the app in it makes it idle, and calls ``start_work`` in each.
    ``clock``, which counts seconds since 1970, takes the place of the machine's clocks in all that is answered.
    """
    settings = settings or load_settings()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    app = Flask(__name__)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = STATIC_LASTS
    app.url_map.strict_slashes = app.url_map.merge_slashes = False  # no address leads on to another but what moved
    site = _make_site(settings, clock)
    app.extensions[EXTENSION] = site
    app.register_blueprint(feeds.blueprint)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(probes.blueprint)
    if site.meter:
        from feedserver.web.metrics import blueprint  # noqa: PLC0415  # see start_work

        app.register_blueprint(blueprint)
    app.before_request(bound_request)
    app.after_request(_harden)
    init_errors(app)
    init_languages(app)
    site.limits.init_app(app)
    app.wsgi_app = _answering_from_memory(app, site)  # type: ignore[method-assign, assignment]  # Flask's documented way
    if hops := settings.server.trusted_proxies:
        proxied = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops)
        app.wsgi_app = proxied  # type: ignore[method-assign]  # Flask's documented way
    if at_work:
        start_work(app)
    return app


def start_work(app: Flask, number: int | None = None) -> None:
    """Start the threads that work beside the answering: of all processes with one data folder, one refreshes.

    ``number`` is the worker's own among those that run, which another may have when this one has ended.
    """
    site: Site = app.extensions[EXTENSION]
    if site.meter:
        from feedserver.web.metrics import start_metrics  # noqa: PLC0415  # most servers have nobody who reads them

        start_metrics(app, number)
    if site.settings.refresh.enabled:
        make_refresh_loop(site.settings, site.store, site.meter.refreshing if site.meter else unheeded).start()
    if publishing := make_publishing(site.settings, site.store, site.definitions.current, site.fragments):
        publishing.start()


def _make_site(settings: Settings, clock: Callable[[], float] | None) -> Site:
    store, definitions = open_store(settings), Definitions(settings.config_dir, sources=settings.source_names)

    def look() -> Version:
        definitions.current()
        return store.revision().number, definitions.generation, sealed_days(store, settings.zone)

    bound = settings.server.cache_bytes
    checkup = make_checkup(settings, store, definitions, partial(now, clock or time.time))
    return Site(
        settings=settings,
        store=store,
        definitions=definitions,
        cache=FeedCache(bound),
        fragments=RenderedEntries(bound),
        watch=Watch(look, clock or time.monotonic, checkup.headers),
        limits=RateLimits(settings.limits),
        checkup=checkup,
        suggesting=Suggesting(store),
        meter=Meter(definitions.current) if settings.server.metrics else None,
        clock=clock or time.time,
    )


def _answering_from_memory(app: Flask, site: Site) -> Application:
    """Return the app behind what answers without it; where somebody reads the meter, both are counted."""
    inner: Application = app.wsgi_app
    count = None
    if site.meter:
        inner, count = Metered(inner, site.meter), site.meter.hit
    fast = FastPath(inner, site.cache, site.watch, count, clock=site.clock)
    return Detour(inner, fast) if site.settings.server.delta else fast


def _harden(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
