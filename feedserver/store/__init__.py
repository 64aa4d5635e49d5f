"""Entries <-> disk, a module an engine. ``STORES`` is the table of them."""

from feedserver.store.base import Revision, Store, Summary
from feedserver.store.sqlite import SqliteStore

STORES = {"sqlite": SqliteStore}

__all__ = ["STORES", "Revision", "SqliteStore", "Store", "Summary"]
