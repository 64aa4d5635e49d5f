"""What an answer says, as libraries and readers read it: its validators, links, entries and problems."""

import json
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser
from flask.testing import FlaskClient
from lxml import etree
from requests.utils import parse_header_links
from werkzeug.test import TestResponse

HISTORY = "http://purl.org/syndication/history/1.0"


def modified(response: TestResponse) -> datetime:
    """Return the time in Last-Modified."""
    return parsedate_to_datetime(response.headers["Last-Modified"])


def links(response: TestResponse) -> list[dict[str, str]]:
    """Return the links in the header, read by a library."""
    found: list[dict[str, str]] = parse_header_links(response.headers["Link"])
    return found


def linked(response: TestResponse) -> dict[str, str]:
    """Return relation -> address of the links to documents in the format of the answer itself."""
    return {link["rel"]: link["url"] for link in links(response) if link.get("type") == response.mimetype}


def in_body(response: TestResponse, relation: str) -> list[str]:
    """Return the addresses that the document itself gives for a relation; JSON knows two of them."""
    if response.mimetype == "application/feed+json":
        document = json.loads(response.data)
        found = document.get({"self": "feed_url", "prev-archive": "next_url"}[relation])
        return [found] if found else []
    tree = etree.fromstring(response.data)
    head = tree.find("channel") if tree.tag == "rss" else tree
    elements = head.findall("{http://www.w3.org/2005/Atom}link")
    return [str(element.get("href")) for element in elements if element.get("rel") == relation]


def entries(response: TestResponse) -> list[Any]:
    """Return the entries, in whatever format."""
    if response.mimetype == "application/feed+json":
        return list(json.loads(response.data)["items"])
    return list(feedparser.parse(response.data).entries)


def ids(response: TestResponse) -> list[str]:
    """Return the ids of the entries."""
    return [entry["id"] for entry in entries(response)]


def problem(response: TestResponse) -> dict[str, Any]:
    """Return the problem document that an error is, after checking that it is one."""
    document: dict[str, Any] = json.loads(response.data)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert document["status"] == response.status_code
    assert {"type", "title", "status", "detail", "instance"} <= document.keys()
    assert all(document.values())
    return document


def is_archive(response: TestResponse) -> bool:
    """Say whether the document marks itself as an archive, which JSON can't."""
    if response.mimetype == "application/feed+json":
        return False
    return etree.fromstring(response.data).find(f".//{{{HISTORY}}}archive") is not None


def walk(client: FlaskClient, address: str) -> list[TestResponse]:
    """Return the feed at an address and its archives, back to the first, by the links in the header."""
    found = [client.get(address)]
    while older := linked(found[-1]).get("prev-archive"):
        found.append(client.get(older))
        assert len(found) < 10
    return found
