"""Finished bytes -> the least WSGI app that answers with them: what the servers themselves can do."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

_FOLDER = Path(os.environ["FEEDBENCH_FOLDER"])
_PLAIN, _GZIP = (_FOLDER / "feed.atom").read_bytes(), (_FOLDER / "feed.atom.gz").read_bytes()
_TAG = (_FOLDER / "tag").read_text()
_TYPE = ("Content-Type", "application/atom+xml; charset=utf-8")
_ANSWERS: dict[str, tuple[str, list[tuple[str, str]], list[bytes]]] = {
    "/plain": ("200 OK", [_TYPE, ("Content-Length", str(len(_PLAIN)))], [_PLAIN]),
    "/gzip": ("200 OK", [_TYPE, ("Content-Encoding", "gzip"), ("Content-Length", str(len(_GZIP)))], [_GZIP]),
    "/304": ("304 Not Modified", [("ETag", _TAG)], []),
}


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answer with what belongs to the path, whatever the request says."""
    status, headers, body = _ANSWERS[environ["PATH_INFO"]]
    start_response(status, headers)
    return body
