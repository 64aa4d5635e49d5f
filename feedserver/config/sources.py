"""``sources.toml`` -> the sources that are set up, a table each.

    [lab]
    type = "feed"
    url = "https://lab.example.org/feed.xml"
    every = "2h"

``type`` names the kind, which may be left out where the table is named like it; all else are the kind's settings, the
fields of its dataclass. ``daily-papers`` is set up unless a table says ``enabled = false``.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit

from pydantic import ConfigDict, TypeAdapter, ValidationError

from feedserver.config.duration import Duration, spell_duration
from feedserver.config.toml import read_toml
from feedserver.errors import ConfigError, suggest
from feedserver.identity import web_address
from feedserver.sources import Source, kind_named, kinds
from feedserver.sources.daily_papers import NAME, DailyPapers

SOURCES_FILE = "sources.toml"
SHORTEST = timedelta(minutes=1)  # from one look to the next

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_EXACT = ConfigDict(strict=True)
RESERVED = frozenset({"import", "arxiv-oai"})
_WANTED = {  # pydantic's kinds of errors -> what would be right
    "tuple_type": 'give a list of texts, as in ["cs.LG"]',
    "string_type": "give a text",
    "int_type": "give a whole number",
    "bool_type": "give true or false",
}


def load_sources(config_dir: Path, token: str | None = None) -> tuple[Source, ...]:
    """Return the sources of the config folder, Daily Papers first. Raises ConfigError. ``token`` is Hugging Face's."""
    path = config_dir / SOURCES_FILE
    return sources_of(str(path), read_toml(path) if path.is_file() else {}, token)


def sources_of(path: str, tables: Mapping[str, Any], token: str | None = None) -> tuple[Source, ...]:
    """Return the sources of tables, which stand in a file. Raises ConfigError."""
    return tuple(
        _with_token(_make(f"{path}: {name}", name, table), token)
        for name, table in {NAME: {}, **tables}.items()
        if _is_enabled(f"{path}: {name}", name, table)
    )


def settings_of(kind: type[Source]) -> dict[str, "dataclasses.Field[Any]"]:
    """Return the settings of a kind of source, by name."""
    fields = dataclasses.fields(kind)  # type: ignore[arg-type]  # each is a dataclass
    return {field.name: field for field in fields if "help" in field.metadata}


def describe_kinds() -> Iterator[tuple[str, str, str]]:
    """Yield (kind and key with a dot between, default, meaning) of every setting of every kind of source."""
    for kind in kinds():
        try:
            settings = settings_of(kind_named(kind))
        except ConfigError:  # of a package that can't be loaded; a source that needs it says so
            continue
        for key, field in settings.items():
            yield f"{kind}.{key}", _spell_default(field.default), field.metadata["help"]


def _spell_default(value: object) -> str:
    if isinstance(value, timedelta):
        return spell_duration(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is dataclasses.MISSING or value is None else str(value)


def _is_enabled(where: str, name: str, table: object) -> bool:
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{where}: a name is lower-case letters, digits and single hyphens")
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: write it as a table, [{name}]")
    enabled = table.get("enabled", True)
    if not isinstance(enabled, bool):
        raise ConfigError(f"{where}.enabled: true or false, not {enabled!r}")
    return enabled


def _make(where: str, name: str, table: Mapping[str, Any]) -> Source:
    if name in RESERVED:
        raise ConfigError(f"{where}: that is the name of what is imported or harvested; give it another one")
    if "type" not in table and name not in kinds():
        raise ConfigError(f"{where}.type: is missing: one of {', '.join(kinds())}")
    kind_name = table.get("type", name)
    if kind_name not in kinds():
        remedy = suggest(str(kind_name), kinds())
        raise ConfigError(f"{where}.type: unknown kind of source {kind_name!r}{remedy}")
    kind = kind_named(kind_name)
    known = settings_of(kind)
    given = {key: value for key, value in table.items() if key not in {"type", "enabled"}}
    for key in given:
        if key not in known:
            raise ConfigError(f"{where}.{key}: unknown setting of {kind_name!r}{suggest(key, known)}")
    for key, field in known.items():
        if key not in given and dataclasses.MISSING is field.default and dataclasses.MISSING is field.default_factory:
            raise ConfigError(f"{where}.{key}: is missing: {field.metadata['help']}")
    hints = get_type_hints(kind)
    values = {key: _read(f"{where}.{key}", hints[key], value) for key, value in given.items()}
    try:
        return kind(**values, name=name)  # type: ignore[call-arg]  # the fields of a dataclass
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error


def _read(where: str, hint: Any, value: object) -> object:
    wanted = Duration if hint in {timedelta, timedelta | None} else hint
    value = tuple(value) if isinstance(value, list) else value
    try:
        found: object = TypeAdapter(wanted, config=_EXACT).validate_python(value)
    except ValidationError as error:
        problem = error.errors()[0]
        told = _WANTED.get(problem["type"], problem["msg"].removeprefix("Value error, "))
        raise ConfigError(f"{where}: {told}, not {value!r}") from error
    if where.endswith((".url", ".site")) and isinstance(found, str):
        return _address(where, found)
    if isinstance(found, timedelta) and found < SHORTEST:
        raise ConfigError(f"{where}: at least a minute, not {value!r}")
    return found


def _address(where: str, given: str) -> str:
    address = web_address(given)
    if address is None:
        raise ConfigError(f"{where}: give an address that begins with http:// or https://, not {given!r}")
    if "@" in urlsplit(address).netloc:
        raise ConfigError(f"{where}: give an address without user and password")
    return address


def _with_token(source: Source, token: str | None) -> Source:
    """Give the token to what asks Hugging Face with it, and to nobody else."""
    return dataclasses.replace(source, token=token) if isinstance(source, DailyPapers) else source
