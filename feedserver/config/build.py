"""Settings -> the things they describe: store, sources, fetcher, refreshers. Whoever starts something starts here."""

import threading
from collections.abc import Sequence

from feedserver import __version__
from feedserver.config.settings import Settings
from feedserver.fetch import Fetcher
from feedserver.refresh import Refresher, RefreshLoop
from feedserver.sources import DailyPapers, Source
from feedserver.store import SqliteStore, Store

STORE_FILE, HTTP_CACHE_FILE, LOCK_FILE = "feedserver.sqlite", "http-cache.sqlite", "refresh.lock"


def open_store(settings: Settings) -> Store:
    """Open the store in the data folder, made when missing. Raises StoreError."""
    return SqliteStore(settings.data_dir / STORE_FILE)


def make_sources(settings: Settings) -> Sequence[Source]:
    """Return the sources that are set up."""
    token = settings.token.get_secret_value() if settings.token else None
    return (DailyPapers(url=str(settings.sources.daily_papers.url), token=token),)


def make_refreshers(settings: Settings, store: Store) -> Sequence[Refresher]:
    """Return a refresher for each source; they share one fetcher."""
    where = f" (+{settings.public_url})" if settings.public_url else ""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    fetcher = Fetcher(settings.data_dir / HTTP_CACHE_FILE, f"feedserver/{__version__}{where}", settings.fetch.limits)
    return [Refresher(source, fetcher, store) for source in make_sources(settings)]


def make_refresh_loop(settings: Settings, store: Store) -> RefreshLoop:
    """Return the loop that refreshes while a server runs; not started."""
    return RefreshLoop(
        make_refreshers=lambda: make_refreshers(settings, store),
        schedule=settings.refresh.schedule,
        lock_file=settings.data_dir / LOCK_FILE,
        stopped=threading.Event(),
    )
