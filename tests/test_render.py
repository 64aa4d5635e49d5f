"""The three formats: golden bytes, schemas, what a real parser reads, and that all three say the same.

``pytest --golden`` writes the golden files anew; look at the difference before it is committed.
"""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from lxml import etree

from feedserver.feeds import BEGINNING, Address, Offer, build_feed
from feedserver.model import Fact, Feed, LinkTarget, Maths, View
from feedserver.query import parse_query
from feedserver.render import RENDERERS, render
from feedserver.render.base import MOST_AUTHORS
from feedserver.render.content import content_html, digest_html, spell_authors
from feedserver.render.prose import html, marked_up
from feedserver.store import SqliteStore
from feedserver.text import clean
from tests.entries import make_entry, sample
from tests.feedgen_entries import written_by_feedgen

HERE = Path(__file__).parent
NOW = datetime(2026, 1, 10, tzinfo=UTC)
ADDRESS = Address("https://papers.example.org/sub", "feeds/sample", "min_upvotes=0")
ATOM_SCHEMA = etree.RelaxNG(etree.parse(HERE / "schemas" / "atom.rng"))
JSON_SCHEMA = Draft202012Validator(json.loads((HERE / "schemas" / "jsonfeed.schema.json").read_text(encoding="utf-8")))
FORMATS = list(RENDERERS)
HUB = "https://hub.example.org/?a=1&b=2"


def make_feed(*entries: Any, title: str = "Sample", view: View | None = None) -> Feed:
    """Return a feed of entries as it would be built."""
    shown = view or View(show=get_args(Fact))
    newest = max((entry.updated for entry in entries), default=BEGINNING)
    return Feed(
        id="urn:uuid:00000000-0000-5000-8000-000000000000",
        title=title,
        subtitle="Hand-written papers; newest listing first",
        home_url=ADDRESS.home_url,
        icon_url="https://papers.example.org/sub/static/icon.png",
        self_urls=dict(ADDRESS.self_urls),
        updated=newest,
        view=shown,
        max_age=timedelta(minutes=15),
        signed=bool(entries) and all(entry.authors for entry in entries),
        entries=entries,
    )


def assert_valid(format_name: str, body: bytes) -> None:
    """Check a document by schema and by a parser that readers use."""
    if format_name == "json":
        assert list(JSON_SCHEMA.iter_errors(json.loads(body))) == []
        return
    if format_name == "atom":
        tree = etree.fromstring(body)
        ATOM_SCHEMA.assertValid(tree)
        assert [len(tree.findall(f"{{*}}link[@rel='{rel}']")) for rel in ("self", "alternate")] == [1, 1]
        assert tree.findall("{*}author") or all(entry.findall("{*}author") for entry in tree.findall("{*}entry"))
        for entry in tree.findall("{*}entry"):  # RFC 4287, 4.2.7.2: without rel, a link is an alternate one
            assert [link.get("rel", "alternate") for link in entry.findall("{*}link")].count("alternate") == 1
    parsed = feedparser.parse(body)
    assert not parsed.bozo, parsed.get("bozo_exception")


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_bytes_are_those_of_the_golden_file(format_name: str, request: pytest.FixtureRequest) -> None:
    """A change of a single byte is a change for every subscriber, and has to be seen."""
    body = render(RENDERERS[format_name], make_feed(*sample()))
    golden = HERE / "golden" / f"sample.{format_name}"
    if request.config.getoption("--golden"):
        golden.write_bytes(body)
    assert body == golden.read_bytes()


@pytest.mark.parametrize("format_name", FORMATS)
def test_rendering_twice_gives_the_same_bytes(format_name: str) -> None:
    """No clock, no order of a set, no random number in the body."""
    assert render(RENDERERS[format_name], make_feed(*sample())) == render(RENDERERS[format_name], make_feed(*sample()))


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize(
    "feed",
    [
        make_feed(),
        make_feed(*sample()),
        make_feed(*sample(), view=View(show=())),
        make_feed(*sample(), view=View(link="code", show=("upvotes",))),
        make_feed(make_entry(1, authors=tuple(f"A. {n}" for n in range(3303)))),
        make_feed(*sample(), title='A <b> & "c" ]]> title'),
        replace(make_feed(*sample()), hub_url=HUB),
    ],
    ids=["empty", "sample", "no facts", "other link", "3303 authors", "markup in the title", "a hub"],
)
def test_every_feed_is_valid(format_name: str, feed: Feed) -> None:
    """By schema, and for a parser that readers use."""
    assert_valid(format_name, render(RENDERERS[format_name], feed))


@pytest.mark.parametrize("format_name", ["rss", "atom"])
def test_plain_text_reaches_the_reader_whole(format_name: str) -> None:
    """``<MMLU>`` and ``p < 0.05`` are no markup; a reader that takes the text for HTML shows them too."""
    parsed = feedparser.parse(render(RENDERERS[format_name], make_feed(*sample())), sanitize_html=False)
    flow, mmlu = parsed.entries[0], parsed.entries[1]
    assert mmlu.title == "Measuring <MMLU> & friends: Transformers' self-attention"
    for content_shown in (mmlu.content[-1].value, flow.content[-1].value):
        assert "<MMLU>" not in content_shown
    assert shown_text(mmlu.content[-1].value).count("<MMLU> and <b>GSM8K</b>") == 1
    assert "p < 0.05 & t > 0." in shown_text(flow.content[-1].value)
    summary = flow.summary if format_name == "atom" else shown_text(flow.summary)
    assert summary == sample()[0].summary


@pytest.mark.parametrize("feed", [make_feed(), make_feed(*sample())], ids=["empty", "sample"])
@pytest.mark.parametrize("format_name", FORMATS)
def test_a_hub_is_announced_beside_one_address_of_the_feed_itself(format_name: str, feed: Feed) -> None:
    """WebSub, section 4, and JSON Feed 1.1; the page of the feed stays its link."""
    body = render(RENDERERS[format_name], replace(feed, hub_url=HUB))
    if format_name == "json":
        assert json.loads(body)["hubs"] == [{"type": "WebSub", "url": HUB}]
        return
    parsed = feedparser.parse(body).feed
    assert [link.href for link in parsed.links if link.rel == "hub"] == [HUB]
    assert [link.href for link in parsed.links if link.rel == "self"] == [feed.self_urls[format_name]]
    assert parsed.link == feed.home_url


@pytest.mark.parametrize("format_name", FORMATS)
def test_without_a_hub_none_is_announced(format_name: str) -> None:
    """Neither as an empty list."""
    assert b"hub" not in render(RENDERERS[format_name], make_feed())


def shown_text(html: str) -> str:
    """Return what a browser would show."""
    return "".join(etree.HTML(html).itertext())


def test_titles_in_rss_use_numeric_references() -> None:
    """The form that most readers take for plain text."""
    body = render(RENDERERS["rss"], make_feed(*sample()))
    assert b"<title>Measuring &#x3C;MMLU&#x3E; &#x26; friends" in body


@given(st.text(), st.text())
def test_whatever_upstream_writes_the_feed_stays_well_formed(title: str, summary: str) -> None:
    """Text is cleaned where it comes in, and escaped where it goes out."""
    entry = make_entry(1, title=clean(title) or "x", summary=clean(summary))
    for format_name in FORMATS:
        assert_valid(format_name, render(RENDERERS[format_name], make_feed(entry)))


LETTERS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("&<>\"'\n\t $\\"))


@pytest.mark.parametrize("format_name", ["rss", "atom"])
@given(data=st.data())
def test_an_entry_is_written_as_feedgen_writes_it(format_name: str, data: st.DataObject) -> None:
    """Every byte, with whatever is known of it, in every view."""
    letters = LETTERS.map(lambda text: f"x{clean(text)}")
    names = st.lists(letters, max_size=3, unique=True).map(tuple)
    view = View(
        link=data.draw(st.sampled_from(get_args(LinkTarget))),
        show=tuple(data.draw(st.sets(st.sampled_from(get_args(Fact))))),
        dated=data.draw(st.sampled_from(["listed", "published"])),
        counted=data.draw(st.booleans()),
        maths=data.draw(st.sampled_from(get_args(Maths))),
    )
    entry = replace(
        data.draw(st.sampled_from(sample())),
        title=data.draw(letters),
        summary=data.draw(LETTERS.map(clean)),
        authors=data.draw(names),
        ai_keywords=data.draw(names),
        ai_summary=data.draw(st.none() | letters),
        thumbnail=data.draw(st.none() | LETTERS.map(lambda text: f"https://cdn.example.org/{text}")),
    )
    assert RENDERERS[format_name].fragment(entry, view) == written_by_feedgen(format_name, entry, view)


def test_the_three_formats_say_the_same() -> None:
    """Ids, titles, links, dates and their order."""
    feed = make_feed(*sample())
    rss, atom = (feedparser.parse(render(RENDERERS[name], feed)).entries for name in ("rss", "atom"))
    items = json.loads(render(RENDERERS["json"], feed))["items"]
    for one, other, item in zip(rss, atom, items, strict=True):
        assert one.id == other.id == item["id"]
        assert one.link == other.link == item["url"]
        assert one.published_parsed[:6] == other.published_parsed[:6] == time_fields(item["date_published"])
        assert one.updated_parsed[:6] == other.updated_parsed[:6] == time_fields(item["date_modified"])
        assert names(one) == names(other) == [author["name"] for author in item.get("authors", [])]
        assert tags(one) == tags(other) == item.get("tags", [])
        assert content(one) == content(other)
        assert shown_text(content(one)) == shown_text(item["content_html"])


def content(entry: Any) -> str:
    """Return the content that feedparser found; RSS without an abstract has it in ``description``."""
    return entry.content[-1].value if "content" in entry else entry.summary


def names(entry: Any) -> list[str]:
    """Return the authors that feedparser found."""
    return [author.name for author in entry.get("authors", []) if author]


def tags(entry: Any) -> list[str]:
    """Return the categories that feedparser found."""
    return [tag.term for tag in entry.get("tags", [])]


def time_fields(text: str) -> tuple[int, ...]:
    """Return year to second of an RFC 3339 time, as feedparser returns them."""
    return tuple(datetime.fromisoformat(text).timetuple())[:6]


def test_the_extension_block_of_json_holds_what_has_no_field() -> None:
    """Scores, organisation, all links."""
    first, second, *_ = json.loads(render(RENDERERS["json"], make_feed(*sample())))["items"]
    assert (first["_feedserver"]["upvotes"], first["_feedserver"]["stars"]) == (64, 3000)
    assert first["_feedserver"]["links"]["code"] == "https://github.com/facebookresearch/flow_matching"
    assert second["_feedserver"]["organisation"] == {"name": "google", "full_name": "Google"}
    assert "stars" not in second["_feedserver"]


def test_a_link_goes_to_the_page_where_there_is_no_other() -> None:
    """``link=code`` for an entry without code."""
    items = json.loads(render(RENDERERS["json"], make_feed(*sample(), view=View(link="code"))))["items"]
    assert items[0]["url"] == "https://github.com/facebookresearch/flow_matching"
    assert items[1]["url"] == sample()[1].links.page


def test_a_feed_carries_the_date_that_it_is_sorted_by() -> None:
    """The paper's own date stays as ``dcterms:created``; readers take ``issued`` for the date of publication."""
    entry = make_entry(1)
    for dated, expected in (("listed", b"Thu, 08 Jan 2026"), ("published", b"Wed, 07 Jan 2026")):
        body = render(RENDERERS["rss"], make_feed(entry, view=View(dated=dated)))
        assert b"<pubDate>" + expected in body
        assert b"created>2026-01-07T00:00:00+00:00<" in body


def test_a_long_list_of_authors_is_cut_short() -> None:
    """In running text after twelve, as elements after a hundred."""
    authors = tuple(f"Author {number}" for number in range(3303))
    assert spell_authors(authors).endswith("Author 11 and 3,291 others")
    assert spell_authors(authors[:13]).endswith("Author 12")
    body = render(RENDERERS["atom"], make_feed(make_entry(1, authors=authors)))
    assert body.count(b"<author>") == MOST_AUTHORS


@pytest.mark.parametrize("fact", get_args(Fact))
def test_each_fact_shows_something_and_only_when_asked_for(fact: Fact) -> None:
    """``show`` is obeyed."""
    entry = replace(sample()[0], organisation=sample()[1].organisation)
    nothing = content_html(entry, View(show=()))
    assert len(content_html(entry, View(show=(fact,)))) > 0
    assert content_html(entry, View(show=(fact,))) != nothing


def test_content_is_clean_html_with_absolute_addresses() -> None:
    """Whatever stands in the texts."""
    for entry in sample():
        html = content_html(entry, View(show=get_args(Fact)))
        tree = etree.HTML(f"<div>{html}</div>").find("body/div")
        assert {element.tag for element in tree.iter()} <= {"div", "p", "em", "ul", "li", "a", "img"}
        addresses = [*tree.xpath(".//@href"), *tree.xpath(".//@src")]
        assert all(str(address).startswith("https://") for address in addresses)


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_score_change_moves_no_id_and_no_date(format_name: str, store: SqliteStore) -> None:
    """Readers must not show an entry twice because it was voted for."""
    query = parse_query([])
    before = build_feed(store, Offer(query, ADDRESS, timedelta(minutes=15)), NOW)
    risen = tuple(replace(entry, upvotes=entry.upvotes + 1) for entry in before.entries)
    one, other = (render(RENDERERS[format_name], feed) for feed in (before, replace(before, entries=risen)))
    assert one != other
    for marker in (b"<guid", b"<id>", b"<updated>", b"<pubDate>", b"date_modified", b"lastBuildDate"):
        assert pieces(one, marker) == pieces(other, marker)


def pieces(body: bytes, marker: bytes) -> list[bytes]:
    """Return what follows each occurrence of a marker."""
    return [piece[:30] for piece in body.split(marker)[1:]]


TEX = make_entry(
    1,
    title="S$^2$R for \\$5 & $p < 0.05$",
    summary="We need $O(n^2)$ steps, 18\\% fewer, for $5 & less.",
    ai_summary="It takes $\\frac{a+b}{2}$ <b>.",
    ai_keywords=("$\\tau$-bench",),
)
TITLES = {"unicode": "S²R for $5 & p < 0.05", "mathml": "S²R for $5 & p < 0.05", "raw": TEX.title}
SUMMARIES = {"unicode": "We need O(n²) steps, 18% fewer, for $5 & less.", "raw": TEX.summary}


def tex_feed(maths: Maths, *entries: Any) -> Feed:
    """Return a feed of entries with TeX."""
    return make_feed(*(entries or (TEX,)), view=View(show=get_args(Fact), maths=maths))


@pytest.mark.parametrize("maths", get_args(Maths))
def test_titles_tags_and_plain_summaries_are_unicode_in_every_format(maths: Maths) -> None:
    """Unless TeX is to stay; MathML goes into the content alone."""
    rss, atom = (feedparser.parse(render(RENDERERS[name], tex_feed(maths))).entries[0] for name in ("rss", "atom"))
    item = json.loads(render(RENDERERS["json"], tex_feed(maths)))["items"][0]
    assert rss.title == atom.title == item["title"] == TITLES[maths]
    summary = SUMMARIES.get(maths, SUMMARIES["unicode"])
    assert shown_text(rss.summary) == atom.summary == summary
    assert item["summary"] == (TEX.ai_summary if maths == "raw" else "It takes (a+b)/2 <b>.")
    assert tags(rss) == tags(atom) == item["tags"] == (["$\\tau$-bench"] if maths == "raw" else ["τ-bench"])


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("maths", get_args(Maths))
def test_feeds_with_maths_are_valid(format_name: str, maths: Maths) -> None:
    """MathML too is escaped where it stands in XML."""
    body = render(RENDERERS[format_name], tex_feed(maths))
    assert_valid(format_name, body)
    assert (b"mfrac" in body) == (maths == "mathml")


@pytest.mark.parametrize("format_name", FORMATS)
def test_maths_moves_no_id_no_date_and_no_link(format_name: str) -> None:
    """Whoever changes ``math`` sees no entry anew."""
    one, *others = (render(RENDERERS[format_name], tex_feed(maths)) for maths in get_args(Maths))
    assert len({one, *others}) == 3
    for marker in (b"<guid", b"<id>", b"<updated>", b"<pubDate>", b"date_modified", b"<link", b'"url"'):
        for other in others:
            assert pieces(one, marker) == pieces(other, marker)


@pytest.mark.parametrize("format_name", FORMATS)
def test_without_tex_the_bytes_are_the_same_in_every_view(format_name: str) -> None:
    """``math`` costs nobody anything who has none."""
    assert len({render(RENDERERS[format_name], tex_feed(maths, *sample())) for maths in get_args(Maths)}) == 1


def test_content_shows_maths_as_asked_for() -> None:
    """Words are escaped on both sides of a formula; without its tags the MathML is still a formula."""
    unicode, mathml, raw = (content_html(TEX, View(show=("summary",), maths=maths)) for maths in get_args(Maths))
    assert unicode == "<p>We need O(n²) steps, 18% fewer, for $5 &amp; less.</p>"
    assert raw == "<p>We need $O(n^2)$ steps, 18\\% fewer, for $5 &amp; less.</p>"
    assert mathml.startswith("<p>We need <math ")
    assert mathml.endswith("</math> steps, 18% fewer, for $5 &amp; less.</p>")
    assert re.sub("<[^>]*>", "", mathml) == "We need O(n^2) steps, 18% fewer, for $5 &amp; less."
    assert content_html(TEX, View(show=())) == "<p>S²R for $5 &amp; p &lt; 0.05</p>"
    assert html("$a<b$ $\\text{<b>}$ <b>", "unicode") == "a&lt;b &lt;b&gt; &lt;b&gt;"
    assert "<b>" not in html("$a<b$ $\\text{<b>}$ <b>", "mathml")


def test_a_digest_lists_titles_and_first_lines_in_unicode() -> None:
    """A formula is never cut through the middle; the digest's own words stay as they are."""
    listed = digest_html([replace(TEX, ai_summary=None, summary="x " * 138 + "$\\alpha$ b")], 0, View(maths="mathml"))
    assert "<strong>S²R for $5 &amp; p &lt; 0.05</strong>" in listed
    assert listed.endswith("x x α b</li></ol>")
    digest = replace(TEX, content=listed)
    assert f'"title":{json.dumps(TEX.title)}' in RENDERERS["json"].fragment(digest, View()).decode()


MARKED_UP = [
    ("<p>No TeX</p>", "<p>No TeX</p>"),
    ("<p>$x^2$ <b>18\\%</b></p>", "<p>x² <b>18%</b></p>"),
    ("$a &lt; b$", "a &lt; b"),
    ("<p>$5 &amp; \"more\"</p>", "<p>$5 &amp; \"more\"</p>"),
    ("<code>$x^2$</code> <pre>a <b>\\%</b> $x$</pre> $x^2$", "<code>$x^2$</code> <pre>a <b>\\%</b> $x$</pre> x²"),
    ("<math><mi>$x$</mi></math>", "<math><mi>$x$</mi></math>"),
    ("$x <b>y</b>$", "$x <b>y</b>$"),
    ('<a title="a > $x^2$" href="https://x.org/$x$">$x^2$</a>', '<a title="a > $x^2$" href="https://x.org/$x$">x²</a>'),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "shown"), MARKED_UP)
def test_maths_in_html_is_treated_text_by_text(markup: str, shown: str) -> None:
    """Never in tags, nor in code."""
    assert marked_up(markup, "unicode") == shown
    assert marked_up(markup, "raw") == markup


def test_html_of_upstream_stands_for_the_summary() -> None:
    """Where upstream marked it up."""
    entry = replace(TEX, html="<p>Needs <i>few</i> steps: $n^2$</p>")
    assert content_html(entry, View(show=("summary",))) == "<div><p>Needs <i>few</i> steps: n²</p></div>"
    assert "<math" in content_html(entry, View(show=("summary",), maths="mathml"))
    assert "few" not in content_html(entry, View(show=("upvotes",)))
