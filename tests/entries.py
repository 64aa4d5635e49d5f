"""Entries to test with: a factory, a few hand-written ones, and the captured ones where they are at hand."""

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from feedserver.model import Entry, Links, Listing, Organisation, Submitter
from feedserver.sources.daily_papers import parse_list

ROOT = Path(__file__).parent.parent
CAPTURED = ROOT.parent / "shared" / "data" / "huggingface" / "daily"
OBSERVED = datetime(2026, 1, 9, 12, tzinfo=UTC)

needs_captured = pytest.mark.skipif(not CAPTURED.is_dir(), reason="the captured listings are not beside the checkout")


def day(number: int) -> datetime:
    """Return midnight of a day of January 2026."""
    return datetime(2026, 1, number, tzinfo=UTC)


def make_entry(number: int = 1, **facts: Any) -> Entry:
    """Return an entry with the arXiv id 2601.0000N; ``facts`` replace what it has by default."""
    arxiv_id = f"2601.{number:05}"
    defaults: dict[str, Any] = {
        "id": f"https://arxiv.org/abs/{arxiv_id}",
        "title": f"Paper {number}",
        "summary": f"The summary of paper {number}.",
        "links": Links(f"https://huggingface.co/papers/{arxiv_id}", arxiv=f"https://arxiv.org/abs/{arxiv_id}"),
        "published": day(7),
        "listed": day(8),
        "first_seen": OBSERVED,
        "updated": facts.get("listed", day(8)),
        "modified": OBSERVED,
        "sources": ("daily-papers",),
        "origin": "huggingface",
    }
    return Entry(**(defaults | facts))


def make_listing(*entries: Entry, key: str = "2026-01-08", observed: datetime = OBSERVED) -> Listing:
    """Return a listing of entries."""
    return Listing("daily-papers", key, observed, entries)


def sample() -> tuple[Entry, ...]:
    """Return entries that between them have every fact, and every trap of plain text."""
    google = Organisation("google", "Google")
    return (
        make_entry(
            1,
            title="Flow Matching for Generative Modeling",
            summary="A network regresses vector fields; diffusion paths are a special case when p < 0.05 & t > 0.",
            authors=("Yaron Lipman", "Ricky T. Q. Chen", "Heli Ben-Hamu"),
            upvotes=64, comments=5, stars=3000, ai_keywords=("flow matching", "optimal transport"),
            links=Links(
                "https://huggingface.co/papers/2210.02747", "https://arxiv.org/abs/2210.02747",
                "https://arxiv.org/pdf/2210.02747", "https://github.com/facebookresearch/flow_matching",
                "https://example.org/flow?a=1&b=2",
            ),
            ai_summary="Paths of optimal transport train faster.", listed=day(9), submitter=Submitter("demo", "Demo"),
            thumbnail="https://cdn.example.org/2210.02747.png", media=("https://cdn.example.org/film.mp4",),
        ),
        make_entry(
            2,
            title="Measuring <MMLU> & friends: Transformers' self-attention",
            summary="We evaluate on <MMLU> and <b>GSM8K</b>. State-of-the-art transformers fail.",
            authors=("Yoshua Bengio", "François Chollet"), organisation=google, upvotes=19, listed=day(9),
            categories=("cs.CL", "stat.ML"),
        ),
        make_entry(
            3,
            title="U-Net for Medical Diffusion Imaging", summary="Medical images, segmented.",
            authors=("Olaf Ronneberger", "Philipp Fischer", "Thomas Brox"), upvotes=250, comments=2,
            ai_keywords=("medical imaging",), published=datetime(2015, 5, 18, 10, 30, tzinfo=UTC),
        ),
        make_entry(4, title="扩散模型综述", summary="本文综述扩散模型。", authors=("王伟",), upvotes=0, stars=0),
        make_entry(
            5, title="Diffusion Transformers at Scale", summary="Naïve scaling of diffusion transformers.",
            authors=("Yang Song", "Yiren Song"), upvotes=20, organisation=Organisation("MIT", "MIT CSAIL"),
        ),
        make_entry(6, title="A Title Alone", summary="", published=day(5), listed=day(5), upvotes=1, comments=1),
    )  # fmt: skip


@cache
def captured() -> tuple[Entry, ...]:
    """Return the entries of every tenth captured finished day, each once."""
    found: dict[str, Entry] = {}
    for file in sorted((CAPTURED / "nextday").glob("*.json"))[::10]:
        for entry in parse_list(file.read_bytes(), "daily-papers", date.fromisoformat(file.stem), OBSERVED).entries:
            found.setdefault(entry.id, entry)
    return tuple(found.values())
