"""How gunicorn serves the app, with reasons: for ``feedserver serve`` and for the Procfile."""

import gc
import os
import secrets
import shutil
import tempfile
from itertools import count
from typing import Any

from feedserver.web import start_work

wsgi_app = "feedserver.web:create_app(at_work=False)"

# A core each, for Python runs one thread at a time; at least two, so that one can be replaced while the other answers.
# Beyond four, the machine has better use for a hundred megabytes a worker.
workers = int(os.environ.get("WEB_CONCURRENCY") or min(4, max(2, os.cpu_count() or 2)))
worker_class = "gthread"
preload_app = False  # HUP takes new code, and no worker inherits a file of SQLite, whose locks do not survive a fork
threads = 2  # SQLite answers one thread at a time; the second keeps a slow client from blocking the worker

keepalive = 15  # seconds that a proxy's or an aggregator's connection is kept for its next request
graceful_timeout = 5  # seconds; the longest answer takes a fraction of one
limit_request_line = (
    8190  # bytes, the most that gunicorn counts; the app itself refuses long queries, with a problem document
)
limit_request_field_size = 16_380  # bytes, twice the default; the app refuses from 8,000 on, with a problem document
limit_request_fields = 100  # as by default: a browser behind two proxies sends forty
control_socket_disable = True  # it would lie outside of the data folder

# Only `server.trusted_proxies` decides whom to believe about the address that readers see.
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""


def on_starting(_server: Any) -> None:
    """Name the folder where the workers share their counts: a new one at each start. A worker that counts makes it."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = f"{tempfile.gettempdir()}/feedserver-metrics-{secrets.token_hex(8)}"


def pre_fork(server: Any, worker: Any) -> None:
    """Give a worker the lowest number that none has: it goes on with the counts of one that ended, however it did.

    So there are no more files than workers at a time, and none of the dead that somebody would have to mark.
    """
    taken = {other.number for other in server.WORKERS.values()}
    worker.number = next(number for number in count() if number not in taken)


def post_worker_init(worker: Any) -> None:
    """Start the threads that work beside the answering; what is there by now stays, and is not searched for garbage."""
    gc.collect()
    gc.freeze()
    start_work(worker.wsgi, worker.number)


def on_exit(_server: Any) -> None:
    """Remove that folder."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
