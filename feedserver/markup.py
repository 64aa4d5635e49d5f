"""HTML from anywhere -> HTML that may be shown, and plain text. Only here is it sanitised."""

import html
import re
from collections import Counter
from urllib.parse import urljoin, urlsplit

import nh3

from feedserver.text import clean, legal

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
_DROPPED_WHOLE = {
    "script", "style", "template", "noscript", "noembed", "noframes", "iframe", "object", "applet", "svg", "head",
    "title", "textarea", "select", "xmp", "plaintext", "annotation", "annotation-xml",
}  # fmt: skip
_DEEPEST = 1_000  # elements within each other: what is deeper takes quadratic time to read
_NESTING = re.compile(
    r"<(/?)(?!(?:area|base|br|col|dd|dt|embed|hr|img|input|li|link|meta|option|p|param|source|td|th|tr|track|wbr)\b)"
    r"([a-z][^\s/>]{0,20})",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]*>?")
_APART = re.compile(r"(?i)(</?(?:p|div|br|hr|li|[uod]l|d[td]|h[1-6]|t[rdh]|table|blockquote|pre|section|article)\b)")


def sanitise(markup: str, base: str) -> str:
    """Return HTML without anything that acts: no script, style, form or frame, and absolute http(s) addresses only.

    ``base`` is the address that relative ones are relative to. HTML of absurd depth is reduced to its words.
    """

    def checked(tag: str, attribute: str, value: str) -> str | None:
        return _absolute(value, base) if (tag, attribute) in _ADDRESSES else value

    safe = nh3.clean(
        _shallow(markup),
        tags=_TAGS,
        clean_content_tags=_DROPPED_WHOLE,
        attributes=_ATTRIBUTES,
        attribute_filter=checked,
        link_rel="noopener noreferrer",
        url_schemes={"http", "https"},
    )
    return legal(safe)  # a reference such as &#1; is a character now


def plain_text(markup: str) -> str:
    """Return the words of HTML as plain text in one line."""
    stripped = nh3.clean(_APART.sub(r" \1", _shallow(markup)), tags=set(), clean_content_tags=_DROPPED_WHOLE)
    return clean(html.unescape(stripped))


def _shallow(markup: str) -> str:
    """Return HTML that is not deep as it is, else without its tags."""
    markup = legal(markup)
    opened: Counter[str] = Counter()
    depth = 0
    for closing, name in _NESTING.findall(markup):
        change = -1 if closing and opened[name] else 0 if closing else 1
        opened[name] += change
        depth += change
        if depth > _DEEPEST:
            return _TAG.sub(" ", markup)
    return markup


def _absolute(address: str, base: str) -> str | None:
    try:
        joined = urljoin(base, address.strip())
        return joined if urlsplit(joined).scheme in {"http", "https"} else None
    except ValueError:
        return None
