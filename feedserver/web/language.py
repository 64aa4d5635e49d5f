"""The language of pages: the reader's, as far as there is a translation (Accept-Language, RFC 9110, 12.5.4)."""

from flask import Flask, request
from flask_babel import Babel, get_locale

LANGUAGES = ("en", "de")  # the first is what texts in code and templates are written in
_LONGEST = 200  # characters of the header that are looked at


def init_languages(app: Flask) -> None:
    """Let templates translate what stands in ``_()``."""
    Babel(app, default_locale=LANGUAGES[0], locale_selector=_wanted)


def language() -> str:
    """Return the language of the current page."""
    return str(get_locale() or LANGUAGES[0])


def _wanted() -> str:
    given = request.headers.get("Accept-Language", "")
    if len(given) > _LONGEST:
        return LANGUAGES[0]
    return request.accept_languages.best_match(LANGUAGES, LANGUAGES[0]) or LANGUAGES[0]
