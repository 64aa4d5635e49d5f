"""What the meters of all workers counted, and how it is -> Prometheus' text format, at ``/metrics`` for those who may.

Loaded only where the setting ``server.metrics`` names somebody. Workers share their counts by the files of the
library's multi-process mode, where ``PROMETHEUS_MULTIPROC_DIR`` is set, which gunicorn's settings see to.
"""

import atexit
import logging
import os
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, request
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, values
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from werkzeug.exceptions import NotFound

from feedserver import __version__
from feedserver.config import ServerSettings
from feedserver.errors import StoreError
from feedserver.web.meter import Meter
from feedserver.web.site import EXTENSION as SITE
from feedserver.web.site import Site, current_site

EXTENSION = "feedserver-metrics"
BETWEEN_READINGS = 1.0  # seconds; a worker that is killed takes with it what it counted since the last
SHARED = "PROMETHEUS_MULTIPROC_DIR"

_BUILD_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_REFRESH_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180)
_VIA = ("X-Forwarded-For", "Forwarded", "Via")

logger = logging.getLogger(__name__)

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Answer Prometheus, and to all others as if nothing were here."""
    if not may_read(current_site().settings.server):
        raise NotFound
    counts: Metrics = current_app.extensions[EXTENSION]
    body, media_type = counts.spell(request.headers.get("Accept", ""))
    response = Response(body, content_type=media_type)
    response.cache_control.no_store = True
    return response


def start_metrics(app: Flask, number: int | None) -> None:
    """Bring what this worker counts to all of them; ``number`` tells it from others, default: its process id does."""
    site: Site = app.extensions[SITE]
    if site.meter is not None:
        app.extensions[EXTENSION] = counts = Metrics(site, site.meter, number)
        counts.run()


class Metrics:
    """One worker's share of the counts, and the answer for all of them."""

    def __init__(self, site: Site, meter: Meter, number: int | None = None) -> None:
        """Start counting. ``number`` is the worker's own: it goes on in the files of whoever had it before."""
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the client is typed in part
        self._meter = meter
        self._turn = threading.Lock()
        self._registry = CollectorRegistry()
        own = None if _share(number) else self._registry
        labels = ("kind", "feed", "code", "by")
        self._requests = Counter(
            "feedserver_requests", "Requests answered, from memory or by the app.", labels, registry=own
        )
        self._builds = Histogram(
            "feedserver_build_seconds", "Time to build a feed.", registry=own, buckets=_BUILD_SECONDS
        )
        self._refreshes = Counter(
            "feedserver_refreshes", "Listings asked for upstream.", ("source", "result"), registry=own
        )
        self._durations = Histogram(
            "feedserver_refresh_seconds", "Time to ask for a listing and keep it.", ("source",), registry=own,
            buckets=_REFRESH_SECONDS,
        )  # fmt: skip
        if own is None:
            MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call]  # as above
        self._registry.register(_Present(site))

    def run(self) -> None:
        """Read the meter every second, in a thread that does not keep the process alive, and once more at its end."""
        atexit.register(self.read)

        def go_on() -> None:
            while True:
                time.sleep(BETWEEN_READINGS)
                try:
                    self.read()
                except Exception:  # a full disk, perhaps: the next reading may go well, and feeds are served meanwhile
                    logger.exception("what was counted in the last second is lost")

        threading.Thread(target=go_on, name="reads the meter", daemon=True).start()

    def read(self) -> None:
        """Bring what the meter counted to where all workers find it."""
        with self._turn:
            reading = self._meter.read()
            for each, number in reading.requests.items():
                self._requests.labels(each.kind.kind, each.kind.feed, each.status[:3], each.by).inc(number)
            for seconds in reading.builds:
                self._builds.observe(seconds)
            for refresh in reading.refreshes:
                self._refreshes.labels(refresh.source, "good" if refresh.good else "failed").inc()
                self._durations.labels(refresh.source).observe(refresh.seconds)

    def spell(self, accept: str) -> tuple[bytes, str]:
        """Return everything in the format that the Accept header asks for, and its media type."""
        self.read()
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type


class _Present(Collector):
    """What needs no counting: looked up in the store when somebody asks."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def collect(self) -> Iterator[Metric]:
        """Yield what is known now."""
        yield InfoMetricFamily("feedserver", "The version that runs.", {"version": __version__})
        yield from self._health()
        try:
            summary = self._site.store.summary()
        except StoreError:
            return  # feedserver_ready says so
        yield GaugeMetricFamily("feedserver_entries", "Entries in the store.", summary.entries)

    def _health(self) -> Iterator[Metric]:
        health = self._site.checkup.health()
        yield GaugeMetricFamily("feedserver_ready", "Whether feeds can be served, as /readyz says.", health.ready)
        troubles = GaugeMetricFamily("feedserver_trouble", "1 for each thing that is wrong.", labels=("part", "why"))
        for trouble in health.troubles:
            troubles.add_metric((trouble.part, trouble.why), 1)
        yield troubles
        states = GaugeMetricFamily("feedserver_source_state", "1 for the state it is in.", labels=("source", "state"))
        listings = GaugeMetricFamily("feedserver_source_listings", "Listings that were ever good.", labels=("source",))
        good = GaugeMetricFamily(
            "feedserver_source_good_timestamp_seconds", "When a listing was last good.", labels=("source",)
        )
        attempted = GaugeMetricFamily(
            "feedserver_source_attempted_timestamp_seconds", "When a listing was last asked for.", labels=("source",)
        )
        for source in health.sources:
            states.add_metric((source.name, source.state), 1)
            listings.add_metric((source.name,), source.listings)
            for family, when in ((good, source.good), (attempted, source.attempted)):
                if when:
                    family.add_metric((source.name,), when.timestamp())
        yield from (states, listings, good, attempted)


def may_read(settings: ServerSettings) -> bool:
    """Say whether the current request comes from one of the networks that may read.

    Where no proxy is trusted, one that says it passes on for somebody else hides who that is.
    """
    if not settings.trusted_proxies and any(name in request.headers for name in _VIA):
        return False
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in settings.metrics or ())


def _share(number: int | None) -> bool:
    """Say whether there are files in which the workers share their counts; see to it that this one has its own."""
    folder = os.environ.get(SHARED)
    if not folder:
        return False
    Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    if number is not None:
        values.ValueClass = values.MultiProcessValue(lambda: number)  # type: ignore[no-untyped-call]  # as above
    return True
