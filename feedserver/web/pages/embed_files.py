"""``/embed.js`` and ``/embed/accent-RRGGBB.css``: what the pages of other sites load, and what colours a frame."""

import json
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from pathlib import Path

from flask import Response, abort, request

from feedserver.render import Document
from feedserver.web.fast import conditions_of
from feedserver.web.feeds import CROSS_ORIGIN
from feedserver.web.finished import Finished, Headers, finish
from feedserver.web.language import LANGUAGES, TRANSLATIONS
from feedserver.web.pages.accent import stylesheet
from feedserver.web.pages.appearance import ACCENT
from feedserver.web.pages.base import STATIC, blueprint
from feedserver.web.pages.words import embed_words
from feedserver.web.site import current_site

_SCRIPT = STATIC / "embed.js"
_DAY, _MONTH = "public, max-age=86400", "public, max-age=2592000"
_FOR_OTHERS: Headers = [  # a page that isolates itself loads nothing that does not say so (Fetch standard, CORP)
    *CROSS_ORIGIN,
    ("Cross-Origin-Resource-Policy", "cross-origin"),
]


@blueprint.get("/embed.js")
def script() -> Response:
    """Give the script that makes ``<feedserver-feed>`` a feed."""
    return _answer(_script())


@blueprint.get("/embed/accent-<accent>.css")
def accent(accent: str) -> Response:
    """Give the stylesheet of one colour; it never changes."""
    if not ACCENT.fullmatch(accent):
        abort(404)
    return _answer(_finish(stylesheet(accent).encode(), "text/css; charset=utf-8", _MONTH, []))


@cache
def _script() -> Finished:
    words = json.dumps({name: embed_words(name) for name in LANGUAGES}, ensure_ascii=False, separators=(",", ":"))
    script = _SCRIPT.read_text(encoding="utf-8").replace("WORDS = {};", f"WORDS = {words};")
    return _finish(script.encode(), "text/javascript; charset=utf-8", _DAY, _FOR_OTHERS)


def _finish(body: bytes, media_type: str, lifetime: str, more: Headers) -> Finished:
    document = Document(body, blake2b(body, digest_size=16).hexdigest())
    headers = [("Content-Type", media_type), ("Cache-Control", lifetime), *more]
    return finish(document, _age_of_code(), headers)


@cache
def _age_of_code() -> datetime:
    """Return when these files last changed, with all that they are made of."""
    files = (*STATIC.iterdir(), *Path(__file__).parent.glob("*.py"), *TRANSLATIONS.rglob("*.mo"))
    return datetime.fromtimestamp(int(max(file.stat().st_mtime for file in files)), UTC)


def _answer(finished: Finished) -> Response:
    status, headers, body = finished.answer(conditions_of(request.environ), current_site().clock())
    return Response(body, status, headers)
