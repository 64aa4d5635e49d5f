"""How gunicorn serves the app, with reasons: for ``feedserver serve`` and for the Procfile."""

import os
from typing import Any

from feedserver.web import start_work

wsgi_app = "feedserver.web:create_app(at_work=False)"

# A core each, for Python runs one thread at a time; at least two, so that one can be replaced while the other answers.
# Beyond four, the machine has better use for a hundred megabytes a worker.
workers = int(os.environ.get("WEB_CONCURRENCY") or min(4, max(2, os.cpu_count() or 2)))
worker_class = "gthread"
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


def post_worker_init(worker: Any) -> None:
    """Start the threads that work beside the answering."""
    start_work(worker.wsgi)
