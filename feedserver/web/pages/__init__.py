"""The pages for people, a module each: what feeds there are, what is in one, how to make one; and for frames."""

from feedserver.web.pages import build, catalogue, embed, embed_files, entry, feed, oembed, opml, status
from feedserver.web.pages.base import blueprint

__all__ = ["blueprint", "build", "catalogue", "embed", "embed_files", "entry", "feed", "oembed", "opml", "status"]
