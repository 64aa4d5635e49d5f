"""Query + store -> Feed: entries, words, addresses, dates."""

from datetime import UTC, datetime, timedelta

import pytest

from feedserver.errors import GoneFeedError, MovedFeedError, UnknownFeedError
from feedserver.feeds import BEGINNING, Address, Catalogue, Offer, build_feed, definition_named
from feedserver.model import Feed
from feedserver.query import Definition, Query, parse_query
from feedserver.store import SqliteStore

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
ADDRESS = Address("https://papers.example.org", "feed", "q=diffusion")


def build(store: SqliteStore, query: Query, now: datetime = NOW, address: Address = ADDRESS) -> Feed:
    """Return the feed of a query."""
    return build_feed(store, Offer(query, address, timedelta(minutes=15)), now)


def test_a_feed_says_what_it_is(store: SqliteStore) -> None:
    """Title and subtitle are the filter in words, unless a title was given."""
    feed = build(store, parse_query([("q", "diffusion -medical"), ("min_upvotes", "20")]))
    assert feed.title == "Papers: “diffusion”, not “medical”, at least 20 upvotes"
    assert feed.subtitle == f"{feed.title}; newest in the feed first"
    named = build(store, parse_query([("title", "Mine"), ("sort", "upvotes")]))
    assert (named.title, named.subtitle) == ("Mine", "All papers; most upvotes first")


def test_a_feed_has_one_address_a_format(store: SqliteStore) -> None:
    """The same in all formats but for the suffix."""
    feed = build(store, Query())
    assert feed.home_url == "https://papers.example.org/feed?q=diffusion"
    assert feed.self_urls["atom"] == "https://papers.example.org/feed.atom?q=diffusion"


def test_the_id_of_a_feed_does_not_depend_on_its_host(store: SqliteStore) -> None:
    """It survives a move from http to https and to a new domain."""
    one, other = (
        build(store, Query(), address=Address(base, "feeds/all")) for base in ("http://a.org", "https://b.org/sub")
    )
    assert one.id == other.id
    assert one.id != build(store, Query(), address=Address("http://a.org", "feeds/other")).id


def test_the_time_of_a_feed_is_that_of_its_newest_entry(store: SqliteStore) -> None:
    """Never the clock; an empty feed is of the year 2000."""
    assert build(store, Query()).updated == datetime(2026, 1, 9, tzinfo=UTC)
    assert build(store, parse_query([("q", "absent")])).updated == BEGINNING


def test_a_span_counts_from_the_time_of_asking(store: SqliteStore) -> None:
    """``within=1d`` is everything since yesterday's midnight."""
    query = parse_query([("within", "1d")])
    assert len(build(store, query).entries) == 2
    assert len(build(store, query, datetime(2026, 1, 11, tzinfo=UTC)).entries) == 0


def test_an_unknown_name_gets_a_suggestion() -> None:
    """The nearest name, else all of them."""
    catalogue = Catalogue({"diffusion": Definition("diffusion", Query())}, moved={"diffuse": "diffusion"})
    assert definition_named(catalogue, "diffusion").name == "diffusion"
    with pytest.raises(UnknownFeedError, match="did you mean 'diffusion'"):
        definition_named(catalogue, "difuse")


def test_a_name_that_has_no_feed_any_more_tells_what_became_of_it() -> None:
    """It moved, and where to, or it is gone; the catalogue itself holds what is served."""
    diffusion = Definition("diffusion", Query())
    catalogue = Catalogue({"diffusion": diffusion}, moved={"flow": "diffusion"}, gone=frozenset({"gans"}))
    assert dict(catalogue) == {"diffusion": diffusion}
    with pytest.raises(MovedFeedError, match="'flow' has moved; it is named 'diffusion' now") as moved:
        definition_named(catalogue, "flow")
    assert moved.value.successor == "diffusion"
    with pytest.raises(GoneFeedError, match="'gans' is gone for good"):
        definition_named(catalogue, "gans")
