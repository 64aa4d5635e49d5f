"""Bytes that somebody calls XML -> the root element: whatever the encoding, even of broken ones, and at a bounded cost.

A document begins at its root element here; what stands before it is looked at as text alone. So there is no DTD, and no
entity that could grow or lead elsewhere.
"""

import codecs
import re
from collections.abc import Mapping
from html.entities import html5
from typing import NamedTuple

from lxml import etree

from feedserver.errors import ListingError

LARGEST = 8_000_000  # bytes
MOST_TAGS = 400_000  # and whatever looks like one, in texts
MOST_ELEMENTS = 150_000  # feedparser needs 50 microseconds for each
MOST_PREFIXES = 200  # of namespaces; feeds in the wild declare up to twenty

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_DECLARATION = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})")
# Of what Python knows, the ones that are encodings of text on the web: a few of the others take quadratic time.
_ENCODING = re.compile(
    r"utf-?(8|16|32)([bl]e)?|(us-?)?ascii|latin-?\d+|l\d|iso-?8859-?\d+(-?[a-z])?|(windows|cp)-?(125\d|874|866|932|949)"
    r"|koi8-?[rut]|gb-?2312|gbk|gb-?18030|big5(-?hkscs)?|euc-?(jp|kr|cn)|shift-?jis|sjis|iso-?2022-?(jp|kr)|mac-?\w+"
)
_BEGINNINGS = (  # XML 1.0, appendix F: byte order marks, then "<?" in encodings without one; the longest first
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be"),
)  # fmt: skip
_ENTITY = re.compile(r"<!ENTITY\b([^>]*)>?")
_PLAIN_ENTITY = re.compile(r"\s+([\w.-]+)\s+(?:\"([^\"&%<]{0,50}|&#\w{1,7};)\"|'([^'&%<]{0,50}|&#\w{1,7};)')\s*")
_PREFIX = re.compile(r"xmlns:([^\s=]+)")
_HTML = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_FIRST_TAG = re.compile(r"<[A-Za-z_][\w.:-]{0,40}")
_REFERENCE = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:(\w{1,32});|#(\d{1,7}|[xX][0-9a-fA-F]{1,6});)?", re.DOTALL)
_XML_ENTITIES = {"amp", "lt", "gt", "quot", "apos"}


class Document(NamedTuple):
    """The root element, and what is wrong with the document, where something is."""

    root: etree._Element
    flaw: str | None = None


def read_document(body: bytes, content_type: str, roots: re.Pattern[str]) -> Document:
    """Return the document whose root is the first element that ``roots`` finds.

    One that is not well-formed is read as far as it can be. Raises ListingError where there is no such element, where
    entities are declared that stand for more than a few characters, or where the document is too large.
    """
    if len(body) > LARGEST:
        raise ListingError(f"{len(body):,} bytes; at most {LARGEST:,} are read")
    text = _NOT_XML.sub("", decode(body, content_type))
    found = roots.search(text)
    if found is None or _HTML.search(text, 0, found.start()):
        raise ListingError(_what_it_is(text))
    entities = _entities(text[: found.start()])
    text = text[found.start() :]
    if (tags := text.count("<")) > MOST_TAGS:
        raise ListingError(f"{tags:,} tags; at most {MOST_TAGS:,} are read")
    if (prefixes := len(set(_PREFIX.findall(text)))) > MOST_PREFIXES:
        raise ListingError(f"{prefixes:,} prefixes of namespaces; at most {MOST_PREFIXES} are read")
    document = _parse(text, entities)
    if (elements := sum(1 for _ in document.root.iter())) > MOST_ELEMENTS:
        raise ListingError(f"{elements:,} elements; at most {MOST_ELEMENTS:,} are read")
    return document


def decode(body: bytes, content_type: str = "") -> str:
    """Return the text of a document by RFC 7303, section 3: byte order mark, ``charset``, XML declaration, UTF-8.

    Where none of them is true, it is taken for windows-1252, as browsers do.
    """
    for beginning, encoding in _BEGINNINGS:
        if body.startswith(beginning):
            return body.decode(encoding, "replace").lstrip("\ufeff")
    stated, declared = _CHARSET.search(content_type), _DECLARATION.match(body)
    for name in (stated[1] if stated else "", declared[1].decode() if declared else "", "utf-8"):
        encoding = name.lower().replace("_", "-")
        try:
            if _ENCODING.fullmatch(encoding):
                return body.decode("gb18030" if encoding.startswith("gb") else encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("windows-1252", "replace")


def _entities(head: str) -> Mapping[str, str]:
    """Return the entities that a DTD declares, each for a few characters. Raises ListingError at any other."""
    found: dict[str, str] = {}
    for declaration in _ENTITY.findall(head):
        plain = _PLAIN_ENTITY.fullmatch(declaration)
        if plain is None:
            raise ListingError(f"it declares an entity that no feed needs: {declaration.strip()[:60]!r}")
        found[plain[1]] = plain[2] or plain[3] or ""
    return found


def _parse(text: str, entities: Mapping[str, str]) -> Document:
    try:
        return Document(_root(text, recover=False))
    except (etree.XMLSyntaxError, ValueError) as error:
        flaw = getattr(error, "msg", str(error))
    try:
        return Document(_root(_mended(text, entities), recover=True), f"not well-formed XML: {flaw}")
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ListingError(f"not XML: {flaw}") from error


def _root(text: str, *, recover: bool) -> etree._Element:
    parser = etree.XMLParser(
        recover=recover, encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False,
        remove_comments=True, remove_pis=True, huge_tree=False,
    )  # fmt: skip
    root = etree.fromstring(text.encode(), parser)
    if root is None:  # what lxml gives for a document of which nothing can be saved
        raise ValueError("nothing in it can be read")
    return root


def _mended(text: str, entities: Mapping[str, str]) -> str:
    """Return the text with the references of HTML as characters and every other ampersand as one."""

    def mend(found: re.Match[str]) -> str:
        name, number = found[1], found[2]
        if found[0].startswith("<") or name in _XML_ENTITIES:
            return found[0]
        if number:
            code = int(number[1:], 16) if number[0] in "xX" else int(number)
            return "" if code > 0x10FFFF or _NOT_XML.match(chr(code)) else found[0]
        known = name and (entities.get(name) or html5.get(f"{name};"))
        return known.replace("<", "&lt;") if known else f"&amp;{found[0][1:]}"

    return _REFERENCE.sub(mend, text)


def _what_it_is(text: str) -> str:
    if _HTML.search(text):
        return "an HTML page, not a feed; `feedserver discover ADDRESS` finds the feeds that a page names"
    if not text.strip():
        return "empty"
    first = _FIRST_TAG.search(text)
    kind = f"a document that begins with {first[0]}>" if first else f"no XML; it begins {text[:60]!r}"
    return f"no feed in it, but {kind}"
