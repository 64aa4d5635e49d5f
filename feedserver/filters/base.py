"""What an entry must satisfy, as a tree of frozen values; every part of the filter language ends up as one of these."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, get_args

from feedserver.errors import QueryError, suggest
from feedserver.text import is_unspaced, name_parts, terms, words

TextField = Literal["any", "title", "summary", "keyword"]
NameField = Literal["author", "org", "submitter"]
TagField = Literal["source", "category"]
DateField = Literal["published", "listed"]
Possession = Literal["code", "project", "media"]

MOST_ASKED_PARTS = 8  # of a name
HIGHEST = 10**12  # beyond any count; keeps numbers inside what every store engine can compare


@dataclass(frozen=True, slots=True)
class Text:
    """A word, a phrase, or (``prefix``) the beginning of a word; field ``any`` is title or summary."""

    field: TextField
    value: str
    prefix: bool = False

    @property
    def phrase(self) -> tuple[str, ...]:
        """The stemmed terms that must follow one another; for a prefix, the one folded word as it is."""
        return tuple(words(self.value) if self.prefix else terms(self.value))


@dataclass(frozen=True, slots=True)
class Name:
    """A person or an institution: parts of one name in their order, initials standing for parts."""

    field: NameField
    value: str

    @property
    def parts(self) -> tuple[str, ...]:
        """The folded parts asked for; ``Bengio, Yoshua`` is turned round."""
        family, comma, given = self.value.partition(",")
        return tuple(name_parts(f"{given} {family}" if comma else self.value))


@dataclass(frozen=True, slots=True)
class Tag:
    """A name that is matched whole, case ignored: a source, or a category (``cs`` also covers ``cs.CL``)."""

    field: TagField
    value: str


@dataclass(frozen=True, slots=True)
class Has:
    """The entry has code, a project page, or media (pictures or films)."""

    what: Possession


@dataclass(frozen=True, slots=True)
class Number:
    """A count between ``low`` and ``high``, both included; an entry without that count never satisfies it.

    Beside counts, ``field`` may be ``source:NAME``, which is 1 since that source was first seen to show the entry.
    """

    field: str
    low: int = 0
    high: int = HIGHEST


@dataclass(frozen=True, slots=True)
class Threshold:
    """At least so many upvotes, by when the entry was listed: each number from its moment on, the first also before.

    ``steps`` are moments and numbers, the earliest first, at least one.
    """

    steps: tuple[tuple[datetime, int], ...]

    def at(self, listed: datetime) -> int:
        """Return what is asked of an entry that was listed then."""
        return next((least for start, least in reversed(self.steps) if start <= listed), self.steps[0][1])

    @property
    def lowest(self) -> "Number":
        """What everything that satisfies this satisfies."""
        return Number("upvotes", min(least for _, least in self.steps))

    @property
    def highest(self) -> "Number":
        """What, satisfied, satisfies this."""
        return Number("upvotes", max(least for _, least in self.steps))


@dataclass(frozen=True, slots=True)
class Ago:
    """The start of the hour, day or week (seven days, from a midnight) that was ``amount`` units ago, UTC."""

    amount: int
    unit: Literal["h", "d", "w"]

    def before(self, now: datetime) -> datetime:
        """Return the moment as seen from ``now``."""
        if self.unit == "h":
            return now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=self.amount)
        days = self.amount * (7 if self.unit == "w" else 1)
        return now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)


Moment = datetime | Ago


@dataclass(frozen=True, slots=True)
class Date:
    """A time from ``low`` on (included) to ``high`` (excluded); None is open."""

    field: DateField
    low: Moment | None = None
    high: Moment | None = None


@dataclass(frozen=True, slots=True)
class Not:
    """What the part does not hold of."""

    part: "Filter"


@dataclass(frozen=True, slots=True)
class All:
    """What every part holds of; no parts: every entry."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """What at least one part holds of; no parts: no entry."""

    parts: tuple["Filter", ...]


Leaf = Text | Name | Tag | Has | Number | Threshold | Date
Filter = Leaf | Not | All | Any
EVERYTHING = All(())


def all_of(*parts: Filter) -> Filter:
    """Join with AND, without needless nesting."""
    flat = [inner for part in parts for inner in conjuncts(part)]
    return flat[0] if len(flat) == 1 else All(tuple(dict.fromkeys(flat)))


def any_of(*parts: Filter) -> Filter:
    """Join with OR, without needless nesting."""
    flat = [leaf for part in parts for leaf in (part.parts if isinstance(part, Any) else (part,))]
    return flat[0] if len(flat) == 1 else Any(tuple(dict.fromkeys(flat)))


def conjuncts(part: Filter) -> tuple[Filter, ...]:
    """Return the parts of a filter that all have to hold; what is no AND is the only one."""
    return part.parts if isinstance(part, All) else (part,)


def leaves(part: Filter) -> Iterator[Leaf]:
    """Yield every single condition of a filter."""
    match part:
        case All(parts) | Any(parts):
            for inner in parts:
                yield from leaves(inner)
        case Not(inner):
            yield from leaves(inner)
        case _:
            yield part


def resolve(part: Filter, now: datetime) -> Filter:
    """Return the filter with every ``Ago`` made a time, as seen from ``now`` (aware, UTC)."""
    match part:
        case Date(_, low, high):
            return replace(part, low=_resolved(low, now), high=_resolved(high, now))
        case Not(inner):
            return Not(resolve(inner, now))
        case All(parts):
            return All(tuple(resolve(inner, now) for inner in parts))
        case Any(parts):
            return Any(tuple(resolve(inner, now) for inner in parts))
        case _:
            return part


def split_upvotes(part: Filter) -> tuple[Filter, Number]:
    """Return what is left of a filter without the upvotes it asks of every entry, and those, in one."""
    asked = [inner for inner in conjuncts(part) if isinstance(inner, Number) and inner.field == "upvotes"]
    low, high = max((each.low for each in asked), default=0), min((each.high for each in asked), default=HIGHEST)
    return all_of(*(inner for inner in conjuncts(part) if inner not in asked)), Number("upvotes", low, high)


def lasting(part: Filter) -> Filter:
    """Return what is left of a filter without spans that go on with time, as ``within=7d``, where they have to hold."""
    return all_of(*(inner for inner in conjuncts(part) if not _goes_on(inner)))


def _goes_on(part: Filter) -> bool:
    return isinstance(part, Date) and (isinstance(part.low, Ago) or isinstance(part.high, Ago))


def _resolved(moment: Moment | None, now: datetime) -> datetime | None:
    return moment.before(now) if isinstance(moment, Ago) else moment


def is_initial(part: str) -> bool:
    """Say whether a folded part of a name is an initial: one letter of a script that has initials."""
    return len(part) == 1 and part.isalpha() and not is_unspaced(part)


def text(field: TextField, value: str) -> Text:
    """Return the Text for ``value`` as typed; a ``*`` at its end asks for a prefix.

    Raises QueryError where nothing is left to search for, or a prefix is too short or of several words.
    """
    stripped = value.rstrip("*")
    pieces = words(stripped)
    if not pieces:
        raise QueryError(f"{value!r} has no letter or digit to search for")
    if stripped == value or is_unspaced(pieces[-1]):
        return Text(field, stripped)
    if len(pieces) > 1:
        raise QueryError(f"a prefix is the beginning of one word, and {value!r} has {len(pieces)}")
    if len(pieces[0]) < 3:
        raise QueryError(f"the prefix {value!r} is too short; give at least 3 characters before the *")
    return Text(field, stripped, prefix=True)


def name(field: NameField, value: str) -> Name:
    """Return the Name for ``value`` as typed. Raises QueryError where it holds no whole part."""
    found = Name(field, value)
    if all(is_initial(part) for part in found.parts):
        raise QueryError(f"{value!r} is no name to look for; give at least one whole part, such as 'Y. Bengio'")
    if len(found.parts) > MOST_ASKED_PARTS:
        raise QueryError(f"{value!r} has more than {MOST_ASKED_PARTS} parts; give fewer of them")
    return found


def tag(field: TagField, value: str) -> Tag:
    """Return the Tag for ``value`` as typed; case is ignored."""
    return Tag(field, value.lower())


def has(value: str) -> Has:
    """Return the condition for ``has:code`` and its like. Raises QueryError for anything else."""
    for what in get_args(Possession):
        if value.lower() == what:
            return Has(what)
    raise QueryError(f"unknown value {value!r} for 'has'{suggest(value, get_args(Possession))}")
