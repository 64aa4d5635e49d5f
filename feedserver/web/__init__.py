"""The Flask app: ``create_app`` is what gunicorn calls in each worker."""

import logging

from flask import Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix

from feedserver.config import Definitions, Settings, load_settings, make_publishing, make_refresh_loop, open_store
from feedserver.web import feeds, pages
from feedserver.web.bounds import bound_request
from feedserver.web.cache import FeedCache, Version
from feedserver.web.errors import init_errors
from feedserver.web.fast import Detour, FastPath, Watch
from feedserver.web.limits import RateLimits
from feedserver.web.memory import RenderedEntries
from feedserver.web.site import EXTENSION, Site


def create_app(settings: Settings | None = None, *, at_work: bool = True) -> Flask:
    """Return the app, with its refresher and its publisher ``at_work``, as far as the settings say.

    A server that forks its workers from a process with the app in it makes it idle, and calls ``start_work`` in each.
    """
    settings = settings or load_settings()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    app = Flask(__name__)
    app.url_map.strict_slashes = app.url_map.merge_slashes = False  # no address leads on to another but what moved
    site = _make_site(settings)
    app.extensions[EXTENSION] = site
    app.register_blueprint(feeds.blueprint)
    app.register_blueprint(pages.blueprint)
    app.before_request(bound_request)
    app.after_request(_harden)
    init_errors(app)
    site.limits.init_app(app)
    fast = FastPath(app.wsgi_app, site.cache, site.watch)
    app.wsgi_app = Detour(app.wsgi_app, fast) if settings.server.delta else fast  # type: ignore[method-assign]  # Flask's way
    if hops := settings.server.trusted_proxies:
        proxied = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops)
        app.wsgi_app = proxied  # type: ignore[method-assign]  # Flask's documented way to wrap an app
    if at_work:
        start_work(app)
    return app


def start_work(app: Flask) -> None:
    """Start the threads that work beside the answering: of all processes with one data folder, one refreshes."""
    site: Site = app.extensions[EXTENSION]
    if site.settings.refresh.enabled:
        make_refresh_loop(site.settings, site.store).start()
    if publishing := make_publishing(site.settings, site.store, site.definitions.current, site.fragments):
        publishing.start()


def _make_site(settings: Settings) -> Site:
    store, definitions = open_store(settings), Definitions(settings.config_dir)

    def look() -> Version:
        definitions.current()
        return store.revision().number, definitions.generation

    bound = settings.server.cache_bytes
    limits = RateLimits(settings.limits)
    return Site(settings, store, definitions, FeedCache(bound), RenderedEntries(bound), Watch(look), limits)


def _harden(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
