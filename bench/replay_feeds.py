"""The feeds that the replay's readers follow, each as a query and as a plain condition on what upstream says."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from bench.replay_oracle import Condition, Order, Paper, words_of


@dataclass(frozen=True, slots=True)
class FollowedFeed:
    """``admits`` says what qualifies; None where the server chooses, and only its own laws can be held against it.

    ``share`` of a reader's window will do for it. Where it is made of editions, they are of a ``period`` (day or week),
    never change once they were delivered, and show or list the ``most`` best of what is ``among`` the candidates.
    """

    name: str
    query: str
    admits: Condition | None = None
    order: Order = "listed"
    share: float = 1.0
    period: str = ""
    most: int = 0
    among: Condition | None = None

    @property
    def condition(self) -> Condition | None:
        """What the oracle has to look at."""
        return self.admits or self.among

    @property
    def is_digest(self) -> bool:
        """Whether an entry stands for a whole period."""
        return "digest=" in self.query


def says(*words: str) -> Condition:
    """Look for one of the words in title and summary, in singular or plural: words that have no other endings."""
    wanted = {form for word in words for form in (word, f"{word}s", f"{word}es")}
    return lambda paper: not wanted.isdisjoint(paper.words)


def written_by(*names: str) -> Condition:
    """Look for an author with these names in this order, others between them or not."""

    def admits(paper: Paper) -> bool:
        return any(_in_order(names, author) for author in paper.authors)

    return admits


def _in_order(names: Sequence[str], author: str) -> bool:
    parts = iter(words_of(author))
    return all(name in parts for name in names)


def both(*conditions: Condition) -> Condition:
    """Ask for all of them."""
    return lambda paper: all(admits(paper) for admits in conditions)


def neither(condition: Condition) -> Condition:
    """Ask for the opposite."""
    return lambda paper: not condition(paper)


def at_least(least: int, count: str = "upvotes") -> Condition:
    """Ask for upvotes, comments or stars."""
    of = attrgetter(count)
    return lambda paper: of(paper) >= least


def _closed(  # noqa: PLR0913, PLR0917  # the columns of a table
    name: str, query: str, period: str, most: int, share: float, least: int = 0
) -> FollowedFeed:
    """Return a feed of editions, among what has so many upvotes."""
    return FollowedFeed(name, query, None, "entered", share, period, most, among=at_least(least))


LISTED = 50  # entries in a digest, at most
FEEDS: tuple[FollowedFeed, ...] = (
    FollowedFeed("everything", "", at_least(0)),
    FollowedFeed("upvotes 1", "min_upvotes=1", at_least(1), "entered"),
    FollowedFeed(
        "upvotes 30, not video",
        "min_upvotes=30&exclude=video",
        both(at_least(30), neither(says("video"))),
        "entered",
        0.3,
    ),
    FollowedFeed("upvotes 100", "min_upvotes=100", at_least(100), "entered", 0.15),
    FollowedFeed(
        "video or 3d, upvotes 10",
        "keywords=video,3d&min_upvotes=10",
        both(at_least(10), says("video", "3d")),
        "entered",
        0.3,
    ),
    FollowedFeed(
        "q with OR", "q=audio OR speech -video", both(says("audio", "speech"), neither(says("video"))), share=0.3
    ),
    FollowedFeed("an author", "authors=Wei Wang", written_by("wei", "wang"), share=0.1),
    FollowedFeed(
        "code, stars 50", "has=code&min_stars=50", both(attrgetter("code"), at_least(50, "stars")), "entered", 0.4
    ),
    FollowedFeed("comments 3", "min_comments=3", at_least(3, "comments"), "entered", 0.5),
    FollowedFeed("5 a day", "per_day=5", order="entered"),
    FollowedFeed("10 a week", "per_week=10", order="entered"),
    _closed("top 10 a day", "top=10/day", "day", 10, 0.6),
    _closed("top 5 a week", "top=5/week", "week", 5, 0.2),
    _closed("top 3 a day, upvotes 20", "top=3/day&min_upvotes=20", "day", 3, 0.2, 20),
    _closed("daily digest", "digest=day", "day", LISTED, 0.1),
    _closed("weekly digest", "digest=week", "week", LISTED, 0.1),
)

# What `per_day=5` is measured with: filters that admit more than five a day.
PER_DAY = 5
BUDGETED: tuple[FollowedFeed, ...] = tuple(
    FollowedFeed(f"5 a day of {query or 'everything'}", "&".join(filter(None, (query, f"per_day={PER_DAY}"))))
    for query in (
        "", "has=code", "has=project", "keywords=model", "keywords=language", "keywords=learning", "exclude=video",
        "min_comments=1",
    )
)  # fmt: skip
