"""``import``: saved files -> the store, subscription lists -> sources.toml."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from feedserver.cli.listings import close
from feedserver.cli.options import as_json, print_json
from feedserver.cli.progress import progress
from feedserver.config import SOURCES_FILE, load_settings, open_store
from feedserver.config.subscribe import subscribe
from feedserver.errors import ConfigError, ListingError
from feedserver.model import Changes
from feedserver.sources.saved import read_saved
from feedserver.sources.subscriptions import looks_like_opml, read_opml
from feedserver.store import Store

REFUSED = 4  # exit code
_DAY_FILE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SUFFIXES = {".atom", ".htm", ".html", ".json", ".opml", ".rdf", ".rss", ".txt", ".xml"}  # in folders


@dataclass(frozen=True, slots=True)
class Import:
    """What importing files did: files read, entries by what became of them, and what was refused.

    ``sources`` were added, so many feeds of subscription lists were ``subscribed`` to before.
    """

    files: int = 0
    changes: Changes = field(default_factory=Changes)
    sources: tuple[str, ...] = ()
    subscribed: int = 0
    refused: tuple[str, ...] = ()

    def __add__(self, other: "Import") -> "Import":
        """Add up."""
        changes, refused = self.changes + other.changes, self.refused + other.refused
        subscribed = self.subscribed + other.subscribed
        return Import(self.files + other.files, changes, self.sources + other.sources, subscribed, refused)


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH...")
@click.option("--year", type=click.IntRange(1991, 2099), help="The year in which pages were saved that leave it out.")
@as_json
def import_(paths: tuple[Path, ...], year: int | None, as_json: bool) -> None:
    """Take in saved files, or folders of them: answers, pages, feeds, texts of listing pages, OPML.

    A file named YYYY-MM-DD.json is that day's listing. An OPML file makes a source of each of its feeds, in
    sources.toml. Nothing that is known already is taken twice.
    """
    settings = load_settings()
    files = sorted((file for path in paths for file in _files(path)), key=_is_text)
    store, observed = open_store(settings), datetime.now(UTC).replace(microsecond=0)
    result = Import()
    with progress() as bar:
        for file in bar.track(files, description="import"):
            result += _import_file(store, settings.config_dir, file, observed, year)
    store.seal(observed - timedelta(days=1))  # what is imported is history; the running day is the refresher's
    store.rank(observed)
    close(store, result.changes)
    if as_json:
        print_json(result)
    else:
        _print(result)
    sys.exit(REFUSED if result.refused else 0)


def _is_text(file: Path) -> bool:
    """Say whether a file may tell of papers by their titles alone: these come last, when others are known."""
    return file.suffix.lower() == ".txt"


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    yield from (file for file in sorted(path.rglob("*")) if file.suffix.lower() in _SUFFIXES and file.is_file())


def _import_file(store: Store, config_dir: Path, file: Path, observed: datetime, year: int | None) -> Import:
    day = _day_of(file)
    if day is not None and day > observed.date():
        return Import(1, refused=(f"{file}: its name is a day that is not yet",))
    try:
        body = file.read_bytes()
        if looks_like_opml(body):
            found = read_opml(body)
            added = subscribe(config_dir, found)
            return Import(1, sources=added, subscribed=len(found) - len(added))
        listing = replace(read_saved(body, day, observed, year), captured=True)
    except (ListingError, ConfigError, OSError) as error:
        return Import(1, refused=(f"{file}: {error}",))
    refused = tuple(f"{file}: {refusal.what}: {refusal.why}" for refusal in listing.refused)
    return Import(1, store.put(listing), refused=refused)


def _day_of(file: Path) -> date | None:
    try:
        return date.fromisoformat(file.stem) if _DAY_FILE.fullmatch(file.stem) else None
    except ValueError:
        return None


def _print(result: Import) -> None:
    for reason in result.refused:
        click.echo(f"refused: {reason}", err=True)
    changes = result.changes
    click.echo(
        f"{result.files} files: {changes.new} entries new, {changes.updated} updated, "
        f"{changes.unchanged} unchanged, {len(result.refused)} refused"
    )
    if result.sources or result.subscribed:
        click.echo(
            f"{len(result.sources)} sources added to {SOURCES_FILE}, which a server reads when it starts; "
            f"{result.subscribed} were there already"
        )
