"""The language of pages: the reader's, as far as there is a translation (Accept-Language, RFC 9110, 12.5.4)."""

from pathlib import Path

from flask import Flask, request
from flask_babel import Babel, get_locale
from markupsafe import Markup, escape

LANGUAGES = ("en", "de")  # the first is what texts in code and templates are written in
TRANSLATIONS = Path(__file__).parent / "translations"
_LONGEST = 200  # characters of the header that are looked at


def init_languages(app: Flask) -> None:
    """Let templates translate what stands in ``_()``."""
    Babel(app, default_locale=LANGUAGES[0], locale_selector=_wanted)


def language() -> str:
    """Return the language of the current page."""
    return str(get_locale() or LANGUAGES[0])


def english(text: object) -> Markup:
    """Return a text that comes from below, in English: marked as such where the page is in another language.

    It stands in feeds, answers and logs too, whose language is one for all readers.
    """
    return escape(text) if language() == "en" else Markup('<span lang="en">{}</span>').format(text)


def _wanted() -> str:
    """Return the first of the reader's languages that there is, whatever its region: ``de-AT`` is ``de``."""
    if len(request.headers.get("Accept-Language", "")) > _LONGEST:
        return LANGUAGES[0]
    primary = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality > 0)
    return next((tag for tag in primary if tag in LANGUAGES), LANGUAGES[0])
