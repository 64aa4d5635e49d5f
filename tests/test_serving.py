"""``feedserver serve``, the Procfile and ``feedserver demo`` as whole processes: they answer, and end when told to."""

import os
import socket
import subprocess
from pathlib import Path

import feedparser
import pytest

from tests.entries import ROOT
from tests.servers import COMMANDS, ask, running


@pytest.mark.parametrize("command", COMMANDS.values(), ids=list(COMMANDS))
def test_a_command_serves_feeds_until_it_is_told_to_end(command: list[str], tmp_path: Path) -> None:
    """It heeds PORT, and leaves nothing behind."""
    with running(command, tmp_path) as server:
        feed = ask(f"{server.address}/feeds/all.rss")
        assert feed.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
        assert not feedparser.parse(feed.body).bozo
        assert ask(f"{server.address}/feed.rss?titel=x").status == 400
    with pytest.raises(ConnectionRefusedError):
        ask(server.address)


def test_a_header_that_is_too_long_is_refused_by_the_app_before_gunicorn_does(tmp_path: Path) -> None:
    """With a problem document; gunicorn has the last word from 16,380 bytes on."""
    with running(COMMANDS["serve"], tmp_path) as server:
        for length, media_type in ((8001, "application/problem+json"), (16_400, "text/html")):
            answer = ask(f"{server.address}/feeds/all.rss?limit=5", Cookie="a" * length)
            assert (answer.status, answer.headers["Content-Type"]) == (431, media_type)


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
