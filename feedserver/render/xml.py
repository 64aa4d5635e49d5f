"""Text -> the same text inside of XML, as libxml2 spells it.

Entries are the one part of a feed that is not left to a library: an answer may hold two hundred that nobody rendered
before, and to build a tree of each takes five times as long. Tests hold the bytes against feedgen's own.
"""


def text(value: str) -> str:
    """Return the content of an element."""
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def attribute(value: str) -> str:
    """Return the content of an attribute in double quotes."""
    spelled = text(value).replace('"', "&quot;")
    return spelled.replace("\n", "&#10;").replace("\t", "&#9;") if not spelled.isprintable() else spelled


def plain(value: str) -> str:
    """Return the content of an element that RSS readers take for plain text: the profile wants numeric references."""
    return value.replace("&", "&#x26;").replace("<", "&#x3C;").replace(">", "&#x3E;").replace("\r", "&#13;")
