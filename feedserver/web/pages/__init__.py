"""The pages for people, a module each: what feeds there are, what is in one, how to make one, how the sources fare."""

from feedserver.web.pages import build, catalogue, entry, feed, opml, status
from feedserver.web.pages.base import blueprint

__all__ = ["blueprint", "build", "catalogue", "entry", "feed", "opml", "status"]
