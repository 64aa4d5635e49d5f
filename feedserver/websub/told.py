"""What the hub was told, topic -> fingerprint <-> a small JSON file."""

import logging
from collections.abc import Mapping
from pathlib import Path

import msgspec

logger = logging.getLogger(__name__)


def read_told(file: Path) -> dict[str, str]:
    """Return what the file says; nothing where there is none, or where it is damaged: then every feed counts as new."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return {}
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        logger.warning("%s is damaged (%s) and begun anew: the hub is told of every feed again", file, error)
        return {}


def write_told(file: Path, told: Mapping[str, str]) -> None:
    """Replace the file as a whole, so that a crash leaves the old one or the new one."""
    new = file.with_name(f"{file.name}.new")
    new.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")
    new.replace(file)
