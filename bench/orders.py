"""Import the same saved files in random orders: all captured days, and arXiv answers about the same papers.

``python bench/orders.py`` takes all days, in ten orders, and says how many different stores came out (it fails where it
is more than one); ``--smoke`` takes a few days, in three. Answers of arXiv are made of what the days tell, in its own
words: with titles in TeX, all authors, categories, and other dates.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path

sys.path.pop(0)  # this folder, in which a file stands for the standard library's `select`
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter
from xml.sax.saxutils import escape

import click
import msgspec

from bench.base import DATA
from feedserver.filters import EVERYTHING, parse
from feedserver.model import Entry, Listing
from feedserver.sources.saved import read_saved
from feedserver.store import SqliteStore

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
FOLDERS = ("early", "morning", "nextday")
EVERY = 3  # papers: arXiv tells of one of so many
PAGE = 100  # entries of an answer
FEEDS = ("", "upvotes:>=20", "source:daily-papers upvotes:>=5", "source:arxiv", "category:cs.LG", "diffusion")
SEED = 20260101

_FEED = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"
 xmlns:arxiv="http://arxiv.org/schemas/atom"><title>made</title><id>http://arxiv.org/api/made</id>
<updated>2026-01-01T00:00:00Z</updated><opensearch:totalResults>{count}</opensearch:totalResults>{entries}</feed>"""
_ENTRY = """<entry><id>{id}v2</id><title>{title} $\\alpha_{{{number}}}$</title><summary>{summary} In full.</summary>
<published>{published}</published><updated>{published}</updated>{authors}
<category term="cs.LG"/><arxiv:primary_category term="cs.LG"/>
<link href="{id}v2" rel="alternate" type="text/html"/></entry>"""


def saved(folder: Path, every: int) -> list[Listing]:
    """Return the listings of captured days, of each folder one of so many."""
    files = [file for name in FOLDERS for file in sorted((folder / name).glob("*.json"))[::every]]
    listings = [read_saved(file.read_bytes(), date.fromisoformat(file.stem), NOW) for file in files]
    return [replace(listing, captured=True) for listing in listings]


def of_arxiv(listings: Sequence[Listing]) -> Iterator[Listing]:
    """Yield arXiv's answers about some of the papers."""
    papers = {entry.id: entry for listing in listings for entry in listing.entries}
    told = [papers[name] for name in sorted(papers)[::EVERY]]
    for start in range(0, len(told), PAGE):
        entries = "".join(_entry(number, entry) for number, entry in enumerate(told[start : start + PAGE]))
        body = _FEED.format(count=PAGE, entries=entries).encode()
        yield replace(read_saved(body, None, NOW), captured=True)


def _entry(number: int, entry: Entry) -> str:
    authors = (*entry.authors, "A Late Author")
    return _ENTRY.format(
        id=entry.id,
        number=number,
        title=escape(entry.title),
        summary=escape(entry.summary),
        published=f"{entry.published:%Y-%m-%dT%H:%M:%SZ}",
        authors="".join(f"<author><name>{escape(name)}</name></author>" for name in authors),
    )


def outcome(file: Path, listings: Sequence[Listing]) -> tuple[int, int, str]:
    """Return entries, those of several sources, and a digest of all entries, their histories, and some feeds."""
    store = SqliteStore(file)
    for listing in listings:
        store.put(listing, at=NOW)
    entries = store.select(EVERYTHING, limit=10**6)
    digest = blake2b(digest_size=16)
    for entry in entries:
        history = [(rise.field, rise.count, rise.observed) for rise in store.history(entry.id)]
        digest.update(msgspec.json.encode((entry, history)))
    for q in FEEDS:
        part = parse(q) if q else EVERYTHING
        for sort in ("entered", "listed", "published", "upvotes"):
            digest.update(msgspec.json.encode(store.select(part, sort, 200)))
    store.close()
    return len(entries), sum(len(entry.sources) > 1 for entry in entries), digest.hexdigest()


@click.command()
@click.option("--captured", "folder", type=click.Path(path_type=Path), default=DATA, help="Folder of list answers.")
@click.option("--orders", default=10, show_default=True)
@click.option("--smoke", is_flag=True, help="A few days, in three orders.")
def main(folder: Path, orders: int, smoke: bool) -> None:
    """Import in several orders."""
    if not folder.is_dir():
        print(f"there are no captured answers in {folder}")
        sys.exit(0 if smoke else 1)
    listings = saved(folder, 40 if smoke else 1)
    answers = list(of_arxiv(listings))
    files, random = [*listings, *answers], Random(SEED)
    print(f"{len(listings)} days and {len(answers)} answers of arXiv")
    found = set()
    for number in range(3 if smoke else orders):
        random.shuffle(files)
        begin = perf_counter()
        with TemporaryDirectory(prefix="feedserver-orders-") as temporary:
            entries, several, digest = outcome(Path(temporary, "store.sqlite"), files)
        found.add(digest)
        seconds = perf_counter() - begin
        print(
            f"order {number + 1}: {entries:,} entries, {several:,} of several sources, {digest}, {seconds:.0f} s",
            flush=True,
        )
    print(f"{len(found)} different stores")
    sys.exit(0 if len(found) == 1 else 1)


if __name__ == "__main__":
    main()
