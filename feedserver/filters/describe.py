"""Filter -> English words, for titles and subtitles of feeds."""

from datetime import datetime, timedelta

from feedserver.filters.base import (
    HIGHEST,
    Ago,
    All,
    Any,
    Date,
    Filter,
    Has,
    Leaf,
    Moment,
    Name,
    Not,
    Number,
    Tag,
    Text,
    Threshold,
)

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
_PLACES = {"title": " in the title", "summary": " in the summary", "keyword": " among the keywords", "any": ""}
_NAMES = {"author": "by", "org": "from", "submitter": "submitted by"}
HOLDINGS = {"code": "with code", "project": "with a project page", "media": "with pictures or films"}


def describe(part: Filter) -> str:
    """Return the filter in words: ``“diffusion” or “flow matching”, not “medical”, at least 20 upvotes``."""
    match part:
        case All(()):
            return "everything"
        case Any(()):
            return "nothing"
        case All(parts):
            return ", ".join(_inner(inner) if isinstance(inner, All) else describe(inner) for inner in parts)
        case Any(parts):
            return " or ".join(_inner(inner) for inner in parts)
        case Not(inner):
            return f"not {_inner(inner)}"
        case _:
            return _describe_leaf(part)


def _inner(part: Filter) -> str:
    return f"({describe(part)})" if isinstance(part, All | Any) and len(part.parts) > 1 else describe(part)


def _describe_leaf(leaf: Leaf) -> str:
    match leaf:
        case Text(field, value, prefix):
            return f"“{value}{'…' if prefix else ''}”{_PLACES[field]}"
        case Name(field, value):
            return f"{_NAMES[field]} {value}"
        case Tag(field, value):
            return f"in {value}" if field == "category" else f"on {value}"
        case Has(what):
            return HOLDINGS[what]
        case Number():
            return _describe_number(leaf)
        case Threshold(steps):
            return f"at least {steps[-1][1]} upvotes where listed lately"
        case Date():
            return _describe_date(leaf)


def _describe_number(leaf: Number) -> str:
    low, high = leaf.low, leaf.high
    noun = {"upvotes": "upvote", "comments": "comment", "stars": "star"}[leaf.field]
    plural = noun if (high if high < HIGHEST else low) == 1 else f"{noun}s"
    if high == HIGHEST:
        return f"at least {low} {plural}"
    if low == high:
        return f"exactly {low} {plural}"
    return f"at most {high} {plural}" if low == 0 else f"{low} to {high} {plural}"


def _describe_date(leaf: Date) -> str:
    if isinstance(leaf.low, Ago) and leaf.high is None:
        return f"{leaf.field} in the last {leaf.low.amount} {_UNITS[leaf.low.unit]}"
    pieces = []
    if leaf.low is not None:
        pieces.append(f"from {_first(leaf.low)}")
    if leaf.high is not None:
        pieces.append(f"until {_last(leaf.high)}")
    return " ".join([leaf.field, *pieces])


def _first(moment: Moment) -> str:
    if isinstance(moment, Ago):
        return f"{moment.amount} {_UNITS[moment.unit]} ago"
    return moment.strftime("%Y-%m-%d" if _is_midnight(moment) else "%Y-%m-%d %H:%M")


def _last(moment: Moment) -> str:
    """Name the last unit before an excluded end: the day before a midnight."""
    if isinstance(moment, Ago):
        return _first(Ago(moment.amount + 1, moment.unit))
    return _first(moment - timedelta(days=1) if _is_midnight(moment) else moment)


def _is_midnight(moment: datetime) -> bool:
    return moment == moment.replace(hour=0, minute=0, second=0)
