"""Hostile feeds, and HTML in feeds: nothing grows, nothing is asked for, nothing takes long, nothing acts."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, get_args

import pytest
from lxml import html

from feedserver.errors import ListingError
from feedserver.model import Fact, View
from feedserver.render import RENDERERS, render
from feedserver.render.content import content_html
from tests.test_any_feed import LINK, atom, described, entry_of, json_feed, parse, rss
from tests.test_render import make_feed


@pytest.fixture
def counter() -> Iterator[tuple[str, list[str]]]:
    """A server on loopback: its address, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *told: Any) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


LAUGHS = '<!ENTITY a "lol">' + "".join(
    f'<!ENTITY {name} "{f"&{of};" * 10}">' for of, name in zip("abcdefgh", "bcdefghi", strict=True)
)
DTDS = {
    "a billion laughs": f"<!DOCTYPE rss [{LAUGHS}]>",
    "a billion laughs, line by line": f"<!DOCTYPE rss [{LAUGHS}]>".replace("<!E", "\n<!E"),
    "a long text": f'<!DOCTYPE rss [\n<!ENTITY i "{"x" * 100_000}">\n]>',
    "a file": '<!DOCTYPE rss [<!ENTITY i SYSTEM "file://{file}">]>',
    "an address": '<!DOCTYPE rss [<!ENTITY i SYSTEM "{address}/entity">]>',
    "a public one": '<!DOCTYPE rss [<!ENTITY i PUBLIC "-//A//B" "{address}/entity">]>',
    "a parameter": '<!DOCTYPE rss [<!ENTITY % i SYSTEM "{address}/dtd">%i;]>',
    "an element within": '<!DOCTYPE rss [<!ENTITY i "<rss><channel/></rss>">]>',
}


@pytest.mark.parametrize("flaw", ["", "&broken;"])
@pytest.mark.parametrize("case", DTDS)
def test_entities_that_grow_or_lead_elsewhere_are_refused(
    case: str, flaw: str, counter: tuple[str, list[str]], tmp_path: Path
) -> None:
    """At once, without a request, and without reading a file."""
    address, asked = counter
    (tmp_path / "secret").write_text("a secret", encoding="utf-8")
    head = DTDS[case].replace("{address}", address).replace("{file}", str(tmp_path / "secret"))
    began = time.monotonic()
    for before in ("", '<?xml version="1.0"?>', "<!-- a -->\n"):
        with pytest.raises(ListingError, match="declares an entity"):
            parse(before + head + rss(f"<title>{flaw}{'&i;' * 3000}</title>{LINK}"))
    assert time.monotonic() - began < 2
    assert asked == []


def test_a_dtd_and_an_inclusion_elsewhere_are_not_asked_for(counter: tuple[str, list[str]]) -> None:
    """The feed is read all the same."""
    address, asked = counter
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{address}/x" parse="text"/>'
    sheet = f'<?xml-stylesheet type="text/xsl" href="{address}/s.xsl"?><!DOCTYPE rss SYSTEM "{address}/rss.dtd">'
    assert entry_of(rss(f"<title>A{include}</title>{LINK}", head=sheet)).links.page == "https://blog.example.org/a"
    assert asked == []


def test_entities_for_a_few_characters_are_understood() -> None:
    """As some feeds declare them."""
    head = '<!DOCTYPE rss [\n<!ENTITY copy "&#169;">\n<!ENTITY who "Ann Lee">\n]>'
    assert entry_of(rss(f"<title>&copy; &who;</title>{LINK}", head=head)).title == "© Ann Lee"


START = f"<title>A</title>{LINK}"


def many(count: int, make: Callable[[int], str]) -> str:
    """Return the made pieces together."""
    return "".join(map(make, range(count)))


HOSTILE: dict[str, Callable[[int], str]] = {
    "prologue": lambda n: "<!--" + "\n" * n + "-->" + rss(START),
    "author": lambda n: rss(f"{START}<author>{'a' * n}@</author>"),
    "creators": lambda n: rss(START + f"<dc:creator>{'a' * 5000}</dc:creator>" * (n // 5000)),
    "author in pieces": lambda n: rss(f"{START}<author>{'aaaa<!-- -->aaaa<b/>' * (n // 20)}</author>"),
    "categories": lambda n: rss(START + many(n // 20, lambda i: f"<category>{i}</category>")),
    "categories apart": lambda n: rss(START + many(n // 27, lambda i: f"<a><category>{i}</category></a>")),
    "keywords": lambda n: rss(f"{START}<media:keywords>{many(n // 6, lambda i: f'{i},')}</media:keywords>"),
    "namespaces": lambda n: rss(START + many(n // 25, lambda i: f'<p{i}:a xmlns:p{i}="u{i}"/>')),
    "bases": lambda n: rss(START + f"<a xml:base='{'a/' * 900}'>" * 200 + "<b/>" * (n // 20) + "</a>" * 200),
    "one base": lambda n: rss(START + "<a/>" * (n // 20)).replace("<rss", f"<rss xml:base='{'a' * n}'"),
    "depth": lambda n: rss(START + "<a>" * (n // 7) + "</a>" * (n // 7)),
    "depth of HTML": lambda n: rss(f"{START}<description>{'&lt;div&gt;' * (n // 11)}</description>"),
    "references": lambda n: rss(f"<title>A{'&' * n}</title>{LINK}"),
    "open sections": lambda n: rss(START) + "<![CDATA[" * (n // 9),
    "open tags": lambda n: rss(START) + "<a " * (n // 3),
    "elements": lambda n: rss(START + "<a/>" * n),
    "tags": lambda n: rss(START + "<" * 2 * n),
    "names": lambda n: json_feed({"id": "urn:a:b", "url": "/a", "authors": [{"name": "a" * n}]}),
    "links": lambda n: rss(f"<title>A</title><link>http:{'/' * n}</link><guid>https://blog.example.org/a</guid>"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_no_document_takes_quadratic_time(case: str) -> None:
    """Many of these keep feedparser alone, or a reader of HTML, busy for minutes."""
    began = time.monotonic()
    why = ""
    try:
        parse(HOSTILE[case](400_000))
    except ListingError as error:
        why = str(error)
    assert time.monotonic() - began < 8
    assert "at most" in why or not why


def test_an_xml_base_of_absurd_length_does_not_count() -> None:
    """Neither one that is long nor many that together are: feedparser joins the address anew for every element."""
    link = "<title>A</title><link>c</link>"
    for count, length in ((1, 1_500), (15, 100), (1, 3_000), (30, 100)):
        base = f"<b xml:base='{'a' * (length - 1)}/'>" * count
        page = entry_of(rss(f"{base}{link}{'</b>' * count}")).links.page
        assert page.startswith("https://blog.example.org/feeds/")
        assert 100 < len(page) < 2_100 or (count, len(page)) == (1, len("https://blog.example.org/feeds/c"))


LIMITS: dict[str, str] = {
    "elements; at most 150,000": rss(START + "<a/>" * 150_000),
    "tags; at most 400,000": rss(f"{START}<description><![CDATA[{'<br>' * 400_000}]]></description>"),
    "prefixes of namespaces; at most 200": rss(START + many(201, lambda i: f"<a xmlns:p{i}='u'/>")),
    "bytes; at most 8,000,000": rss(START) + " " * 8_000_000,
}


@pytest.mark.parametrize("why", LIMITS)
def test_a_document_beyond_a_limit_is_refused(why: str) -> None:
    """Before feedparser reads it."""
    with pytest.raises(ListingError, match=why):
        parse(LIMITS[why])


ACTING = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example.org/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\x00>alert(1)</script>",
    "<script/x>alert(1)</script>",
    "<<script>alert(1)//<</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x OnErRoR = 'alert(1)'>",
    "<img/src=x/onerror=alert(1)>",
    '<img """><script>alert(1)</script>">',
    "<img src=javascript:alert(1)>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<img srcset='javascript:alert(1) 1x' src=https://a.example.org/x.png>",
    "<img lowsrc=javascript:alert(1) dynsrc=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='&#x6A&#x61vascript&colon;alert(1)'>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>x</a>",
    "<a href='https://a.example.org/' onclick=alert(1) style='position:fixed'>x</a>",
    "<a href='//evil.example.org' target=_blank ping=https://evil.example.org>x</a>",
    "<body onload=alert(1)>x</body>",
    "<svg onload=alert(1)>x</svg>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><a xlink:href=javascript:alert(1)>x</a></math>",
    "<math href=javascript:alert(1)>x</math>",
    "<math><mi xlink:href='data:x,<script>alert(1)</script>'>x</mi></math>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math><annotation-xml encoding='text/html'><img src=x onerror=alert(1)></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<frameset><frame src=javascript:alert(1)></frameset>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<applet code=x></applet>",
    "<form action=javascript:alert(1)><input type=submit><button formaction=javascript:alert(1)>x</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)><option>x</select>",
    "<textarea autofocus onfocus=alert(1)></textarea><script>alert(1)</script>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href='javascript:alert(1)//'><a href=x>x</a>",
    "<link rel=stylesheet href=javascript:alert(1)>",
    "<style>@import 'https://evil.example.org/x.css';</style>",
    "<div style='background:url(javascript:alert(1))'>x</div>",
    "<div style='width:expression(alert(1))'>x</div>",
    "<table background=javascript:alert(1)><td background=javascript:alert(1)>x</table>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<title><img src=x onerror=alert(1)></title>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>",
    "<?xml-stylesheet href='javascript:alert(1)'?>x",
    "<x onclick=alert(1)>x</x>",
    "<p id=x name=x class=x data-x=x contenteditable onbeforeinput=alert(1)>x</p>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<img src='https://a.example.org/x.png' alt='\"><script>alert(1)</script>'>",
    "<a title='</a><img src=x onerror=alert(1)>' href=https://a.example.org/>x</a>",
]
HARMLESS = re.compile(r"https?://", re.IGNORECASE)
SAFE_ATTRIBUTES = {
    "href", "src", "alt", "title", "width", "height", "rel", "colspan", "rowspan", "start", "display", "dir", "lang",
}  # fmt: skip
ACTIVE_TAGS = {
    "script", "style", "svg", "iframe", "frame", "frameset", "object", "embed", "applet", "form", "input", "button",
    "select", "textarea", "video", "audio", "source", "meta", "base", "link", "marquee", "template", "noscript", "xmp",
    "plaintext", "annotation-xml", "mglyph",
}  # fmt: skip


def assert_inert(markup: str) -> None:
    """Check that HTML, as a browser reads it, and reads again what it wrote, holds nothing that acts."""
    for _ in range(2):
        root = html.fragment_fromstring(markup, create_parent="div")
        for element in root.iter():
            assert element.tag not in ACTIVE_TAGS
            assert isinstance(element.tag, str), "a comment or an instruction"
            for name, value in element.attrib.items():
                assert name in SAFE_ATTRIBUTES
                assert name not in {"href", "src"} or HARMLESS.match(value)
        markup = html.tostring(root, encoding="unicode")


@pytest.mark.parametrize("payload", ACTING)
def test_nothing_that_acts_is_left_in_the_html_of_an_entry(payload: str) -> None:
    """In RSS, Atom and JSON, beside harmless paragraphs."""
    told = f"<p>One</p>{payload}<p>Two</p>"
    escaped = told.replace("&", "&amp;").replace("<", "&lt;").replace("\x00", "").replace("\x01", "")
    entries = (
        described(told.replace("]]>", "]] >")),
        entry_of(atom(f"<id>urn:a:b</id><title>A</title><link href='/a'/><content type='html'>{escaped}</content>")),
        entry_of(json_feed({"id": "urn:a:b", "title": "A", "url": "/a", "content_html": told})),
    )
    for entry in entries:
        if entry.html is not None:
            assert_inert(entry.html)
        assert entry.title == "A"


@pytest.mark.parametrize("payload", ACTING)
def test_nothing_that_acts_is_left_of_titles_links_and_names(payload: str) -> None:
    """Text is text, and an address is one."""
    address = re.sub(r".*?(javascript:|data:|vbscript:|$)", r"\1", payload, flags=re.DOTALL) or "javascript:alert(1)"
    document = json_feed(
        {
            "id": payload, "url": address, "external_url": f"https://blog.example.org/a?b={payload}", "title": payload,
            "authors": [{"name": payload}], "image": address, "attachments": [{"url": address}], "tags": [payload],
        }
    )  # fmt: skip
    entry = entry_of(document)
    addresses = [entry.links.page, entry.id, *entry.aliases, *entry.media, *filter(None, [entry.thumbnail])]
    assert all(re.fullmatch(r"(https?://|urn:uuid:)[^\s<>\"]*", address) for address in addresses)
    for format_name, renderer in RENDERERS.items():
        assert payload not in render(renderer, make_feed(entry)).decode() or format_name == "json"
    assert_inert(content_html(replace(entry, summary=""), View(show=get_args(Fact))))
