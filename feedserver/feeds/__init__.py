"""A query, the store, the time -> Feed, or at once its document: the read path."""

from feedserver.feeds.address import Address, Offer
from feedserver.feeds.archive import build_archive
from feedserver.feeds.build import BEGINNING, LAST, FragmentMemory, build_feed, compose, has_archives, holds
from feedserver.feeds.catalogue import Catalogue, definition_named
from feedserver.feeds.editions import sealed_days
from feedserver.feeds.outlook import Outlook, outlook
from feedserver.feeds.related import related
from feedserver.feeds.vocabulary import Vocabulary, vocabulary
from feedserver.feeds.words import default_title, feed_title, rounded_rate, spell_rate, subtitle

__all__ = [
    "BEGINNING",
    "LAST",
    "Address",
    "Catalogue",
    "FragmentMemory",
    "Offer",
    "Outlook",
    "Vocabulary",
    "build_archive",
    "build_feed",
    "compose",
    "default_title",
    "definition_named",
    "feed_title",
    "has_archives",
    "holds",
    "outlook",
    "related",
    "rounded_rate",
    "sealed_days",
    "spell_rate",
    "subtitle",
    "vocabulary",
]
