"""A finished feed: bytes and validators, and the one decision between 200, 304 and 226 for the whole server."""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

from werkzeug.http import parse_date

from feedserver.render import Document
from feedserver.web.coding import CODINGS, IDENTITY, LEAST, choose_coding
from feedserver.web.delta import History, delta_headers

Headers = list[tuple[str, str]]

# What proxies make of an entity tag when they compress: W/ before it, or a suffix inside or outside of the quotes.
_TAG = re.compile('"([0-9a-f]{32})(?:[-;:]{1,2}(?:gzip|br|zstd|deflate|df)){0,2}"')  # our own tags are 32 digits
# What updates a stored response, and lets a page of another origin read that nothing is new (RFC 9110, 15.4.5). No date
# is sent beside a tag: each worker has its own for a feed that stayed the same, and a reader keeps the one it has.
_ON_304 = frozenset({"Cache-Control", "Access-Control-Allow-Origin", "Vary"})
_TAGS, _DATE, _CODINGS = 4_000, 100, 400  # characters of these headers that are looked at, and remembered


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a request says of the copy the client has, and of codings."""

    if_none_match: str | None = None
    if_modified_since: str | None = None
    accept_encoding: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """A feed's bytes with their validators; ``made`` holds the codings that were asked for so far, and headers.

    ``history`` is there where readers may ask for what is new only.
    """

    body: bytes
    tag: str
    modified: datetime
    headers: tuple[tuple[str, str], ...]
    made: dict[str, tuple[bytes, Headers, Headers]] = field(default_factory=dict, compare=False)
    status: str = "200 OK"
    history: History | None = None

    def answer(self, asked: Conditions, now: float) -> tuple[str, Headers, bytes]:
        """Return status line, headers and body: 304 where the client has these bytes already (RFC 9110, 13.2.2).

        ``now`` counts seconds since 1970: no answer bears a date that is still to come.
        """
        coding = choose_coding(asked.accept_encoding[:_CODINGS]) if len(self.body) >= LEAST else IDENTITY
        made = self.made.get(coding) or self._make(coding)
        body, headers, short_headers = made
        if self._is_known(asked):
            return "304 NOT MODIFIED", short_headers, b""
        if now < self.modified.timestamp():
            headers = _dated(headers, now)
        return self.status, headers, body

    def since(self, asked: Conditions) -> "Finished | None":
        """Return what is new since the latest state that the client has: None where it gets 304, or the whole feed."""
        if self.history is None or asked.if_none_match is None or self._is_known(asked):
            return None
        given = {found[1]: found[0] for found in _TAG.finditer(asked.if_none_match[:_TAGS])}
        new = self.history.since(given)
        if new is None:
            return None
        tag, body = new
        headers = delta_headers(self.headers, given[tag])
        return replace(self, body=body, headers=headers, made={}, status="226 IM Used")

    def after(self, old: "Finished") -> "Finished":
        """Return the feed with what ``old`` remembers of its earlier states."""
        if self.history is None or old.history is None:
            return self
        return replace(self, history=self.history.after(old.history), made={})

    @property
    def size(self) -> int:
        """Bytes that it may take in memory: the three codings together are smaller than the body itself."""
        return 8000 + 2 * len(self.body) + (self.history.size if self.history else 0)

    def _is_known(self, asked: Conditions) -> bool:
        if asked.if_none_match is not None:
            return asked.if_none_match.strip() == "*" or self.tag in _tags(asked.if_none_match[:_TAGS])
        if asked.if_modified_since is not None:
            since = _date(asked.if_modified_since[:_DATE])
            return since is not None and self.modified <= since
        return False

    def _make(self, coding: str) -> tuple[bytes, Headers, Headers]:
        body = self.body if coding == IDENTITY else CODINGS[coding](self.body)
        tag = self.tag if coding == IDENTITY else f"{self.tag}-{coding}"
        vary = "Accept-Encoding, A-IM" if self.history else "Accept-Encoding"
        chosen: Headers = [("ETag", f'"{tag}"'), ("Vary", vary)]
        dated: Headers = [("Last-Modified", format_datetime(self.modified, usegmt=True))]
        coded: Headers = [] if coding == IDENTITY else [("Content-Encoding", coding)]
        lasting = [(name, value) for name, value in self.headers if name in _ON_304]
        full = [*self.headers, *chosen, *dated, *coded, ("Content-Length", str(len(body)))]
        self.made[coding] = made = (body, full, [*lasting, *chosen])
        return made


def finish(document: Document, modified: datetime, headers: Headers, history: History | None = None) -> Finished:
    """Return the finished feed; its tag comes from the content alone."""
    return Finished(document.body, document.digest, modified.astimezone(UTC), tuple(headers), history=history)


@lru_cache(maxsize=1024)
def _tags(header: str) -> frozenset[str]:
    return frozenset(_TAG.findall(header))


@lru_cache(maxsize=1024)
def _date(header: str) -> datetime | None:
    try:
        return parse_date(header)
    except OverflowError:  # a zone further away than numbers go
        return None


def _dated(headers: Headers, now: float) -> Headers:
    """Put the time of the answer in place of one to come (RFC 9110, 8.8.2.1), which a second change in a second has."""
    last = format_datetime(datetime.fromtimestamp(int(now), UTC), usegmt=True)
    return [(name, last if name == "Last-Modified" else value) for name, value in headers]
