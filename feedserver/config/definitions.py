"""``feeds.toml`` -> feed definitions, read again when the file changes."""

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from feedserver.config.toml import read_toml
from feedserver.errors import ConfigError, QueryError
from feedserver.query import Definition, parse_query

DEFINITIONS_FILE = "feeds.toml"
RECHECK = 1.0  # seconds between two looks at whether the definitions changed

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

logger = logging.getLogger(__name__)


def load_definitions(config_dir: Path) -> dict[str, Definition]:
    """Return the feeds of ``feeds.toml``, in its order; none where there is no such file. Raises ConfigError."""
    path = config_dir / DEFINITIONS_FILE
    if not path.is_file():
        return {}
    tables = read_toml(path)
    if unknown := set(tables) - {"feeds"}:
        raise ConfigError(f"{path}: {min(unknown)}: unknown; a feed is written [feeds.name]")
    feeds = tables.get("feeds", {})
    if not isinstance(feeds, dict):
        raise ConfigError(f"{path}: feeds: a feed is written [feeds.name]")
    return {name: _definition(path, name, table) for name, table in feeds.items()}


class Definitions:
    """The feed definitions as they are now: read again when the file changes, the last good ones where it is broken."""

    def __init__(self, config_dir: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Read the file. Raises ConfigError where it is broken at the start."""
        self._config_dir = config_dir
        self._clock = clock
        self._checked = clock()
        self._signature = self._sign()
        self._current: Mapping[str, Definition] = load_definitions(config_dir)
        self.error: str | None = None
        self.generation = 0

    def current(self) -> Mapping[str, Definition]:
        """Return name -> definition; looks at the file at most once a second."""
        now = self._clock()
        if now - self._checked >= RECHECK:
            self._checked = now
            self._reload_if_changed()
        return self._current

    @property
    def changed(self) -> datetime:
        """When the file was last written, as far as the server has looked; 1970 where there is none."""
        return datetime.fromtimestamp(self._signature[0] // 10**9 if self._signature else 0, UTC)

    def _reload_if_changed(self) -> None:
        signature = self._sign()
        if signature == self._signature:
            return
        self._signature = signature
        if signature is None:
            self._complain(f"{self._config_dir / DEFINITIONS_FILE} is gone")
            return
        try:
            self._current = load_definitions(self._config_dir)
        except ConfigError as error:
            self._complain(str(error))
        else:
            self.error = None
            self.generation += 1
            logger.info("read %d feed definitions anew", len(self._current))

    def _complain(self, error: str) -> None:
        self.error = error
        logger.error("kept the last good definitions: %s", error)

    def _sign(self) -> tuple[int, int, int] | None:
        try:
            status = (self._config_dir / DEFINITIONS_FILE).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino


def _definition(path: Path, name: str, table: object) -> Definition:
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{path}: feeds.{name}: a name is lower-case letters, digits and single hyphens")
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: feeds.{name}: write it as a table, [feeds.{name}]")
    try:
        return Definition(name, parse_query(_spell(path, name, table)))
    except QueryError as error:
        raise ConfigError(f"{path}: feeds.{name}: {error}") from error


def _spell(path: Path, name: str, table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Turn TOML values into what an address would hold."""
    for key, value in table.items():
        for single in value if isinstance(value, list) else [value]:
            if isinstance(single, bool) or not isinstance(single, str | int | date | datetime):
                raise ConfigError(
                    f"{path}: feeds.{name}.{key}: give a text, a whole number, a date or a list of them, not {single!r}"
                )
            yield key, single.isoformat() if isinstance(single, date) else str(single)
