"""Bytes -> the root of an XML document. No entity is replaced, nothing else is loaded."""

from lxml import etree

from feedserver.errors import ListingError


def parse_xml(body: bytes) -> etree._Element:
    """Return the root element. Raises ListingError where the bytes are not XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ListingError(f"not XML ({error}); it begins {body[:60]!r}") from error
