"""OPML -> subscriptions: lists as programs write them, and as they should not be; names for settings."""

import re
from html import unescape

import pytest

from feedserver.errors import ListingError
from feedserver.identity import link_name
from feedserver.sources.subscriptions import Subscription, looks_like_opml, name_for, read_opml
from tests.entries import CAPTURED

LISTS = CAPTURED.parent.parent / "opml"


def opml(body: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    """Return an OPML document."""
    return f'{head}<opml version="2.0"><head><title>Mine</title></head><body>{body}</body></opml>'.encode()


def test_a_list_is_read_in_its_order_with_its_folders() -> None:
    """Of any depth; the outermost first."""
    found = read_opml(
        opml(
            '<outline text="Labs"><outline text="Far"><outline type="rss" text="A lab" title="The lab"'
            ' xmlUrl="https://lab.example.org/feed" htmlUrl="https://lab.example.org/"/></outline></outline>'
            '<outline type="rss" text="A blog" xmlUrl="http://blog.example.org/atom.xml"/>'
        )
    )

    assert found == (
        Subscription("The lab", "https://lab.example.org/feed", "https://lab.example.org/", ("Labs", "Far")),
        Subscription("A blog", "http://blog.example.org/atom.xml"),
    )


@pytest.mark.parametrize(
    ("outline", "title", "url"),
    [
        ('<outline xmlUrl="https://a.example.org/feed"/>', "a.example.org", "https://a.example.org/feed"),
        ('<outline text="A" xmlurl="https://a.example.org/feed"/>', "A", "https://a.example.org/feed"),
        ('<OUTLINE TEXT="A" XMLURL="https://a.example.org/feed"/>', "A", "https://a.example.org/feed"),
        ('<outline text="A" type="atom" url="https://a.example.org/feed"/>', "A", "https://a.example.org/feed"),
        ('<outline text="A" xmlUrl="feed://a.example.org/feed"/>', "A", "https://a.example.org/feed"),
        ('<outline text="A" xmlUrl="feed:https://a.example.org/feed"/>', "A", "https://a.example.org/feed"),
        ('<outline text="A" xmlUrl=" https://a.example.org/?a=1&amp;b=2 "/>', "A", "https://a.example.org/?a=1&b=2"),
        ('<outline text="A" xmlUrl="https://a.example.org/?a=1&b=2"/>', "A", "https://a.example.org/?a=1&b=2"),
        ('<outline text="R & D" xmlUrl="https://a.example.org/feed"/>', "R & D", "https://a.example.org/feed"),
        ('<outline text="Caf&eacute;" xmlUrl="https://a.example.org/feed"/>', "Café", "https://a.example.org/feed"),
        ('<outline text="A&#10; B" xmlUrl="https://a.example.org/feed"/>', "A B", "https://a.example.org/feed"),
    ],
)  # fmt: skip
def test_an_outline_is_read_as_programs_write_it(outline: str, title: str, url: str) -> None:
    """Without text, in other cases, with other schemes, and not even well-formed."""
    assert read_opml(opml(outline)) == (Subscription(title, url),)


@pytest.mark.parametrize(
    "outline",
    [
        '<outline text="A" isComment="true" xmlUrl="https://a.example.org/feed"/>',
        '<outline text="A" isComment="true"><outline text="B" xmlUrl="https://a.example.org/feed"/></outline>',
        '<!-- <outline text="A" xmlUrl="https://a.example.org/feed"/> -->',
        '<outline text="A" type="link" url="https://a.example.org/"/>',
        '<outline text="A" type="include" url="https://a.example.org/list.opml"/>',
        '<outline text="A" xmlUrl="javascript:alert(1)"/>',
        '<outline text="A" xmlUrl="file:///etc/passwd"/>',
        '<outline text="A" xmlUrl="/feed"/>',
        '<outline text="A" xmlUrl=""/>',
    ],
)
def test_what_is_no_subscription_is_left_out(outline: str) -> None:
    """And what is beside it is not."""
    assert read_opml(opml(outline + '<outline text="Z" xmlUrl="https://z.example.org/"/>')) == (
        Subscription("Z", "https://z.example.org/"),
    )
    with pytest.raises(ListingError, match="without a feed"):
        read_opml(opml(outline))


def test_an_outline_with_html_in_its_attributes_is_found() -> None:
    """As some programs write descriptions; what is commented out stays so."""
    found = read_opml(
        opml(
            '<!-- <outline text="C" xmlUrl="https://c.example.org/feed"/> -->'
            '<outline text="A" xmlUrl="https://a.example.org/feed"/>\n'
            '<outline text="B &amp; C" description="At <a href="https://b.example.org/">B</a>"'
            ' xmlUrl="https://b.example.org/feed?a=1&amp;b=2"/>\n'
            '<outline text="D" isComment="true" xmlUrl="https://d.example.org/feed"/>'
        )
    )

    assert found == (
        Subscription("A", "https://a.example.org/feed"),
        Subscription("B & C", "https://b.example.org/feed?a=1&b=2"),
    )


def test_a_feed_that_is_on_a_list_twice_is_subscribed_to_once() -> None:
    """In whatever spelling, under its first title."""
    found = read_opml(
        opml(
            '<outline text="A" xmlUrl="https://a.example.org/feed"/><outline text="Folder">'
            '<outline text="B" xmlUrl="http://www.a.example.org/feed/"/></outline>'
        )
    )

    assert found == (Subscription("A", "https://a.example.org/feed"),)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_the_encoding_is_the_one_of_the_document(encoding: str) -> None:
    """A byte order mark goes first."""
    text = '<outline text="Café" xmlUrl="https://a.example.org/feed"/>'
    body = opml(text, f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>').decode().encode(encoding)

    assert looks_like_opml(body)
    assert read_opml(body)[0].title == "Café"


def test_a_list_of_five_megabytes_is_read() -> None:
    """Which is nine thousand feeds with long descriptions."""
    words = "words " * 90
    outlines = (
        f'<outline text="A {n}" description="{words}" xmlUrl="https://a.example.org/{n}"/>' for n in range(9_000)
    )
    body = opml("".join(outlines))

    assert len(body) > 5_000_000
    assert len(read_opml(body)) == 9_000


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"\x00\x01", b"<html><body>opml</body></html>", b"<rss version='2.0'><channel/></rss>",
        b"<!doctype html><html><opml></opml></html>",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_a_reason(body: bytes) -> None:
    """Nothing crashes."""
    with pytest.raises(ListingError, match="not a subscription list"):
        read_opml(body)


def test_a_list_that_declares_entities_is_refused() -> None:
    """Whether they lie elsewhere or grow."""
    outline = '<outline text="&a;" xmlUrl="https://a.example.org/"/>'
    for entity in ('a SYSTEM "file:///etc/passwd"', 'b "lol"><!ENTITY a "&b;&b;"', '% a SYSTEM "http://127.0.0.1/"'):
        with pytest.raises(ListingError, match="declares an entity"):
            read_opml(opml(outline, f"<!DOCTYPE opml [<!ENTITY {entity}>]>"))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("The Gradient", "the-gradient"),
        ("  Ångström & Söhne: «Blog» ", "angstrom-sohne-blog"),
        ("Ann's Blog", "ann-blog"),
        ("C++ / C#", "c-c"),
        ("--", "news-example-org"),
        ("Новости", "news-example-org"),
        ("新闻 Daily", "daily"),
        ("A title that goes on and on, far beyond all measure", "a-title-that-goes-on-and-on-far-beyond"),
        ("x" * 60, "x" * 40),
    ],
)
def test_a_name_is_made_of_the_title_else_of_the_host(title: str, name: str) -> None:
    """In small letters, digits and hyphens."""
    assert name_for(Subscription(title, "https://www.news.example.org/feed"), ()) == name


def test_a_name_that_is_taken_is_numbered() -> None:
    """The same list gives the same names."""
    blog = Subscription("Blog", "https://a.example.org/feed")
    assert name_for(blog, {"blog"}) == "blog-2"
    assert name_for(blog, {"blog", "blog-2"}) == "blog-3"


@pytest.mark.skipif(not LISTS.is_dir(), reason="the captured lists are not beside the checkout")
def test_all_captured_lists_are_read() -> None:
    """Every address in them, each once, as a plain search for it finds them."""
    files = sorted(LISTS.rglob("*.opml"))
    count = 0
    for file in files:
        body = file.read_bytes()
        addresses = re.findall(r'xmlUrl="([^"]*)"', body.decode())
        found = read_opml(body)
        assert looks_like_opml(body)
        assert {link_name(one.url) for one in found} == {link_name(unescape(one)) for one in addresses}
        count += len(found)
    print(f"{len(files)} lists, {count} feeds")  # noqa: T201  # the counts are to be seen
    assert (len(files), count) == (34, 526)
