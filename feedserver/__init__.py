"""Filtered feeds of research papers, generated on demand from cached listings."""

from importlib.metadata import version

__version__ = version("feedserver")
