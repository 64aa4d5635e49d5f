"""What the pages are shown with: three months of made-up papers, and the hard cases that design must not break on."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from feedserver.demo.sample import listing as demo
from feedserver.model import Entry, Links, ListingRecord, Organisation, Submitter, midnight
from feedserver.sources.daily_papers import parse_list
from feedserver.store import SqliteStore
from tests.entries import make_entry, make_listing

DAYS = 100
TOPICS = (
    "Flow Matching", "Diffusion Models", "Language Agents", "State Space Models", "Graph Transformers",
    "Preference Optimisation", "Speculative Decoding", "Neural Fields",
)  # fmt: skip
SUBJECTS = (
    "Protein Design", "Robot Control", "Text-to-Image Generation", "Speech Synthesis", "Weather Forecasting",
    "Medical Imaging", "Theorem Proving", "Video Editing", "Molecular Docking", "Code Generation",
)  # fmt: skip
MANNERS = ("Scalable", "Simple", "Provable", "Few-Step", "Training-Free", "Equivariant", "Online", "Robust")
FAMILIES = ("Lindqvist", "Okafor", "Yamada", "Álvarez", "Novák", "Haddad", "Nguyen", "O'Brien", "Kowalska", "Sato")
INSTITUTES = (("northlab", "North Lab"), ("ic-bern", "Institute of Computing, Bern"), ("lagos-ai", "Lagos AI"), None)

CASES = ("long", "right-to-left", "many-authors", "markup")  # of those that have pages of their own in the tests
HARD = "hard case"  # the keyword of all of them
MANY = 3_303  # authors of one paper, the most that a captured one had
LONG_TITLE = ("A title of three hundred characters, which goes on and on as if nobody had ever told its authors " * 4)[
    :300
]
RIGHT_TO_LEFT = "تعلم الآلة العميق: نماذج الانتشار לומדים ליצור תמונות (2026)"
ONE_WORD = "Supercalifragilistic" * 14


def fill(path: Path, now: datetime) -> None:
    """Make a store as a server has one that ran for the last hundred days."""
    store, today = SqliteStore(path), now.date()
    keep_days(store, now)
    store.put(make_listing(*hard(midnight(today)), key=today.isoformat(), observed=midnight(today)))
    store.close()


def keep_days(store: SqliteStore, now: datetime, topics: Sequence[str] = TOPICS) -> None:
    """Keep the papers of the last hundred days, and those of the demo, in the order in which they came."""
    today = now.date()
    for day, papers in made(today, topics):
        observed = min(midnight(day) + timedelta(hours=25), now)
        body = json.dumps([*papers, *demo(day, today)]).encode()
        listing = parse_list(body, "daily-papers", day, observed)
        record = ListingRecord("daily-papers", day.isoformat(), observed, observed, len(listing.entries))
        store.put(listing, record)
        store.seal(min(midnight(day) + timedelta(days=1), now))


def made(today: date, topics: Sequence[str] = TOPICS) -> Iterator[tuple[date, list[dict[str, Any]]]]:
    """Yield days, the oldest first, each with its papers as the list call answers them; the same for the same day."""
    dice, numbers = Random(1), count(1)  # noqa: S311  # the same shelf each time
    for ago in range(DAYS, -1, -1):
        day = today - timedelta(days=ago)
        amount = dice.randint(3, 9) if day.weekday() >= 5 else dice.randint(14, 26)
        yield day, [_paper(dice, day, next(numbers), topics) for _ in range(amount)]


def hard(listed: datetime) -> tuple[Entry, ...]:
    """Return the entries that break pages: long, right to left, with markup in their names, of thousands of people."""
    names = tuple(f"{chr(65 + number % 26)}. {FAMILIES[number % 10]}-{number}" for number in range(MANY))
    markup = '<b>Bold</b> & "quoted" <script>hit(1)</script>'
    cases: tuple[dict[str, Any], ...] = (
        {"title": LONG_TITLE, "summary": "Long. " * 800},
        {"title": RIGHT_TO_LEFT, "summary": RIGHT_TO_LEFT * 4, "authors": ("محمد الخوارزمي", "דוד לוי")},
        {"title": "Observation of a new particle", "authors": names},
        {
            "title": f"Markup in names: {markup}",
            "authors": (markup, 'O\'Neil "the" <i>Great</i>'),
            "organisation": Organisation("evil", markup),
            "submitter": Submitter("evil", markup),
        },
        {
            "title": r"Bounds of $\mathcal{O}(n \log^2 n)$ for $\|x\|_2 \leq \epsilon$",
            "summary": r"We show $\mathbb{E}[X] < \frac{1}{2}$ & more, in \textbf{bold} and with \alpha, $\$$ and $a_{",
        },
        {"title": ONE_WORD, "summary": ONE_WORD * 3, "ai_keywords": (HARD, ONE_WORD)},
        {"title": "A Title Alone", "summary": ""},
        {"title": "扩散模型综述：从理论到应用", "summary": "本文综述扩散模型。" * 20, "authors": ("王伟", "李娜")},
        {"title": "👩‍🔬 Emoji, z̸a̸l̸g̸o̸ and a\u202eoverride", "summary": "🧪" * 60},
    )
    return tuple(_hard(number, listed, case) for number, case in enumerate(cases, 1))


def hard_id(number: int) -> str:
    """Return the id of a hard case, counted from 1."""
    return make_entry(90_000 + number).id


def _hard(number: int, listed: datetime, facts: dict[str, Any]) -> Entry:
    plain = make_entry(90_000 + number, listed=listed, published=listed, ai_keywords=(HARD,), upvotes=10 * number)
    links = Links(plain.links.page, plain.links.arxiv, code=f"https://github.com/example/{'deep-' * 20}repository")
    seen = {"first_seen": listed, "modified": listed, "updated": listed}
    return replace(plain, links=links, comments=number % 3, **(seen | facts))


def _paper(dice: Random, day: date, number: int, topics: Sequence[str]) -> dict[str, Any]:
    topic, subject, manner = dice.choice(topics), dice.choice(SUBJECTS), dice.choice(MANNERS)
    published = midnight(day - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    authors = [f"{chr(65 + dice.randrange(26))}. {family}" for family in dice.sample(FAMILIES, dice.randint(1, 6))]
    organisation = dice.choice(INSTITUTES)
    return {
        "paper": {
            "id": f"{day:%y%m}.{number:05}",
            "title": f"{manner} {topic} for {subject}",
            "summary": f"We study {topic.lower()} for {subject.lower()}. A {manner.lower()} method is given, and what "
            "it cannot do is measured on four benchmarks; code is there for all of it.",
            "authors": [{"name": name, "hidden": False} for name in authors],
            "publishedAt": published,
            "submittedOnDailyAt": published,
            "upvotes": int(dice.paretovariate(0.9) * 2) % 400,
            "ai_keywords": [topic.lower(), subject.lower()],
            **({"githubRepo": f"https://github.com/example/{number}", "githubStars": number} if number % 3 else {}),
        },
        "publishedAt": published,
        "title": f"{manner} {topic} for {subject}",
        "numComments": dice.randint(0, 5),
        "submittedBy": {"name": "demo", "fullname": "Demo"},
        **({"organization": dict(zip(("name", "fullname"), organisation, strict=True))} if organisation else {}),
    }
