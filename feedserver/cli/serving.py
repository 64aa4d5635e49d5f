"""``serve`` and ``demo``: gunicorn, started with the app of ``feedserver.web``."""

import os
import tempfile
from pathlib import Path
from typing import Any

import click
from gunicorn.app.base import BaseApplication

from feedserver.config import Definitions, load_settings, open_store
from feedserver.demo import serve_sample, write_config
from feedserver.web import create_app

_PORT = click.IntRange(0, 65535)


class _Gunicorn(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return create_app()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, envvar="PORT", type=_PORT, help="The port to listen on.")
@click.option(
    "--workers", default=2, show_default=True, envvar="WEB_CONCURRENCY", type=click.IntRange(1, 64),
    help="How many processes answer.",
)  # fmt: skip
def serve(host: str, port: int, workers: int) -> None:
    """Serve the feeds, and keep them fresh."""
    settings = load_settings()
    feeds = Definitions(settings.config_dir).current()
    open_store(settings).close()
    click.echo(f"{len(feeds)} feeds on http://{host}:{port}; data in {settings.data_dir}; Ctrl-C ends it")
    _run(host, port, workers)


@click.command()
@click.option("--port", default=8000, show_default=True, envvar="PORT", type=_PORT, help="The port to listen on.")
def demo(port: int) -> None:
    """Serve a small hand-written sample, without any network.

    A bundled upstream on loopback plays Hugging Face; data and configuration are deleted at the end.
    """
    with tempfile.TemporaryDirectory(prefix="feedserver-demo-") as folder, serve_sample() as upstream_url:
        write_config(Path(folder), upstream_url)
        os.environ |= {"FEEDSERVER_DATA_DIR": folder, "FEEDSERVER_CONFIG_DIR": folder}
        click.echo(f"the demo, with a hand-written sample, on http://127.0.0.1:{port}; Ctrl-C ends it")
        _run("127.0.0.1", port, workers=1)


def _run(host: str, port: int, workers: int) -> None:
    options = {
        "bind": f"{f'[{host}]' if ':' in host else host}:{port}",
        "workers": workers,
        "worker_class": "gthread",
        "threads": 2,  # SQLite answers one thread at a time; the second keeps a slow client from blocking the worker
        "graceful_timeout": 5,
        "control_socket_disable": True,  # it would lie outside of the data folder
        "loglevel": "warning",
    }
    _Gunicorn(options).run()
