"""Frozen values that every room shares: Entry, Listing, Feed. No clock, no I/O, no settings."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple

LinkTarget = Literal["page", "arxiv", "pdf", "code"]
Fact = Literal[
    "authors", "organisation", "submitter", "published", "listed", "upvotes", "comments", "stars",
    "code", "project", "ai_summary", "keywords", "summary", "thumbnail",
]  # fmt: skip
Sort = Literal["listed", "published", "upvotes", "entered", "trending"]
CountField = Literal["upvotes", "comments", "stars"]
Unit = Literal["day", "week", "month"]
Dated = Literal["listed", "published", "entered"]

Origin = Literal["huggingface", "arxiv", "web"]
Maths = Literal["unicode", "mathml", "raw"]

EPOCH = datetime.fromtimestamp(0, UTC)
YEARS = range(1970, 2100)  # a date beyond them is a slip of somebody's


def midnight(day: date) -> datetime:
    """Return the moment in which a day begins, UTC."""
    return datetime.combine(day, time.min, UTC)


@dataclass(frozen=True, slots=True)
class Organisation:
    """The institution behind an entry: its handle upstream (``google``) and its full name (``Google``)."""

    name: str
    full_name: str


@dataclass(frozen=True, slots=True)
class Submitter:
    """Who put the entry on the listing: the handle upstream and the name shown there, if any."""

    name: str
    full_name: str | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """Absolute http(s) addresses about an entry."""

    page: str
    arxiv: str | None = None
    pdf: str | None = None
    code: str | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One paper, post or page, as known from every listing that showed it. All times are aware, UTC, whole seconds.

    ``id`` is permanent: the arXiv abstract address without version, where there is an arXiv id.
    ``published`` is the paper's own date; midnight means that only the date is known.
    ``listed`` is the day (midnight) on which a listing first carried it.
    ``updated`` moves only when title or summary change, ``modified`` whenever anything visible does.
    ``upvotes``, ``comments`` and ``stars`` are the highest values ever observed.
    ``withdrawn`` is when the entry was found missing from every listing that had shown it; None while one shows it.
    ``entered`` is the moment at which it entered the feed that it is read from, where that is asked for; never kept.
    ``content`` is HTML of our own making that stands for all the rest: in a digest, which is no paper.
    ``html`` is the summary as upstream marked it up, sanitised; ``summary`` then holds its words.
    ``aliases`` are other names by which the same entry may come, see identity.py; the store keeps them beside it.
    ``origin`` is the kind of site that told this, which decides what counts where several tell of one entry.
    ``captured`` where nothing but saved files told of it, whose age is not known.
    """

    id: str
    title: str
    summary: str
    links: Links
    published: datetime
    listed: datetime
    first_seen: datetime
    updated: datetime
    modified: datetime
    sources: tuple[str, ...]
    authors: tuple[str, ...] = ()
    organisation: Organisation | None = None
    submitter: Submitter | None = None
    upvotes: int = 0
    comments: int = 0
    stars: int | None = None
    ai_summary: str | None = None
    ai_keywords: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    thumbnail: str | None = None
    media: tuple[str, ...] = ()
    withdrawn: datetime | None = None
    entered: datetime | None = None
    content: str | None = None
    html: str | None = None
    aliases: tuple[str, ...] = ()
    origin: Origin = "web"
    captured: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """An element of a listing that is no entry: which one and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What one source showed under one key (a day, an address) at one moment.

    ``captured`` where that moment is not known, in a file that was saved: it may be older than what is kept.
    ``whole`` where nothing can be on the list that is not here: every page was read, nothing was refused, and the day
    was well over. ``window`` where it shows the newest only, so that what is missing has merely left it. ``moving``
    where entries come onto it whatever their day, as onto a list of what is trending.
    """

    source: str
    key: str
    observed: datetime
    entries: tuple[Entry, ...]
    refused: tuple[Refusal, ...] = ()
    captured: bool = False
    whole: bool = False
    window: bool = False
    moving: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What keeping a listing did, as counts of entries."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Changes") -> "Changes":
        """Add count by count."""
        return Changes(self.new + other.new, self.updated + other.updated, self.unchanged + other.unchanged)


@dataclass(frozen=True, slots=True)
class ListingRecord:
    """What the store remembers of one listing: when it was last asked for, last good, and what went wrong since.

    ``failures`` counts how often it went wrong in a row. ``suspect`` says why the last answer is not believed, though
    it was a list: far less was on it than before. Such an answer is not a good one.
    """

    source: str
    key: str
    attempted: datetime
    good: datetime | None = None
    entries: int = 0
    error: str | None = None
    retry_at: datetime | None = None
    failures: int = 0
    suspect: str | None = None


class Spent(NamedTuple):
    """How many requests were sent to a source in the minute that begins at ``minute``."""

    minute: datetime
    requests: int


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source fares as a whole, whichever listing it was asked for.

    ``failures`` counts how often in a row it could not be reached, ``error`` and ``failed`` say why and when last, and
    ``next_try`` is when it may be asked again. After several failures its circuit is open since ``open_since``.
    ``retry_at`` is until when upstream itself asked to be left alone. ``spent`` are the requests of the last hour and
    some more, oldest first.
    """

    source: str
    failures: int = 0
    error: str | None = None
    failed: datetime | None = None
    next_try: datetime | None = None
    open_since: datetime | None = None
    retry_at: datetime | None = None
    spent: tuple[Spent, ...] = ()


@dataclass(frozen=True, slots=True)
class Rise:
    """A new maximum of one of an entry's counts: when it was observed, and in which revision it was kept.

    ``source:NAME`` counts from 0 to 1 when a further source is first seen to show the entry.
    """

    field: str
    count: int
    observed: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class Life:
    """All states of an entry: it was ``born`` in a revision, and is ``entry`` now.

    ``appeared`` is when a listing was first seen to carry it, or the day of its listing. ``before`` are the states that
    it left when something else than a count changed, each with the revision in which it did, oldest first. The counts
    of any time follow from ``history``, oldest first.
    """

    born: int
    appeared: datetime
    entry: Entry
    before: tuple[tuple[int, Entry], ...] = ()
    history: tuple[Rise, ...] = ()

    def at(self, revision: int) -> Entry | None:
        """Return the entry as it was at a revision; None before it was born. ``modified`` knows of counts alone."""
        if revision < self.born:
            return None
        state = next((entry for until, entry in self.before if until > revision), self.entry)
        counts: dict[str, int | None] = {"upvotes": 0, "comments": 0, "stars": None}
        modified = state.first_seen
        for rise in self.history:
            if rise.revision <= revision:
                counts[rise.field], modified = rise.count, max(modified, rise.observed)
        return replace(
            state, upvotes=counts["upvotes"] or 0, comments=counts["comments"] or 0, stars=counts["stars"],
            modified=modified,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """How entries look in a feed: where their link leads, which facts their content shows, which date they carry.

    ``counted`` where scores are shown at all; an archive, which is not to change, shows none. ``maths`` says what
    becomes of TeX.
    """

    link: LinkTarget = "page"
    show: tuple[Fact, ...] = ()
    dated: Dated = "listed"
    counted: bool = True
    maths: Maths = "unicode"


@dataclass(frozen=True, slots=True)
class Feed:
    """A finished feed, before any format: every format shows the same entries, ids and dates.

    ``id`` does not depend on the host. ``self_urls`` maps a format's name to the feed's address in that format, and
    ``related`` does so for each relation to another document of the same feed (RFC 5005: ``prev-archive`` ...).
    ``updated`` is the newest date in the feed, never the clock. ``max_age`` is how long a reader may wait before it
    asks again. ``hub_url`` is the WebSub hub that is told of changes. ``signed`` where every entry names its authors.
    ``is_archive`` of a part of its history that does not change any more.
    """

    id: str
    title: str
    subtitle: str
    home_url: str
    icon_url: str
    self_urls: dict[str, str]
    updated: datetime
    view: View
    max_age: timedelta
    hub_url: str | None = None
    signed: bool = False
    is_archive: bool = False
    related: dict[str, dict[str, str]] = field(default_factory=dict)
    entries: tuple[Entry, ...] = field(default=())
