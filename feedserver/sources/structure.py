"""A page's elements -> the groups of them that repeat one shape, each with a link in it: what may be a list of entries.

Shapes are told by the tags from the root down, and again with the classes that mean something. All is done in a few
walks over the elements, so that the time grows with the page and no faster.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from feedserver.sources.dates import look_for_date
from feedserver.sources.selectors import Element, text_of

MOST_ELEMENTS = 50_000  # what comes later on a page is not looked at
FEWEST = 3  # elements that make a list

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_SAMPLED = 20  # elements of a group whose words are looked at
_COMPARED = 5  # elements of two groups that are held against each other
_LIKELY = 20  # groups that are held against each other
_NEVER = {"html", "head", "body", "main", "script", "style", "svg", "option", "time", "link", "meta"}
_MARGINS = {"nav", "footer", "header", "aside", "form", "dialog"}
_MARGIN_WORDS = re.compile(
    r"(?:^|[-_\s])(?:nav|navbar|menu|footer|sidebar|breadcrumbs?|pagination|pager|toolbar)(?:$|[-_\s])"
)
_TAGS = {"article": 1.3, "li": 1.1, "tr": 1.1, "dt": 1.1, "section": 1.05}
_WORD = re.compile(r"[a-z]{3,}(?:[-_]{1,2}[a-z]{2,})*")
_UTILITY = re.compile(
    r"(?:absolute|align|animate|bg|block|border|bottom|clearfix|col|container|cursor|dark|display|even|fixed|flex|float"
    r"|font|gap|grid|grow|hidden|inline|inset|items|justify|leading|left|list|margin|max|min|mt|mb|object|odd|opacity"
    r"|order|overflow|padding|peer|pointer|position|relative|right|ring|rounded|row|self|shadow|shrink|space|sticky|text"
    r"|top|tracking|transition|transform|truncate|underline|uppercase|visible|whitespace|width|height|active|selected"
    r"|first|last|group|clear|pull|push|jsx|css|sc|size|line|select|outline|antialiased)(?:$|[-_])"
)


def told_classes(element: Element) -> tuple[str, ...]:
    """Return the classes that say what an element is, rather than how it looks or which build made it."""
    names = (element.get("class") or "").split()
    return tuple(dict.fromkeys(name for name in names if _WORD.fullmatch(name) and not _UTILITY.match(name)))


@dataclass(frozen=True, slots=True)
class Group:
    """Elements of one shape, in the order of the page, and how likely they are the entries of a list."""

    elements: tuple[Element, ...]
    score: float


@dataclass(slots=True)
class _Survey:
    """What was counted in each element, by its place among all of them."""

    elements: list[Element]
    parents: list[int] = field(default_factory=list)
    words: list[int] = field(default_factory=list)  # characters
    links: list[int] = field(default_factory=list)
    dates: list[int] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    in_margin: list[bool] = field(default_factory=list)


def find_groups(root: Element) -> list[Group]:
    """Return the groups of a page, the likeliest first; of those that are in each other one by one, the outermost."""
    survey = _survey(root)
    groups = [Group(tuple(survey.elements[i] for i in places), _score(survey, places)) for places in _gather(survey)]
    likely = sorted((group for group in groups if group.score > 0), key=lambda group: -group.score)[:_LIKELY]
    chosen: list[Group] = []
    for group in likely:
        outermost = _outermost(group, likely)
        if not any(_is_within(outermost, other) for other in chosen):
            chosen.append(outermost)
    return chosen


def own_text(element: Element) -> str:
    """Return the text that stands in an element itself, not in those within it."""
    return " ".join(filter(None, (element.text, *(child.tail for child in element)))).strip()


def _survey(root: Element) -> _Survey:
    elements = list(islice(root.iter("*"), MOST_ELEMENTS))
    place = {element: i for i, element in enumerate(elements)}
    survey = _Survey(elements)
    for i, element in enumerate(elements):
        parent = element.getparent()
        above = place[parent] if parent is not None and i else -1
        survey.parents.append(above)
        survey.in_margin.append(_is_margin(element) or (above >= 0 and survey.in_margin[above]))
    survey.words, survey.links, survey.dates, survey.headings = ([0] * len(elements) for _ in range(4))
    for i in range(len(elements) - 1, 0, -1):  # what is within an element comes after it
        _count(survey, i)
    return survey


def _count(survey: _Survey, i: int) -> None:
    element, parent = survey.elements[i], survey.parents[i]
    if element.tag in {"script", "style", "svg", "template"}:
        return
    text = own_text(element)
    survey.words[i] += len(text)
    if element.tag == "a" and element.get("href") and survey.words[i]:
        survey.links[i] += 1
    if element.tag == "time" or (0 < len(text) < 100 and look_for_date(text)):
        survey.dates[i] += 1
    if element.tag in HEADINGS and survey.words[i]:
        survey.headings[i] += 1
    for counts in (survey.words, survey.links, survey.dates, survey.headings):
        counts[parent] += counts[i]


def _gather(survey: _Survey) -> Iterator[list[int]]:
    """Yield the places of elements that have a shape in common and, but for a few, a link; only those with a link."""
    seen = set()
    for by_class in (False, True):
        shapes: dict[tuple[int, object], int] = {}
        members: dict[int, list[int]] = defaultdict(list)
        of: list[int] = []
        for element, parent in zip(survey.elements, survey.parents, strict=True):
            part = (element.tag, told_classes(element)) if by_class else element.tag
            shape = shapes.setdefault((of[parent] if parent >= 0 else -1, part), len(shapes))
            members[shape].append(len(of))
            of.append(shape)
        for places in members.values():
            linked = tuple(i for i in places if survey.links[i])
            is_list = len(linked) >= FEWEST and len(linked) >= 0.7 * len(places)
            if is_list and linked not in seen and survey.elements[linked[0]].tag not in _NEVER:
                seen.add(linked)
                yield list(linked)


def _score(survey: _Survey, places: Sequence[int]) -> float:
    """Weigh how many there are, whether their titles are long and differ, and whether they have headings and dates."""
    sample = places[:_SAMPLED]
    titles = [_title(survey.elements[i]) for i in sample]
    length = sum(map(len, titles)) / len(titles)
    distinct = len(set(titles)) / len(titles)
    tag = str(survey.elements[places[0]].tag)
    score: float = min(len(places), 20) ** 0.5 * min(max(length / 25, 0.1), 1.2) * distinct**2 * _TAGS.get(tag, 1)
    score *= 1 + 0.5 * _share(survey.headings, sample) + 0.5 * _share(survey.dates, sample)
    score *= 1.2 if sum(survey.words[i] for i in sample) / len(sample) > 1.5 * length + 40 else 1
    score *= 0.4 if sum(survey.links[i] for i in sample) > 12 * len(sample) else 1
    score *= 0.5 if sum(survey.headings[i] for i in sample) > 2 * len(sample) else 1
    return score * (0.15 if sum(survey.in_margin[i] for i in sample) > len(sample) / 2 else 1)


def _share(counts: Sequence[int], places: Sequence[int]) -> float:
    share = sum(counts[i] > 0 for i in places) / len(places)
    return share**2 if share >= 0.5 else 0


def _title(element: Element) -> str:
    """Return the words of the first heading, else of the longest link."""
    nodes = [node for node in element.iter(*HEADINGS, "a") if node.tag != "a" or node.get("href")]
    heading = next((text for node in nodes if node.tag != "a" and (text := text_of(node))), None)
    return heading or max(map(text_of, nodes), key=len, default="")


def _is_margin(element: Element) -> bool:
    """A header within an article or a section is no margin of the page."""
    if element.tag in {"html", "body", "main", "article"}:
        return False
    if element.tag == "header":
        return all(above.tag not in {"article", "section", "li", "main"} for above in element.iterancestors())
    named = f"{element.get('class') or ''} {element.get('id') or ''} {element.get('role') or ''}".lower()
    return element.tag in _MARGINS or "navigation" in named or _MARGIN_WORDS.search(named) is not None


def _outermost(group: Group, others: Sequence[Group]) -> Group:
    """Return the group whose elements hold those of another one by one, if there is one: they hold the rest as well.

    Where nothing more is in them, the tag or class that says more decides.
    """
    holders = [other for other in others if other is not group and _hold_singly(other, group)]
    best = group
    for holder in sorted(holders, key=lambda other: len(list(other.elements[0].iterancestors())), reverse=True):
        if not (_has_same_words(holder, best) and _says_more(best, holder)):
            best = holder
    return best


def _hold_singly(outer: Group, inner: Group) -> bool:
    if len(outer.elements) != len(inner.elements):
        return False
    pairs = zip(outer.elements[:_COMPARED], inner.elements, strict=False)
    return all(holder in node.iterancestors() for holder, node in pairs)


def _has_same_words(outer: Group, inner: Group) -> bool:
    pairs = zip(outer.elements[:_COMPARED], inner.elements, strict=False)
    return all(_bare(holder) == _bare(node) for holder, node in pairs)


def _bare(element: Element) -> str:
    return "".join("".join(map(str, element.itertext())).split())


def _says_more(inner: Group, outer: Group) -> bool:
    """Say whether the inner element is one that can hold an entry, and has a better name."""
    named, holder = inner.elements[0], outer.elements[0]
    if named.tag in {"a", *HEADINGS, "td", "p", "span"}:
        return False
    return (named.tag in _TAGS, bool(told_classes(named))) > (holder.tag in _TAGS, bool(told_classes(holder)))


def _is_within(group: Group, other: Group) -> bool:
    held = set(other.elements)
    sample = group.elements[:_SAMPLED]
    return all(node in held or any(above in held for above in node.iterancestors()) for node in sample)
