"""``config/*.toml`` and the environment -> settings and feed definitions, validated strictly."""

from feedserver.config.build import (
    make_fetcher,
    make_harvester,
    make_publishing,
    make_refresh_loop,
    make_refreshers,
    make_sources,
    open_store,
)
from feedserver.config.definitions import Definitions, load_definitions
from feedserver.config.settings import (
    ENVIRONMENT,
    LimitSettings,
    RefreshSettings,
    ServerSettings,
    Settings,
    describe_settings,
    load_settings,
)
from feedserver.config.sources import SOURCES_FILE, describe_kinds
from feedserver.config.spell import spell_definition

__all__ = [
    "ENVIRONMENT",
    "SOURCES_FILE",
    "Definitions",
    "LimitSettings",
    "RefreshSettings",
    "ServerSettings",
    "Settings",
    "describe_kinds",
    "describe_settings",
    "load_definitions",
    "load_settings",
    "make_fetcher",
    "make_harvester",
    "make_publishing",
    "make_refresh_loop",
    "make_refreshers",
    "make_sources",
    "open_store",
    "spell_definition",
]
