"""Bytes of a listing -> Listing, a module a site. ``KINDS`` is the table of them; packages may bring more.

A package brings a kind by an entry point of the group ``feedserver.sources``: its name is what ``type`` in
``sources.toml`` says, its object the class.
"""

from importlib import import_module
from importlib.metadata import entry_points

from feedserver.errors import ConfigError
from feedserver.sources.base import CURRENT, Answer, Page, Request, Source, explained, setting
from feedserver.sources.daily_papers import DailyPapers

ENTRY_POINTS = "feedserver.sources"
IMPORTED = ("arxiv", "arxiv-oai", "arxiv-rss", "daily-papers", "huggingface", "import")  # told by saved files

# Loaded when one of them is set up: some need libraries that take a tenth of a second to load.
KINDS: dict[str, str] = {
    "daily-papers": "feedserver.sources.daily_papers:DailyPapers",
    "arxiv": "feedserver.sources.arxiv_api:ArxivApi",
    "arxiv-rss": "feedserver.sources.arxiv_rss:ArxivRss",
    "feed": "feedserver.sources.feed:AnyFeed",
    "page": "feedserver.sources.page:AnyPage",
    "json": "feedserver.sources.json_listing:AnyJson",
    "huggingface": "feedserver.sources.huggingface.papers:HuggingFacePapers",
}


def kinds() -> tuple[str, ...]:
    """Return the names of all kinds, those of packages too."""
    return tuple(dict.fromkeys((*KINDS, *(point.name for point in entry_points(group=ENTRY_POINTS)))))


def kind_named(name: str) -> type[Source]:
    """Return the class of a kind. Raises ConfigError where a package that brings it can't be loaded."""
    if name in KINDS:
        module, _, attribute = KINDS[name].partition(":")
        found: type[Source] = getattr(import_module(module), attribute)
        return found
    (point, *_) = entry_points(group=ENTRY_POINTS, name=name)
    try:
        loaded: type[Source] = point.load()
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"the package that brings {name!r} can't be loaded: {error}") from error
    return loaded


__all__ = [
    "CURRENT", "ENTRY_POINTS", "IMPORTED", "KINDS", "Answer", "DailyPapers", "Page", "Request", "Source", "explained",
    "kind_named", "kinds", "setting",
]  # fmt: skip
