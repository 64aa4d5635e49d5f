"""The pages for people, a module each: what feeds there are, what is in one, how the sources fare; and for frames."""

from feedserver.web.pages import catalogue, embed, embed_files, feed, oembed, status
from feedserver.web.pages.base import blueprint

__all__ = ["blueprint", "catalogue", "embed", "embed_files", "feed", "oembed", "status"]
