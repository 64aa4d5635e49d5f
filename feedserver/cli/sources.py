"""``try`` and ``discover``: what a source catches before it goes live, and what a page offers to those who want one."""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from feedserver.cli.options import as_json, print_json
from feedserver.config import Settings, load_settings, make_fetcher, make_sources
from feedserver.errors import ConfigError, FetchError, ListingError, suggest
from feedserver.model import Entry, Refusal
from feedserver.periods import period_at
from feedserver.render import spell_authors
from feedserver.sources import CURRENT, Answer, Page, Request, Source, explained
from feedserver.sources.discover import Discovery
from feedserver.sources.discover import discover as look_at
from feedserver.sources.proposals import Proposal

UNREADABLE = 3  # exit code
_NO_DATE = "?"
_PARTS = ("entry", "title", "link", "date", "summary")


@dataclass(frozen=True, slots=True)
class Catch:
    """What a source catches in one answer, what it refuses, and where it would go on.

    ``undated`` are the ids of entries of which nothing tells the day, so that it is that of the look.
    """

    source: str
    entries: tuple[Entry, ...]
    undated: tuple[str, ...]
    refused: tuple[Refusal, ...]
    next: str | None


@click.command("try")
@click.argument("source")
@click.option("--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A saved answer to look at.")
@as_json
def try_command(source: str, file: Path | None, as_json: bool) -> None:
    """Show what the source SOURCE catches, and what it refuses, before it goes live; nothing is kept."""
    settings = load_settings()
    chosen = _source_named(source, settings)
    try:
        catch = _catch(chosen, _saved(file) if file else _fetched(settings, chosen), _now())
    except FetchError as error:
        _fail(explained(error, chosen))
    except (ListingError, OSError) as error:
        _fail(error)
    if as_json:
        print_json(catch)
    else:
        _show_catch(catch)


@click.command()
@click.argument("url")
@as_json
def discover(url: str, as_json: bool) -> None:
    """Find the feeds that the page at URL names, or propose selectors for what it lists."""
    try:
        answer = _fetch(load_settings(), Request(url))
        found = look_at(answer.body, answer.url, answer.content_type)
    except (FetchError, ListingError) as error:
        _fail(error)
    if as_json:
        print_json(found)
    else:
        _show_discovery(found, answer.url)


def _source_named(name: str, settings: Settings) -> Source:
    sources = {source.name: source for source in make_sources(settings)}
    if name not in sources:
        raise ConfigError(f"no source is called {name!r}{suggest(name, sources)}")
    return sources[name]


def _saved(file: Path) -> Answer:
    return Answer(file.read_bytes())


def _fetched(settings: Settings, source: Source) -> Answer:
    """Ask for the first page, and where that fails as the refresher does, for what the source has to fall back on."""
    key = _key(source)
    try:
        return _fetch(settings, source.request(key))
    except FetchError:
        request = source.fallback(key)
        if request is None:
            raise
        return _fetch(settings, request)


def _fetch(settings: Settings, request: Request) -> Answer:
    """Ask once, through a fetcher whose cache is thrown away."""
    with tempfile.TemporaryDirectory(prefix="feedserver-try-") as folder:
        fetcher = make_fetcher(settings, Path(folder) / "http-cache.sqlite")
        try:
            fetched = fetcher.get(request.url, request.params, request.headers, request.pause)
        finally:
            fetcher.close()
    return Answer(fetched.body, fetched.url, fetched.content_type, request)


def _catch(source: Source, answer: Answer, now: datetime) -> Catch:
    key = None if answer.request is None else _key(source)
    page = source.parse(answer, key, now)
    listing = page.listing
    return Catch(source.name, listing.entries, _undated(source, answer, page, now), listing.refused, _next(page))


def _undated(source: Source, answer: Answer, page: Page, now: datetime) -> tuple[str, ...]:
    """Return the ids of entries of today that would be of another day in two days: look again, as if it were then."""
    key = None if answer.request is None else _key(source)
    later = source.parse(answer, key, now + timedelta(days=2))
    dates = {entry.id: entry.published for entry in later.listing.entries}
    today = now.replace(hour=0, minute=0, second=0)
    of_today = (entry for entry in page.listing.entries if entry.published in {today, now})
    return tuple(entry.id for entry in of_today if dates.get(entry.id) != entry.published)


def _next(page: Page) -> str | None:
    return page.next.url if page.next else None


def _key(source: Source) -> str:
    return period_at(_now(), source.unit).name if source.every is None else CURRENT


def _show_catch(catch: Catch) -> None:
    table = Table()
    table.add_column("Title and link", overflow="fold")
    table.add_column("Date", no_wrap=True)
    table.add_column("Authors")
    table.add_column("Score", justify="right")
    undated = frozenset(catch.undated)
    for entry in catch.entries:
        date = _NO_DATE if entry.id in undated else _spell_date(entry.published)
        title = Text(f"{entry.title}\n{entry.links.page}")
        table.add_row(title, date, Text(spell_authors(entry.authors)), str(entry.upvotes))
    Console().print(table)
    for refusal in catch.refused:
        click.echo(f"refused: {refusal.what}: {refusal.why}", err=True)
    click.echo("\n".join(_sum_up(catch)))


def _sum_up(catch: Catch) -> Iterator[str]:
    yield f"{len(catch.entries)} entries, {len(catch.refused)} refused"
    if catch.undated:
        yield f"{len(catch.undated)} have no date of their own ({_NO_DATE}); they get the day of the first look"
    yield f"next page: {catch.next}" if catch.next else "no next page"


def _show_discovery(found: Discovery, url: str) -> None:
    if found.feeds:
        table = Table()
        table.add_column("Feed", overflow="fold")
        table.add_column("Title")
        table.add_column("Type")
        for feed in found.feeds:
            table.add_row(Text(feed.url), Text(feed.title), Text(feed.media_type))
        Console().print(table)
        return
    click.echo(
        "no feed is named" + (", but entries might be caught by:" if found.proposals else ", and nothing is listed")
    )
    for proposal in found.proposals:
        click.echo(f"\n# {proposal.count} entries: {'; '.join(proposal.titles)}\n{_toml(proposal, url)}")


def _toml(proposal: Proposal, url: str) -> str:
    """Return the table to paste; a TOML string of JSON's escapes is a TOML string (TOML 1.0, basic strings)."""
    known = {field.name: getattr(proposal, field.name) for field in fields(proposal)}
    settings = {"type": "page", "url": url, **{part: known[part] for part in _PARTS if known[part]}}
    return "\n".join(["[NAME]", *(f"{key} = {msgspec.json.encode(text).decode()}" for key, text in settings.items())])


def _spell_date(date: datetime) -> str:
    is_day = (date.hour, date.minute, date.second) == (0, 0, 0)
    return date.strftime("%Y-%m-%d" if is_day else "%Y-%m-%d %H:%M")


def _fail(error: Exception) -> NoReturn:
    click.echo(f"error: {error}", err=True)
    sys.exit(UNREADABLE)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
