"""Bytes of a page's text rendering -> its lines, each with the address behind it, if told, and its day of capture."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from feedserver.errors import ListingError
from feedserver.text import clean

DOT = "·"
SUBMITTED = "Submitted by"
HEADING = "and the research community"  # how the heading of every page of papers ends

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATED = re.compile(rf"({'|'.join(_MONTHS)}) (\d\d?)(?:, (\d{{4}}))?(?: (\d{{1,9}}))?", re.ASCII)
_BULLET = re.compile(r"^\s*\u2022\s")
_ADDRESS = re.compile(r"https://huggingface\.co(?:/\S*)?")
_LINKED = re.compile(r"(.*)\]\((https?://[^\s()]+)\)")  # the end of what is a link in Markdown, over several lines
_DAY_PAGE = re.compile(r"^https://huggingface\.co/papers/date/(\d{4}-\d\d-\d\d)$", re.ASCII | re.MULTILINE)
_SPLIT = {DOT, SUBMITTED}  # where one of these is a line, every line of its block says something of its own
_HEAD_LINES = 20  # between the heading and the day of capture


@dataclass(frozen=True, slots=True)
class Line:
    """One text of the page, without markers of lists, and the address that it led to, if that was printed."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Dated:
    """A date as the page shows it, without its year where that is the year of capture; then a count of comments."""

    month: int
    day: int
    year: int | None = None
    comments: int | None = None

    def on(self, year: int) -> date | None:
        """Return the date in a year, None where that has no such day."""
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Rendering:
    """What follows the heading of a page, and the day of its capture."""

    captured: date
    lines: tuple[Line, ...]

    def date_of(self, dated: Dated) -> date | None:
        """Return a date with its year; what would be after the capture is of the year before; None if there is none."""
        if dated.year is not None:
            return dated.on(dated.year)
        this_year = dated.on(self.captured.year)
        return this_year if this_year and this_year <= self.captured else dated.on(self.captured.year - 1)


def read_dated(text: str) -> Dated | None:
    """Read ``Mar 10``, ``Mar 10, 2025`` or either with a count: ``Apr 1 3`` is the first of April, and 3 comments."""
    found = _DATED.fullmatch(text)
    if found is None:
        return None
    month, day, year, count = found.groups()
    return Dated(_MONTHS.index(month) + 1, int(day), int(year) if year else None, int(count) if count else None)


def read_rendering(body: bytes, until: date, years: Sequence[int] = ()) -> Rendering:
    """Return what a rendering shows. Raises ListingError where it is none of a page of papers.

    ``until`` is the last day on which it can have been captured. The page never tells the year: it is the first of
    those ``years`` that are given; else that of the neighbouring day to which the page leads; else the first one after
    all years that the page does tell, for the year of capture itself is left out; else the last one possible.
    """
    text = _decode(body)
    lines = tuple(_lines(text))
    start = next((number for number, line in enumerate(lines) if line.text.endswith(HEADING)), len(lines))
    for number, line in enumerate(lines[start : start + _HEAD_LINES], start):
        if dated := read_dated(line.text):
            captured = _captured(dated, years or _years(dated, text, lines, until), until)
            return Rendering(captured, lines[number + 1 :])
    raise ListingError(f'no text of a page of papers: no heading "... {HEADING}" with a day after it')


def is_rendering(body: bytes) -> bool:
    """Say whether bytes look like the text of a page of papers; only their beginning is looked at."""
    return re.search(rf"{HEADING}\s*\n".encode(), body[:20_000]) is not None


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ListingError(f"text that is not UTF-8 ({error.reason}, byte {error.start})") from error


def _lines(text: str) -> Iterator[Line]:
    """Yield the lines, each with the first address that is printed after it."""
    last: Line | None = None
    for line in _texts(text):
        if _ADDRESS.fullmatch(line):
            last = replace(last, link=last.link or line) if last else None
            continue
        if last:
            yield last
        linked = _LINKED.fullmatch(line)
        last = Line(linked[1], linked[2]) if linked else Line(line)
    if last:
        yield last


def _texts(text: str) -> Iterator[str]:
    """Yield what stands between blank lines as one text each, but for what has a meaning line by line."""
    for block in re.split(r"\n[^\S\n]*\n", text):
        lines = [clean(_BULLET.sub("", line)) for line in block.split("\n")]
        lines = [line for line in lines if line not in {"", "["}]
        if _SPLIT.isdisjoint(lines) and not any(map(_ADDRESS.fullmatch, lines)):
            lines = [" ".join(lines)] if lines else []
        yield from lines


def _captured(dated: Dated, years: Iterable[int], until: date) -> date:
    """Return the day of capture: the first that exists, and is not after ``until``, in the years that it may be in."""
    for candidate in map(dated.on, years):
        if candidate and candidate <= until:
            return candidate
    raise ListingError(f"captured on day {dated.day} of month {dated.month}, of no year that it can be (until {until})")


def _years(dated: Dated, text: str, lines: Sequence[Line], until: date) -> Sequence[int]:
    if dated.year:
        return [dated.year]
    if before := _day_before(text):
        return [year for year in (before.year, before.year + 1) if (day := dated.on(year)) and day >= before]
    told = [found.year for line in lines if (found := read_dated(line.text)) and found.year]
    later = range(max(told) + 1, until.year + 1) if told else ()
    return [*later, *range(until.year, until.year - 9, -1)]  # leap days are at most eight years apart


def _day_before(text: str) -> date | None:
    """Return the day before the capture that has a page, where the page leads to it."""
    found = _DAY_PAGE.search(text)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
