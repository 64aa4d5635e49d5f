"""A server whose every field was written by attackers: each payload in an entry and in a feed of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from urllib.parse import quote, urlencode

from feedserver.errors import QueryError
from feedserver.markup import sanitise
from feedserver.model import Entry, Links, Organisation, Submitter
from feedserver.query import parse_query
from feedserver.store import SqliteStore
from tests.browser.payloads import payloads
from tests.browser.site import Page, serving
from tests.entries import make_entry, make_listing
from tests.servers import Running

# Where a payload stands in an address; ``{}`` is its place.
DOORS: tuple[str, ...] = (
    "/feed?limit=1&title={}",
    "/feed?limit=1&q={}",
    "/feed?{}=1",
    "/feeds/{}",
    "/embed?limit=1&title={}",
    "/build?limit=1&q={}",
    "/build?limit=1&title={}&keywords={}&exclude={}&authors={}&orgs={}&within={}&sort={}&source={}",
)

WIDEST = DOORS[-1]
_ON_A_PAGE = 20  # entries: as many as a preview shows

# Whatever acts, or leads to what acts: none of it is ever in a page of ours, but for what is said here.
ACTING = """
() => {
    const wrong = [];
    const tell = (element, why) => wrong.push(`${why}: ${element.outerHTML.slice(0, 200)}`);
    const kinds = 'iframe, object, embed, base, frame, portal, marquee, audio, video, style, meta[http-equiv], '
        + 'foreignObject, [id*=clobber], [name*=clobber], script:not([src])';
    for (const element of document.querySelectorAll(kinds)) tell(element, 'element');
    for (const element of document.querySelectorAll('*'))
        for (const name of Element.prototype.getAttributeNames.call(element)) {
            const value = Element.prototype.getAttribute.call(element, name);
            if (/^(on|hx-|data-hx-|style$|srcdoc$|formaction$|ping$|background$|srcset$|poster$)/.test(name))
                tell(element, name);
            if (!/^(href|src|action|data|xlink:href)$/.test(name)) continue;
            const address = new URL(value, location.href);
            if (!['http:', 'https:', 'mailto:'].includes(address.protocol)) tell(element, address.protocol);
            if (!['A', 'AREA'].includes(element.tagName) && address.origin !== location.origin)
                tell(element, address.origin);
        }
    return wrong;
}
"""


@contextmanager
def besieged(folder: Path) -> Iterator[Running]:
    """Start a server over the entries and feeds of attackers."""
    (folder / "data").mkdir(parents=True)
    store = SqliteStore(folder / "data" / "feedserver.sqlite")
    store.put(make_listing(*(entry(number, payload) for number, payload in payloads())))
    store.close()
    with serving(folder, {f"p{number}": definition(payload) for number, payload in payloads()}) as server:
        yield server


def entry(number: int, payload: str) -> Entry:
    """Return an entry with a payload in every text; where a store takes nothing but addresses, in one."""
    today = datetime.combine(datetime.now(UTC), time.min, UTC)
    link = f"https://example.org/{number}/{payload}"
    plain = make_entry(number, listed=today, first_seen=today, modified=today, updated=today, published=today)
    return replace(
        plain,
        id=entry_id(number, payload),
        title=payload,
        summary=payload,
        html=sanitise(payload, link),
        links=Links(link, link, link, link, link),
        authors=(payload, f"Ann {payload}"),
        organisation=Organisation(payload, payload),
        submitter=Submitter(payload, payload),
        upvotes=number,
        stars=number,
        ai_summary=payload,
        ai_keywords=(payload, f"word {payload}"),
        categories=(payload,),
        thumbnail=link,
        media=(link,),
    )


def entry_id(number: int, payload: str) -> str:
    """Return an id as a feed may give one: any text."""
    return f"urn:{number}:{payload}"


def definition(payload: str) -> dict[str, object]:
    """Return a feed's table with a payload as its title, and among its conditions, as far as these can hold it."""
    table: dict[str, object] = {"title": payload, "group": payload}
    for parameter in ("q", "authors", "orgs"):
        for value in (payload, f'"{payload}"'):
            try:
                parse_query([(parameter, value)])
            except QueryError:
                continue
            table[parameter] = value if parameter == "q" else [value]
            break
    return table


def shown() -> Iterator[Page]:
    """Yield the pages that show the entries that attackers wrote, and all of their feeds."""
    yield Page("catalogue", "/")
    yield Page("status", "/status")
    numbers = [number for number, _ in payloads()]
    for first in range(min(numbers), max(numbers) + 1, _ON_A_PAGE):
        window = f"q=upvotes:{first}..{first + _ON_A_PAGE - 1}&show=all"
        yield Page(f"entries from {first}", f"/feed?{window}&math=mathml")
        yield Page(f"list from {first}", f"/embed.html?{window}&count={_ON_A_PAGE}")
        yield Page(f"builder from {first}", f"/build?{window}")
    for number, payload in payloads():
        yield Page(f"entry {number}", f"/entry?{urlencode({'id': entry_id(number, payload)})}")


def named() -> Iterator[Page]:
    """Yield the pages of the feeds that attackers named; their embeds are tried where they are shown (test_embeds)."""
    for number, _ in payloads():
        yield Page(f"feed {number}", f"/feeds/p{number}?limit=1")


def tried(door: str) -> Iterator[Page]:
    """Yield the addresses in which payloads try one door: all of them the widest, each of them one of the others."""
    others = len(DOORS) - 1
    for number, payload in payloads():
        if door == WIDEST or number % others == DOORS.index(door):
            yield Page(f"{door} {number}", door.replace("{}", quote(payload, safe="")))
