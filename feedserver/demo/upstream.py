"""An HTTP server on loopback that answers the list call from the sample."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from threading import Thread

from flask import Flask, Response, abort, request
from werkzeug.serving import WSGIRequestHandler, make_server

from feedserver.demo.sample import listing

PATH = "/api/daily_papers"


class _SilentHandler(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Say nothing: the demo's console belongs to the server that is shown."""


@contextmanager
def serve_sample() -> Iterator[str]:
    """Serve until the end of the block; yield the address of the list call."""
    server = make_server("127.0.0.1", 0, _make_app(), threaded=True, request_handler=_SilentHandler)
    Thread(target=server.serve_forever, name="demo-upstream", daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{PATH}"
    finally:
        server.shutdown()


def _make_app() -> Flask:
    app = Flask(__name__)

    @app.get(PATH)
    def daily_papers() -> Response:
        try:
            day = date.fromisoformat(request.args["date"])
        except ValueError:
            abort(400)
        first_page = request.args.get("p", "0") == "0"
        answer = listing(day, datetime.now(UTC).date()) if first_page else []
        response = Response(json.dumps(answer), content_type="application/json; charset=utf-8")
        response.add_etag()
        response.make_conditional(request)
        return response

    return app
