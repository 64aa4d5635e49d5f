"""What a feed asks for: a Query, and the Definition that gives one a name. Frozen values, made by ``parse_query``."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from feedserver.filters.base import EVERYTHING, Filter
from feedserver.filters.history import has_threshold
from feedserver.model import Dated, Fact, LinkTarget, Maths, Sort, Unit, View

DEFAULT_LIMIT = 50
DEFAULT_SHOW: tuple[Fact, ...] = (
    "authors", "organisation", "published", "upvotes", "comments", "stars", "code", "project", "ai_summary", "summary",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Top:
    """The best ``count`` of each period."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Query:
    """Which entries, in which order, how many, and how they look.

    With ``per_day``, the threshold of upvotes is the one that gives about so many. With ``top`` or ``digest``, the feed
    is made of editions of periods that are over.

    Without a ``sort``, entries are in the order in which they entered the feed where that depends on a count, else in
    the order of their listing.

    ``parameters`` are the given names and values in the order of ``PARAMETERS``: the query's one canonical spelling.
    """

    filter: Filter = EVERYTHING
    sort: Sort | None = None
    per_day: float | None = None
    top: Top | None = None
    digest: Unit | None = None
    limit: int = DEFAULT_LIMIT
    link: LinkTarget = "page"
    show: tuple[Fact, ...] = DEFAULT_SHOW
    maths: Maths = "unicode"
    title: str | None = None
    parameters: tuple[tuple[str, str], ...] = field(default=())

    @property
    def query_string(self) -> str:
        """The canonical spelling as it stands in an address."""
        return urlencode(self.parameters, safe=",:()")

    @property
    def order(self) -> Sort:
        """The order of the entries."""
        waits = self.per_day or self.unit or has_threshold(self.filter)
        return self.sort or ("entered" if waits else "listed")

    @property
    def unit(self) -> Unit | None:
        """The length of the periods that the feed is made of, if it is."""
        return self.digest or (self.top.unit if self.top else None)

    @property
    def view(self) -> View:
        """How the entries look; the order decides which date they carry."""
        dated: Dated = "listed" if self.order in {"upvotes", "trending"} else self.order  # type: ignore[assignment]  # what is left of Sort
        return View(self.link, self.show, dated, maths=self.maths)


@dataclass(frozen=True, slots=True)
class Definition:
    """A feed that has a name: what stands in ``config/feeds.toml``; ``group`` is the heading that it stands under."""

    name: str
    query: Query
    group: str | None = None
