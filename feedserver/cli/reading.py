"""``check``, ``feeds``, ``show``, ``render`` and ``status``: what the configuration says and the store holds."""

import sys
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from feedserver.cli.options import as_json, given_parameters, print_json, query_options
from feedserver.config import (
    ENVIRONMENT,
    Settings,
    describe_kinds,
    describe_settings,
    load_definitions,
    load_settings,
    make_sources,
    open_store,
)
from feedserver.feeds import Address, Offer, build_feed, default_title, definition_named, feed_title
from feedserver.filters import resolve
from feedserver.model import Feed
from feedserver.query import Query, parse_query
from feedserver.render import RENDERERS, entry_date, entry_link, render, spell_authors
from feedserver.status import describe, statuses

NOT_GOOD = 3  # exit code
_LOCAL = "http://127.0.0.1:8000"  # what self links say where no public address is configured


def _settings_help() -> str:
    settings = [f"{key} ({default or 'none'}): {meaning}" for key, default, meaning in describe_settings()]
    variables = [f"{name}: {meaning}" for name, meaning in ENVIRONMENT.items()]
    kinds = [f"{key} ({default or 'none'}): {meaning}" for key, default, meaning in describe_kinds()]
    sections = {
        "Settings in feedserver.toml": settings,
        "Kinds of sources in sources.toml": kinds,
        "Environment": variables,
    }
    lines = [line for title, section in sections.items() for line in ("\b", f"{title}:", *section, "")]
    return "\n".join(lines)


class _Explained(click.Command):
    """Explains the settings when help is asked for: to know them all, all kinds of sources have to be loaded."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """See click."""
        self.epilog = _settings_help()
        super().format_epilog(ctx, formatter)


@click.command(cls=_Explained)
def check() -> None:
    """Check the configuration; the exit code is 2 where it is wrong."""
    settings = load_settings()
    definitions = load_definitions(settings.config_dir, settings.source_names)
    missing = (
        "" if settings.config_dir.is_dir() else ", for there is no such folder; FEEDSERVER_CONFIG_DIR names another"
    )
    click.echo(f"{settings.config_dir} is good: {len(definitions)} feeds of {len(settings.sources)} sources{missing}")


@click.command()
@as_json
def feeds(as_json: bool) -> None:
    """List the defined feeds, and how many entries each filter admits."""
    settings = load_settings()
    store, now = open_store(settings), _now()
    rows: list[dict[str, str | int]] = [
        {
            "name": definition.name,
            "title": feed_title(definition.query),
            "filter": default_title(definition.query),
            "entries": store.count(resolve(definition.query.filter, now)),
        }
        for definition in load_definitions(settings.config_dir, settings.source_names).values()
    ]
    store.close()
    if as_json:
        print_json(rows)
        return
    table = Table("Feed", "Title", "Filter")
    table.add_column("Entries", justify="right")
    for row in rows:
        table.add_row(*(Text(str(row[column])) for column in ("name", "title", "filter", "entries")))
    Console().print(table)


@click.command()
@click.argument("name", required=False)
@query_options
@as_json
def show(name: str | None, as_json: bool, **parameters: tuple[str, ...]) -> None:
    """Show the entries of the feed NAME, or of a query, as a table."""
    feed = _feed(load_settings(), name, parameters)
    if as_json:
        print_json(feed.entries)
        return
    table = Table(title=Text(feed.title), title_justify="left")
    table.add_column("Date", no_wrap=True)
    table.add_column("Votes", justify="right")
    table.add_column("Title and authors")
    for entry in feed.entries:
        date = entry_date(entry, feed.view).strftime("%Y-%m-%d")
        lines = (entry.title, spell_authors(entry.authors), entry_link(entry, feed.view))
        table.add_row(date, str(entry.upvotes), Text("\n".join(lines)))
    Console().print(table)


@click.command("render")
@click.argument("name", required=False)
@click.option("--format", "format_name", default="atom", show_default=True, type=click.Choice(list(RENDERERS)))
@query_options
def render_(name: str | None, format_name: str, **parameters: tuple[str, ...]) -> None:
    """Write the feed NAME, or a query's, to standard output: the bytes that a server with its public address sends."""
    feed = _feed(load_settings(), name, parameters)
    click.echo(render(RENDERERS[format_name], feed), nl=False)


@click.command()
@as_json
def status(as_json: bool) -> None:
    """Say how the sources fare and what is asked for next; the exit code is 3 unless all of them are good."""
    settings = load_settings()
    store, now = open_store(settings), _now()
    summary, sources = store.summary(), statuses(store, make_sources(settings), settings.refresh.schedule, now)
    store.close()
    if as_json:
        print_json({"summary": summary, "sources": sources})
    else:
        newest = f", the newest listed {summary.newest:%Y-%m-%d}" if summary.newest else ""
        click.echo(f"{summary.entries:,} entries{newest}")
        for source in sources:
            click.echo("\n".join(describe(source, now)))
    sys.exit(0 if all(source.state == "good" for source in sources) else NOT_GOOD)


def _feed(settings: Settings, name: str | None, parameters: dict[str, tuple[str, ...]]) -> Feed:
    base = (
        definition_named(load_definitions(settings.config_dir, settings.source_names), name).query if name else Query()
    )
    query = parse_query(given_parameters(parameters), base, settings.source_names)
    path = f"feeds/{name}" if name else "feed"
    store = open_store(settings)
    address = Address(settings.public_url or _LOCAL, path, query.query_string)
    feed = build_feed(store, Offer(query, address, settings.max_age, settings.hub_url, settings.zone), _now())
    store.close()
    return feed


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
