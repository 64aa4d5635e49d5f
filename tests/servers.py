"""Programs as whole processes on loopback: started on free ports, waited for, asked without any help, ended by pid."""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from urllib.parse import urlsplit

from tests.entries import ROOT

BIN = Path(sys.executable).parent
GRANIAN = "--interface wsgi --factory --workers 1 --log-level error feedserver.web:create_app"
COMMANDS = {
    "serve": [str(BIN / "feedserver"), "serve"],
    "the Procfile": [str(BIN / "gunicorn"), *shlex.split((ROOT / "Procfile").read_text(encoding="utf-8"))[2:]],
    "demo": [str(BIN / "feedserver"), "demo"],
    "Granian": [str(BIN / "granian"), *GRANIAN.split()],
}
SPELLINGS = {"chromium": ("chromium", "chromium-browser", "google-chrome")}
PACKAGES = {  # what `make tools` brings
    "axe-core": ROOT / ".tools/node_modules/axe-core/axe.min.js",
    "vnu-jar": ROOT / ".tools/node_modules/vnu-jar/build/dist/vnu.jar",
}
FEEDS = "[feeds.all]\ntitle = 'All'\n"
SETTINGS = "[refresh]\nenabled = false\n"


@dataclass(frozen=True, slots=True)
class Running:
    """A program that answers."""

    port: int
    pid: int

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came over the wire, nothing unpacked, and when, by time.monotonic."""

    status: int
    headers: HTTPMessage
    body: bytes
    at: float


def program(name: str) -> str | None:
    """Return the path of a program, also where daemons live, which not everybody's PATH names, or of an npm package."""
    if name in PACKAGES:
        return str(PACKAGES[name]) if PACKAGES[name].is_file() else None
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    return next(filter(None, (shutil.which(spelled, path=path) for spelled in SPELLINGS.get(name, (name,)))), None)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    command: Sequence[str],
    folder: Path,
    port: int | None = None,
    settings: str = SETTINGS,
    end: signal.Signals = signal.SIGTERM,
    **variables: str,
) -> Iterator[Running]:
    """Start a command of ours that heeds PORT, with one worker, over data and configuration in a folder."""
    port = port or free_port()
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config" / "feeds.toml").write_text(FEEDS, encoding="utf-8")
    (folder / "config" / "feedserver.toml").write_text(settings, encoding="utf-8")
    environment = {
        "PORT": str(port),
        "GRANIAN_PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "FEEDSERVER_DATA_DIR": str(folder / "data"),
        "FEEDSERVER_CONFIG_DIR": str(folder / "config"),
        **variables,
    }
    with listening(command, port, environment, end) as server:
        until(lambda: ask(server.address).status == 200, "the home page does not answer 200")
        yield server


@contextmanager
def listening(
    command: Sequence[str],
    port: int,
    environment: Mapping[str, str] | None = None,
    end: signal.Signals = signal.SIGTERM,
) -> Iterator[Running]:
    """Start a command that is to listen on a port; yield when it does; end it by a signal."""
    with subprocess.Popen(
        command,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            until(lambda: process.poll() is not None or _accepts(port), f"nobody listens on port {port}")
            assert process.poll() is None, f"{command[0]} ended with {process.returncode} before it listened"
            yield Running(port, process.pid)
        finally:
            process.send_signal(end)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def until(holds: Callable[[], bool], complaint: str, seconds: float = 60) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{complaint}, after {seconds} seconds"
        time.sleep(0.05)


def ask(address: str, method: str = "GET", **headers: str) -> Answer:
    """Send one request on a connection of its own; ``If_None_Match`` stands for the header of that name."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc, timeout=15)
    try:
        target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        connection.request(method, target, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read(), time.monotonic())
    finally:
        connection.close()


def _accepts(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(5)
        return client.connect_ex(("127.0.0.1", port)) == 0
