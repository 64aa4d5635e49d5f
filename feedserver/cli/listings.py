"""``refresh``, ``backfill`` and ``import``: what fills the store."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from feedserver.cli.options import as_json, print_json
from feedserver.config import Settings, load_settings, make_refreshers, open_store
from feedserver.errors import ListingError
from feedserver.model import Changes
from feedserver.refresh import Outcome, Refresher, days_since, is_settled, seal
from feedserver.sources import CURRENT, Answer, DailyPapers, Source
from feedserver.store import Store

INCOMPLETE, REFUSED = 3, 4  # exit codes
MANY = 1_000  # new entries, after which the store is made tidy
_DAY_FILE = re.compile(r"\d{4}-\d{2}-\d{2}")


@click.command()
@as_json
def refresh(as_json: bool) -> None:
    """Ask every source now: for today, recent days and every day that is not complete, or for all that it shows."""
    settings = load_settings()
    look_back, recent_days = settings.refresh.look_back, settings.refresh.recent_days

    def wanted(refresher: Refresher) -> list[str]:
        if refresher.source.every is not None:
            return [CURRENT]
        today = refresher.now().date()
        days = days_since(today - timedelta(days=look_back), refresher.now())
        recent = days[: recent_days + 1]
        unsettled = map(date.fromisoformat, _unsettled(refresher, days[recent_days + 1 :]))
        return _failed_last(refresher, [*recent, *unsettled])

    _refresh(settings, wanted, as_json=as_json)


@click.command()
@click.option("--since", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The first day to get.")
@as_json
def backfill(since: datetime, as_json: bool) -> None:
    """Get all days since DATE that are not in the store, the newest first; run it again to go on where it stopped.

    Of sources that have a listing a day; the others show what they show.
    """
    if since.date() > datetime.now(UTC).date():
        raise click.BadParameter(f"{since.date()} is not over yet", param_hint="--since")

    def wanted(refresher: Refresher) -> list[str]:
        days = () if refresher.source.every is not None else days_since(since.date(), refresher.now())
        return _unsettled(refresher, days)

    _refresh(load_settings(), wanted, as_json=as_json)


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH...")
@as_json
def import_(paths: tuple[Path, ...], as_json: bool) -> None:
    """Take in captured answers of the list call: files, or folders of *.json.

    A file named YYYY-MM-DD.json is that day's listing. Nothing that is known already is taken twice.
    """
    settings = load_settings()
    files = [file for path in paths for file in (sorted(path.rglob("*.json")) if path.is_dir() else [path])]
    store, source = open_store(settings), DailyPapers()
    result = Import()
    with _progress() as progress:
        for file in progress.track(files, description="import"):
            result += _import_file(store, source, file)
    now = datetime.now(UTC).replace(microsecond=0)
    store.seal(now - timedelta(days=1))  # what is imported is history; the running day is the refresher's
    store.rank(now)
    _close(store, result.changes)
    if as_json:
        print_json(result)
    else:
        _print_import(result)
    sys.exit(REFUSED if result.refused else 0)


@dataclass(frozen=True, slots=True)
class Import:
    """What importing files did: files read, entries by what became of them, and what was refused, with its reason."""

    files: int = 0
    changes: Changes = field(default_factory=Changes)
    refused: tuple[str, ...] = ()

    def __add__(self, other: "Import") -> "Import":
        """Add up."""
        return Import(self.files + other.files, self.changes + other.changes, self.refused + other.refused)


def _import_file(store: Store, source: Source, file: Path) -> Import:
    observed = datetime.now(UTC).replace(microsecond=0)
    day = _day_of(file)
    if day is not None and day > observed.date():
        return Import(1, refused=(f"{file}: its name is a day that is not yet",))
    try:
        page = source.parse(Answer(file.read_bytes()), day.isoformat() if day else None, observed)
    except (ListingError, OSError) as error:
        return Import(1, refused=(f"{file}: {error}",))
    listing = replace(page.listing, captured=True)
    refused = tuple(f"{file}: {refusal.what}: {refusal.why}" for refusal in listing.refused)
    return Import(1, store.put(listing), refused)


def _day_of(file: Path) -> date | None:
    try:
        return date.fromisoformat(file.stem) if _DAY_FILE.fullmatch(file.stem) else None
    except ValueError:
        return None


def _print_import(result: Import) -> None:
    for reason in result.refused:
        click.echo(f"refused: {reason}", err=True)
    changes = result.changes
    click.echo(
        f"{result.files} files: {changes.new} entries new, {changes.updated} updated, "
        f"{changes.unchanged} unchanged, {len(result.refused)} refused"
    )


def _close(store: Store, changes: Changes) -> None:
    if changes.new >= MANY:
        store.tidy()
    store.close()


def _refresh(settings: Settings, wanted: Callable[[Refresher], Sequence[str]], *, as_json: bool) -> None:
    store = open_store(settings)
    outcomes = list(_refresh_all(settings, store, wanted))
    changes = sum((outcome.changes for outcome in outcomes), Changes())
    _close(store, changes)
    errors = [f"{outcome.key}: {wrong}" for outcome in outcomes if (wrong := outcome.error or outcome.suspect)]
    if as_json:
        print_json({"listings": len(outcomes), "changes": changes, "errors": errors})
    else:
        for error in errors:
            click.echo(f"error: {error}", err=True)
        click.echo(
            f"{len(outcomes)} listings: {changes.new} entries new, {changes.updated} updated, "
            f"{changes.unchanged} unchanged"
        )
    sys.exit(INCOMPLETE if errors else 0)


def _refresh_all(settings: Settings, store: Store, wanted: Callable[[Refresher], Sequence[str]]) -> Iterator[Outcome]:
    refreshers = make_refreshers(settings, store)
    with _progress() as progress:
        for refresher in refreshers:
            keys = wanted(refresher)
            task = progress.add_task(refresher.source.name, total=len(keys))
            for outcome in refresher.refresh_all(keys):
                progress.advance(task)
                yield outcome
    seal(refreshers, settings.refresh.schedule)


def _unsettled(refresher: Refresher, days: Sequence[date]) -> list[str]:
    """Return the days that are not complete."""
    records = {record.key: record for record in refresher.store.listings(refresher.source.name)}
    return _failed_last(refresher, [day for day in days if not is_settled(day, records.get(day.isoformat()))])


def _failed_last(refresher: Refresher, days: Sequence[date]) -> list[str]:
    """Return the keys of days, those that failed last time in the end, so that they hold up no other."""
    failed = {record.key for record in refresher.store.listings(refresher.source.name) if record.error}
    return sorted((day.isoformat() for day in days), key=failed.__contains__)


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
