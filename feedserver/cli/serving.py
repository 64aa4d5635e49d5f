"""``serve`` and ``demo``: gunicorn, started with the app of ``feedserver.web``."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
from gunicorn.app.base import BaseApplication
from gunicorn.config import KNOWN_SETTINGS

from feedserver.config import Definitions, load_settings, open_store
from feedserver.demo import serve_sample, write_config
from feedserver.web import create_app, gunicorn_settings

_PORT = click.IntRange(0, 65535)


class _Gunicorn(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return create_app(at_work=False)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, envvar="PORT", type=_PORT, help="The port to listen on.")
@click.option(
    "--workers", default=gunicorn_settings.workers, show_default="one a core, 2 to 4", envvar="WEB_CONCURRENCY",
    type=click.IntRange(1, 64),
    help="How many processes answer.",
)  # fmt: skip
def serve(host: str, port: int, workers: int) -> None:
    """Serve the feeds, and keep them fresh."""
    settings = load_settings()
    _check_port(host, port)
    feeds = Definitions(settings.config_dir, sources=settings.source_names).current()
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
        click.echo("the demo, with a hand-written sample:")
        environment = {**os.environ, "FEEDSERVER_DATA_DIR": folder, "FEEDSERVER_CONFIG_DIR": folder}
        command = [sys.executable, "-m", "feedserver", "serve", "--port", str(port), "--workers", "1"]
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        server = subprocess.Popen(command, env=environment)  # noqa: S603  # this command itself, with a number
        try:
            sys.exit(server.wait())
        except KeyboardInterrupt:
            click.echo("the demo ends")
        finally:
            server.terminate()
            try:
                server.wait(timeout=15)
            except subprocess.TimeoutExpired:  # its folder is about to go
                server.kill()
                server.wait()


def _check_port(host: str, port: int) -> None:
    """Say in a line what gunicorn would say in many."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, socket.gaierror) as error:
            raise click.ClickException(f"can't listen on {host}:{port} ({error.strerror}); try --port") from error


def _run(host: str, port: int, workers: int) -> None:
    options = {
        name: value
        for name, value in vars(gunicorn_settings).items()
        if name in {setting.name for setting in KNOWN_SETTINGS}
    }
    bind = f"{f'[{host}]' if ':' in host else host}:{port}"
    _Gunicorn({**options, "bind": bind, "workers": workers, "loglevel": "warning"}).run()
