"""A TOML file -> a dict, with errors that name the file."""

import tomllib
from pathlib import Path
from typing import Any

from feedserver.errors import ConfigError


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a file. Raises ConfigError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from error
