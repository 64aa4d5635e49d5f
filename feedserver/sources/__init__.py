"""Bytes of a listing -> Listing, a module a site. ``SOURCES`` is the table of them."""

from feedserver.sources.base import CURRENT, Answer, Page, Request, Source, setting
from feedserver.sources.daily_papers import DailyPapers

SOURCES: dict[str, type[DailyPapers]] = {"daily-papers": DailyPapers}

__all__ = ["CURRENT", "SOURCES", "Answer", "DailyPapers", "Page", "Request", "Source", "setting"]
