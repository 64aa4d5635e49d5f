"""One element of a page and the selectors of its parts -> what the page says of that entry.

Where a part has no selector, it is looked for where pages mostly have it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from feedserver.errors import ListingError
from feedserver.markup import sanitise
from feedserver.sources.counts import read_count
from feedserver.sources.dates import ENGLISH, DateHabits, read_date
from feedserver.sources.found import Found, split_names
from feedserver.sources.selectors import Element, Node, compile_selector, markup_of, text_of
from feedserver.sources.webpage import WebPage

PARTS = ("title", "link", "date", "author", "summary", "score", "comments", "categories", "id")
USUAL: Mapping[str, tuple[str, ...]] = {  # tried in turn
    "title": ("h1, h2, h3, h4, h5, h6", "a[href]", "."),
    "date": ("time",),
}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


def find_entry(
    element: Element,
    page: WebPage,
    parts: Mapping[str, str | None],
    observed: datetime,
    habits: DateHabits = ENGLISH,
) -> Found:
    """Return what an element says; ``parts`` holds a selector, or None, for each of PARTS.

    Raises ListingError where the title's selector finds nothing with words.
    """
    caught = {part: list(_nodes(element, part, parts[part])) for part in PARTS}
    title = next(((node, text) for node in caught["title"] if (text := text_of(node))), None)
    if title is None:
        raise ListingError(f"no title: {parts['title'] or USUAL['title'][0]!r} finds no words in it")
    links = (
        caught["link"] if parts["link"] else [*_around(title[0], element), *compile_selector("a[href]").find(element)]
    )
    summary, html = _summary(caught["summary"], page)
    return Found(
        title=title[1],
        link=_link(links, page),
        identifier=next(filter(None, map(text_of, caught["id"])), None),
        published=_date(caught["date"], observed, habits),
        authors=split_names(map(text_of, caught["author"])),
        summary=summary,
        html=html,
        upvotes=_count(caught["score"]),
        comments=_count(caught["comments"]),
        categories=tuple(dict.fromkeys(filter(None, map(text_of, caught["categories"])))),
    )


def link_of(node: Node) -> str | None:
    """Return where a text or an element leads: its own address, or that of the first link in it."""
    if isinstance(node, str):
        return node
    return node.get("href") or next((href for link in node.iter("a") if (href := link.get("href"))), None)


def _nodes(element: Element, part: str, selector: str | None) -> Iterator[Node]:
    for one in (selector,) if selector is not None else USUAL.get(part, ()):
        yield from compile_selector(one).find(element)


def _around(title: Node, element: Element) -> list[Node]:
    """Return the elements whose link is most likely the title's: itself, then what it stands in, up to the entry."""
    if isinstance(title, str):
        return []
    around: list[Node] = [title]
    while title is not element and (parent := title.getparent()) is not None:
        title = parent
        if title.tag in {"a", *_HEADINGS}:
            around.append(title)
    return around


def _link(nodes: list[Node], page: WebPage) -> str | None:
    addresses = (page.address(link) for node in nodes if (link := link_of(node)))
    return next(filter(None, addresses), None)


def _date(nodes: list[Node], observed: datetime, habits: DateHabits) -> datetime | None:
    texts = (text for node in nodes for text in (_stated(node), text_of(node)) if text)
    return next(filter(None, (read_date(text, observed, habits) for text in texts)), None)


def _stated(node: Node) -> str | None:
    """Return what ``time`` and ``data`` elements state for programs (HTML standard, 4.5.13 and 4.5.14)."""
    return None if isinstance(node, str) else node.get("datetime") or node.get("content")


def _summary(nodes: list[Node], page: WebPage) -> tuple[str, str | None]:
    """Return the words, and the markup where there is some."""
    words = " ".join(filter(None, map(text_of, nodes)))
    marked_up = [node for node in nodes if not isinstance(node, str)]
    if not words or not any(len(node) for node in marked_up):
        return words, None
    return words, sanitise("".join(map(markup_of, marked_up)), page.base)


def _count(nodes: list[Node]) -> int:
    return read_count(next(filter(None, map(text_of, nodes)), ""))
