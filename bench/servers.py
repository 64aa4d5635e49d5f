"""Commands -> running servers on free ports of loopback, two workers each, ended by their process id."""

import os
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter, sleep
from typing import IO

from bench.client import Broken, Request, get

ROOT = Path(__file__).resolve().parents[1]
APP = "feedserver.web:create_app()"
WORKERS = 2
_LONGEST_START, _LONGEST_END = 60, 15  # seconds
_FOREIGN = ("FEEDSERVER_", "GUNICORN_", "GRANIAN_", "PORT", "WEB_CONCURRENCY", "HF_TOKEN")

Command = Callable[[int], Sequence[str | Path]]  # port -> words


@dataclass(frozen=True, slots=True)
class Server:
    """A server at work: ``pid`` is that of its first process, ``seconds`` what it took to its first answer."""

    port: int
    pid: int
    seconds: float
    log: IO[bytes]

    def said(self) -> str:
        """Return the end of what it wrote to its console."""
        self.log.seek(0)
        return self.log.read()[-4000:].decode()

    def workers(self) -> tuple[int, ...]:
        """Return the process ids of its workers; none where the system has no /proc."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return tuple(map(int, children.read_text().split())) if children.exists() else ()


def gunicorn(app: str | None = None) -> Command:
    """Return the command of the Procfile, for our app or with the same settings for another one."""
    (line,) = (line for line in (ROOT / "Procfile").read_text().splitlines() if line.startswith("web:"))
    words = shlex.split(line.removeprefix("web:"))
    if app:
        words = ["gunicorn", "--config", "python:bench.other_settings", app]
    return lambda port: (sys.executable, "-m", *words, "--bind", f"127.0.0.1:{port}", "--log-level", "warning")


def granian(app: str = APP) -> Command:
    """Return the command for Granian, with as many threads as gunicorn has."""
    target, factory = (app.removesuffix("()"), ("--factory",)) if app.endswith("()") else (app, ())
    fixed = shlex.split("--interface wsgi --http 1 --no-ws --blocking-threads 2 --log-level error --host 127.0.0.1")
    words = (sys.executable, "-m", "granian", *fixed, "--workers", str(WORKERS), *factory, target)
    return lambda port: (*words, "--port", str(port))


def nginx(folder: Path) -> Command:
    """Return the command for an nginx that serves the files in ``folder``, ready-made gzip beside them."""

    def command(port: int) -> Sequence[str | Path]:
        file = folder / "nginx.conf"
        as_whoever_started_it = "user root;\n" if os.geteuid() == 0 else ""  # else it could not read the folder
        file.write_text(as_whoever_started_it + _NGINX.format(folder=folder, port=port, workers=WORKERS))
        return (_which("nginx") or "nginx", "-p", folder, "-c", file, "-e", "stderr")

    return command


def missing(name: str) -> bool:
    """Whether this machine lacks a server."""
    return find_spec("granian") is None if name == "granian" else _which(name) is None


def version_of(name: str) -> str:
    """Return what the program says of its version."""
    said = subprocess.run([_which(name) or name, "-v"], capture_output=True, text=True, check=False)
    return (said.stdout + said.stderr).strip().rpartition("/")[2]


@contextmanager
def running(command: Command, environment: Mapping[str, str], path: str) -> Iterator[Server]:
    """Start it, wait until it answers for ``path``, and end it with the block. Ends the program where it doesn't."""
    port = _free_port()
    words = command(port)
    with TemporaryFile() as log:
        begin = perf_counter()
        process = subprocess.Popen(words, cwd=ROOT, env=_clean(environment), stdout=log, stderr=log)
        try:
            server = Server(port, process.pid, perf_counter() - begin, log)
            if not _answers(process, port, path):
                raise SystemExit(f"{shlex.join(map(str, words))} gave no feed:\n{server.said()}")
            yield replace(server, seconds=perf_counter() - begin)
        finally:
            _end(process)


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return {**kept, "PYTHONPATH": str(ROOT), "WEB_CONCURRENCY": str(WORKERS), **environment}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(process: subprocess.Popen[bytes], port: int, path: str) -> bool:
    end = perf_counter() + _LONGEST_START
    while perf_counter() < end and process.poll() is None:
        try:
            if get(port, Request(path)).status == 200:
                return True
        except Broken:
            sleep(0.005)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_LONGEST_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _which(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")


_NGINX = """\
worker_processes {workers};
daemon off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 256; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    gzip_static on;
    types {{ application/atom+xml atom; }}
    client_body_temp_path {folder}/temp;
    proxy_temp_path {folder}/temp;
    fastcgi_temp_path {folder}/temp;
    uwsgi_temp_path {folder}/temp;
    scgi_temp_path {folder}/temp;
    server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""
