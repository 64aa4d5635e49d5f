"""HTML from anywhere -> HTML that may be shown, and plain text. Only here is it sanitised."""

import html
import re
from urllib.parse import urljoin, urlsplit

import nh3

from feedserver.text import clean

_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "details", "dfn", "div", "dl", "dt",
    "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark",
    "ol", "p", "pre", "q", "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "u", "ul", "var",
    "math", "mrow", "mi", "mo", "mn", "msub", "msup", "msubsup", "mfrac", "msqrt", "mroot", "mtext", "munder", "mover",
    "munderover", "mtable", "mtr", "mtd", "mspace", "mstyle", "semantics",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
    "math": {"display"},
    "*": {"dir", "lang"},
}
_ADDRESSES = {("a", "href"), ("img", "src")}
_DROPPED_WHOLE = {"script", "style", "template", "noscript", "iframe", "object", "svg", "head", "title"}
_APART = re.compile(r"(?i)(</?(?:p|div|br|hr|li|[uod]l|d[td]|h[1-6]|t[rdh]|table|blockquote|pre|section|article)\b)")


def sanitise(markup: str, base: str) -> str:
    """Return HTML without anything that acts: no script, style, form or frame, and absolute http(s) addresses only.

    ``base`` is the address that relative ones are relative to.
    """

    def checked(tag: str, attribute: str, value: str) -> str | None:
        return _absolute(value, base) if (tag, attribute) in _ADDRESSES else value

    return nh3.clean(
        markup,
        tags=_TAGS,
        clean_content_tags=_DROPPED_WHOLE,
        attributes=_ATTRIBUTES,
        attribute_filter=checked,
        link_rel="noopener noreferrer",
        url_schemes={"http", "https"},
    )


def plain_text(markup: str) -> str:
    """Return the words of HTML as plain text in one line."""
    stripped = nh3.clean(_APART.sub(r" \1", markup), tags=set(), clean_content_tags=_DROPPED_WHOLE)
    return clean(html.unescape(stripped))


def _absolute(address: str, base: str) -> str | None:
    try:
        joined = urljoin(base, address.strip())
        return joined if urlsplit(joined).scheme in {"http", "https"} else None
    except ValueError:
        return None
