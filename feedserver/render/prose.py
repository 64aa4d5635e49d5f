"""Upstream's text and HTML -> what is shown of them, with their TeX as the view has it; every text escaped in HTML."""

import re
from html import unescape

from markupsafe import escape

from feedserver.maths import Part, mathml, parts, unicode
from feedserver.model import Maths

# Sanitised HTML (markup.py) has every attribute in double quotes, and no ``<`` in texts.
_TAG = re.compile(r'(<(/?)([a-z][a-z0-9]*)(?:[^<>"]|"[^"]*")*>)')
_VERBATIM = {"code", "kbd", "math", "pre", "samp"}  # what stands in them is shown as it is written


def plain(text: str, maths: Maths) -> str:
    """Return a text for places that take no markup: in Unicode, unless TeX is to stay."""
    return text if maths == "raw" else unicode(text)


def html(text: str, maths: Maths) -> str:
    """Return a text as HTML, formulas as MathML where that is asked for."""
    if maths != "mathml":
        return escape(plain(text, maths))
    return "".join(_part(part) for part in parts(text))


def marked_up(markup: str, maths: Maths) -> str:
    """Return sanitised HTML with the TeX of each of its texts treated so, but in code.

    A formula with tags in it stays as it is.
    """
    if maths == "raw" or ("$" not in markup and "\\" not in markup):
        return markup
    shown: list[str] = []
    verbatim = place = 0
    for tag in _TAG.finditer(markup):
        shown += (_text(markup[place : tag.start()], maths, verbatim), tag[1])
        verbatim += (tag[3] in _VERBATIM) * (-1 if tag[2] else 1)
        place = tag.end()
    return "".join((*shown, _text(markup[place:], maths, verbatim)))


def _text(escaped: str, maths: Maths, verbatim: int) -> str:
    if verbatim > 0 or ("$" not in escaped and "\\" not in escaped):
        return escaped
    text = unescape(escaped)
    return escaped if unicode(text) == text else html(text, maths)


def _part(part: Part) -> str:
    if isinstance(part, str):
        return escape(part)
    return mathml(part) or escape(part.spelled)
