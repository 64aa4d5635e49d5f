"""A formula -> MathML, made by latex2mathml, that can still be read where a reader takes the tags away.

Stripped of its tags, ``x`` with a raised 2 is ``x2``, which is something else. So the signs that say how the parts
belong together (``^``, ``_``, ``/``, brackets) stand in the MathML as well, as phantoms without room of their own
(``mphantom`` in ``mpadded``, MathML 3, 3.3.6 and 3.3.7): nobody sees them, but they are text.
"""

from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from xml.etree.ElementTree import Element, tostring

from feedserver.maths.formulas import Formula
from feedserver.maths.spelling import prepared

_NO_ROOM = {"width": "0", "height": "0", "depth": "0"}
# What latex2mathml raises about TeX that it can't take: its own errors have no common base but Exception, and where it
# didn't think of a case, Python's show.
_BROKEN = (LookupError, ValueError, TypeError, AttributeError, StopIteration, RuntimeError)


@lru_cache(maxsize=1024)
def mathml(formula: Formula) -> str | None:
    """Return a ``math`` element as it stands in HTML; None for what latex2mathml does not know."""
    from latex2mathml import exceptions  # noqa: PLC0415  # most servers are never asked for MathML
    from latex2mathml.converter import convert_to_element  # noqa: PLC0415  # see above

    own = [error for error in vars(exceptions).values() if isinstance(error, type) and issubclass(error, Exception)]
    broken: tuple[type[Exception], ...] = (*own, *_BROKEN)
    try:
        root: Element = convert_to_element(prepared(formula.tex), display="block" if formula.display else "inline")
    except broken:
        return None
    for element in root.iter():
        element.text = unescape(element.text) if element.text else None
    if any((element.text or "").startswith("\\") for element in root.iter()):
        return None
    for element in list(root.iter()):
        _make_readable(element)
    return tostring(root, encoding="unicode", short_empty_elements=False)


def _make_readable(element: Element) -> None:
    """Put between the parts of an element what tells them apart as text."""
    parts = list(element)
    match element.tag, parts:
        case "mover", [_, accent] if accent.tag == "mo":
            return
        case "msup" | "mover", [_, above]:
            _embrace(element, above, "^")
        case "msub" | "munder", [_, below]:
            _embrace(element, below, "_")
        case "msubsup" | "munderover", [_, below, above]:
            _embrace(element, below, "_")
            _embrace(element, above, "^")
        case "mfrac", [above, below]:
            _embrace(element, above, "")
            _embrace(element, below, "/")
        case "msqrt", [_, *_]:
            _surround(element, "√")
        case "mroot", [_, index]:
            _embrace(element, index, "^(1/", ")")
        case "mrow" | "math" | "mtd" | "mstyle", [_, *_]:
            _part_words(element)


def _embrace(parent: Element, part: Element, before: str, after: str | None = None) -> None:
    """Put a sign before a part, and brackets around the part where it is more than one letter or number."""
    row = part
    if part.tag != "mrow":
        row = Element("mrow")
        parent[list(parent).index(part)] = row
        row.append(part)
    if after is None:
        return _surround(row, before)
    row.insert(0, _phantom(before))
    return row.append(_phantom(after))


def _surround(row: Element, before: str) -> None:
    is_short = len(list(_leaves(row))) < 2
    for sign, place in ((before if is_short else f"{before}(", 0), ("" if is_short else ")", len(row) + 1)):
        if sign:
            row.insert(place, _phantom(sign))


def _part_words(row: Element) -> None:
    """Put a blank behind each word that another letter follows: ``log n``."""
    for one, other in reversed(list(zip(row, list(row)[1:], strict=False))):
        text, following = one.text or "", next((leaf.text or "" for leaf in _leaves(other)), "")
        if len(text) > 1 and text.isalpha() and following[:1].isalnum():
            row.insert(list(row).index(other), _phantom(" "))


def _leaves(element: Element) -> Iterator[Element]:
    return (leaf for leaf in element.iter() if not len(leaf) and leaf.text)


def _phantom(text: str) -> Element:
    room, phantom, leaf = Element("mpadded", _NO_ROOM), Element("mphantom"), Element("mtext")
    leaf.text = text
    phantom.append(leaf)
    room.append(phantom)
    return room
