"""Bytes of a web page -> its elements, the address that its links are relative to, and its language.

The encoding is found in the order of the HTML standard (13.2.3.2): byte order mark, HTTP header, ``meta``; where none
of them says anything, it is UTF-8 if it can be, else windows-1252.
"""

import codecs
import re
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree, html

from feedserver.errors import ListingError
from feedserver.identity import web_address
from feedserver.sources.selectors import Element
from feedserver.text import clean

_PRESCANNED = 1024  # bytes in which a page has to name its encoding
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF16_LE, "utf-16-le"))
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"'/>;]+)", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_META = re.compile(r"<meta\s[^>]*>", re.IGNORECASE)
_WIDER = {  # what the Encoding standard reads in place of an encoding that pages name (section 4.2)
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
_KNOWN = re.compile(
    r"utf-8|utf-16-[bl]e|cp(866|874|932|949|125[0-8])|iso8859-([2-8]|1[03456])|koi8-[ru]|mac-(roman|cyrillic)"
    r"|gb18030|big5hkscs|euc_jp|iso2022_jp"
)
_BREAKS = re.compile(r"[\t\r\n]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page: its root element, its address, the address that links on it are relative to, and its language, if any."""

    root: Element
    url: str
    base: str
    language: str | None

    @property
    def title(self) -> str:
        """What the page calls itself."""
        return clean(self.root.findtext(".//title") or "")

    def address(self, link: str) -> str | None:
        """Return the absolute address that a link on the page leads to; None where that is nothing on the web."""
        try:
            return web_address(urljoin(self.base, _BREAKS.sub("", link).strip()))
        except ValueError:
            return None


def read_page(body: bytes, url: str, content_type: str = "") -> WebPage:
    """Return the page that bytes are; whatever is wrong in its markup is taken as browsers do, more or less.

    Raises ListingError where there is no markup at all.
    """
    text = decode(body, content_type)
    parser = html.HTMLParser(encoding="utf-8", no_network=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError) as error:
        raise ListingError(f"not HTML ({error}); it begins {body[:60]!r}") from error
    language = root.get("lang") or ""
    page = WebPage(root, url, url, language if _LANGUAGE.fullmatch(language) else None)
    base = next((href for element in root.iter("base") if (href := element.get("href"))), "")
    return WebPage(root, url, page.address(base) or url, page.language) if base else page


def decode(body: bytes, content_type: str = "") -> str:
    """Return the text of a page; what no encoding explains becomes U+FFFD."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body.removeprefix(mark).decode(encoding, "replace")
    encoding = _named(content_type) or _of_meta(body[:_PRESCANNED]) or _guessed(body)
    return body.decode(encoding, "replace")


def _named(text: str) -> str | None:
    """Return the codec of the charset that a text names, if it is one that a page may be in."""
    found = _CHARSET.search(text)
    try:
        name = codecs.lookup(found[1]).name if found else ""
    except (LookupError, ValueError):
        return None
    name = _WIDER.get(name, name)
    return name if _KNOWN.fullmatch(name) else None


def _of_meta(start: bytes) -> str | None:
    """Return what a ``meta`` says; one that says UTF-16 is not in it, else it could not have been read."""
    tags = _META.findall(_COMMENT.sub("", start.decode("latin-1")))
    name = next((name for tag in tags if (name := _named(tag))), None)
    return "utf-8" if name and name.startswith("utf-16") else name


def _guessed(body: bytes) -> str:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
