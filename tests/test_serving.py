"""``feedserver serve``, the Procfile and ``feedserver demo`` as whole processes: they answer, and end when told to."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import feedparser
import pytest

from tests.entries import ROOT

BIN = Path(sys.executable).parent
COMMANDS = {
    "serve": [str(BIN / "feedserver"), "serve"],
    "the Procfile": [str(BIN / "gunicorn"), *shlex.split((ROOT / "Procfile").read_text(encoding="utf-8"))[2:]],
    "demo": [str(BIN / "feedserver"), "demo"],
}


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[str]:
    """Start a command on a free port; yield its address when it answers; end it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "config").mkdir()
    (folder / "config" / "feeds.toml").write_text("[feeds.all]\ntitle = 'All'\n", encoding="utf-8")
    (folder / "config" / "feedserver.toml").write_text("[refresh]\nenabled = false\n", encoding="utf-8")
    environment = os.environ | {
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "FEEDSERVER_DATA_DIR": str(folder / "data"),
        "FEEDSERVER_CONFIG_DIR": str(folder / "config"),
    }
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield wait_for(f"http://127.0.0.1:{port}", process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)


def wait_for(address: str, process: subprocess.Popen[bytes]) -> str:
    """Wait until the home page answers."""
    for _ in range(150):
        try:
            with urlopen(address, timeout=5) as response:  # noqa: S310  # loopback
                assert response.status == 200
                return address
        except URLError:
            assert process.poll() is None, "the command ended before it answered"
            time.sleep(0.2)
    raise AssertionError("no answer within thirty seconds")


@pytest.mark.parametrize("command", COMMANDS.values(), ids=list(COMMANDS))
def test_a_command_serves_feeds_until_it_is_told_to_end(command: list[str], tmp_path: Path) -> None:
    """It heeds PORT, and leaves nothing behind."""
    with running(command, tmp_path) as address:
        with urlopen(f"{address}/feeds/all.rss", timeout=5) as response:  # noqa: S310  # loopback
            assert response.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
            assert not feedparser.parse(response.read()).bozo
        with pytest.raises(URLError, match="400"):
            urlopen(f"{address}/feed.rss?titel=x", timeout=5)  # noqa: S310  # loopback
    with pytest.raises(URLError):
        urlopen(address, timeout=5)  # noqa: S310  # loopback


def test_a_header_that_is_too_long_is_refused_by_the_app_before_gunicorn_does(tmp_path: Path) -> None:
    """With a problem document; gunicorn has the last word from 16,380 bytes on."""
    with running(COMMANDS["serve"], tmp_path) as address:
        for length, media_type in ((8001, "application/problem+json"), (16_400, "text/html")):
            request = Request(f"{address}/feeds/all.rss?limit=5", headers={"Cookie": "a" * length})  # noqa: S310  # loopback
            with pytest.raises(HTTPError, match="431") as refused:
                urlopen(request, timeout=5)  # noqa: S310  # loopback
            with refused.value as answer:
                assert answer.headers["Content-Type"] == media_type


def test_a_port_that_is_taken_is_said_in_a_line(tmp_path: Path) -> None:
    """Not in ten lines of somebody else's."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [*COMMANDS["serve"], "--port", str(taken.getsockname()[1])]
        environment = os.environ | {"FEEDSERVER_DATA_DIR": str(tmp_path)}
        ended = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=30, cwd=ROOT, check=False
        )
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: can't listen on 127.0.0.1:")
    assert len(ended.stderr.splitlines()) == 1
