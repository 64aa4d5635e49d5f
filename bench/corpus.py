"""Captured listings -> base entries -> as many entries as wanted, resampled from them and listed 200 a weekday.

A million entries are 19 years of weekdays at 200 a day, which is what a store of all that arXiv lists about machine
learning comes to. Words, authors and keywords stay together as they were written, so that their frequencies are those
of the base; what a million real entries would add is rare words, each with a short list of its own in the index.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

from feedserver.model import Entry
from feedserver.sources.daily_papers import parse_list

PER_DAY = 200
NEWEST = date(2026, 1, 2)
SPREAD = 0.6  # of the factor, log-normal around 1, that a copy's upvotes differ by; it continues the real, heavy tail


def captured(folder: Path) -> tuple[Entry, ...]:
    """Return every entry of the saved answers ``*/YYYY-MM-DD.json``, once, from where it had the most upvotes."""
    found: dict[str, Entry] = {}
    for path in sorted(folder.glob("*/*.json")):
        day = date.fromisoformat(path.stem)
        for entry in parse_list(path.read_bytes(), "daily-papers", day, _midnight(day)).entries:
            if entry.id not in found or entry.upvotes > found[entry.id].upvotes:
                found[entry.id] = entry
    return tuple(found.values())


def resample(base: Sequence[Entry], count: int, seed: int) -> Iterator[Entry]:
    """Yield ``count`` entries drawn from the base, the oldest first; the same seed gives the same entries."""
    random = Random(seed)
    for position, day in enumerate(_days(count)):
        for number in range(min(PER_DAY, count - position * PER_DAY)):
            yield _listed_on(day, number, random.choice(base), random)


def _days(count: int) -> list[date]:
    """Return the weekdays up to ``NEWEST`` that ``count`` entries fill, the oldest first."""
    return sorted(_first(-(-count // PER_DAY), _weekdays_back()))


def _weekdays_back() -> Iterator[date]:
    day = NEWEST
    while True:
        if day.weekday() < 5:
            yield day
        day -= timedelta(days=1)


def _first(count: int, days: Iterable[date]) -> list[date]:
    return [day for _, day in zip(range(count), days, strict=False)]


def _listed_on(day: date, number: int, entry: Entry, random: Random) -> Entry:
    """Return a copy of the entry as if it was the day's: own id, shifted times, seen at some poll of that day."""
    arxiv_id = f"{day:%y%m}.{day.day * PER_DAY + number:05}"
    listed = _midnight(day)
    seen = listed + timedelta(minutes=random.randrange(0, 24 * 60, 30))
    return replace(
        entry,
        id=f"https://arxiv.org/abs/{arxiv_id}",
        links=replace(
            entry.links,
            page=f"https://huggingface.co/papers/{arxiv_id}",
            arxiv=f"https://arxiv.org/abs/{arxiv_id}",
            pdf=f"https://arxiv.org/pdf/{arxiv_id}",
        ),
        published=entry.published + (listed - entry.listed),
        listed=listed,
        first_seen=seen,
        updated=listed,
        modified=seen,
        upvotes=round(entry.upvotes * random.lognormvariate(0, SPREAD)),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
