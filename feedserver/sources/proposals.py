"""A group of alike elements -> the selectors of a page source that would catch it, tried before they are proposed."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from feedserver.sources.dates import look_for_date
from feedserver.sources.selectors import Element, compile_selector, text_of
from feedserver.sources.structure import HEADINGS, Group, own_text, told_classes

_HIGHEST = 8  # elements above an entry that may help to tell it
_MOST_NAMES = 3  # classes of one element that are tried
_SAMPLED = 40  # entries in which parts are looked for
_WITHIN = 300  # elements of an entry that are looked at
_LONG = 40  # characters that make a text a summary
_LONGEST_TITLE = 120
_SHOWN = 3  # titles in a proposal
_LANDMARKS = {"main", "section", "article", "ul", "ol", "dl", "table", "tbody", "body"}  # where a way down may begin
_PLAIN = {*HEADINGS, "time", "p", "article", "dt"}  # tags that say enough without a class

_Parts: TypeAlias = Mapping[Element, Element]  # entry -> the element in it that is the title, say
_Path: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Selectors of a page source, how many entries they catch, and the first three titles."""

    entry: str
    title: str
    link: str
    date: str | None
    summary: str | None
    count: int
    titles: tuple[str, ...]


def propose(root: Element, group: Group) -> Proposal | None:
    """Return selectors for a group; None where no selectors catch it and hardly anything else."""
    entry = _entry_selector(root, group)
    if entry is None:
        return None
    entries = compile_selector(entry).elements(root)
    sample = entries[:_SAMPLED]
    titles = _titles(sample)
    title = _selector(titles)
    link = _selector({one: link for one, node in titles.items() if (link := _link_at(one, node)) is not None})
    if title is None or link is None:
        return None
    dates = _dates(sample)
    summary = "./following-sibling::dd[1]" if _is_definition(sample) else _selector(_summaries(sample, titles, dates))
    shown = (text_of(node) for one in entries[:_SHOWN] for node in compile_selector(title).find(one)[:1])
    link = f"{link}@href".removeprefix(".")
    return Proposal(entry, title, link, _date_selector(dates), summary, len(entries), tuple(shown))


def _entry_selector(root: Element, group: Group) -> str | None:
    """Return the first selector that catches the group, all of it, and at most one in twenty besides."""
    wanted = set(group.elements)
    for way in _ways(group.elements):
        for selector in (way, f"{way}:has(a[href])"):  # a table's head is a row too
            found = compile_selector(selector)
            caught = found.count(root)
            if caught < len(wanted):
                break
            if caught <= 1.05 * len(wanted) and wanted <= set(found.elements(root)):
                return selector
    return None


def _ways(elements: Sequence[Element]) -> Iterator[str]:
    """Yield selectors, those that last longest first: a tag that says it, a class that does, a way down to it."""
    tag, named = str(elements[0].tag), _named(elements)
    yield from ((tag, *named) if tag in _PLAIN else named)
    chain, level = [*named, tag][0], list(elements)
    for _ in range(_HIGHEST):
        level = list(dict.fromkeys(parent for node in level if (parent := node.getparent()) is not None))
        tags = {str(node.tag) for node in level}
        if len(tags) != 1:
            return
        yield from (f"{above} > {chain}" for above in (*_identified(level), *_named(level), *(tags & _LANDMARKS)))
        if tags & {"body", "html"}:
            return
        chain = f"{tags.pop()} > {chain}"


def _named(nodes: Sequence[Element]) -> list[str]:
    """Return the nodes' tag with each of the telling classes that all of them have."""
    common = [name for name in told_classes(nodes[0]) if all(name in told_classes(node) for node in nodes)]
    return [f"{nodes[0].tag}.{name}" for name in common[:_MOST_NAMES]]


def _identified(nodes: Sequence[Element]) -> list[str]:
    identifier = nodes[0].get("id") or ""
    is_word = identifier.isascii() and identifier.replace("-", "").isalpha() and identifier[0] != "-"
    return [f"#{identifier}"] if len(nodes) == 1 and is_word else []


def _titles(sample: Sequence[Element]) -> _Parts:
    """Return the first heading of each entry where most have one, else the links with the longest words."""
    headed = {one: node for one in sample for node in _first(one.iter(*HEADINGS), text_of)}
    if len(headed) >= 0.8 * len(sample):
        return headed
    links = _best(
        sample, lambda one: (node for node in one.iter("a") if node.get("href")), lambda node: len(text_of(node))
    )
    return links if any(map(own_text, links.values())) else _within_links(links) or links


def _within_links(links: _Parts) -> _Parts:
    """Return what in links that hold more than a title is most likely that."""

    def worded(one: Element) -> Iterator[Element]:
        return (node for node in _within(links[one]) if (text := own_text(node)) and not look_for_date(text))

    return _best(list(links), worded, lambda node: length if (length := len(own_text(node))) <= _LONGEST_TITLE else 1)


def _link_at(entry: Element, title: Element) -> Element | None:
    """Return the link that a title is, stands in, or holds; else the entry's first one."""
    node: Element | None = title
    while node is not None:
        if node.tag == "a" and node.get("href"):
            return node
        node = None if node is entry else node.getparent()
    links = (link for place in (title, entry) for link in place.iter("a") if link.get("href"))
    return next(links, None)


def _dates(sample: Sequence[Element]) -> _Parts:
    timed = {one: node for one in sample for node in _first(one.iter("time"), lambda _: True)}
    if len(timed) >= 0.5 * len(sample):
        return timed

    def dated(one: Element) -> Iterator[Element]:
        return (node for node in _within(one) if look_for_date(own_text(node)[:200]))

    return _best(sample, dated, lambda _: 1)


def _date_selector(dates: _Parts) -> str | None:
    selector = _selector(dates)
    stated = all(node.tag == "time" and node.get("datetime") for node in dates.values())
    return f"{selector}@datetime" if selector and stated else selector


def _summaries(sample: Sequence[Element], titles: _Parts, dates: _Parts) -> _Parts:
    taken = {node for parts in (titles, dates) for node in parts.values()}

    def long(one: Element) -> Iterator[Element]:
        free = (node for node in _within(one) if len(own_text(node)) >= _LONG)
        return (node for node in free if not any(part in taken for part in (*node.iter(), *node.iterancestors())))

    return _best(sample, long, lambda node: len(own_text(node)))


def _is_definition(sample: Sequence[Element]) -> bool:
    following = [one.getnext() for one in sample]
    return sample[0].tag == "dt" and sum(node is not None and node.tag == "dd" for node in following) >= 0.8 * len(
        sample
    )


def _best(
    sample: Sequence[Element], look: Callable[[Element], Iterable[Element]], weigh: Callable[[Element], int]
) -> _Parts:
    """Return the parts that are at one place in half the entries or more, where they weigh most."""
    by_path: dict[_Path, dict[Element, Element]] = defaultdict(dict)
    for one in sample:
        for node in look(one):
            for path in _paths(one, node):
                by_path[path].setdefault(one, node)
    common = [parts for parts in by_path.values() if 2 * len(parts) >= len(sample)]
    return max(common, key=lambda parts: sum(min(weigh(node), 500) for node in parts.values()), default={})


def _paths(entry: Element, node: Element) -> tuple[_Path, _Path]:
    """Return the way down to an element by tags and classes, and by tags and their places."""
    named: list[object] = ["named"]
    placed: list[object] = ["placed"]
    while node is not entry and (parent := node.getparent()) is not None:
        named.append((node.tag, told_classes(node)))
        placed.append((node.tag, _place(node)))
        node = parent
    return tuple(named), tuple(placed)


def _selector(parts: _Parts) -> str | None:
    """Return the first of several spellings by which nearly every entry's part is the first that is caught."""
    return next((selector for selector in _spellings(parts) if _leads_to(selector, parts)), None)


def _spellings(parts: _Parts) -> Iterator[str]:
    if not parts:
        return
    nodes, (entry, node) = list(parts.values()), next(iter(parts.items()))
    tag, named = str(node.tag), _named(nodes)
    yield "."
    yield from (tag, *named) if tag in _PLAIN else (*named, tag)
    above = [parent for part in nodes if (parent := part.getparent()) is not None]
    yield from (f"{name} > {last}" for name in (*_named(above), str(above[0].tag)) for last in (tag, *named))
    chain: list[str] = []
    while node is not entry and (parent := node.getparent()) is not None:
        chain.insert(0, f"{node.tag}:nth-of-type({_place(node)})" if _place(node) > 1 else str(node.tag))
        yield f"> {' > '.join(chain)}"
        node = parent


def _leads_to(selector: str, parts: _Parts) -> bool:
    found = compile_selector(selector)
    return sum(found.elements(one)[:1] == [node] for one, node in parts.items()) >= 0.9 * len(parts)


def _place(node: Element) -> int:
    return 1 + sum(1 for _ in node.itersiblings(str(node.tag), preceding=True))


def _within(entry: Element) -> Iterator[Element]:
    return islice(entry.iter("*"), _WITHIN)


def _first(nodes: Iterable[Element], admits: Callable[[Element], object]) -> list[Element]:
    return list(islice(filter(admits, nodes), 1))
