"""Bytes of an XML document -> its root element. Only this module parses XML, and it trusts no document.

Nothing outside of the document is read: no external entity, no DTD of another place, no XInclude. Documents that
declare entities are refused: feeds need none, and a few of them grow into gigabytes. While a document is read, libxml2
bounds what they may grow into, and its depth (``huge_tree`` off).
"""

from typing import Any

from lxml import etree

from feedserver.errors import ListingError

MOST_MARKS = 2_000_000  # of "<", "=" and "&": each may become a node of up to 200 bytes


def parse_xml(body: bytes) -> etree._Element:
    """Return the root. A reference to an entity that nobody declared stays in the tree, as a node of its own.

    The encoding is that of the byte order mark or of the XML declaration, else UTF-8 (XML 1.0, appendix F). Raises
    ListingError with the reason where the bytes are no well-formed document, declare entities or hold too many nodes.
    """
    if (marks := sum(body.count(mark) for mark in (b"<", b"=", b"&"))) > MOST_MARKS:
        raise ListingError(f"{marks} elements, attributes and references, or so; at most {MOST_MARKS} are read")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, LookupError, ValueError) as error:
        raise ListingError(f"not XML: {getattr(error, 'msg', error)}") from error
    if names := _declared(root):
        raise ListingError(f"entities are declared, such as {names[0]!r}; no feed needs them")
    return root


def _declared(root: etree._Element) -> list[str]:
    """Return the names of the entities that a document declares."""
    declarations: Any = root.getroottree().docinfo.internalDTD
    return [] if declarations is None else [entity.name for entity in declarations.entities()]
