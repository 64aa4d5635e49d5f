"""Bytes of a listing -> Listing, a module a site. ``SOURCES`` is the table of them."""

from feedserver.sources.base import Request, Source
from feedserver.sources.daily_papers import DailyPapers

SOURCES: dict[str, type[DailyPapers]] = {"daily-papers": DailyPapers}

__all__ = ["SOURCES", "DailyPapers", "Request", "Source"]
