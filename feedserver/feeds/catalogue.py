"""The defined feeds by name, and what became of the names of others: where they moved to, or that they are gone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from feedserver.errors import GoneFeedError, MovedFeedError, UnknownFeedError, suggest
from feedserver.query import Definition


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue(Mapping[str, Definition]):
    """Name -> definition of each feed that is served, in the order of the file.

    ``moved`` maps a name that a feed once had to the one it has now; what was named in ``gone`` has no successor.
    """

    feeds: Mapping[str, Definition] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> Definition:
        """Return the definition of a feed that is served."""
        return self.feeds[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the feeds that are served."""
        return iter(self.feeds)

    def __len__(self) -> int:
        """Return how many feeds are served."""
        return len(self.feeds)


def definition_named(catalogue: Catalogue, name: str) -> Definition:
    """Return the definition. Raises MovedFeedError, GoneFeedError, and UnknownFeedError with a suggestion."""
    if successor := catalogue.moved.get(name):
        raise MovedFeedError(f"the feed {name!r} has moved; it is named {successor!r} now", successor=successor)
    if name in catalogue.gone:
        raise GoneFeedError(f"the feed {name!r} is gone for good")
    if name not in catalogue:
        raise UnknownFeedError(f"no feed is named {name!r}{suggest(name, catalogue)}")
    return catalogue[name]
