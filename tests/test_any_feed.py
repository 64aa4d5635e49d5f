"""The source feed: every kind of feed, and every trap in one -> a Listing, or the reason why not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from feedserver.errors import ListingError
from feedserver.identity import title_name
from feedserver.model import Entry, Links, Listing, Refusal
from feedserver.render import RENDERERS, render
from feedserver.sources.base import CURRENT, Answer
from feedserver.sources.document import LARGEST
from feedserver.sources.feed import MOST_ENTRIES, AnyFeed, looks_like_feed, read_saved_feed
from feedserver.sources.feed_element import LONGEST_HTML, LONGEST_SUMMARY, LONGEST_TITLE
from tests.test_render import assert_valid, make_feed

NOW = datetime(2026, 1, 9, 12, 30, 15, tzinfo=UTC)
ADDRESS = "https://blog.example.org/feeds/all.xml"
SOURCE = AnyFeed(ADDRESS, name="blog")
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)
LINK = "<link>https://blog.example.org/a</link>"


def rss(*items: str, head: str = "", channel: str = "<link>https://blog.example.org/</link>") -> str:
    """Return an RSS feed of items, written as what is in them."""
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f'{head}<rss version="2.0" {NAMESPACES}><channel><title>Blog</title>{channel}{inner}</channel></rss>'


def atom(*entries: str, feed: str = "") -> str:
    """Return an Atom feed of entries, written as what is in them."""
    inner = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title>{feed}{inner}</feed>'


def json_feed(*items: Any, **feed: Any) -> str:
    """Return a JSON Feed."""
    known = {"version": "https://jsonfeed.org/version/1.1", "title": "Blog", "items": items}
    return msgspec.json.encode(known | feed).decode()


def parse(document: str | bytes, content_type: str = "", url: str = ADDRESS) -> Listing:
    """Parse a feed as it came from its address."""
    body = document if isinstance(document, bytes) else document.encode()
    return SOURCE.parse(Answer(body, url, content_type), CURRENT, NOW).listing


def entry_of(document: str | bytes, **known: Any) -> Entry:
    """Parse a feed of one entry."""
    (entry,) = parse(document, **known).entries
    return entry


EXPECTED = Entry(
    id="tag:blog.example.org,2026:a",
    title="Faster & smaller",
    summary="How it was done.",
    links=Links("https://blog.example.org/a"),
    published=datetime(2026, 1, 7, 8, 30, tzinfo=UTC),
    listed=datetime(2026, 1, 7, tzinfo=UTC),
    first_seen=NOW,
    updated=datetime(2026, 1, 7, tzinfo=UTC),
    modified=NOW,
    sources=("blog",),
    authors=("Ann Lee", "Bo Day"),
    categories=("speed", "size"),
    thumbnail="https://blog.example.org/a.png",
    media=("https://blog.example.org/a.mp3",),
    html="<p>How it was <b>done</b>.</p>",
    aliases=("https://blog.example.org/a",),
)
KINDS = {
    "RSS 2.0": rss(
        "<title>Faster &amp;amp; smaller</title><link>/a</link>"
        '<guid isPermaLink="false">tag:blog.example.org,2026:a</guid>'
        "<description>&lt;p&gt;How it was &lt;b&gt;done&lt;/b&gt;.&lt;/p&gt;</description>"
        "<dc:creator>Ann Lee</dc:creator><dc:creator>Bo Day</dc:creator>"
        "<category>speed</category><category>size</category>"
        "<pubDate>Wed, 07 Jan 2026 09:30:00 +0100</pubDate><media:thumbnail url='/a.png'/>"
        "<enclosure url='https://blog.example.org/a.mp3' type='audio/mpeg' length='7'/>"
    ),
    "Atom 1.0": atom(
        "<title type='html'>Faster &amp;amp; smaller</title><link href='/a'/><id>tag:blog.example.org,2026:a</id>"
        "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>How it was <b>done</b>.</p></div></content>"
        "<author><name>Ann Lee</name></author><author><name>Bo Day</name><email>bo@example.org</email></author>"
        "<category term='speed'/><category term='size'/><published>2026-01-07T08:30:00Z</published>"
        "<updated>2026-01-08T08:30:00Z</updated><link rel='enclosure' type='audio/mpeg' href='/a.mp3'/>"
        "<thumbnail xmlns='http://search.yahoo.com/mrss/' url='/a.png'/>"
    ),
    "Atom 0.3": "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title mode='escaped' type='text/html'>"
    "Faster &amp;amp; smaller</title><link rel='alternate' type='text/html' href='/a'/>"
    "<id>tag:blog.example.org,2026:a</id>"
    "<content type='text/html' mode='escaped'>&lt;p&gt;How it was &lt;b&gt;done&lt;/b&gt;.&lt;/p&gt;</content>"
    "<author><name>Ann Lee</name></author><author><name>Bo Day</name></author>"
    f"<subject xmlns='{(DC := 'http://purl.org/dc/elements/1.1/')}'>speed</subject><subject xmlns='{DC}'>size</subject>"
    "<issued>2026-01-07T08:30:00Z</issued><link rel='enclosure' href='/a.mp3'/>"
    "<thumbnail xmlns='http://search.yahoo.com/mrss/' url='/a.png'/></entry></feed>",
    "RSS 1.0": "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' "
    f"{NAMESPACES}><channel><title>Blog</title><link>https://blog.example.org/</link></channel>"
    "<item rdf:about='tag:blog.example.org,2026:a'><title>Faster &amp;amp; smaller</title>"
    f"{LINK}<content:encoded><![CDATA[<p>How it was <b>done</b>.</p>]]></content:encoded>"
    "<dc:creator>Ann Lee</dc:creator><dc:creator>Bo Day</dc:creator><dc:date>2026-01-07T09:30:00+01:00</dc:date>"
    "<dc:subject>speed</dc:subject><dc:subject>size</dc:subject><media:content url='/a.mp3' type='audio/mpeg'/>"
    "<media:thumbnail url='/a.png'/></item></rdf:RDF>",
    "JSON Feed 1.1": json_feed(
        {
            "id": "tag:blog.example.org,2026:a", "url": "/a", "title": "Faster & smaller", "image": "/a.png",
            "content_html": "<p>How it was <b>done</b>.</p>", "authors": [{"name": "Ann Lee"}, {"name": "Bo Day"}],
            "tags": ["speed", "size"], "date_published": "2026-01-07T09:30:00.250+01:00",
            "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg"}],
        }
    ),
    "JSON Feed 1.0": json_feed(
        {
            "id": "tag:blog.example.org,2026:a", "external_url": "https://blog.example.org/a",
            "title": "Faster & smaller", "content_html": "<p>How it was <b>done</b>.</p>",
            "author": {"name": "Ann Lee", "url": "https://a.example.org"},
            "date_modified": "2026-01-07T08:30:00Z", "banner_image": "/a.png", "tags": ["speed", "size"],
            "attachments": [{"url": "/a.mp3"}],
        },
        version="https://jsonfeed.org/version/1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_feed_says_the_same(kind: str) -> None:
    """An element with all there is becomes the same entry."""
    expected = replace(EXPECTED, authors=("Ann Lee",)) if kind == "JSON Feed 1.0" else EXPECTED
    assert entry_of(KINDS[kind]) == expected
    assert looks_like_feed(KINDS[kind].encode())


@pytest.mark.parametrize("format_name", RENDERERS)
def test_an_entry_of_a_blog_goes_out_valid_and_names_no_discussion(format_name: str) -> None:
    """Where its page is a place within one: an address has one fragment (RFC 3986, 3.5)."""
    entry = entry_of(rss("<title>A</title><link>https://blog.example.org/news#a</link>"))
    document = render(RENDERERS[format_name], make_feed(entry))
    assert_valid(format_name, document)
    assert b"#community" not in document


@pytest.mark.parametrize("version", ["0.91", "0.92", "2.0", "3.0", ""])
def test_an_rss_feed_of_any_version_is_read(version: str) -> None:
    """Of 0.91, an element may have a title and a link alone."""
    document = f"<rss version='{version}'><channel><item><title>A</title>{LINK}</item></channel></rss>"
    assert entry_of(document).id == "https://blog.example.org/a"


def test_a_default_namespace_makes_no_other_document_of_rss() -> None:
    """Some programs declare one, for elements of their own."""
    document = rss("<item><title>A</title><link>https://blog.example.org/a</link></item>")
    spoiled = document.replace("<rss ", '<rss xmlns="com-wordpress:feed-additions:1" ', 1)
    assert spoiled != document
    assert [entry.title for entry in parse(spoiled).entries] == ["A"]


def test_the_source_asks_for_its_address_and_reads_one_page() -> None:
    """Every hour, unless that is set; what leaves the window is not gone."""
    page = SOURCE.parse(Answer(rss().encode(), ADDRESS), CURRENT, NOW)

    assert SOURCE.request(CURRENT).url == ADDRESS
    assert "application/feed+json" in SOURCE.request(CURRENT).headers["Accept"]
    assert (SOURCE.every, AnyFeed(ADDRESS, timedelta(minutes=30)).every) == (timedelta(hours=1), timedelta(minutes=30))
    assert page.next is None
    assert page.listing == Listing("blog", CURRENT, NOW, ())
    assert not page.listing.whole


def test_a_saved_feed_is_read_without_its_address() -> None:
    """Relative addresses are relative to what the feed says of itself; its age is not known."""
    told = "<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='self' href='https://blog.example.org/feed'/>"
    listing = read_saved_feed(rss("<title>A</title><link>a</link>", channel=told).encode(), NOW)

    assert listing.captured
    assert (listing.source, listing.entries[0].sources) == ("import", ("import",))
    assert listing.entries[0].links.page == "https://blog.example.org/a"


IDS = {
    "an absolute address": ("<guid>https://blog.example.org/?p=7</guid>", "https://blog.example.org/?p=7"),
    "an urn": ("<guid>urn:isbn:9780131103627</guid>", "urn:isbn:9780131103627"),
    "a number": ('<guid isPermaLink="false">7</guid>', "https://blog.example.org/a"),
    "a scheme of its own": ("<guid isPermaLink='false'>yt:video:7</guid>", "yt:video:7"),
    "a scheme of anybody": ("<guid isPermaLink='false'>post:7</guid>", "https://blog.example.org/a"),
    "words": ('<guid isPermaLink="false">7 at https://blog.example.org</guid>', "https://blog.example.org/a"),
    "braces": ('<guid isPermaLink="false">urn:{a}</guid>', "https://blog.example.org/a"),
    "a broken encoding": ('<guid isPermaLink="false">tag:a,2026:%zz</guid>', "https://blog.example.org/a"),
    "what a browser would run": ('<guid isPermaLink="false">javascript:alert(1)</guid>', "https://blog.example.org/a"),
    "no host": ('<guid isPermaLink="false">https:///a</guid>', "https://blog.example.org/a"),
    "nothing": ("<guid> </guid>", "https://blog.example.org/a"),
    "none": ("", "https://blog.example.org/a"),
    "far too long": (f'<guid isPermaLink="false">tag:a,2026:{"a" * 1000}</guid>', "https://blog.example.org/a"),
}  # fmt: skip


@pytest.mark.parametrize("case", IDS)
def test_the_id_is_upstreams_own_where_that_can_be_one(case: str) -> None:
    """An absolute IRI (RFC 4287, 4.2.6); else the link."""
    guid, expected = IDS[case]
    entry = entry_of(rss(f"<title>A</title>{LINK.replace('https://', 'http://www.')}{guid}"))

    assert entry.id == expected
    assert entry.aliases == ("https://blog.example.org/a",)


def test_without_a_link_an_id_is_made_that_stays_the_same() -> None:
    """Of the guid, else of the title, else of the text; another feed's is another one."""
    for item in (
        '<guid isPermaLink="false">7</guid><title>A</title>',
        "<title>A</title>",
        "<description>A</description>",
    ):
        entry = entry_of(rss(item))
        assert entry.id.startswith("urn:uuid:")
        assert entry_of(rss(item)).id == entry.id
        assert replace(SOURCE, url="https://other.example.org/").parse(
            Answer(rss(item).encode()), CURRENT, NOW
        ).listing.entries[0].id != entry.id  # fmt: skip
        assert (entry.aliases, entry.links.page) == ((), "https://blog.example.org/")


def test_a_feed_that_moved_has_the_same_ids_and_links_of_its_new_place() -> None:
    """What is asked for stays what its entries are known by."""
    item = json_feed({"id": 7, "title": "A"}, {"id": 8, "title": "B", "url": "/b"})
    one, other = parse(item, url="https://new.example.org/feed.json").entries
    assert one.id == parse(item).entries[0].id
    assert other.links.page == "https://new.example.org/b"


def test_a_link_that_several_elements_share_names_none_of_them() -> None:
    """As in feeds whose entries all lead to the front page."""
    pages = rss(*(f"<title>{title}</title><link>https://blog.example.org/news</link>" for title in ("A", "B")))
    fronts = rss("<title>A</title><link>https://blog.example.org</link>")

    one, other = parse(pages).entries
    assert one.id != other.id
    assert (one.aliases, other.aliases, entry_of(fronts).aliases) == ((), (), ())
    assert len(parse(rss(*(["<title>A</title>" + LINK] * 2))).entries) == 1


@pytest.mark.parametrize(
    "item",
    [
        "<link>http://arxiv.org/abs/2010.02502v4</link>",
        '<link>https://blog.example.org/a</link><guid isPermaLink="false">oai:arXiv.org:2010.02502v1</guid>',
        "<guid>https://huggingface.co/papers/2010.02502</guid>",
    ],
)
def test_an_entry_that_leads_to_a_paper_is_that_paper(item: str) -> None:
    """By its link or its guid."""
    entry = entry_of(rss(f"<title>Implicit Models</title>{item}"))

    assert entry.id == entry.links.arxiv == "https://arxiv.org/abs/2010.02502"
    assert entry.links.pdf == "https://arxiv.org/pdf/2010.02502"
    assert entry.aliases == (title_name("implicit models"),)


LINKS = {
    "a permanent guid": ("<guid>https://blog.example.org/b</guid>", "https://blog.example.org/b"),
    "feedburner's original": (
        "<link>https://feeds.example.org/~r/1</link><feedburner:origLink>https://blog.example.org/b</feedburner:origLink>",
        "https://blog.example.org/b",
    ),
    "relative to the feed": ("<link>../b?c=1&amp;d=2</link>", "https://blog.example.org/b?c=1&d=2"),
    "relative to xml:base": ('<link xml:base="https://b.example.org/x/">c</link>', "https://b.example.org/x/c"),
    "white space": ("<link>\n https://blog.example.org/b \n</link>", "https://blog.example.org/b"),
    "blanks within": ("<link>https://blog.example.org/b c</link>", "https://blog.example.org/b%20c"),
    "brackets and the like": (
        "<link>/b[1]?c=[2]&amp;d=100%#e#f</link>",
        "https://blog.example.org/b%5B1%5D?c=%5B2%5D&d=100%25#e%23f",
    ),
    "an empty port": ("<link>https://b.example.org:/c</link>", "https://b.example.org/c"),
    "no address": ("<link>javascript:alert(1)</link>", "https://blog.example.org/"),
    "a file": ("<link>file:///etc/passwd</link>", "https://blog.example.org/"),
    "a broken address": ("<link>https://[b</link>", "https://blog.example.org/"),
    "a podcast": (
        "<enclosure url='https://cdn.example.org/1.mp3' type='audio/mpeg'/>",
        "https://cdn.example.org/1.mp3",
    ),
    "none": ("", "https://blog.example.org/"),
}


@pytest.mark.parametrize("case", LINKS)
def test_an_entry_leads_to_its_page(case: str) -> None:
    """Absolute, http or https; at worst to the page of the feed."""
    item, expected = LINKS[case]
    assert entry_of(rss(f"<title>A</title>{item}")).links.page == expected


def test_an_atom_link_is_the_alternate_one() -> None:
    """Whichever comes first; without one, the id leads there (RFC 4287, 4.2.7.2)."""
    rels = "".join(f"<link rel='{rel}' href='/{rel}'/>" for rel in ("related", "edit", "self", "alternate", "replies"))
    assert entry_of(atom(f"<id>urn:a:b</id><title>A</title>{rels}")).links.page == "https://blog.example.org/alternate"
    pdf = "<link rel='alternate' type='application/pdf' href='/a.pdf'/>"
    assert entry_of(atom(f"<id>urn:a:b</id><title>A</title>{pdf}")).links.page == "https://blog.example.org/a.pdf"
    assert entry_of(atom("<id>https://blog.example.org/i</id><title>A</title>")).links.page.endswith("/i")


DATES = {  # what a feed says -> published, listed
    "a zone": ("<pubDate>Wed, 07 Jan 2026 23:30:00 -0500</pubDate>", "2026-01-08T04:30:00", "2026-01-08"),
    "a name of a zone": ("<pubDate>Wed, 07 Jan 2026 20:30:00 EST</pubDate>", "2026-01-08T01:30:00", "2026-01-08"),
    "no zone": ("<pubDate>Wed, 07 Jan 2026 23:30:00</pubDate>", "2026-01-07T23:30:00", "2026-01-07"),
    "a date alone": ("<dc:date>2026-01-07</dc:date>", "2026-01-07T00:00:00", "2026-01-07"),
    "years ago": ("<pubDate>Mon, 02 Jan 2023 10:00:00 GMT</pubDate>", "2023-01-02T10:00:00", "2023-01-02"),
    "an update alone": ("<dc:date>2026-01-07T10:00:00Z</dc:date>", "2026-01-07T10:00:00", "2026-01-07"),
    "both": (
        "<dc:date>2026-01-08T10:00:00Z</dc:date><pubDate>Wed, 07 Jan 2026 10:00:00 GMT</pubDate>",
        "2026-01-07T10:00:00", "2026-01-07",
    ),
    "the future": ("<pubDate>Sat, 07 Jan 2045 10:00:00 GMT</pubDate>", "2026-01-09T12:30:15", "2026-01-09"),
    "no year": ("<pubDate>Sat, 07 Jan 0000 10:00:00 GMT</pubDate>", "2026-01-09T12:30:15", "2026-01-09"),
    "year one": ("<dc:date>0001-01-01T00:00:00Z</dc:date>", "2026-01-09T12:30:15", "2026-01-09"),
    "the epoch": ("<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>", "2026-01-09T12:30:15", "2026-01-09"),
    "no date": ("<pubDate>soon</pubDate>", "2026-01-09T12:30:15", "2026-01-09"),
    "none": ("", "2026-01-09T12:30:15", "2026-01-09"),
}  # fmt: skip


@pytest.mark.parametrize("case", DATES)
def test_an_entry_is_listed_on_the_day_of_its_publication(case: str) -> None:
    """So that what is old when a feed is added does not look new; never in the future."""
    dates, published, listed = DATES[case]
    entry = entry_of(rss(f"<title>A</title>{LINK}{dates}"))

    assert entry.published == datetime.fromisoformat(f"{published}Z")
    assert entry.listed == entry.updated == datetime.fromisoformat(f"{listed}T00:00:00Z")


TITLES = {
    "plain": (rss(f"<title>A &amp; B</title>{LINK}"), "A & B"),
    "HTML": (rss(f"<title>&lt;b&gt;A&lt;/b&gt; &amp;amp; B</title>{LINK}"), "A & B"),
    "CDATA": (rss(f"<title><![CDATA[A <i>fine</i> B]]></title>{LINK}"), "A fine B"),
    "no HTML": (rss(f"<title>p &lt; 0.05 &amp; t &gt; 0</title>{LINK}"), "p < 0.05 & t > 0"),
    "a tag as text": (atom("<id>urn:a:b</id><title>Use of &lt;b&gt;</title><link href='/a'/>"), "Use of <b>"),
    "entities once": (rss(f"<title>&amp;amp;lt;b&amp;amp;gt;</title>{LINK}"), "&lt;b&gt;"),
    "white space": (rss(f"<title>\n A\n\tB </title>{LINK}"), "A B"),
    "XHTML": (
        atom("<id>urn:a:b</id><title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>A <em>B</em></div></title>"
             "<link href='/a'/>"),
        "A B",
    ),
    "another title in the media": (rss(f"<title>A</title>{LINK}<media:title>B</media:title>"), "A"),
    "first words": (rss(f"<description>{'word ' * 40}</description>{LINK}"), ("word " * 15) + "…"),
    "first words of HTML": (rss(f"<description>&lt;p&gt;Hello&lt;/p&gt;&lt;p&gt;you</description>{LINK}"), "Hello you"),
    "no word at all": (rss(LINK), "https://blog.example.org/a"),
    "JSON": (json_feed({"id": 7, "url": "https://blog.example.org/a", "title": "A <b> & B"}), "A <b> & B"),
    "half an emoji": (json_feed({"id": 7, "url": "/a", "title": "A B"}).replace("A B", "A \\ud83d B"), "A B"),
    "too long": (rss(f"<title>{'word ' * 200}</title>{LINK}"), ("word " * 99) + "…"),
}  # fmt: skip


@pytest.mark.parametrize("case", TITLES)
def test_a_title_is_plain_text(case: str) -> None:
    """HTML is stripped where it is HTML, and references are resolved once; without a title, the first words are it."""
    document, expected = TITLES[case]
    assert entry_of(document).title == expected
    assert len(expected) <= LONGEST_TITLE


def described(html: str, more: str = "") -> Entry:
    """Return the entry with an HTML description."""
    return entry_of(rss(f"<title>A</title>{LINK}<description><![CDATA[{html}]]></description>{more}"))


@pytest.mark.parametrize(
    "html", ["Words", "<p>Words</p>", "<div><p>Words</p>\n</div>", "<p>Words<br></p>", "<script>x</script>Words"]
)
def test_html_that_says_no_more_than_its_words_is_not_kept(html: str) -> None:
    """One paragraph without anything in it."""
    assert (described(html).summary, described(html).html) == ("Words", None)


@pytest.mark.parametrize(
    "html", ["<p>W</p><p>X</p>", "W <b>X</b>", "<p>W</p><img src='https://a.example.org/x.png' alt=''>"]
)
def test_html_that_says_more_is_kept(html: str) -> None:
    """Paragraphs, emphasis, images, links."""
    assert described(html).html is not None


def test_addresses_in_html_are_absolute() -> None:
    """Relative to xml:base where there is one (RFC 4287, 2), else to the feed."""
    content = "<content type='html'{}>&lt;img src='b.png' alt='x'&gt;</content>"
    for base, expected in (
        ("", "https://blog.example.org/feeds/b.png"),
        (" xml:base='/x/y'", "https://blog.example.org/x/b.png"),
    ):
        entry = entry_of(atom(f"<id>urn:a:b</id><title>A</title><link href='/a'/>{content.format(base)}"))
        assert entry.html == f'<img src="{expected}" alt="x">'


def test_content_goes_before_a_description_and_what_is_too_long_is_left_out() -> None:
    """The description takes its place where it is short enough."""
    content = "<content:encoded><![CDATA[<p>All <b>of</b> it</p>]]></content:encoded>"
    assert described("<b>A teaser</b>", content).html == "<p>All <b>of</b> it</p>"
    assert described("<b>A teaser</b>", content).summary == "All of it"
    long = content.replace("All", "word " * (LONGEST_HTML // 5))
    assert described("<b>A teaser</b>", long).html == "<b>A teaser</b>"
    alone = described("", long)
    assert alone.html is None
    assert len(alone.summary) <= LONGEST_SUMMARY
    assert alone.summary.endswith("word …")


def test_the_summary_is_cut_at_the_end_of_a_word_and_the_html_is_not() -> None:
    """Two thousand characters at most."""
    entry = described("<p>" + "word " * 1000 + "</p>")
    assert 1_990 < len(entry.summary) <= LONGEST_SUMMARY
    assert entry.summary.endswith("word …")
    assert entry.html is not None
    assert entry.html.count("word") == 1000


def test_text_content_is_not_taken_for_html() -> None:
    """``p < 0.05`` in Atom and JSON."""
    for document in (
        atom("<id>urn:a:b</id><title>A</title><link href='/a'/><content>p &lt;b&gt; 0.05</content>"),
        json_feed({"id": "urn:a:b", "title": "A", "url": "/a", "content_text": "p <b> 0.05"}),
    ):
        assert (entry_of(document).summary, entry_of(document).html) == ("p <b> 0.05", None)


def test_of_two_contents_the_html_is_taken() -> None:
    """Whichever comes first."""
    contents = "<content>Plain words</content>", "<content type='html'>&lt;b&gt;Marked&lt;/b&gt; words</content>"
    for given in (contents, contents[::-1]):
        document = atom(f"<id>urn:a:b</id><title>A</title><link href='/a'/>{''.join(given)}")
        assert entry_of(document).html == "<b>Marked</b> words"


def test_a_date_as_in_mail_is_read_in_json_too() -> None:
    """As some write it, against the standard."""
    item = {"id": 7, "url": "/a", "date_published": "Wed, 07 Jan 2026 01:30:00 -0700"}
    assert entry_of(json_feed(item)).published == datetime(2026, 1, 7, 8, 30, tzinfo=UTC)


def test_content_of_other_kinds_is_passed_over() -> None:
    """A picture in base64, or a file elsewhere (RFC 4287, 4.1.3.3)."""
    for content in ("<content type='image/png'>iVBORw0KGgo=</content>", "<content type='video/mp4' src='/film'/>"):
        entry = entry_of(atom(f"<id>urn:a:b</id><title>A</title><link href='/a'/>{content}<summary>Words</summary>"))
        assert entry.summary == "Words"


@pytest.mark.parametrize(
    ("item", "authors"),
    [
        ("<author>ann@example.org (Ann Lee)</author>", ("Ann Lee",)),
        ("<author>Ann Lee &lt;ann@example.org&gt;</author>", ("Ann Lee",)),
        ("<author>ann@example.org</author>", ()),
        (
            "<dc:creator>Ann Lee</dc:creator><dc:creator>Ann Lee</dc:creator><dc:creator>Bo</dc:creator>",
            ("Ann Lee", "Bo"),
        ),
        ("<dc:creator><![CDATA[ Ann  Lee ]]></dc:creator>", ("Ann Lee",)),
        ("<itunes:author>Ann Lee</itunes:author>", ("Ann Lee",)),
        ("<author/>", ()),
    ],
)
def test_authors_are_names_and_no_mail_addresses(item: str, authors: tuple[str, ...]) -> None:
    """In all the forms that RSS has for them."""
    assert entry_of(rss(f"<title>A</title>{LINK}{item}")).authors == authors


def test_a_mail_address_within_a_name_is_left_out() -> None:
    """In JSON too, where feedparser does not look for it."""
    names = ("Ann Lee <ann@example.org>", "bo@example.org (Bo Day)", "mailto:cy@example.org", "Ann Lee")
    entry = entry_of(json_feed({"id": 7, "url": "/a", "authors": [{"name": name} for name in names]}))
    assert entry.authors == ("Ann Lee", "Bo Day")


def test_the_author_of_an_atom_feed_is_the_author_of_its_entries() -> None:
    """Of those that name none (RFC 4287, 4.1.2)."""
    author = "<author><name>Ann Lee</name></author>"
    assert entry_of(atom("<id>urn:a:b</id><title>A</title><link href='/a'/>", feed=author)).authors == ("Ann Lee",)


def test_pictures_are_thumbnails() -> None:
    """A thumbnail goes before a picture among the media, and that before a podcast's."""
    items = (
        "<media:thumbnail url='/t.png'/><enclosure url='/e.png' type='image/png'/>",
        "<enclosure url='/e.png' type='image/png'/>",
        "<media:content url='/m' medium='image'/>",
        "<itunes:image href='/i.png'/>",
        "<enclosure url='/e.mp3' type='audio/mpeg'/>",
        "<media:thumbnail url='data:image/png;base64,AAAA'/>",
    )
    found = [entry_of(rss(f"<title>A</title>{LINK}{item}")).thumbnail for item in items]
    assert found == [f"https://blog.example.org/{name}" for name in ("t.png", "e.png", "m", "i.png")] + [None, None]


@pytest.mark.parametrize(
    ("content_type", "declared", "encoding", "mark"),
    [
        ("", "iso-8859-1", "iso-8859-1", b""),
        ("", "windows-1252", "windows-1252", b""),
        ("", "", "utf-8", b""),
        ("", "", "windows-1252", b""),
        ("text/xml", "iso-8859-1", "iso-8859-1", b""),
        ("text/xml; charset=iso-8859-1", "utf-8", "iso-8859-1", b""),
        ("application/xml; charset=utf-8", "iso-8859-1", "utf-8", b""),
        ("application/rss+xml; charset=utf-8", "iso-8859-1", "iso-8859-1", b""),
        ("application/xml; charset=iso-8859-1", "iso-8859-1", "utf-8", b"\xef\xbb\xbf"),
        ("text/xml; charset=us-ascii", "utf-16", "utf-16-le", b"\xff\xfe"),
        ("", "utf-16", "utf-16-be", b"\xfe\xff"),
        ("", "utf-16", "utf-16-le", b""),
        ("text/xml; charset=unheard-of", "", "utf-8", b""),
        ("text/xml; charset=punycode", "unicode_escape", "utf-8", b""),
        ("", "koi8-r", "koi8-r", b""),
        ("", "shift_jis", "shift_jis", b""),
        ("", "gb2312", "gb18030", b""),
    ],
)
def test_the_encoding_follows_the_rules(content_type: str, declared: str, encoding: str, mark: bytes) -> None:
    """Byte order mark, charset, declaration, UTF-8 (RFC 7303, 3); where it is wrong, what can be is read."""
    title = {"koi8-r": "Новости", "shift_jis": "ニュース", "gb18030": "新闻"}.get(encoding, "Café élan")
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = mark + rss(f"<title>{title}</title>{LINK}", head=head).encode(encoding)

    assert looks_like_feed(body)
    assert entry_of(body, content_type=content_type).title == title


def test_what_is_no_encoding_of_text_is_not_used() -> None:
    """Python knows encodings that change what is written, or take quadratic time."""
    for name in ("unicode_escape", "raw_unicode_escape", "punycode", "utf-7", "rot13", "zlib"):
        body = rss(f"<title>\\x41 +AGE- b-c</title>{LINK}", head=f'<?xml version="1.0" encoding="{name}"?>')
        assert entry_of(body, content_type=f"text/xml; charset={name}").title == "\\x41 +AGE- b-c"


BROKEN = {
    "an ampersand": rss(f"<title>R & D</title>{LINK}"),
    "a reference of HTML": rss(f"<title>R&nbsp;&amp;&nbsp;D</title>{LINK}"),
    "a reference to nothing": rss(f"<title>R &amp; D</title>{LINK}<category>&nothing;</category>"),
    "a control character": rss(f"<title>R &amp; D&#x1f;</title>{LINK}"),
    "cut off": rss(f"<title>R &amp; D</title>{LINK}").replace("</item></channel></rss>", ""),
    "a prefix that is not declared": rss(f"<title>R &amp; D</title>{LINK}<slash:comments>7</slash:comments>"),
    "tags that cross": rss(f"<title>R &amp; D</title>{LINK}<description><b>a</i></description>"),
    "more after the end": rss(f"<title>R &amp; D</title>{LINK}") + "<p>Bye</p>",
}


@pytest.mark.parametrize("case", BROKEN)
def test_of_a_broken_feed_is_kept_what_can_be_read(case: str) -> None:
    """And a note says that it is broken."""
    listing = parse(BROKEN[case])

    assert [entry.title for entry in listing.entries] == ["R & D"]
    assert [refusal.what for refusal in listing.refused] == ["the document"]
    assert "not well-formed" in listing.refused[0].why


@pytest.mark.parametrize(
    "head",
    [
        "\n\n", "\ufeff", "<br />\n<b>Warning</b>: something\n", "<!-- a --><?b c?>", "\x00\x08",
        '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.com/publish/rss-0.91.dtd">',
    ],
)  # fmt: skip
def test_what_stands_before_a_feed_does_not_matter(head: str) -> None:
    """White space, warnings, comments, a DTD that is not asked for."""
    listing = parse(head + rss(f"<title>A</title>{LINK}"))
    assert (len(listing.entries), listing.refused) == (1, ())


def test_dublin_core_is_understood_where_it_is_not_declared() -> None:
    """As by every reader."""
    document = rss(f"<title>A</title>{LINK}<dc:creator>Ann</dc:creator>").replace(NAMESPACES, "")
    assert entry_of(document).authors == ("Ann",)


NO_FEEDS = {
    "nothing": (b"", "empty"),
    "blanks": (b" \n", "empty"),
    "a page": (b"<!DOCTYPE html><html><body>Hello</body></html>", "feedserver discover"),
    "a page with a feed in it": (b"<html><body><rss><channel/></rss></body></html>", "feedserver discover"),
    "another document": (b"<?xml version='1.0'?><catalog><book/></catalog>", "begins with <catalog>"),
    "a list of subscriptions": (b"<opml version='2.0'><body/></opml>", "begins with <opml>"),
    "text": (b"Hello", "no XML; it begins 'Hello'"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "no XML"),
    "JSON of something else": (b'{"error": "rate limited"}', "no JSON Feed"),
    "a JSON list": (b"[]", "no JSON Feed"),
    "broken JSON": (b'{"version": "https://jsonfeed.org/version/1"', "not JSON"),
    "a JSON Feed without items": (b'{"version": "https://jsonfeed.org/version/1"}', "items"),
    "deep JSON": (b"[" * 100_000, "not JSON"),
    "none of it an entry": (rss("<foo/>").encode(), "none of 1 elements is an entry; the first: it has no id"),
    "too much": (b"<rss>" + b" " * LARGEST, "bytes; at most"),
}  # fmt: skip


@pytest.mark.parametrize("case", NO_FEEDS)
def test_what_is_no_feed_is_refused_with_the_reason(case: str) -> None:
    """Which says what it is instead."""
    body, why = NO_FEEDS[case]
    with pytest.raises(ListingError, match=why):
        parse(body)


@pytest.mark.parametrize(
    "case", [case for case in NO_FEEDS if case not in {"none of it an entry", "too much", "deep JSON"}]
)
def test_what_is_no_feed_does_not_look_like_one(case: str) -> None:
    """But for those that say that they are."""
    assert looks_like_feed(NO_FEEDS[case][0]) == ("JSON Feed without" in case or case == "broken JSON")


def test_an_element_that_is_none_is_refused_and_the_others_are_kept() -> None:
    """With its reason; in JSON, what is no object is passed over."""
    listing = parse(rss("<foo/>", f"<title>A</title>{LINK}"))
    assert (len(listing.entries), listing.refused) == (
        1,
        (Refusal("element 0 ('')", "it has no id, no link, no title and no text"),),
    )
    assert len(parse(json_feed({"id": "urn:a:b", "url": "/a"}, 7, None, "x", [])).entries) == 1


def test_more_elements_than_any_feed_has_are_not_read() -> None:
    """And that is said."""
    listing = parse(json_feed(*({"id": f"urn:a:{n}", "url": f"/{n}"} for n in range(MOST_ENTRIES + 7))))
    assert len(listing.entries) == MOST_ENTRIES
    assert listing.refused[0].what == "the last 7 elements"
