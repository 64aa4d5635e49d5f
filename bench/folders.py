"""A store -> the folders that a server reads, and the environment that names them."""

from pathlib import Path

COMMON = """\
[server]
public_url = "http://feeds.example.org"

[limits]
enabled = false
"""
ALONE = """
[refresh]
enabled = false
"""
STORE_FILE = "feedserver.sqlite"


def furnish(folder: Path, store: Path, settings: str = ALONE, feeds: str = "", sources: str = "") -> dict[str, str]:
    """Make both folders below ``folder``, with a link to the store; return the environment for a server.

    ``settings`` are the tables beside those that all servers of the benchmark have in ``COMMON``.
    """
    data, config = folder / "data", folder / "config"
    data.mkdir(parents=True)
    config.mkdir()
    (data / STORE_FILE).symlink_to(store.resolve())
    (config / "feedserver.toml").write_text(COMMON + settings, encoding="utf-8")
    (config / "feeds.toml").write_text(feeds, encoding="utf-8")
    (config / "sources.toml").write_text(sources, encoding="utf-8")
    return {"FEEDSERVER_DATA_DIR": str(data), "FEEDSERVER_CONFIG_DIR": str(config)}
