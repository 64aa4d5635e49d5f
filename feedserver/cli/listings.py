"""``refresh`` and ``backfill``: what asks upstream."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import click

from feedserver.cli.options import as_json, print_json
from feedserver.cli.progress import progress
from feedserver.config import Settings, load_settings, make_refreshers, open_store
from feedserver.model import Changes
from feedserver.periods import Period, periods_back
from feedserver.refresh import Outcome, Refresher, is_settled, seal
from feedserver.sources import CURRENT
from feedserver.store import Store

INCOMPLETE = 3  # exit code
MANY = 1_000  # new entries, after which the store is made tidy


@click.command()
@as_json
def refresh(as_json: bool) -> None:
    """Ask every source now: for today, recent days and every day that is not complete, or for all that it shows."""
    settings = load_settings()
    look_back, recent_days = settings.refresh.look_back, settings.refresh.recent_days

    def wanted(refresher: Refresher) -> list[str]:
        if refresher.source.every is not None:
            return [CURRENT]
        now = refresher.now()
        periods = list(periods_back(now, refresher.source.unit, (now - timedelta(days=look_back)).date()))
        recent = [period for period in periods if period.end > now - timedelta(days=recent_days)]
        unsettled = _unsettled(refresher, periods[len(recent) :])
        return _failed_last(refresher, [*recent, *unsettled])

    _refresh(settings, wanted, as_json=as_json)


@click.command()
@click.option("--since", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The first day to get.")
@as_json
def backfill(since: datetime, as_json: bool) -> None:
    """Get all days since DATE that are not in the store, the newest first; run it again to go on where it stopped.

    Of sources that have a listing a day, a week or a month; the others show what they show.
    """
    if since.date() > datetime.now(UTC).date():
        raise click.BadParameter(f"{since.date()} is not over yet", param_hint="--since")

    def wanted(refresher: Refresher) -> list[str]:
        if refresher.source.every is not None:
            return []
        periods = periods_back(refresher.now(), refresher.source.unit, since.date())
        return _failed_last(refresher, _unsettled(refresher, periods))

    _refresh(load_settings(), wanted, as_json=as_json)


def close(store: Store, changes: Changes) -> None:
    """Close a store that was filled, tidied where that is worth it."""
    if changes.new >= MANY:
        store.tidy()
    store.close()


def _refresh(settings: Settings, wanted: Callable[[Refresher], Sequence[str]], *, as_json: bool) -> None:
    store = open_store(settings)
    outcomes = list(_refresh_all(settings, store, wanted))
    changes = sum((outcome.changes for outcome in outcomes), Changes())
    close(store, changes)
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
    with progress() as bar:
        for refresher in refreshers:
            keys = wanted(refresher)
            task = bar.add_task(refresher.source.name, total=len(keys))
            for outcome in refresher.refresh_all(keys):
                bar.advance(task)
                yield outcome
    seal(refreshers, settings.refresh.schedule)


def _unsettled(refresher: Refresher, periods: Iterable[Period]) -> list[Period]:
    """Return those whose lists are not complete."""
    records = {record.key: record for record in refresher.store.listings(refresher.source.name)}
    return [period for period in periods if not is_settled(period, records.get(period.name))]


def _failed_last(refresher: Refresher, periods: Iterable[Period]) -> list[str]:
    """Return the keys of periods, those that failed last time in the end, so that they hold up no other."""
    failed = {record.key for record in refresher.store.listings(refresher.source.name) if record.error}
    return sorted((period.name for period in periods), key=failed.__contains__)
