"""The answers that upstream gave, as plain JSON -> which papers ever qualified for which feed, and when.

Brute force, and no line of it is shared with the server: a paper's facts are added up from answer to answer, and after
each of them every feed's condition is looked at.
"""

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, Literal
from unicodedata import normalize

from bench.replay_timeline import Element

_WORD = re.compile(r"[a-z0-9]+")


@dataclass(slots=True)
class Paper:
    """What is known of a paper by now: the highest counts, the first day, the last words."""

    id: str
    day: date
    seen: float
    title: str = ""
    summary: str = ""
    authors: Sequence[str] = ()
    upvotes: int = 0
    comments: int = 0
    stars: int = -1
    code: bool = False
    project: bool = False
    words: Sequence[str] = ()

    def learn(self, element: Element, day: date) -> None:
        """Add what an answer says."""
        paper = element["paper"]
        self.day = min(self.day, day)
        said = (paper.get("title") or element.get("title") or "", paper.get("summary") or self.summary)
        if said != (self.title, self.summary):
            self.title, self.summary = said
            self.words = (*words_of(self.title), "|", *words_of(self.summary))
        self.authors = [a["name"] for a in paper.get("authors", ()) if not a.get("hidden")] or self.authors
        self.upvotes = max(self.upvotes, paper.get("upvotes", 0))
        self.comments = max(self.comments, element.get("numComments", 0))
        self.stars = max(self.stars, paper.get("githubStars", -1))
        self.code = self.code or "githubRepo" in paper
        self.project = self.project or "projectPage" in paper

    @property
    def counts(self) -> tuple[int, int, int, date]:
        """What a store has to know of it in the end: upvotes, comments, stars (-1: unknown), the day of listing."""
        return self.upvotes, self.comments, self.stars, self.day


Condition = Callable[[Paper], bool]
Order = Literal["entered", "listed"]  # the newest of what comes first: when it qualified, or its day of listing


def words_of(text: str) -> list[str]:
    """Return the words of a text in small letters, without accents."""
    return _WORD.findall(normalize("NFKD", text.lower()))


class Oracle:
    """Papers and, for each condition, who qualified when: ``must`` by what was answered undamaged, ``may`` by all."""

    def __init__(self, conditions: Mapping[str, Condition]) -> None:
        """Know nothing."""
        self._conditions = conditions
        self.must: dict[str, Paper] = {}
        self.may: dict[str, Paper] = {}
        self.qualified: dict[str, dict[str, float]] = {name: {} for name in conditions}
        self.possible: dict[str, dict[str, float]] = {name: {} for name in conditions}
        self.heard: list[tuple[float, Sequence[tuple[str, int]]]] = []  # when, and ids with upvotes

    def note(self, at: float, day: date, elements: Iterable[Element], genuine: bool) -> None:
        """Take note of an answer."""
        votes = []
        for element in elements:
            votes.append((name_of(element), element["paper"].get("upvotes", 0)))
            self._note(element, at, day, self.may, self.possible)
            if genuine:
                self._note(element, at, day, self.must, self.qualified)
        self.heard.append((at, votes))

    def _note(
        self, element: Element, at: float, day: date, known: dict[str, Paper], found: dict[str, dict[str, float]]
    ) -> None:
        name = name_of(element)
        paper = known.setdefault(name, Paper(name, day, at))
        paper.learn(element, day)
        for condition, admits in self._conditions.items():
            if name not in found[condition] and admits(paper):
                found[condition][name] = at


def name_of(element: Mapping[str, Any]) -> str:
    """Return the id that the paper has in feeds."""
    return f"https://arxiv.org/abs/{element['paper']['id']}"


def window_needed(arrivals: Mapping[str, float], polls: Sequence[float], place: Callable[[str], Any] | None) -> int:
    """Return how many entries a reader has to be shown at least, at the fullest of its polls, to see every one.

    ``place`` sorts the feed's entries, the newest last; without it they stand in the order in which they arrived.
    """
    coming = sorted((at, name) for name, at in arrivals.items())
    needed, begin = 0, 0
    in_order: list[Any] = []
    for poll in polls:
        end = bisect_right(coming, poll, key=itemgetter(0))
        fresh = [place(name) if place else 0 for _, name in coming[begin:end]]
        if place is None:
            needed = max(needed, len(fresh))
        elif fresh:
            for key in fresh:
                insort(in_order, key)
            needed = max(needed, len(in_order) - bisect_left(in_order, min(fresh)))
        begin = end
    return needed
