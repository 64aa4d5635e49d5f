"""What was noted of a replay -> the table of counts, and what is wrong, in sentences."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import ceil
from statistics import mean, median

from bench.replay_editions import Edition, editions, faults
from bench.replay_feeds import PER_DAY, FollowedFeed
from bench.replay_oracle import Oracle, window_needed
from bench.replay_play import Played
from bench.replay_readers import DAY, MOST_SHOWN, Reader, Seen, Subscription

SOME = 6  # examples of what is wrong
BUDGET = (4.0, 6.0)  # entries a day that `per_day=5` may bring in the median of weeks
UNSETTLED = 2  # weeks to get used to it
ENOUGH_WEEKS = 8


@dataclass(frozen=True, slots=True)
class Count:
    """Of one feed and one reader: what qualified until its last poll, and what became of it.

    ``excused`` were missed at polls between which more came than the window holds; none should be, but by readers that
    ask for all that the server gives at once: they poll less than once in a window.
    """

    qualified: int
    delivered: int
    missed: Sequence[str] = ()
    twice: Sequence[str] = ()
    excused: int = 0
    strange: Sequence[str] = ()  # delivered, and never qualified
    margin: int = 0  # entries for which the window had room left at the fullest poll

    def __str__(self) -> str:
        """Spell what was delivered, and what is wrong with it."""
        parts = ((len(self.missed), "-"), (len(self.twice), "+"), (self.excused, "~"), (len(self.strange), "?"))
        return str(self.delivered) + "".join(f"{sign}{count}" for count, sign in parts if count)


@dataclass(slots=True)
class Verdict:
    """Counts by feed and reader, and sentences: what is wrong, and what is worth knowing."""

    counts: dict[tuple[str, str], Count] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def demand(self, good: bool, otherwise: str) -> None:  # reads as the sentence it is
        """Note what is wrong unless it is good."""
        if not good:
            self.wrong.append(otherwise)


def judge(played: Played) -> Verdict:
    """Hold everything against the oracle and against the laws."""
    verdict = Verdict()
    setup = played.setup
    for feed in setup.feeds:
        if feed in played.refused:
            verdict.notes.append(f"SKIPPED: the server refuses {feed.query!r}, so nothing is known of it")
            continue
        for reader, subscription in _subscriptions(played, feed):
            verdict.counts[feed.name, reader.kind.name] = _count(played, feed, reader, subscription)
        _judge_feed(verdict, played, feed)
        if feed.most:
            verdict.wrong += _unlawful(played, feed)
    _judge_budgets(verdict, played)
    _judge_upstream(verdict, played)
    _judge_store(verdict, played)
    verdict.demand(not played.complaints, f"{len(played.complaints)} errors were reported: {_some(played.complaints)}")
    return verdict


def _subscriptions(played: Played, feed: FollowedFeed) -> Iterator[tuple[Reader, Subscription]]:
    return (
        (reader, subscription)
        for reader in played.readers
        for subscription in reader.subscriptions
        if subscription.feed == feed
    )


def _arrivals(played: Played, feed: FollowedFeed) -> Mapping[str, float]:
    """Return what qualified and when; where the server chooses, what it delivered to anybody, and when first."""
    if feed.admits:
        return played.oracle.qualified[feed.name]
    first: dict[str, float] = {}
    for _, subscription in _subscriptions(played, feed):
        for name, seen in subscription.seen.items():
            first[name] = min(seen.at, first.get(name, seen.at))
    return first


def _count(played: Played, feed: FollowedFeed, reader: Reader, subscription: Subscription) -> Count:
    arrivals, papers = _arrivals(played, feed), played.oracle.must
    due = {name for name, at in arrivals.items() if at < reader.polls[-1]}
    missed = sorted(due - subscription.seen.keys())
    known = played.oracle.possible[feed.name] if feed.admits else arrivals

    def place(name: str) -> tuple[date, float]:
        return papers[name].day, papers[name].seen

    needed = window_needed(arrivals, reader.polls, place if feed.order == "listed" and feed.admits else None)
    too_many = needed > subscription.window and not subscription.kind.walks
    return Count(
        len(due),
        len(subscription.seen),
        () if too_many else missed,
        sorted(subscription.twice),
        len(missed) if too_many else 0,
        sorted(subscription.seen.keys() - known.keys()),
        subscription.window - needed,
    )


def _judge_feed(verdict: Verdict, played: Played, feed: FollowedFeed) -> None:
    """Say what is wrong with a feed, and for which readers."""
    wrong: dict[str, dict[str, Sequence[str]]] = defaultdict(dict)
    for reader, subscription in _subscriptions(played, feed):
        count = verdict.counts[feed.name, reader.kind.name]
        for what, examples in _complaints(subscription, count).items():
            if examples:
                wrong[what][reader.kind.name] = examples
    for what, by_reader in wrong.items():
        readers = ", ".join(f"{name!r} {len(examples)}" for name, examples in by_reader.items())
        examples = sorted({each for examples in by_reader.values() for each in examples})
        verdict.wrong.append(f"{feed.name!r}: {what}: {readers}: {_some(examples)}")
    back = sum(len(subscription.back) for _, subscription in _subscriptions(played, feed))
    if back:
        verdict.notes.append(f"{feed.name!r}: {back} times an entry left a window and came back")


def _complaints(subscription: Subscription, count: Count) -> Mapping[str, Sequence[str]]:
    """Return what may be wrong with a subscription, and examples where it is."""
    return {
        "missed": count.missed,
        f"missed by a window {-count.margin} too small": [""] * count.excused * (subscription.window < MOST_SHOWN),
        "came as new twice": count.twice,
        "came, and never qualified": count.strange,
        "came with another date later": sorted(subscription.moved),
        "were closed, and changed": sorted(subscription.changed),
        "were closed, and are gone": sorted(subscription.gone),
        "polls failed": subscription.troubles,
    }


def _unlawful(played: Played, feed: FollowedFeed) -> Iterator[str]:
    """Yield what is wrong with the editions that were delivered: of all that were sealed before the last polls."""
    shown = _shown(played, feed)
    polled = min(reader.polls[-1] for reader in played.readers)
    found = [each for each in editions(played.oracle, feed.name, feed.period, played.seals) if each.end < polled - DAY]
    for edition in found:
        entries = shown.pop(edition.end, [])
        wrong = _digest_faults(edition, entries, feed) if feed.is_digest else _top_faults(edition, entries, feed)
        yield from (f"{feed.name!r}: {_day(edition.start)}: {each}" for each in wrong)
    late = [end for end in shown if end < polled - DAY]
    if late:
        yield f"{feed.name!r}: {len(late)} editions of no period that was sealed, the first of {_day(late[0])}"


def _shown(played: Played, feed: FollowedFeed) -> dict[float, list[tuple[str, Seen]]]:
    """Return the end of each period -> what anybody was shown of it, by date, the newest first."""
    shown: dict[float, dict[str, Seen]] = defaultdict(dict)
    for _, subscription in _subscriptions(played, feed):
        for name, seen in subscription.seen.items():
            end = ceil(seen.moment / DAY) * DAY
            if seen.papers or name not in shown[end]:
                shown[end][name] = seen
    return {end: sorted(of.items(), key=lambda each: -each[1].moment) for end, of in sorted(shown.items())}


def _top_faults(edition: Edition, entries: Sequence[tuple[str, Seen]], feed: FollowedFeed) -> Iterator[str]:
    if [edition.end - seen.moment for _, seen in entries] != list(range(len(entries))):
        yield "the dates are not a second apart"
    yield from faults(edition, [name for name, _ in entries], feed.most)


def _digest_faults(edition: Edition, entries: Sequence[tuple[str, Seen]], feed: FollowedFeed) -> Iterator[str]:
    least, most = bool(edition.votes.keys() - edition.unsure), bool(edition.votes)
    if not least <= len(entries) <= most:
        yield f"{len(entries)} digests"
    for name, seen in entries:
        if not name.startswith("urn:uuid:") or seen.moment != edition.end:
            yield f"{name!r} of {seen.date} is no digest of it"
        if seen.papers:  # as one reader at least knows them
            yield from faults(edition, seen.papers, feed.most)


def _judge_budgets(verdict: Verdict, played: Played) -> None:
    """Of weeks from the third on: entries a day, once by their first delivery, and once by their listing."""
    weeks = sorted({_monday(capture.day) for capture in played.setup.timeline.captures})
    for feed in played.setup.measured:
        if feed in played.refused:
            verdict.notes.append(f"SKIPPED: the server refuses {feed.query!r}, so nothing was measured")
            continue
        (_, subscription), *_ = _subscriptions(played, feed)
        delivered = Counter(_monday(_day(seen.at)) for seen in subscription.seen.values())
        listed = Counter(_monday(played.oracle.may[name].day) for name in subscription.seen)
        by_delivery, by_listing = ([count[week] / 7 for week in weeks[UNSETTLED:]] for count in (delivered, listed))
        if not by_delivery:
            continue
        middle = median(by_delivery)
        said = (
            f"{feed.name!r}: {middle:.2f} a day in the median of {len(by_delivery)} weeks, {mean(by_delivery):.2f} in"
            f" the mean, from {min(by_delivery):.2f} to {max(by_delivery):.2f}; by listing {median(by_listing):.2f}"
        )
        verdict.notes.append(said)
        if len(by_delivery) >= ENOUGH_WEEKS:
            verdict.demand(BUDGET[0] <= middle <= BUDGET[1], f"{said}: not about {PER_DAY}")


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _judge_upstream(verdict: Verdict, played: Played) -> None:
    """All of it was served where nothing failed; and it was left alone where it asked for that."""
    verdict.demand(
        not played.early,
        f"{len(played.early)} requests before the end of a Retry-After, the first {_ahead(played.early):.0f} s early",
    )
    if not played.setup.faults:
        told = _all_told(played)
        served = {name: paper.counts for name, paper in played.oracle.must.items()}
        differing = [name for name, counts in told.items() if served.get(name) != counts]
        verdict.demand(
            not differing, f"{len(differing)} of {len(told)} papers were not asked for in time: {_some(differing)}"
        )
    if played.setup.kills:
        kills, half_way = played.killed
        verdict.demand(kills == played.setup.kills, f"killed {kills} times, not {played.setup.kills}")
        verdict.notes.append(f"killed {kills} times, {half_way} of them half-way through a look")


def _all_told(played: Played) -> dict[str, tuple[int, int, int, date]]:
    """Return what all the captures say together."""
    oracle = Oracle({})
    for capture in played.setup.timeline.captures:
        oracle.note(capture.at.timestamp(), capture.day, capture.elements(), genuine=True)
    return {name: paper.counts for name, paper in oracle.must.items()}


def _judge_store(verdict: Verdict, played: Played) -> None:
    """What is kept is what was answered: ids, highest counts, first days."""
    kept = {
        entry.id: (entry.upvotes, entry.comments, -1 if entry.stars is None else entry.stars, entry.listed.date())
        for entry in played.kept
    }
    must = {name: paper.counts for name, paper in played.oracle.must.items()}
    lost = sorted(must.keys() - kept.keys())
    strange = sorted(kept.keys() - played.oracle.may.keys())
    differing = [name for name in must.keys() & kept.keys() if not _agrees(kept[name], name, played.oracle)]
    verdict.demand(not lost, f"{len(lost)} of {len(must)} papers are not in the store: {_some(lost)}")
    verdict.demand(not strange, f"{len(strange)} entries of the store were never answered: {_some(strange)}")
    examples = [f"{name} is {kept[name]}, not {must[name]}" for name in sorted(differing)]
    verdict.demand(not differing, f"{len(differing)} entries are kept with other counts or days: {_some(examples)}")
    verdict.notes.append(f"{len(kept)} entries kept; {len(must)} papers were answered undamaged")


def _agrees(kept: tuple[int, int, int, date], name: str, oracle: Oracle) -> bool:
    """Counts may come from spoiled answers, a day may not."""
    must, may = oracle.must[name].counts, oracle.may[name].counts
    return kept[3] == must[3] and all(low <= count <= high for low, count, high in zip(must, kept, may, strict=True))


def _ahead(early: Sequence[tuple[float, float]]) -> float:
    return early[0][1] - early[0][0] if early else 0.0


def _day(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).date()


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(name.removeprefix("https://arxiv.org/abs/") for name in names[:SOME])
    return shown + (", ..." if len(names) > SOME else "")


def table(played: Played, verdict: Verdict) -> Iterator[str]:
    """Yield the lines of the table: a row a feed, a column a reader, in a cell what was delivered."""
    readers = [reader.kind for reader in played.readers]
    feeds = [feed for feed in played.setup.feeds if feed not in played.refused]
    cells = {(feed.name, kind.name): str(verdict.counts[feed.name, kind.name]) for feed in feeds for kind in readers}
    width = max([len(kind.name) for kind in readers] + [len(cell) for cell in cells.values()]) + 2
    names = max(len(feed.name) for feed in feeds) + 2
    yield "delivered, -missed +twice ~missed by a window too small ?never qualified:"
    yield " " * names + "qualified".rjust(10) + "".join(kind.name.rjust(width) for kind in readers)
    windows = [f"w{kind.window} {kind.format}" for kind in readers]
    yield " " * (names + 10) + "".join(window.rjust(width) for window in windows)
    for feed in feeds:
        qualified = str(max(verdict.counts[feed.name, kind.name].qualified for kind in readers))
        row = "".join(cells[feed.name, kind.name].rjust(width) for kind in readers)
        yield feed.name.ljust(names) + qualified.rjust(10) + row
    row = ""
    for kind in readers:
        margin = min(verdict.counts[feed.name, kind.name].margin for feed in feeds)
        row += ("-" if kind.walks else str(margin)).rjust(width)
    yield "narrowest margin of a window".ljust(names + 10) + row
