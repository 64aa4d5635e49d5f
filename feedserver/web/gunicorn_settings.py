"""How gunicorn serves the app, with reasons: for ``feedserver serve`` and for the Procfile."""

worker_class = "gthread"
threads = 2  # SQLite answers one thread at a time; the second keeps a slow client from blocking the worker
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
