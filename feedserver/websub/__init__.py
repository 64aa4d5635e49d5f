"""A WebSub hub is told of each configured feed that changed, at least once (https://www.w3.org/TR/websub/)."""

from feedserver.websub.publisher import Publisher
from feedserver.websub.topics import Topics

__all__ = ["Publisher", "Topics"]
