"""Entries <-> disk, a module an engine. ``STORES`` is the table of them."""

from feedserver.store.base import Arrival, Climb, Finding, Revision, Seal, Sight, Store, Summary
from feedserver.store.sqlite import SqliteStore

STORES = {"sqlite": SqliteStore}

__all__ = ["STORES", "Arrival", "Climb", "Finding", "Revision", "Seal", "Sight", "SqliteStore", "Store", "Summary"]
