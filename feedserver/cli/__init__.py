"""The ``feedserver`` command: arguments -> settings and calls, errors -> exit codes.

Exit codes: 0 done; 1 something failed; 2 wrong usage, query or configuration; 3 upstream could not be read, or not all,
or a source is not good; 4 an import refused something.
"""

import sys
from collections.abc import Sequence
from typing import Any

import click

from feedserver import __version__
from feedserver.cli.harvesting import harvest
from feedserver.cli.importing import import_
from feedserver.cli.listings import backfill, refresh
from feedserver.cli.reading import check, feeds, render_, show, status
from feedserver.cli.serving import demo, serve
from feedserver.cli.sources import discover, try_command
from feedserver.errors import (
    ConfigError,
    FeedserverError,
    GoneFeedError,
    MovedFeedError,
    QueryError,
    UnknownFeedError,
)

_WRONG_USAGE = (ConfigError, QueryError, UnknownFeedError, MovedFeedError, GoneFeedError)


class _Group(click.Group):
    def main(self, args: Sequence[str] | None = None, **extra: Any) -> Any:  # type: ignore[override]  # click's has more parameters, of no use here
        try:
            return super().main(args, **extra)
        except FeedserverError as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(2 if isinstance(error, _WRONG_USAGE) else 1)


@click.group(cls=_Group, epilog=(__doc__ or "").partition("\n\n")[2])
@click.version_option(__version__)
def main() -> None:
    """Filtered RSS, Atom and JSON feeds of research papers.

    Data lies under FEEDSERVER_DATA_DIR, configuration under FEEDSERVER_CONFIG_DIR (default: config).
    """


_COMMANDS = (
    serve, demo, refresh, backfill, harvest, import_, try_command, discover, check, feeds, show, render_, status,
)  # fmt: skip
for _command in _COMMANDS:
    main.add_command(_command)
