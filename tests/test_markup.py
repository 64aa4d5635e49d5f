"""HTML -> what may be shown, and plain text: what stays, what goes, and what it costs."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedserver.markup import plain_text, sanitise
from tests.test_hostile_feeds import ACTING, assert_inert

BASE = "https://blog.example.org/posts/a"


@pytest.mark.parametrize(
    "markup",
    [
        "<p>One</p><p>Two <em>three</em> <strong>four</strong></p>",
        '<img src="https://a.example.org/x.png" alt="A chart" width="7" height="8">',
        "<ul><li>One</li></ul><ol start=\"3\"><li>Two</li></ol>",
        '<table><tbody><tr><th colspan="2">A</th></tr><tr><td>1</td><td rowspan="2">2</td></tr></tbody></table>',
        "<pre><code>if a &lt; b &amp;&amp; c:</code></pre>",
        '<math display="block"><msup><mi>x</mi><mn>2</mn></msup></math>',
        "<blockquote><p dir=\"rtl\" lang=\"he\">שלום</p></blockquote>",
        "<details><summary>More</summary>Words</details>",
    ],
)  # fmt: skip
def test_what_only_shows_something_stays_as_it_is(markup: str) -> None:
    """Structure, emphasis, images, tables, code, maths, direction of writing."""
    assert sanitise(markup, BASE) == markup


@pytest.mark.parametrize(
    ("address", "absolute"),
    [
        ("b", "https://blog.example.org/posts/b"),
        ("/b", "https://blog.example.org/b"),
        ("//b.example.org/c", "https://b.example.org/c"),
        ("#note", "https://blog.example.org/posts/a#note"),
        (" https://b.example.org/ ", "https://b.example.org/"),
        ("mailto:ann@example.org", None),
        ("javascript:alert(1)", None),
        ("https://[b", None),
    ],
)
def test_addresses_are_absolute_or_gone(address: str, absolute: str | None) -> None:
    """And whoever follows a link does not say where it stood."""
    href = f' href="{absolute}"' if absolute else ""
    assert sanitise(f'<a href="{address}">x</a>', BASE) == f'<a{href} rel="noopener noreferrer">x</a>'


def test_without_a_base_relative_addresses_go() -> None:
    """They would lead to this server."""
    assert sanitise('<img src="/x.png" alt="x">', "") == '<img alt="x">'


@pytest.mark.parametrize("payload", ACTING)
def test_nothing_that_acts_is_left(payload: str) -> None:
    """Nor does sanitising what was sanitised find anything to do."""
    once = sanitise(payload, BASE)
    assert_inert(once)
    assert sanitise(once, BASE) == once


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two</p>", "One Two"),
        ("One<br>two<br/>three", "One two three"),
        ("<ul><li>One<li>Two</ul>", "One Two"),
        ("<b>bo</b>ld", "bold"),
        ("a &lt; b &amp;amp; c", "a < b &amp; c"),
        ("p < 0.05 & t > 0", "p < 0.05 & t > 0"),
        ("caf&eacute;&nbsp;&#233;", "café é"),
        ("<script>x</script><style>y</style><title>z</title>Words", "Words"),
        ("<noembed><img src=x></noembed><textarea><b>y</textarea>Words", "Words"),
        ("a&#0;b&#1;c\x02d\ud800e", "a\ufffdbcde"),
        ("", ""),
    ],
)
def test_plain_text_is_the_words(markup: str, text: str) -> None:
    """Apart where a browser shows them apart; references are resolved once."""
    assert plain_text(markup) == text


def test_no_character_is_left_that_xml_forbids() -> None:
    """Neither one that stands there nor one that is referred to."""
    assert sanitise("a\x00b&#1;c&#x1f;d\ud800e\ufffe", BASE) == "abcde"


@given(st.text(st.sampled_from("<>/&;=\"' abpimgdvscrt!-[]#\x00\x0b\ud800é")))
def test_whatever_comes_is_inert(markup: str) -> None:
    """And can be encoded."""
    made = sanitise(markup, BASE)
    made.encode()
    assert_inert(made)
    plain_text(markup).encode()


@pytest.mark.parametrize("closing", ["", "</x>", "</p>"])
def test_html_of_absurd_depth_is_reduced_to_its_words(closing: str) -> None:
    """To read it takes quadratic time: 50,000 elements within each other, several seconds."""
    began = time.monotonic()
    deep = f"<div>{closing}" * 50_000 + "Words"
    assert plain_text(deep) == "Words"
    assert sanitise(deep, BASE).strip() == "Words"
    assert time.monotonic() - began < 2


def test_html_of_many_paragraphs_is_not_deep() -> None:
    """Though nobody closed them."""
    made = sanitise("<p>Word<br>" * 5_000 + "<ul>" + "<li>Word" * 5_000, BASE)
    assert (made.count("<p>"), made.count("<li>")) == (5_000, 5_000)
