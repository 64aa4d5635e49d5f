"""Entry, View -> the HTML that a reader shows: the abstract and the facts asked for, every text escaped."""

from collections.abc import Callable, Sequence
from datetime import datetime

from markupsafe import escape

from feedserver.model import Entry, Fact, Maths, View
from feedserver.render.base import entry_summary, entry_title, is_voted
from feedserver.render.prose import html, marked_up, plain

NAMED_AUTHORS = 12  # in running text
_FIRST_LINES = 280  # characters of an entry in a digest


def _abstract(entry: Entry, maths: Maths) -> str:
    """Return the abstract as upstream marked it up, else as a paragraph."""
    if entry.html:
        return f"<div>{marked_up(entry.html, maths)}</div>"
    return f"<p>{html(entry.summary, maths)}</p>" if entry.summary else ""


# Fact -> HTML, empty where there is nothing to tell. Every text passes through ``escape``; Markup's own formatting does
# the same at ten times the cost, and an answer may hold fifty entries that nobody rendered before.
_PARAGRAPHS: dict[Fact, Callable[[Entry, Maths], str]] = {
    "thumbnail": lambda entry, _: f'<p><img src="{escape(entry.thumbnail)}" alt=""></p>' if entry.thumbnail else "",
    "ai_summary": lambda entry, maths: f"<p><em>{html(entry.ai_summary, maths)}</em></p>" if entry.ai_summary else "",
    "summary": _abstract,
}

_LINES: dict[Fact, Callable[[Entry, Maths], str]] = {
    "authors": lambda entry, _: f"By {escape(spell_authors(entry.authors))}" if entry.authors else "",
    "organisation": lambda entry, _: escape(entry.organisation.full_name) if entry.organisation else "",
    "submitter": lambda entry, _: (
        f"Submitted by {escape(entry.submitter.full_name or entry.submitter.name)}" if entry.submitter else ""
    ),
    "published": lambda entry, _: f"Published {_day(entry.published)}",
    "listed": lambda entry, _: f"Listed {_day(entry.listed)}",
    "upvotes": lambda entry, _: _counted(entry.upvotes, "upvote") if is_voted(entry) else "",
    "comments": lambda entry, _: _counted(entry.comments, "comment") if is_voted(entry) else "",
    "stars": lambda entry, _: "" if entry.stars is None else _counted(entry.stars, "GitHub star"),
    "code": lambda entry, _: _link(entry.links.code, "Code"),
    "project": lambda entry, _: _link(entry.links.project, "Project page"),
    "keywords": lambda entry, maths: (
        f"Keywords: {', '.join(html(word, maths) for word in entry.ai_keywords)}" if entry.ai_keywords else ""
    ),
}

# Facts on one line of the list belong together.
_GROUPS: tuple[tuple[Fact, ...], ...] = (
    ("authors",), ("organisation",), ("submitter",), ("published", "listed"), ("upvotes", "comments", "stars"),
    ("code", "project"), ("keywords",),
)  # fmt: skip


def content_html(entry: Entry, view: View) -> str:
    """Return clean HTML: paragraphs, then a list of facts. Addresses in it are absolute."""
    if entry.content:
        return entry.content
    maths = view.maths
    paragraphs = [f"<p>No longer listed, as of {_day(entry.withdrawn)}.</p>"] if entry.withdrawn else []
    paragraphs += [made for fact, make in _PARAGRAPHS.items() if fact in view.show and (made := make(entry, maths))]
    told = [[made for fact in group if fact in view.show and (made := _LINES[fact](entry, maths))] for group in _GROUPS]
    if lines := "".join(f"<li>{' · '.join(facts)}</li>" for facts in told if facts):
        paragraphs.append(f"<ul>{lines}</ul>")
    return "\n".join(paragraphs) or f"<p>{escape(entry_title(entry, view))}</p>"


def digest_html(entries: Sequence[Entry], more: int, view: View) -> str:
    """Return clean HTML: the ranked list of entries, each with its first lines; ``more`` are not on it."""
    items = "".join(f"<li>{_digest_item(entry, view)}</li>" for entry in entries)
    rest = f"<p>And {_counted(more, 'more entry', 'more entries')}.</p>" if more else ""
    return f"<ol>{items}</ol>{rest}"


def _digest_item(entry: Entry, view: View) -> str:
    link = getattr(entry.links, view.link) or entry.links.page
    facts: tuple[Fact, ...] = ("upvotes", "comments", "stars", "code", "project")
    told = [_LINES[fact](entry, view.maths) for fact in facts if fact in view.show]
    lines = (
        f'<a href="{escape(link)}"><strong>{escape(entry_title(entry, view))}</strong></a>',
        _LINES["authors"](entry, view.maths) if "authors" in view.show else "",
        " · ".join(filter(None, told)),
        escape(_first_lines(plain(entry.ai_summary or entry.summary, view.maths))),
    )
    return "<br>".join(filter(None, lines))


def _first_lines(value: str) -> str:
    """Return a text cut off after a word."""
    if len(value) <= _FIRST_LINES:
        return value
    return f"{value[:_FIRST_LINES].rsplit(None, 1)[0].rstrip(',;:.')} …"


def escaped_summary(entry: Entry, view: View) -> str:
    """Return the abstract as HTML, for places where a reader takes plain text for HTML."""
    return str(escape(entry_summary(entry, view)))


def spell_authors(authors: tuple[str, ...], named: int = NAMED_AUTHORS) -> str:
    """Return the names in running text, a long list cut short: ``A, B and 3,301 others``."""
    if len(authors) <= named + 1:
        return ", ".join(authors)
    return f"{', '.join(authors[:named])} and {len(authors) - named:,} others"


def _link(address: str | None, label: str) -> str:
    return f'<a href="{escape(address)}">{label}</a>' if address else ""


def _counted(count: int, noun: str, several: str = "") -> str:
    return f"{count:,} {noun if count == 1 else several or f'{noun}s'}"


def _day(time: datetime) -> str:
    return time.date().isoformat()
