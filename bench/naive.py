"""The server as it is written in an afternoon: entries in memory, the feed made by feedgen at each request."""

import gzip
import os
from contextlib import closing
from pathlib import Path

from feedgen.feed import FeedGenerator
from flask import Flask, Response, request

from feedserver.filters import EVERYTHING
from feedserver.store import SqliteStore

with closing(SqliteStore(Path(os.environ["FEEDBENCH_STORE"]))) as store:
    ENTRIES = store.select(EVERYTHING, "listed", 50)

app = Flask(__name__)


@app.get("/feed.atom")
def feed() -> Response:
    """Answer with the newest entries, gzip where it is taken, 304 where the client has the same already."""
    made = FeedGenerator()
    made.id("http://feeds.example.org/feed.atom")
    made.title("All papers")
    made.link(href="http://feeds.example.org/feed.atom", rel="self")
    made.updated(max(entry.updated for entry in ENTRIES))
    for entry in ENTRIES:
        element = made.add_entry(order="append")
        element.id(entry.id)
        element.title(entry.title)
        element.link(href=entry.links.page)
        element.published(entry.published)
        element.updated(entry.updated)
        element.author([{"name": name} for name in entry.authors])
        element.category([{"term": keyword} for keyword in entry.ai_keywords])
        element.content(f"<p>{entry.upvotes} upvotes</p><p>{entry.summary}</p>", type="html")
    response = Response(made.atom_str(), mimetype="application/atom+xml")
    response.add_etag()
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.data = gzip.compress(response.data)
        response.headers["Content-Encoding"] = "gzip"
    response.make_conditional(request)
    return response
