"""A running server's store and definitions -> the same with changes, made from outside while it serves."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

from bench.freshness import EDIT, MARK, Freshness
from feedserver.model import Entry, Listing
from feedserver.store import SqliteStore

FEED = "soak"
BEFORE = timedelta(days=2)  # so that the marks stand above what came with them
STEP = timedelta(minutes=1)  # between marks, however fast they come: entries of one moment have no order of arrival
_FEEDS = '[feeds.{name}]\ntitle = "{edit} {number}"\n'


@dataclass(frozen=True, slots=True)
class Changes:
    """Makes changes, and says so to whoever judges the answers."""

    store: Path
    feeds: Path
    base: Sequence[Entry]
    freshness: Freshness

    def commit(self) -> None:
        """Let a listing gain a marked entry, above all others, and some more; and the last mark an upvote."""
        number = self.freshness.next_number(MARK)
        now = datetime.now(UTC).replace(microsecond=0)
        others = (self.base[(5 * number + each) % len(self.base)] for each in range(4))
        entries = [_listed(each, f"{number}.{place}", now - BEFORE, now) for place, each in enumerate(others)]
        marks = [_marked(self.base[0], each, number - each, now) for each in (number, number - 1) if each >= 0]
        with closing(SqliteStore(self.store)) as store:
            store.put(Listing("soak", now.date().isoformat(), now, (*marks, *entries)))
        self.freshness.changed(MARK)

    def edit(self) -> None:
        """Give the feed another title."""
        number = self.freshness.next_number(EDIT)
        self._write(_FEEDS.format(name=FEED, edit=EDIT, number=number))
        self.freshness.changed(EDIT)

    def spoil(self) -> None:
        """Break the definitions: the last good ones have to stay."""
        self._write(f"[feeds.{FEED}\n")

    def _write(self, text: str) -> None:
        beside = self.feeds.with_suffix(".new")
        beside.write_text(text, encoding="utf-8")
        beside.replace(self.feeds)


class Agenda:
    """Does what is due, in a thread beside the load, until it is stopped."""

    def __init__(self, items: Iterable[tuple[float, Callable[[], None]]]) -> None:
        """Take what is to be done, and after how many seconds."""
        self._items = sorted(items, key=lambda item: item[0])
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="agenda")
        self.failure: Exception | None = None

    def __enter__(self) -> "Agenda":
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, after what is being done."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        begin = perf_counter()
        for due, do in self._items:
            if self._stopped.wait(max(0.0, begin + due - perf_counter())):
                return
            try:
                do()
            except Exception as error:  # noqa: BLE001  # whatever it is, the soak failed by it
                self.failure = error
                return


def _marked(like: Entry, number: int, upvotes: int, now: datetime) -> Entry:
    short = replace(like, title=f"{MARK} {number}", summary="A mark.", ai_summary=None, upvotes=upvotes)
    yesterday = datetime.combine(now.date(), time.min, UTC) - BEFORE / 2
    return _listed(short, f"mark.{number}", yesterday + number * STEP, now)


def _listed(like: Entry, name: str, listed: datetime, now: datetime) -> Entry:
    """Return a copy of the entry as if it had come up just now, in the list of that moment."""
    page = f"https://example.org/soak/{name}"
    return replace(
        like, id=page, links=replace(like.links, page=page), published=listed, listed=listed, first_seen=now,
        updated=now, modified=now,
    )  # fmt: skip
