"""Measure the store: the newest 50 matches at a million entries, by kind of query. Times are noisy: read the ratios.

``python bench/select.py`` builds a store first, or takes the one that it built before; ``--smoke`` takes seconds and
fails where an answer is wrong; ``--write`` keeps the tables in ``bench/RESULTS.md``.
"""

import gc
import sys
from pathlib import Path

sys.path.pop(0)  # this folder, in which this file stands for the standard library's `select`
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tempfile import TemporaryDirectory

import click

from bench.base import DATA, Base, load_base
from bench.cases import choose
from bench.check import wrong_answers
from bench.report import facts, tables
from bench.results import SELECTION, write_section
from bench.stored import CACHE, peak_memory
from bench.timing import measure

SMOKE_ENTRIES, SMOKE_ROUNDS = 2_000, 2


@click.command()
@click.option("--entries", default=1_000_000, show_default=True, help="How many entries the store holds.")
@click.option("--rounds", default=200, show_default=True, help="How often each kind of query is asked.")
@click.option("--captured", "saved", type=click.Path(path_type=Path), default=DATA, help="Folder of list answers.")
@click.option("--smoke", is_flag=True, help=f"{SMOKE_ENTRIES} entries, {SMOKE_ROUNDS} rounds, all answers checked.")
@click.option("--write", is_flag=True, help="Keep the tables in bench/RESULTS.md.")
def main(entries: int, rounds: int, saved: Path, smoke: bool, write: bool) -> None:
    """Measure the newest 50 matches of every kind of query."""
    if smoke and write:
        raise click.UsageError("--smoke measures too little to be written down")
    base = load_base(saved)
    if smoke:
        with TemporaryDirectory() as folder:
            text = _run(base.some(), SMOKE_ENTRIES, SMOKE_ROUNDS, Path(folder), everything=True)
    else:
        text = _run(base, entries, rounds, CACHE)
    text = f"`bench/select.py`; {base}.\n\n{text}"
    print(text)
    if write:
        write_section(SELECTION, text)


def _run(base: Base, entries: int, rounds: int, folder: Path, *, everything: bool = False) -> str:
    """Return facts and tables. Ends the program where an answer is wrong; ``everything`` compares with all entries."""
    print(f"{len(base.entries):,} entries to draw from", flush=True)
    path, built = base.store(entries, folder)
    cases = choose(base.entries)
    if wrong := list(wrong_answers(path, cases, base.drawn(entries) if everything else ())):
        raise SystemExit("\n".join(wrong))
    gc.collect()
    gc.freeze()  # a server does not carry the base entries about, and its garbage collector need not look at them
    results = []
    for case in cases:
        results.append(measure(path, case, rounds))
        print(f"  {case.name}: median {results[-1].median:.2f} ms, p99 {results[-1].p99:.2f} ms", flush=True)
    return f"{facts(built, peak_memory())}\n{tables(results, entries)}"


if __name__ == "__main__":
    main()
