"""Play captured days through a loopback upstream, the real refresher and the real server, while ten readers follow.

``python bench/replay.py`` takes a simulated clock from March 2025 on, in minutes. An oracle that reads the same files
says which papers ever qualified for which of sixteen feeds, and it fails where one of them did not come to every
reader exactly once. ``--faults`` lets upstream fail a third of the time in every way, ``--kills 100`` kills the
refresher at so many random instants; ``--days`` plays a part, ``--smoke`` takes seconds. What ``per_day`` brings is
measured with ``--dense`` only: nothing was captured in every other week, from which such a feed would learn wrongly.
"""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.pop(0)  # this folder, in which a file stands for the standard library's `select`
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tempfile import TemporaryDirectory
from time import perf_counter

import click

from bench.base import DATA
from bench.replay_feeds import BUDGETED, FEEDS
from bench.replay_play import AFTER, Played, Setup, play
from bench.replay_readers import DAY, READERS
from bench.replay_timeline import captured_timeline, without_gaps
from bench.replay_verdict import Verdict, judge, table

FIRST = "2025-03-03"
SMOKE_DAYS, SMOKE_KILLS = 2, 4
SMOKE_READERS = READERS[4::3]
SMOKE_AFTER = 4.0 * DAY  # seconds
OLDER = timedelta(days=60)  # before the first day: what is imported in the end


@click.command()
@click.option("--captured", "saved", type=click.Path(path_type=Path), default=DATA, help="Folder of list answers.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), default=FIRST, show_default=True)
@click.option("--days", type=int, default=None, help="How many days; default: all.")
@click.option("--dense", is_flag=True, help="Move the captured weeks together; every other one was.")
@click.option("--today", default="15m", show_default=True, help="Between two looks at today's listing.")
@click.option("--seed", default=1, show_default=True)
@click.option("--faults", is_flag=True, help="Let upstream fail a third of the time.")
@click.option("--kills", default=0, help="Kill the refresher so often.")
@click.option("--smoke", is_flag=True, help="A few days, first without trouble, then with faults, then with kills.")
def main(  # noqa: PLR0913, PLR0917  # an option each
    saved: Path,
    first: datetime,
    days: int | None,
    dense: bool,
    today: str,
    seed: int,
    faults: bool,
    kills: int,
    smoke: bool,
) -> None:
    """Replay history."""
    start = first.replace(tzinfo=UTC).date()
    if not saved.is_dir():
        print(f"there are no captured answers in {saved}; tests/test_replay.py plays a history of its own")
        sys.exit(0 if smoke else 1)
    timeline = captured_timeline(saved, start, SMOKE_DAYS if smoke else days)
    setup = Setup(
        timeline=without_gaps(timeline) if dense else timeline,
        feeds=FEEDS,
        readers=SMOKE_READERS if smoke else READERS,
        measured=BUDGETED if dense else (),
        older=captured_timeline(saved, start - OLDER, OLDER.days),
        today="2h" if smoke else today,
        after=SMOKE_AFTER if smoke else AFTER,
        seed=seed,
        faults=faults,
        kills=kills,
    )
    setups = [setup]
    if smoke:
        setups = [setup, replace(setup, faults=True), replace(setup, kills=SMOKE_KILLS)]
    wrong = [_replay(each) for each in setups]
    sys.exit(1 if any(wrong) else 0)


def _replay(setup: Setup) -> bool:
    """Play, tell, and say whether anything is wrong."""
    kind = "faults" if setup.faults else f"{setup.kills} kills" if setup.kills else "no trouble"
    print(f"{setup.timeline}; {kind}; today every {setup.today}", flush=True)
    begin = perf_counter()
    with TemporaryDirectory(prefix="feedserver-replay-") as folder:
        played = play(setup, Path(folder))
    seconds = perf_counter() - begin
    verdict = judge(played)
    _tell(played, verdict, seconds)
    return bool(verdict.wrong)


def _tell(played: Played, verdict: Verdict, seconds: float) -> None:
    print("\n".join(table(played, verdict)))
    print(
        f"played in {seconds:.0f} s; readers asked {played.asked:,} times; {played.rechecked:,} closed entries compared"
    )
    print("upstream was asked for a day because: " + _counted(played.reasons))
    print("upstream answered: " + _counted(played.answered))
    print("\n".join(verdict.notes))
    print("\n".join(f"FAILED: {each}" for each in verdict.wrong) or "passed", flush=True)


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items(), key=lambda item: -item[1])) or "-"


if __name__ == "__main__":
    main()
