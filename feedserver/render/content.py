"""Entry, View -> the HTML that a reader shows: the abstract and the facts asked for, every text escaped."""

from collections.abc import Callable, Iterable
from datetime import datetime

from markupsafe import Markup, escape

from feedserver.model import Entry, Fact, View

_NAMED_AUTHORS = 12  # in running text

_PARAGRAPHS: dict[Fact, Callable[[Entry], Markup | None]] = {
    "thumbnail": lambda entry: _image(entry.thumbnail),
    "ai_summary": lambda entry: Markup("<p><em>{}</em></p>").format(entry.ai_summary) if entry.ai_summary else None,
    "summary": lambda entry: Markup("<p>{}</p>").format(entry.summary) if entry.summary else None,
}

_LINES: dict[Fact, Callable[[Entry], Markup | str | None]] = {
    "authors": lambda entry: Markup("By {}").format(spell_authors(entry.authors)) if entry.authors else None,
    "organisation": lambda entry: entry.organisation.full_name if entry.organisation else None,
    "submitter": lambda entry: (
        f"Submitted by {entry.submitter.full_name or entry.submitter.name}" if entry.submitter else None
    ),
    "published": lambda entry: f"Published {_day(entry.published)}",
    "listed": lambda entry: f"Listed {_day(entry.listed)}",
    "upvotes": lambda entry: _counted(entry.upvotes, "upvote"),
    "comments": lambda entry: _counted(entry.comments, "comment"),
    "stars": lambda entry: None if entry.stars is None else _counted(entry.stars, "GitHub star"),
    "code": lambda entry: _link(entry.links.code, "Code"),
    "project": lambda entry: _link(entry.links.project, "Project page"),
    "keywords": lambda entry: f"Keywords: {', '.join(entry.ai_keywords)}" if entry.ai_keywords else None,
}

# Facts on one line of the list belong together.
_GROUPS: tuple[tuple[Fact, ...], ...] = (
    ("authors",), ("organisation",), ("submitter",), ("published", "listed"), ("upvotes", "comments", "stars"),
    ("code", "project"), ("keywords",),
)  # fmt: skip


def content_html(entry: Entry, view: View) -> str:
    """Return clean HTML: paragraphs, then a list of facts. Addresses in it are absolute."""
    paragraphs = [made for fact, make in _PARAGRAPHS.items() if fact in view.show and (made := make(entry))]
    lines = [line for group in _GROUPS if (line := _join(entry, [fact for fact in group if fact in view.show]))]
    if lines:
        paragraphs.append(Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(x) for x in lines)))
    return str(Markup("\n").join(paragraphs)) or f"<p>{escape(entry.title)}</p>"


def escaped_summary(entry: Entry) -> str:
    """Return the abstract as HTML, for places where a reader takes plain text for HTML."""
    return str(escape(entry.summary))


def spell_authors(authors: tuple[str, ...]) -> str:
    """Return the names in running text, a long list cut short: ``A, B and 3,301 others``."""
    if len(authors) <= _NAMED_AUTHORS + 1:
        return ", ".join(authors)
    return f"{', '.join(authors[:_NAMED_AUTHORS])} and {len(authors) - _NAMED_AUTHORS:,} others"


def _join(entry: Entry, facts: Iterable[Fact]) -> Markup:
    return Markup(" · ").join(made for fact in facts if (made := _LINES[fact](entry)))


def _image(address: str | None) -> Markup | None:
    return Markup('<p><img src="{}" alt=""></p>').format(address) if address else None


def _link(address: str | None, label: str) -> Markup | None:
    return Markup('<a href="{}">{}</a>').format(address, label) if address else None


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _day(time: datetime) -> str:
    return time.strftime("%Y-%m-%d")
