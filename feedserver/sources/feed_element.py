"""What a feed says of an entry, in whatever format -> an Entry."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin

from feedserver.errors import ListingError
from feedserver.identity import (
    is_name,
    link_name,
    made_name,
    paper_at,
    paper_links,
    paper_name,
    title_name,
    web_address,
)
from feedserver.markup import plain_text, sanitise
from feedserver.model import EPOCH, YEARS, Entry, Links, midnight
from feedserver.text import clean

LONGEST_HTML = 50_000  # characters, as all that follow
LONGEST_MARKUP = 500_000  # before it is sanitised
LONGEST_SUMMARY = 2_000
LONGEST_TITLE = 500
_FIRST_WORDS = 80
_LONGEST_NAME = 200
_MOST_TAGS = _MOST_MEDIA = 50
_MOST_AUTHORS = 4_000  # the largest collaboration known has 3,303

_MAIL = re.compile(r"[<(\[]?(?:mailto:)?[\w.+-]{1,64}@[\w.-]{1,255}[>)\]]?")
_BARE = re.compile(r"<(?:/?(?:p|div|span)|br)(?: [^>]*)?>")


@dataclass(frozen=True, slots=True)
class Marked:
    """A text, whether it is HTML, and the address that relative ones in it are relative to, where it has its own."""

    value: str
    is_html: bool
    base: str = ""


@dataclass(frozen=True, slots=True)
class Element:
    """What stands in a feed of one entry: addresses and texts as they came, the title and ``guid`` as plain text.

    ``links``, ``texts``, ``dates`` and ``images`` are in the order in which they are preferred; some may be empty.
    """

    guid: str
    links: tuple[str, ...]
    title: str
    texts: tuple[Marked, ...]
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    dates: tuple[datetime | None, ...]
    media: tuple[str, ...]
    images: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """What a feed shows at one moment: its elements, its page, its own address, and what was wrong with it."""

    home: str
    address: str
    elements: tuple[Element, ...]
    flaw: str | None = None


class EntryMaker:
    """Makes entries of the elements of one feed.

    ``base`` is where the feed came from and ``address`` where it is asked for; they differ where it moved, and are
    empty where that is not known. A link that several elements share leads to none of them, and names none.
    """

    def __init__(self, window: Window, base: str, address: str, observed: datetime) -> None:
        """Look at all elements first."""
        self.home = web_address(urljoin(base or window.address, window.home))
        self.base = base or web_address(window.address) or self.home or ""
        self.address = address or self.base
        self.observed = observed.replace(microsecond=0)
        links = {(element.guid or element.title, self._link(element)) for element in window.elements}
        self._sharers = Counter(link_name(link) for _, link in links if link)

    def make(self, element: Element, source: str) -> Entry:
        """Return the entry of a source. Raises ListingError where nothing tells it from others, or it leads nowhere."""
        link = self._link(element)
        name = link_name(link) if link and self._is_own(link) else None
        paper = paper_at(link or "") or paper_at(element.guid)
        page = link or next(self._addresses(element.media), None) or self.home or web_address(self.base)
        summary, html = _body(element.texts, self.base)
        if not (element.guid or name or element.title or summary):
            raise ListingError("it has no id, no link, no title and no text")
        if page is None:
            raise ListingError("it has no link, and the feed has no page")
        title = cut(element.title, LONGEST_TITLE) or cut(summary, _FIRST_WORDS) or page
        published = self._published(element) or self.observed
        listed = midnight(published.date())
        media = tuple(self._addresses(element.media))
        return Entry(
            id=paper_name(paper) if paper else self._id(element, name or "", summary),
            title=title,
            summary=summary,
            links=paper_links(paper, page) if paper else Links(page),
            published=published,
            listed=listed,
            first_seen=self.observed,
            updated=listed,
            modified=self.observed,
            sources=(source,),
            authors=_names(element.authors),
            categories=_terms(element.categories),
            thumbnail=next(self._addresses(element.images), None),
            media=media[:_MOST_MEDIA],
            html=html,
            aliases=(title_name(title),) if paper else (name,) if name else (),
        )

    def _link(self, element: Element) -> str | None:
        return next(self._addresses((*element.links, element.guid if "/" in element.guid else "")), None)

    def _addresses(self, values: Iterable[str]) -> Iterator[str]:
        """Yield what is an address, absolute, each once."""
        return iter(dict.fromkeys(filter(None, (self._absolute(value) for value in values if value))))

    def _absolute(self, value: str) -> str | None:
        try:
            return web_address(urljoin(self.base, value.strip()))
        except ValueError:
            return None

    def _is_own(self, link: str) -> bool:
        name = link_name(link)
        return self._sharers[name] <= 1 and (self.home is None or name != link_name(self.home))

    def _id(self, element: Element, name: str, summary: str) -> str:
        """Return upstream's own id, else the link, else one made of what there is (RFC 4287, 4.2.6)."""
        if is_name(element.guid):
            return element.guid
        return name or made_name(self.address, element.guid or element.title or summary)

    def _published(self, element: Element) -> datetime | None:
        """Return the first date that can be one, not after the moment of observation."""
        found = (date for date in element.dates if date and date != EPOCH and date.year in YEARS)
        date = next(found, None)
        return date and min(date.astimezone(UTC).replace(microsecond=0), self.observed)


def cut(text: str, length: int) -> str:
    """Return plain text cut off at a word's end, so that with the sign of it, it has at most ``length`` characters."""
    if len(text) <= length:
        return text
    kept = text[: length - 1]
    whole, blank, _ = kept.rpartition(" ")
    return f"{whole.rstrip(',;:.') if blank and len(whole) > length // 2 else kept} …"[:length]


def _body(texts: Iterable[Marked], base: str) -> tuple[str, str | None]:
    """Return words and HTML of the first text that is not too long; the words of the first one where all are."""
    given = [text for text in texts if text.value.strip()]
    for text in given:
        if not text.is_html:
            return cut(clean(text.value), LONGEST_SUMMARY), None
        if len(text.value) <= LONGEST_MARKUP:
            html = sanitise(text.value, text.base or base).strip()
            if len(html) <= LONGEST_HTML:
                words = plain_text(text.value)
                return cut(words, LONGEST_SUMMARY), html if _says_more(html, words) else None
    return (cut(plain_text(given[0].value[:LONGEST_MARKUP]), LONGEST_SUMMARY) if given else ""), None


def _says_more(html: str, words: str) -> bool:
    """Say whether HTML is more than one paragraph of words that fit into a summary."""
    paragraphs = [part for part in _BARE.split(html) if part.strip()]
    return len(words) > LONGEST_SUMMARY or len(paragraphs) > 1 or any("<" in part for part in paragraphs)


def _names(authors: Iterable[str]) -> tuple[str, ...]:
    """Return names; an e-mail address is none, and is not shown (RFC 5322, 3.4.1)."""
    names = (clean(_MAIL.sub(" ", author[:_LONGEST_NAME])).strip(" <>()[],;") for author in authors)
    return tuple(dict.fromkeys(filter(None, names)))[:_MOST_AUTHORS]


def _terms(categories: Iterable[str]) -> tuple[str, ...]:
    cleaned = (cut(clean(category), _LONGEST_NAME) for category in categories)
    return tuple(dict.fromkeys(filter(None, cleaned)))[:_MOST_TAGS]
