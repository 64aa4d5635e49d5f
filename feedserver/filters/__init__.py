"""What an entry must satisfy: the filter language, its meaning, and a filter's own words."""

from feedserver.filters.base import EVERYTHING, Filter, resolve
from feedserver.filters.describe import describe
from feedserver.filters.marks import marks, reasons
from feedserver.filters.match import matches
from feedserver.filters.parse import parse

__all__ = ["EVERYTHING", "Filter", "describe", "marks", "matches", "parse", "reasons", "resolve"]
