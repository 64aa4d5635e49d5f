"""A subscription list, ``sources.toml`` -> the same file with a source for each feed that it did not have yet."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile

import tomlkit
from tomlkit.exceptions import TOMLKitError

from feedserver.config.sources import RESERVED, SOURCES_FILE, load_sources, sources_of
from feedserver.errors import ConfigError
from feedserver.identity import link_name
from feedserver.sources import kinds
from feedserver.sources.subscriptions import Subscription, name_for


def subscribe(config_dir: Path, subscriptions: Iterable[Subscription]) -> tuple[str, ...]:
    """Add sources to the file, whose own text stays as it is, and return their names. Raises ConfigError.

    A feed that is set up already is not added, whatever it is called there.
    """
    path = config_dir / SOURCES_FILE
    load_sources(config_dir)  # a file that is broken is not made longer
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8-sig")) if path.is_file() else tomlkit.document()
    except (TOMLKitError, OSError) as error:
        raise ConfigError(f"{path}: can't be added to: {error}") from error
    known = {link_name(str(table["url"])) for table in document.values() if "url" in table}
    added: list[str] = []
    for subscription in subscriptions:
        if link_name(subscription.url) not in known:
            name = name_for(subscription, {*document, *kinds(), *RESERVED})
            table = tomlkit.table()
            table.comment("".join(sign for sign in subscription.title if sign.isprintable()))
            table.update({"type": "feed", "url": subscription.url})
            document[name] = table
            added.append(name)
    if added:
        text = tomlkit.dumps(document)
        sources_of(str(path), tomlkit.parse(text).unwrap())
        _replace(path, text)
    return tuple(added)


def _replace(path: Path, text: str) -> None:
    """Write a file as a whole, or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as written:
            written.write(text)
        Path(written.name).chmod(path.stat().st_mode if path.exists() else 0o644)
        Path(written.name).replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: can't be written: {error.strerror}") from error
