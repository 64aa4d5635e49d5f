"""Settings -> the things they describe: store, sources, fetcher, refreshers, publisher.

Whoever starts something starts here. What fetches is loaded where it is first needed, which is in one process of the
machine: requests and its cache take fifteen megabytes, and a fifth of a second.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from feedserver import __version__
from feedserver.alone import Alone, Look
from feedserver.config.settings import Settings
from feedserver.feeds import FragmentMemory
from feedserver.query import Definition
from feedserver.refresh import Heed, Refresher, RefreshLoop, unheeded
from feedserver.sources import Source
from feedserver.store import SqliteStore, Store
from feedserver.websub import Publisher, Topics

if TYPE_CHECKING:
    from feedserver.fetch import Fetcher, Limits
    from feedserver.harvest import Harvester

STORE_FILE, HTTP_CACHE_FILE, LOCK_FILE = "feedserver.sqlite", "http-cache.sqlite", "refresh.lock"
TOLD_FILE, WEBSUB_LOCK_FILE = "websub.json", "websub.lock"


def open_store(settings: Settings) -> Store:
    """Open the store in the data folder, made when missing. Raises StoreError."""
    return SqliteStore(settings.data_dir / STORE_FILE)


def make_sources(settings: Settings) -> Sequence[Source]:
    """Return the sources that are set up."""
    return settings.sources


def make_fetcher(settings: Settings, cache: Path | None = None, limits: "Limits | None" = None) -> "Fetcher":
    """Return a fetcher; its answers are kept in the data folder, or in another file, ``cache``."""
    from feedserver.fetch import Fetcher  # noqa: PLC0415  # see above

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    file, fetch = cache or settings.data_dir / HTTP_CACHE_FILE, settings.fetch
    return Fetcher(file, _user_agent(settings), limits or fetch.limits, guard=fetch.guard)


def make_refreshers(settings: Settings, store: Store) -> Sequence[Refresher]:
    """Return a refresher for each source; they share one fetcher."""
    fetcher = make_fetcher(settings)
    return [Refresher(source, fetcher, store, retry=settings.refresh.retry) for source in make_sources(settings)]


def make_refresh_loop(settings: Settings, store: Store, heed: Heed = unheeded) -> RefreshLoop:
    """Return the loop that refreshes while a server runs, and what comes of it goes through ``heed``; not started."""
    return RefreshLoop(
        make_refreshers=lambda: make_refreshers(settings, store),
        schedule=settings.refresh.schedule,
        lock_file=settings.data_dir / LOCK_FILE,
        stopped=threading.Event(),
        heed=heed,
    )


def make_harvester(settings: Settings, store: Store, url: str, pause: float) -> "Harvester":
    """Return what harvests the repository at an address, with ``pause`` seconds between two requests.

    It is patient: a page is large, takes upstream a minute at times, and somebody waits for all of them.
    """
    from feedserver.harvest import Harvester  # noqa: PLC0415  # see above
    from feedserver.sources.arxiv_oai import ArxivOai  # noqa: PLC0415  # see above

    limits = replace(settings.fetch.limits, read=120, total=300, longest_wait=600, pause=pause)
    fetcher = make_fetcher(settings, limits=limits)
    return Harvester(ArxivOai(url), fetcher, store, now=lambda: _now().replace(microsecond=0))


def make_publishing(
    settings: Settings, store: Store, definitions: Callable[[], Mapping[str, Definition]], fragments: FragmentMemory
) -> Alone | None:
    """Return what tells the hub of changes while a server runs, whoever refreshes; not started. None without a hub."""
    if not (settings.hub_url and settings.public_url):
        return None
    site = (settings.public_url, settings.hub_url, settings.max_age, settings.zone)
    topics = Topics(store, definitions, fragments, *site)

    def begin() -> Look:
        from feedserver.fetch import Sender  # noqa: PLC0415  # see above

        sender = Sender(_user_agent(settings), settings.fetch.limits, guard=settings.fetch.guard)
        told, websub = settings.data_dir / TOLD_FILE, settings.websub
        return Publisher(topics, sender, told, websub.quiet, websub.retry, now=_now).look

    return Alone(
        task=f"tells {settings.hub_url} of changes",
        begin=begin,
        retry=settings.websub.retry.total_seconds(),
        lock_file=settings.data_dir / WEBSUB_LOCK_FILE,
        stopped=threading.Event(),
    )


def _user_agent(settings: Settings) -> str:
    where = f" (+{settings.public_url})" if settings.public_url else ""
    return f"feedserver/{__version__}{where}"


def _now() -> datetime:
    return datetime.now(UTC)
