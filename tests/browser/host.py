"""A host on loopback that embeds feeds, and the app in this process, so that its settings and clock can be any."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from threading import Thread

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.entries import ROOT

_DOCUMENT = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
_EXAMPLE = "https://papers.example.org"  # the server of the document
_STRICT = "default-src 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"


@dataclass(slots=True)
class Host:
    """A site of somebody else. ``shown`` are its files: media type, text, and what a page's policy allows."""

    address: str
    shown: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def page(self, path: str, body: str, allowed: str) -> str:
        """Put a page there; return its address."""
        title = "<!doctype html><html lang=en><meta charset=utf-8><title>A host</title>"
        self.shown[path] = ("text/html; charset=utf-8", title + body, f"{_STRICT}; {allowed}")
        return self.address + path

    def script(self, path: str, text: str) -> str:
        """Put a script there; return its address."""
        self.shown[path] = ("text/javascript", text, "")
        return self.address + path


@contextmanager
def hosting() -> Iterator[Host]:
    """Start a host on a port of its own, which makes another origin of it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with the file, or 404."""
            media_type, text, policy = host.shown.get(self.path, ("text/plain", "", ""))
            self.send_response(200 if text else 404)
            self.send_header("Content-Type", media_type)
            if policy:
                self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        host = Host(f"http://127.0.0.1:{server.server_port}")
        with _at_work(server):
            yield host


@contextmanager
def answering(app: Flask) -> Iterator[str]:
    """Let an app answer on loopback; yield its address."""

    class Quiet(WSGIRequestHandler):
        def log_request(self, *_: object) -> None:
            """Say nothing."""

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    with _at_work(server):
        yield f"http://127.0.0.1:{server.server_port}"
    server.server_close()


@contextmanager
def _at_work(server: BaseServer) -> Iterator[None]:
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def example(heading: str, language: str, server: str) -> str:
    """Return the last example below a heading of the document on embedding, for another server."""
    below = re.split(rf"^#+ {re.escape(heading)}$", _DOCUMENT, flags=re.MULTILINE)[1]
    section = re.split(r"^#", below, flags=re.MULTILINE)[0]
    return section.split(f"```{language}\n")[-1].split("```")[0].replace(_EXAMPLE, server)


def allowed(way: str, server: str) -> str:
    """Return the directives that a host's policy must have, as the document says."""
    (directives,) = re.findall(rf"^\| {way} \| `([\w-]+-src .*)` \|$", _DOCUMENT, re.MULTILINE)
    return str(directives).replace(_EXAMPLE, server)
