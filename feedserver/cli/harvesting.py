"""``harvest``: all that arXiv has of a set, with a progress bar."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from feedserver.cli.listings import INCOMPLETE, MANY
from feedserver.cli.options import as_json, print_json
from feedserver.config import load_settings, make_harvester, open_store
from feedserver.errors import FetchError, ListingError
from feedserver.harvest import Mark, Step
from feedserver.model import Changes
from feedserver.sources.arxiv_entry import PAUSE
from feedserver.sources.arxiv_oai import DELETED, URL, Selection
from feedserver.store import Store

_DAY = click.DateTime(["%Y-%m-%d"])


@dataclass(slots=True)
class Harvested:
    """What a run did, so far: records read, entries by what became of them, records refused, why it ended early."""

    records: int = 0
    changes: Changes = field(default_factory=Changes)
    deleted: int = 0
    refused: int = 0
    reached: date | None = None
    error: str | None = None


@click.command()
@click.option("--set", "subset", metavar="SET", help="What to harvest, such as cs or cs:cs:LG; default: all.")
@click.option("--from", "since", type=_DAY, metavar="DATE", help="Only what was changed on that day or later.")
@click.option("--until", type=_DAY, metavar="DATE", help="Only what was changed on that day or before.")
@click.option("--url", default=URL, show_default=True, help="The address of the repository, by OAI-PMH.")
@click.option(
    "--pause", default=PAUSE, show_default=True, type=click.FloatRange(0, 3600),
    help="Seconds between two requests; arXiv wants three.",
)  # fmt: skip
@as_json
def harvest(  # noqa: PLR0913, PLR0917  # an option each
    subset: str | None, since: datetime | None, until: datetime | None, url: str, pause: float, as_json: bool
) -> None:
    """Take in all papers of arXiv, or of one of its sets, by OAI-PMH; run it again to go on where it stopped.

    Where all was harvested, the same command takes in what was changed since.
    """
    selection = Selection(subset, since.date() if since else None, until.date() if until else None)
    if since and until and since > until:
        raise click.BadParameter(f"{selection.until} is before {selection.since}", param_hint="--until")
    settings = load_settings()
    store = open_store(settings)
    harvester = make_harvester(settings, store, url, pause)
    done = _follow(harvester.run(selection), harvester.mark(selection))
    harvester.fetcher.close()
    _finish(store, done.changes)
    if as_json:
        print_json(done)
    else:
        _print(done)
    sys.exit(INCOMPLETE if done.error else 0)


def _follow(steps: Iterator[Step], mark: Mark) -> Harvested:
    """Let a harvest run, and show how far it is."""
    done = Harvested()
    with _progress() as progress:
        task = progress.add_task("harvest", total=None)
        _show(progress, task, mark)
        try:
            for step in steps:
                _add(done, step, progress.console)
                _show(progress, task, step.mark)
        except (FetchError, ListingError) as error:
            done.error = str(error)
    return done


def _add(done: Harvested, step: Step, console: Console) -> None:
    """Add up; say at once what is refused, but for what upstream deleted, so that it need not be remembered."""
    done.changes += step.changes
    done.records += step.records
    done.reached = step.mark.reached
    for refusal in step.refused:
        if refusal.why == DELETED:
            done.deleted += 1
        else:
            done.refused += 1
            console.print(f"refused: {refusal.what}: {refusal.why}", markup=False, highlight=False, soft_wrap=True)


def _show(progress: Progress, task: TaskID, mark: Mark) -> None:
    until = f"harvest, changed until {mark.reached}" if mark.reached else "harvest"
    progress.update(task, description=until, completed=mark.records, total=mark.size)


def _finish(store: Store, changes: Changes) -> None:
    """Do what follows an import: what was taken in is history; the running day is the refresher's."""
    now = datetime.now(UTC).replace(microsecond=0)
    store.seal(now - timedelta(days=1))
    store.rank(now)
    if changes.new >= MANY:
        store.tidy()
    store.close()


def _print(done: Harvested) -> None:
    changes = done.changes
    if done.error:
        click.echo(f"error: {done.error}; run it again to go on", err=True)
    click.echo(
        f"{done.records} records: {changes.new} entries new, {changes.updated} updated, {changes.unchanged} unchanged, "
        f"{done.deleted} deleted upstream, {done.refused} refused"
    )


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
