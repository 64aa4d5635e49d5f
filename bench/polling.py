"""A simulated week of polling -> how many requests the plan makes, by reason, beside the naive way. No network.

Naive is to ask for every day of the look-back as often as for today. Every answer is good and fits on one page.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.pop(0)  # this folder, in which a file stands for the standard library's `select`
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import click

from feedserver.model import ListingRecord, SourceState
from feedserver.refresh import Known, Poll, Schedule, plan

_START = datetime(2026, 1, 5, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_WELL = SourceState("simulated")


def simulate(schedule: Schedule, length: timedelta) -> Iterator[Poll]:
    """Yield every poll of a source that is always well, whose listings were read long enough before to be known."""
    records: dict[str, ListingRecord] = {}
    now = _START - timedelta(days=schedule.look_back + 1)
    while now < _START + length:
        polls = plan(Known(records.values(), _WELL), schedule, now)
        for poll in polls:
            if poll.at == now:
                records[poll.key] = ListingRecord("simulated", poll.key, now, now)
                if now >= _START:
                    yield poll
        now = max(polls[0].at, now + _SECOND)


def naive(schedule: Schedule, length: timedelta) -> int:
    """Return how many requests the naive way makes."""
    return (schedule.look_back + 1) * (length // schedule.today)


def report(counts: Mapping[str, int], naive_count: int, days: int) -> str:
    """Return the table."""
    total = sum(counts.values())
    rows = [*sorted(counts.items(), key=lambda row: -row[1]), ("the plan, in all", total), ("naive", naive_count)]
    lines = [f"| requests of {days} days | in all | a day |", "|---|---:|---:|"]
    lines += [f"| {name} | {count:,} | {count / days:,.1f} |" for name, count in rows]
    return "\n".join([*lines, "", f"The plan asks {naive_count / total:,.0f} times less."])


@click.command()
@click.option("--smoke", is_flag=True, help="A day instead of a week.")
def main(smoke: bool) -> None:
    """Print the table of a week, or of a day."""
    days = 1 if smoke else 7
    schedule, length = Schedule(), timedelta(days=days)
    counts = Counter(poll.why for poll in simulate(schedule, length))
    print(report(counts, naive(schedule, length), days))


if __name__ == "__main__":
    main()
