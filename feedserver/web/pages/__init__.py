"""The pages for people, a module each: what feeds there are, what is in one, how the sources fare."""

from feedserver.web.pages import catalogue, feed, status
from feedserver.web.pages.base import blueprint

__all__ = ["blueprint", "catalogue", "feed", "status"]
