"""Discovery: the feeds that a page names, and the selectors that catch what it lists."""

import time
from dataclasses import dataclass

import pytest

from feedserver.errors import ListingError
from feedserver.sources import CURRENT, Answer
from feedserver.sources.discover import MOST_BYTES, Discovery, discover
from feedserver.sources.page import AnyPage
from feedserver.sources.proposals import Proposal
from tests.entries import CAPTURED, needs_captured
from tests.upstream import NOW

URL = "https://example.org/blog/"
HF_PAGE = CAPTURED.parent / "html" / "daily_2024-08-01.html"

AROUND = """<!doctype html><html lang="en"><head><title>A site</title></head><body>
<header><a href="/">Home of a site with a long name</a></header>
<nav class="main-menu"><ul><li><a href="/a">About all of us here</a></li><li><a href="/b">Blog of the company</a></li>
<li><a href="/c">Contact and directions</a></li><li><a href="/d">Downloads of all kinds</a></li></ul></nav>
{}
<footer><ul><li><a href="/legal">Legal notice and imprint</a></li><li><a href="/privacy">Privacy of visitors</a></li>
<li><a href="/cookies">Cookies and what they do</a></li></ul></footer></body></html>"""

TITLES = ("A Ladder of Small Steps", "Why Queues Are Never Empty", "On Reading Slowly", "Twelve Ways to Fail")


def look(body: str, url: str = URL) -> Discovery:
    """Look at what stands in the middle of a page."""
    return discover(AROUND.format(body).encode(), url, "text/html; charset=utf-8")


def best(body: str) -> Proposal:
    """Return the likeliest proposal for what stands in the middle of a page."""
    return look(body).proposals[0]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of page: how an entry is written, what is around all of them, and what is to be proposed."""

    entry: str
    around: str
    proposed: tuple[str, str, str, str | None, str | None]


LONG = "It says in many words what is said above, and why it took so long to find it out in the end."
KINDS = {
    "a blog's index": Kind(
        '<article class="post"><a href="/p/{0}"><img src="/i/{0}.png" alt=""></a><header><h2>'
        '<a href="/p/{0}">{1}</a></h2><time datetime="2026-01-0{0}">Jan {0}</time></header><p>{2} {0}</p>'
        '<a href="/p/{0}#more">Read more</a></article>',
        "<main><h1>Blog</h1>{}</main>",
        ("article", "h2", "h2 > a@href", "time@datetime", "p"),
    ),
    "a table of releases": Kind(
        '<tr><td><a href="/dl/{0}.tar.gz">tar.gz</a></td><td><a href="/r/{0}">{1}</a></td><td>2026-01-0{0}</td></tr>',
        '<main><table id="releases"><tr><th>File</th><th>Release</th><th>Date</th></tr>{}</table></main>',
        (
            "#releases > tr:has(a[href])", "> td:nth-of-type(2) > a", "> td:nth-of-type(2) > a@href",
            "> td:nth-of-type(3)", None,
        ),
    ),
    "a definition list": Kind(
        '<dt><a href="/w/{0}">{1}</a></dt><dd>{2} {0}</dd>',
        "<main><dl>{}</dl></main>",
        ("dt", "a", "a@href", None, "./following-sibling::dd[1]"),
    ),
    "cards with hashed classes": Kind(
        '<div class="css-1x{0}9ab Card_root__3xY{0}z flex p-4 md:w-1/2"><a class="css-9q8w7e" href="/c/{0}">'
        '<h3 class="Card_title__aB3x">{1}</h3></a><span class="css-77aa1{0}">January {0}, 2026</span></div>',
        '<main><div class="css-0grid grid gap-4">{}</div></main>',
        ("main > div > div", "h3", "a@href", "span", None),
    ),
    "a list of links": Kind(
        '<li><a href="/l/{0}">{1}</a></li>',
        '<main><ul class="links">{}</ul></main>',
        ("ul.links > li", "a", "a@href", None, None),
    ),
    "news with dates": Kind(
        '<div class="news-item"><div class="meta">0{0}.01.2026 | <a href="/topic/{0}">Topic</a></div>'
        '<div class="headline"><a href="/n/{0}">{1}</a></div><div class="teaser">{2} {0}</div></div>',
        '<div class="news">{}</div>',
        ("div.news-item", "div.headline > a", "div.headline > a@href", "div.meta", "div.teaser"),
    ),
    "links that hold all": Kind(
        '<a class="story" href="/s/{0}"><strong>{1}</strong><em>Jan 0{0}, 2026</em></a>',
        '<section id="stories">{}</section>',
        ("a.story", "strong", "@href", "em", None),
    ),
}  # fmt: skip


def written(kind: Kind) -> str:
    """Return the middle of a page of a kind."""
    return kind.around.format("".join(kind.entry.format(i, title, LONG) for i, title in enumerate(TITLES, 1)))


@pytest.mark.parametrize("name", KINDS)
def test_selectors_are_proposed_for_what_a_page_lists(name: str) -> None:
    kind = KINDS[name]
    found = best(written(kind))

    assert (found.entry, found.title, found.link, found.date, found.summary) == kind.proposed
    assert found.count == len(TITLES)


@pytest.mark.parametrize("name", KINDS)
def test_what_is_proposed_works(name: str) -> None:
    """A source made of it catches every entry, and refuses nothing."""
    body = written(KINDS[name])
    found = best(body)
    source = AnyPage(
        url=URL, entry=found.entry, title=found.title, link=found.link, date=found.date, summary=found.summary
    )
    listing = source.parse(Answer(AROUND.format(body).encode(), URL), CURRENT, NOW).listing

    assert [entry.title for entry in listing.entries] == list(TITLES)
    assert listing.refused == ()
    assert len({entry.links.page for entry in listing.entries}) == len(TITLES)
    if found.date:
        assert [entry.published.day for entry in listing.entries] == [1, 2, 3, 4]
    if found.summary:
        assert [entry.summary for entry in listing.entries] == [f"{LONG} {i}" for i in range(1, 5)]


def test_what_is_around_the_page_weighs_less_than_what_is_on_it() -> None:
    short = "".join(f'<li><a href="/s/{i}">Note {i}</a></li>' for i in range(4))

    assert best(f"<main><ul class=notes>{short}</ul></main>").entry == "ul.notes > li"
    assert len(look(written(KINDS["a blog's index"])).proposals) == 1


def test_what_stands_between_entries_is_none_of_them() -> None:
    story = '<div class="story"><h3><a href="/s/{0}">Story of number {0}</a></h3><time>2026-01-0{0}</time></div>'
    advert = '<div class="advert"><a href="/buy/{0}">Buy something for {0}</a></div>'
    body = "".join(story.format(i) + (advert.format(i) if i > 1 else "") for i in range(1, 7))

    assert (best(f"<main>{body}</main>").entry, best(f"<main>{body}</main>").count) == ("div.story", 6)


def test_entries_of_several_categories_are_one_list() -> None:
    post = '<div class="post category-{1}"><h3><a href="/s/{0}">Story of number {0}</a></h3></div>'
    body = "".join(post.format(i, ("news", "blog", "talk")[i % 3]) for i in range(6))

    assert (best(f"<main>{body}</main>").entry, best(f"<main>{body}</main>").count) == ("div.post", 6)


def test_an_entry_is_all_that_belongs_to_it() -> None:
    """Here, the date stands outside what looks most like an entry."""
    row = '<div class="row-entry"><article><h3><a href="/s/{0}">Story of number {0}</a></h3></article>{1}</div>'
    body = "".join(row.format(i, f"<time>2026-01-0{i}</time>" if i < 4 else "") for i in range(1, 6))
    found = best(f"<main>{body}</main>")

    assert (found.entry, found.date, found.count) == ("main > div", "time", 5)


def test_a_page_that_lists_nothing_has_no_proposal() -> None:
    assert discover(b"<p>Hello, <a href=/x>you</a>", URL) == Discovery((), ())


def test_entries_in_several_sections_are_one_list() -> None:
    story = '<li class="story"><a href="/{}">{}</a></li>'
    day = f'<section><h2>{{}}</h2><ul class="day">{story}{story}</ul></section>'
    body = "<main>" + "".join(
        day.format(f"Day {i}", f"a{i}", f"The first story of day {i}", f"b{i}", f"The second story of day {i}")
        for i in range(1, 4)
    )

    assert (best(body).entry, best(body).count) == ("li.story", 6)


@needs_captured
def test_a_real_page_of_cards_is_seen_through() -> None:
    found = discover(HF_PAGE.read_bytes(), "https://huggingface.co/papers").proposals[0]

    assert (found.entry, found.title, found.link, found.count) == ("article", "h3", "h3 > a@href", 13)
    assert found.titles[0] == "The Llama 3 Herd of Models"


def test_declared_feeds_come_first_then_links_then_feeds_of_comments() -> None:
    page = """<html><head><base href="https://example.org/">
      <link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/">
      <link rel="alternate" type="application/rss+xml; charset=utf-8" title="Posts" href="/feed/">
      <link rel="ALTERNATE home" type="application/atom+xml" href="atom.xml">
      <link rel="alternate" type="application/feed+json" href="/feed.json">
      <link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/7">
      <link rel="alternate" hreflang="de" href="/de/"><link rel="stylesheet" type="text/css" href="/rss.css">
      </head><body><a href="/feed">RSS</a> <a href="https://other.example/blog/index.xml">Elsewhere</a>
      <a href="/?feed=rss2">x</a> <a href="/subscribe">Atom feed</a> <a href="/rss.png">RSS</a>
      <a href="/p/7">Our RSS reader has moved to another place</a>
      <a href="/feedback">Say</a>
      <a href="/about-rss.html">RSS</a> <a href="javascript:rss()">RSS</a> <a href="/sitemap.xml">Map</a>"""
    feeds = discover(page.encode(), "http://example.org/x/y").feeds

    assert [feed.url for feed in feeds] == [
        "https://example.org/atom.xml",
        "https://example.org/feed/",
        "https://example.org/feed.json",
        "https://other.example/blog/index.xml",
        "https://example.org/?feed=rss2",
        "https://example.org/subscribe",
        "https://example.org/comments/feed/",
    ]
    assert (feeds[1].title, feeds[1].media_type) == ("Posts", "application/rss+xml")


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>',
        b'<?xml version="1.0"?>\n<!-- x --><feed xmlns="http://www.w3.org/2005/Atom"/>',
        b'<rdf:RDF xmlns="http://purl.org/rss/1.0/"/>',
        b'{"version": "https://jsonfeed.org/version/1.1", "items": []}',
    ],
)
def test_a_feed_is_found_to_be_one(body: bytes) -> None:
    found = discover(body, "https://example.org/feed", "application/xml; charset=utf-8")

    assert [(feed.url, feed.media_type) for feed in found.feeds] == [("https://example.org/feed", "application/xml")]
    assert found.proposals == ()


def test_too_large_a_page_is_not_looked_at() -> None:
    with pytest.raises(ListingError, match="a page of 5000001 bytes, more than 5000000"):
        discover(b" " * (MOST_BYTES + 1), URL)


HUGE = {
    "many entries": "<ul>" + '<li class="p"><h2><a href="/p">A post</a></h2><p>words</p></li>' * 12_000,
    "many shapes": "".join(
        f'<div class="c{chr(97 + i % 26)}">{"<span>" * (i % 20)}<a href="/{i}">Post {i}</a>{"</span>" * (i % 20)}</div>'
        for i in range(5_000)
    ),
    "great depth": ("<div>" * 200 + '<a href="/x">x</a>' + "</div>" * 200) * 300,
    "one entry of all": "<li>" + '<a href="/x">A link of some words</a> <b>2026-01-05</b>' * 25_000,
    "deep lists": '<ul><li><a href="/x">A link of some words</a>' * 20_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_page_takes_seconds_of_work_at_most(name: str) -> None:
    started = time.process_time()
    discover(HUGE[name].encode(), URL)

    assert time.process_time() - started < 15
