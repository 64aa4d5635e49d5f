"""The Flask app: ``create_app`` is what gunicorn calls in each worker."""

import logging

from flask import Flask, Response, request
from werkzeug.exceptions import RequestURITooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from feedserver.config import Definitions, Settings, load_settings, make_publishing, make_refresh_loop, open_store
from feedserver.web import feeds, pages
from feedserver.web.cache import FeedCache, Version
from feedserver.web.errors import init_errors
from feedserver.web.fast import FastPath, Watch
from feedserver.web.memory import RenderedEntries
from feedserver.web.site import EXTENSION, Site

LONGEST_QUERY_STRING = 8_000  # characters


def create_app(settings: Settings | None = None) -> Flask:
    """Return the app, with its store open and, as the settings say, its refresher and its publisher at work."""
    settings = settings or load_settings()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    app = Flask(__name__)
    app.url_map.strict_slashes = app.url_map.merge_slashes = False  # no address leads on to another but what moved
    site = _make_site(settings)
    app.extensions[EXTENSION] = site
    app.register_blueprint(feeds.blueprint)
    app.register_blueprint(pages.blueprint)
    app.before_request(_bound)
    app.after_request(_harden)
    init_errors(app)
    app.wsgi_app = FastPath(app.wsgi_app, site.cache, site.watch)  # type: ignore[method-assign]  # Flask's way
    if hops := settings.server.trusted_proxies:
        proxied = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops)
        app.wsgi_app = proxied  # type: ignore[method-assign]  # Flask's documented way to wrap an app
    if settings.refresh.enabled:
        make_refresh_loop(settings, site.store).start()
    if publishing := make_publishing(settings, site.store, site.definitions.current, site.fragments):
        publishing.start()
    return app


def _make_site(settings: Settings) -> Site:
    store, definitions = open_store(settings), Definitions(settings.config_dir)

    def look() -> Version:
        definitions.current()
        return store.revision().number, definitions.generation

    bound = settings.server.cache_bytes
    return Site(settings, store, definitions, FeedCache(bound), RenderedEntries(bound), Watch(look))


def _bound() -> None:
    if len(request.query_string) > LONGEST_QUERY_STRING:
        raise RequestURITooLarge(f"at most {LONGEST_QUERY_STRING} characters may follow the question mark")


def _harden(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
