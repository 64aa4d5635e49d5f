"""Feed -> bytes, a module a format. ``RENDERERS`` is the table of them."""

from feedserver.render.atom import Atom
from feedserver.render.base import (
    Document,
    Fragment,
    Renderer,
    assemble,
    author_names,
    entry_date,
    entry_link,
    entry_summary,
    entry_title,
    entry_updated,
    excerpt,
    is_voted,
    make_document,
    make_fragment,
    render,
    split_digests,
)
from feedserver.render.content import NAMED_AUTHORS, digest_html, spell_authors
from feedserver.render.json import Json
from feedserver.render.prose import plain
from feedserver.render.rss import Rss

RENDERERS: dict[str, Renderer] = {renderer.name: renderer for renderer in (Rss(), Atom(), Json())}

__all__ = [
    "NAMED_AUTHORS",
    "RENDERERS",
    "Document",
    "Fragment",
    "Renderer",
    "assemble",
    "author_names",
    "digest_html",
    "entry_date",
    "entry_link",
    "entry_summary",
    "entry_title",
    "entry_updated",
    "excerpt",
    "is_voted",
    "make_document",
    "make_fragment",
    "plain",
    "render",
    "spell_authors",
    "split_digests",
]
