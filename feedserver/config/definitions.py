"""``feeds.toml`` -> the catalogue of feeds, read again when the file changes."""

import logging
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from feedserver.config.toml import read_toml
from feedserver.errors import ConfigError, QueryError, suggest
from feedserver.feeds import Catalogue
from feedserver.query import Definition, parse_query
from feedserver.text import clean

DEFINITIONS_FILE = "feeds.toml"
RECHECK = 1.0  # seconds between two looks at whether the definitions changed

Table = Mapping[str, Any]

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

logger = logging.getLogger(__name__)


def load_definitions(config_dir: Path, sources: Collection[str] | None = None) -> Catalogue:
    """Return the feeds of ``feeds.toml``, in its order; none where there is no such file. Raises ConfigError.

    ``sources`` are the names of those that there are, where that is known.
    """
    path = config_dir / DEFINITIONS_FILE
    if not path.is_file():
        return Catalogue()
    tables = _tables(path)
    gone = frozenset(name for name, table in tables.items() if _is_gone(path, name, table))
    moved = {name: _successor(path, name, tables) for name, table in tables.items() if "moved" in table}
    return Catalogue({name: _definition(path, name, tables[name], sources) for name in _served(tables)}, moved, gone)


class Definitions:
    """The feed definitions as they are now: read again when the file changes, the last good ones where it is broken."""

    def __init__(
        self,
        config_dir: Path,
        clock: Callable[[], float] = time.monotonic,
        sources: Collection[str] | None = None,
    ) -> None:
        """Read the file. Raises ConfigError where it is broken at the start."""
        self._config_dir = config_dir
        self._sources = sources
        self._clock = clock
        self._checked = clock()
        self._signature = self._sign()
        self._current = load_definitions(config_dir, sources)
        self.error: str | None = None
        self.generation = 0

    def current(self) -> Catalogue:
        """Return the feeds, and the names that others had; looks at the file at most once a second."""
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
            self._current = load_definitions(self._config_dir, self._sources)
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


def _tables(path: Path) -> Mapping[str, Table]:
    """Return name -> table, whatever the tables hold."""
    content = read_toml(path)
    if unknown := set(content) - {"feeds"}:
        raise ConfigError(f"{path}: {min(unknown)}: unknown; a feed is written [feeds.name]")
    tables = content.get("feeds", {})
    if not isinstance(tables, dict):
        raise ConfigError(f"{path}: feeds: a feed is written [feeds.name]")
    for name, table in tables.items():
        if not _NAME.fullmatch(name):
            raise ConfigError(f"{path}: feeds.{name}: a name is lower-case letters, digits and single hyphens")
        if not isinstance(table, dict):
            raise ConfigError(f"{path}: feeds.{name}: write it as a table, [feeds.{name}]")
    return tables


def _served(tables: Mapping[str, Table]) -> list[str]:
    return [name for name, table in tables.items() if not table.keys() & {"moved", "gone"}]


def _is_gone(path: Path, name: str, table: Table) -> bool:
    if "gone" not in table:
        return False
    _check_alone(path, name, table, "gone")
    if table["gone"] is not True:
        raise ConfigError(f"{path}: feeds.{name}.gone: write gone = true, or define the feed, not {table['gone']!r}")
    return True


def _successor(path: Path, name: str, tables: Mapping[str, Table]) -> str:
    """Return the name of the feed that one has moved to. No redirect leads to another, nor into the void."""
    key, successor = f"{path}: feeds.{name}.moved", tables[name]["moved"]
    _check_alone(path, name, tables[name], "moved")
    if not isinstance(successor, str):
        raise ConfigError(f"{key}: give the name of a feed, not {successor!r}")
    if successor not in tables:
        raise ConfigError(f"{key}: no feed is named {successor!r}{suggest(successor, _served(tables))}")
    if "moved" in tables[successor]:
        raise ConfigError(f"{key}: {successor!r} has moved itself; name the feed that serves its entries now")
    if "gone" in tables[successor]:
        raise ConfigError(f"{key}: {successor!r} is gone; write gone = true here too")
    return successor


def _check_alone(path: Path, name: str, table: Table, key: str) -> None:
    if others := table.keys() - {key}:
        raise ConfigError(f"{path}: feeds.{name}.{min(others)}: nothing stands beside {key!r}; remove one of the two")


def _definition(path: Path, name: str, table: Table, sources: Collection[str] | None) -> Definition:
    group = table.get("group")
    if group is not None and not (isinstance(group, str) and clean(group)):
        raise ConfigError(f"{path}: feeds.{name}.group: give the heading that the feed stands under, not {group!r}")
    parameters = {key: value for key, value in table.items() if key != "group"}
    try:
        query = parse_query(_spell(path, name, parameters), sources=sources)
        return Definition(name, query, clean(group) if group else None)
    except QueryError as error:
        raise ConfigError(f"{path}: feeds.{name}: {error}") from error


def _spell(path: Path, name: str, table: Table) -> Iterator[tuple[str, str]]:
    """Turn TOML values into what an address would hold."""
    for key, value in table.items():
        for single in value if isinstance(value, list) else [value]:
            if isinstance(single, bool) or not isinstance(single, str | int | date | datetime):
                raise ConfigError(
                    f"{path}: feeds.{name}.{key}: give a text, a whole number, a date or a list of them, not {single!r}"
                )
            yield key, single.isoformat() if isinstance(single, date) else str(single)
