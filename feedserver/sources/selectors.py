"""A selector's text -> what it catches on a page: CSS (Selectors Level 4, as far as cssselect goes) or XPath 1.0.

``selector@attribute`` takes an attribute of what a CSS selector catches. XPath begins with ``/``, ``./``, ``(``, ``..``
or ``xpath:``; it has the functions of its standard, no variables, and reaches no other document.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from cssselect import HTMLTranslator, SelectorError, parse
from lxml import etree

from feedserver.errors import ConfigError, suggest
from feedserver.markup import plain_text
from feedserver.text import clean

Element: TypeAlias = etree._Element
Node: TypeAlias = etree._Element | str

_LONGEST = 1_000  # characters of a selector
_IS_XPATH = re.compile(r"/|\./|\.\./|\(|xpath:")
_ATTRIBUTE = re.compile(r"(.*)@([A-Za-z_][\w.:-]*)", re.DOTALL)
_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_CALL = re.compile(r"(?<![\w:.-])([A-Za-z_][\w.-]*)\s*\(")
_FUNCTIONS = {  # XPath 1.0, section 4, and the node tests of section 2.3
    "last", "position", "count", "id", "local-name", "namespace-uri", "name", "string", "concat", "starts-with",
    "contains", "substring-before", "substring-after", "substring", "string-length", "normalize-space", "translate",
    "boolean", "not", "true", "false", "lang", "number", "sum", "floor", "ceiling", "round",
    "comment", "text", "processing-instruction", "node", "and", "or", "div", "mod",
}  # fmt: skip
_BLANK = etree.HTML("<p></p>")
_CSS = HTMLTranslator()


@dataclass(frozen=True, slots=True)
class Selector:
    """What is to be caught within an element; ``path`` is None for the element itself."""

    path: etree.XPath | None
    attribute: str | None = None

    def find(self, element: Element) -> list[Node]:
        """Return what is caught in an element: elements, or texts, in the order of the page."""
        nodes: list[Node] = [element] if self.path is None else _nodes(self.path(element))
        if self.attribute is None:
            return nodes
        values = (node.get(self.attribute) for node in nodes if not isinstance(node, str))
        return [value for value in values if value is not None]

    def elements(self, element: Element) -> list[Element]:
        """Return the elements that are caught in an element."""
        return [node for node in self.find(element) if not isinstance(node, str)]

    def count(self, element: Element) -> int:
        """Return how many nodes are caught in an element; far quicker than to list them."""
        number = 1.0 if self.path is None else etree.XPath(f"count({self.path.path})")(element)
        return int(number) if isinstance(number, float) else 0


@lru_cache(maxsize=1_000)
def compile_selector(text: str) -> Selector:
    """Return the selector that a text is. Raises ConfigError, which names the text and what is wrong with it."""
    if len(text) > _LONGEST:
        raise ConfigError(f"{text[:60]!r}...: longer than {_LONGEST} characters")
    stripped = text.strip()
    if _IS_XPATH.match(stripped):
        return Selector(_compile_xpath(text, stripped.removeprefix("xpath:").strip()))
    found = _ATTRIBUTE.fullmatch(stripped)
    css, attribute = (found[1].strip(), found[2].lower()) if found else (stripped, None)
    return Selector(None if css in {"", "."} else _compile_css(text, css), attribute)


def text_of(node: Node) -> str:
    """Return the words of an element or a text, in one line."""
    return clean(node) if isinstance(node, str) else plain_text(markup_of(node))


def markup_of(element: Element) -> str:
    """Return an element as HTML, with its own tag."""
    return str(etree.tostring(element, encoding="unicode", method="html", with_tail=False))


def _compile_css(text: str, css: str) -> etree.XPath:
    """A selector that begins with ``>`` or ``:scope`` is about the children of the entry."""
    axis = "child::" if css.startswith(">") else "self::" if css.startswith(":scope") else "descendant::"
    try:
        branches = parse(css.removeprefix(">"))
        if any(branch.pseudo_element for branch in branches):
            raise ConfigError(f"{text!r}: has a pseudo-element; take the text by 'a', an attribute by 'a@href'")
        path = " | ".join(_CSS.selector_to_xpath(branch, prefix=axis) for branch in branches)
        return etree.XPath(path, regexp=False, smart_strings=False)
    except (SelectorError, etree.XPathError) as error:
        raise ConfigError(f"{text!r}: not CSS: {error}") from error


def _compile_xpath(text: str, path: str) -> etree.XPath:
    bare = _LITERAL.sub("''", path)
    if "$" in bare:
        raise ConfigError(f"{text!r}: XPath here has no variables")
    if re.search(r"(?<!:):(?!:)", bare):
        raise ConfigError(f"{text!r}: XPath here has no namespaces, and HTML needs none")
    for name in _CALL.findall(bare):
        if name not in _FUNCTIONS:
            raise ConfigError(f"{text!r}: no function of XPath 1.0 is called {name!r}{suggest(name, _FUNCTIONS)}")
    try:
        compiled = etree.XPath(path, regexp=False, smart_strings=False)
        compiled(_BLANK)
    except etree.XPathError as error:
        raise ConfigError(f"{text!r}: not XPath: {error}") from error
    return compiled


def _nodes(found: object) -> list[Node]:
    if isinstance(found, str):
        return [found]
    if isinstance(found, float):
        return [f"{found:.15g}"]
    nodes = found if isinstance(found, list) else []
    return [node for node in nodes if isinstance(node, str) or isinstance(getattr(node, "tag", None), str)]
