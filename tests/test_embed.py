"""Embeds: a feed in the frame of another site, in its page by script, in its HTML, and by oEmbed."""

import gzip
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from werkzeug.test import TestResponse

from feedserver.config import LimitSettings, Settings, load_settings
from feedserver.config.settings import ServerSettings
from feedserver.errors import ConfigError
from feedserver.feeds import Address
from feedserver.model import Links
from feedserver.query import PARAMETERS, parse_query
from feedserver.store import SqliteStore
from feedserver.web import create_app
from feedserver.web.pages.accent import DARK, LEAST_CONTRAST, LIGHT, Colour, contrast, readable, stylesheet
from feedserver.web.pages.appearance import APPEARANCE
from feedserver.web.pages.snippets import snippets
from tests.answers import problem
from tests.conftest import RETIRED
from tests.entries import ROOT, day, make_entry, make_listing

Make = Callable[..., Flask]

EMBEDS = [
    "/embed",
    "/embed?q=diffusion&theme=dark&count=2",
    "/embed/diffusion",
    "/embed/all?layout=cards&accent=7a3fb0",
]
LISTS = ["/embed.html", "/embed.html?q=diffusion&count=2", "/embed/diffusion.html"]
STATIC = ROOT / "feedserver" / "web" / "static"
DOCUMENT = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</title><svg/onload=alert(1)>", "{{ 7*7 }}",
    "javascript:alert(1)", "' autofocus onfocus='alert(1)", "&lt;b&gt;", "]]><!--", "\u202egnp.exe", "a" * 5_000,
]  # fmt: skip


@pytest.fixture
def make(settings: Settings, store: SqliteStore, tmp_path: Path) -> Iterator[Make]:
    """Make apps over the sample; ``server`` holds settings of that section."""
    store.close()
    shutil.move(tmp_path / "store.sqlite", tmp_path / "feedserver.sqlite")
    made: list[Flask] = []

    def make_app(**server: Any) -> Flask:
        made.append(create_app(settings.model_copy(update={"server": ServerSettings(**server)})))
        return made[-1]

    yield make_app
    for app in made:
        app.extensions["feedserver"].store.close()


def tree(response: TestResponse) -> Any:
    """Return the parsed page."""
    assert response.status_code == 200, response.text
    return html.document_fromstring(response.text)


def texts(response: TestResponse, path: str) -> list[str]:
    """Return the texts of the elements that an XPath finds, white space around them aside."""
    return [element.text_content().strip() for element in tree(response).xpath(path)]


def titles(response: TestResponse) -> list[str]:
    """Return the titles of the entries of an embed."""
    return texts(response, "//li//p[@class='feedserver-title']")


def ancestors(response: TestResponse) -> str:
    """Return who may show a page in a frame."""
    (found,) = re.findall("frame-ancestors ([^;]*)", response.headers["Content-Security-Policy"])
    return str(found)


def keep(app: Flask, *entries: Any) -> None:
    """Keep entries, and let the app see them at once."""
    site = app.extensions["feedserver"]
    site.store.put(make_listing(*entries))
    site.watch._due = float("-inf")


class TestFrame:
    """``/embed``: a small page that other sites frame."""

    def test_it_shows_the_entries_of_the_feed_in_its_order(self, client: FlaskClient) -> None:
        """Title, a few authors, date, upvotes; the title leads to the entry in a tab of its own."""
        page = client.get("/embed/diffusion")
        assert titles(page) == ["Flow Matching for Generative Modeling", "Diffusion Transformers at Scale"]
        assert texts(page, "//h1") == texts(page, "//title") == ["Diffusion and flow matching"]
        (first, *_) = tree(page).xpath("//li")
        assert "Yaron Lipman, Ricky T. Q. Chen, Heli Ben-Hamu" in first.text_content()
        assert first.xpath(".//time/@datetime") == ["2026-01-09"]
        assert "64 upvotes" in first.text_content()
        (link,) = first.xpath(".//a")
        assert link.get("href") == "https://huggingface.co/papers/2210.02747"
        assert (link.get("target"), link.get("rel")) == ("_blank", "noopener")

    def test_title_and_foot_lead_to_the_feeds_page(self, client: FlaskClient) -> None:
        """Without the embed's own parameters, which mean nothing there."""
        page = tree(client.get("/embed?q=diffusion&theme=dark&count=2"))
        assert page.xpath("//h1/a/@href | //footer/a/@href") == ["http://localhost/feed?q=diffusion"] * 2
        assert page.xpath("//footer/a")[0].text == "localhost/feed?q=diffusion"

    def test_a_definition_is_refined_by_parameters(self, client: FlaskClient) -> None:
        """As it is everywhere."""
        assert titles(client.get("/embed/diffusion?min_upvotes=50")) == ["Flow Matching for Generative Modeling"]

    def test_no_more_entries_are_shown_than_were_asked_for(self, client: FlaskClient, app: Flask) -> None:
        """Ten, or ``count``, or the feed's own limit where that is lower."""
        keep(app, *(make_entry(number) for number in range(20, 80)))
        assert len(titles(client.get("/embed"))) == 10
        assert len(titles(client.get("/embed?count=50"))) == 50
        assert len(titles(client.get("/embed?count=50&limit=3"))) == 3

    def test_appearance_stands_where_the_stylesheet_looks_for_it(self, client: FlaskClient) -> None:
        """Defaults too."""
        root = tree(client.get("/embed"))
        assert (root.get("data-theme"), root.get("data-layout")) == ("auto", "list")
        assert not [link for link in root.xpath("//link/@href") if "accent" in link]
        root = tree(client.get("/embed?theme=dark&layout=compact&accent=7A3FB0"))
        assert (root.get("data-theme"), root.get("data-layout")) == ("dark", "compact")
        assert "http://localhost/embed/accent-7a3fb0.css" in root.xpath("//link[@rel='stylesheet']/@href")

    @pytest.mark.parametrize("parameter", APPEARANCE, ids=lambda parameter: parameter.name)
    def test_every_example_of_a_parameter_works(self, client: FlaskClient, parameter: Any) -> None:
        """And it changes the page, but where it is the default."""
        page = client.get(f"/embed?{parameter.name}={parameter.example}")
        assert page.status_code == 200
        assert (page.data == client.get("/embed").data) == (parameter.name == "count")

    def test_no_parameter_of_an_embed_is_one_of_a_query(self) -> None:
        """They stand in one address."""
        assert {one.name for one in APPEARANCE}.isdisjoint(one.name for one in PARAMETERS)

    @pytest.mark.parametrize(
        ("asked", "parameter", "detail"),
        [
            ("them=dark", "them", "unknown parameter 'them'; did you mean 'theme'?"),
            ("min_upvote=1", "min_upvote", "unknown parameter 'min_upvote'; did you mean 'min_upvotes'?"),
            ("theme=drak", "theme", "theme: unknown value 'drak'; did you mean 'dark'?"),
            ("layout=x", "layout", "layout: unknown value 'x'; known: cards, compact, list"),
            ("accent=red", "accent", "accent: 'red' is no colour; give six digits from 0 to f, such as 7a3fb0"),
            ("accent=%23ff0000", "accent", "accent: '#ff0000' is no colour"),
            ("accent=ff00%D9%A0%D9%A0", "accent", "is no colour"),
            ("count=0", "count", "count: '0' is not a whole number from 1 to 50"),
            ("count=51", "count", "count: '51' is not"),
            ("count=%D9%A3", "count", "is not a whole number"),
            ("count=9999999999999", "count", "is not a whole number"),
            ("theme=dark&theme=light", "theme", "theme: given twice; give it once"),
            ("q=(", "q", "q at position 1"),
        ],
    )
    def test_what_is_wrong_is_refused_with_a_remedy(
        self, client: FlaskClient, asked: str, parameter: str, detail: str
    ) -> None:
        """A problem document, as for feeds."""
        told = problem(client.get(f"/embed?{asked}"))
        assert (told["status"], told["parameter"]) == (400, parameter)
        assert detail in told["detail"]

    def test_an_empty_value_counts_as_not_given(self, client: FlaskClient) -> None:
        """As in a form that was sent."""
        assert client.get("/embed?theme=&count=&accent=&q=").data == client.get("/embed").data

    def test_a_name_that_is_none_is_answered_as_for_feeds(self, app: Flask, settings: Settings) -> None:
        """404 with a suggestion; 301 to the same embed of what it is named now; 410."""
        path = settings.config_dir / "feeds.toml"
        path.write_text(path.read_text(encoding="utf-8") + RETIRED, encoding="utf-8")
        app.extensions["feedserver"].definitions._checked = float("-inf")
        client = app.test_client()
        assert "did you mean 'diffusion'?" in problem(client.get("/embed/difusion"))["detail"]
        assert client.get("/embed/gans").status_code == client.get("/embed/gans.html").status_code == 410
        for old, successor in (
            ("/embed/diffuse?theme=dark", "/embed/diffusion?theme=dark"),
            ("/embed/diffuse.html?count=3", "/embed/diffusion.html?count=3"),
        ):
            moved = client.get(old)
            assert (moved.status_code, moved.location) == (301, f"http://localhost{successor}")

    def test_without_entries_it_says_so(self, client: FlaskClient) -> None:
        """And is a page all the same."""
        assert texts(client.get("/embed?q=nothingofthekind"), "//li") == ["Nothing matches so far."]

    def test_many_authors_are_cut_short(self, client: FlaskClient, app: Flask) -> None:
        """The largest collaboration has 3,303."""
        keep(app, make_entry(9, authors=tuple(f"Ada {number}" for number in range(3303)), listed=day(10)))
        page = client.get("/embed?count=1")
        assert texts(page, "//p[@class='feedserver-authors']") == ["Ada 0, Ada 1, Ada 2 and 3,300 others"]
        assert len(page.data) < 3_000

    def test_what_a_feed_does_not_show_is_not_shown(self, client: FlaskClient) -> None:
        """``show`` holds for embeds too."""
        page = client.get("/embed?show=none").text
        assert "Lipman" not in page
        assert "upvote" not in page.replace("feedserver-upvote", "")

    def test_titles_have_the_direction_of_their_script(self, client: FlaskClient, app: Flask) -> None:
        """As the browser finds it, and what belongs to them goes along."""
        keep(app, make_entry(9, title="نماذج الانتشار", listed=day(10)))
        for address in ("/embed?count=1", "/embed.html?count=1"):
            (entry,) = tree(client.get(address)).xpath("//li[@class='feedserver-entry']")
            assert entry.get("dir") == "auto"
            assert not entry.xpath(".//*[@dir]")  # whose texts would not be looked at
            assert entry.text_content().split()[:2] == ["نماذج", "الانتشار"]

    @pytest.mark.parametrize("address", [*EMBEDS[:2], *LISTS[:1]])
    @pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:20])
    def test_hostile_texts_stay_texts(self, client: FlaskClient, app: Flask, address: str, text: str) -> None:
        """In titles, names and parameters: no element and no attribute comes of them."""
        keep(app, make_entry(9, title=f"diffusion {text}", authors=(text, "Y. Song"), upvotes=99, listed=day(10)))
        mark = "&" if "?" in address else "?"
        clean = tree(client.get(address))
        page = client.get(f"{address}{mark}title={quote_plus(text[:200])}")
        root = tree(page)
        assert {element.tag for element in root.iter()} <= {element.tag for element in clean.iter()} | {"span"}
        assert not [name for element in root.iter() for name in element.attrib if name.startswith(("on", "style"))]
        assert not root.xpath("//script[not(@src)]")
        assert f"diffusion {' '.join(text.split())}" in titles(page)

    def test_a_link_leads_to_the_web_or_is_none(self, client: FlaskClient, app: Flask) -> None:
        """Whatever was kept."""
        keep(app, make_entry(9, title="Bad", links=Links("javascript:alert(1)"), listed=day(10)))
        for address in ("/embed?count=1", "/embed.html?count=1"):
            page = client.get(address)
            assert titles(page) == ["Bad"]
            assert "javascript:" not in page.text

    def test_nothing_is_inline_and_nothing_comes_from_elsewhere(self, client: FlaskClient) -> None:
        """So that the policy holds without exceptions; no cookie, no referrer."""
        page = client.get("/embed/all?accent=7a3fb0")
        root = tree(page)
        assert not root.xpath("//style | //script[not(@src)] | //@style | //img")
        loaded = root.xpath("//script/@src | //link[@rel='stylesheet']/@href")
        assert len(loaded) == 3
        assert all(address.startswith("http://localhost/") for address in loaded)
        assert {client.get(address, buffered=True).status_code for address in loaded} == {200}
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in page.headers


class TestWhoMayFrame:
    """``server.frame_ancestors``."""

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ({}, "*"),
            ({"frame_ancestors": []}, "'none'"),
            ({"frame_ancestors": ["https://example.org", "http://*.lab.example:8080"]},
             "https://example.org http://*.lab.example:8080"),
        ],
    )  # fmt: skip
    def test_the_setting_becomes_the_policy_of_embeds(self, make: Make, given: dict[str, Any], told: str) -> None:
        """Of those that are frames, and of no other page."""
        client = make(**given).test_client()
        assert {ancestors(client.get(address)) for address in EMBEDS} == {told}
        others = ["/", "/status", "/feed", "/feeds/all", *LISTS]
        assert {ancestors(client.get(address)) for address in others} == {"'none'"}

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ('"https://example.org"', "give a list of texts such as"),
            ("[1]", "give a list of texts such as"),
            ('["*", "https://example.org"]', "'*' is every site already"),
            ('["example.org"]', "'example.org' is no origin; give scheme, host and any port"),
            ('["https://example.org/"]', "without a path or a slash at the end"),
            ('["https://example.org/page"]', "is no origin"),
            ('["https://bücher.example"]', "is no origin"),
            ('["https://example.org; script-src *"]', "is no origin"),
            ('["https://example.org\\r\\nX: y"]', "is no origin"),
            ('["https://a.example https://b.example"]', "is no origin"),
            ("[\"'self'\"]", "is no origin"),
            ('["https:"]', "is no origin"),
            ('["https://*"]', "is no origin"),
            ('["https://example.org:0"]', "is no origin"),
            ('[""]', "is no origin"),
        ],
    )
    def test_what_is_no_origin_is_refused_with_a_remedy(self, tmp_path: Path, given: str, told: str) -> None:
        """By file and key; none gets into a header."""
        (tmp_path / "feedserver.toml").write_text(f"[server]\nframe_ancestors = {given}", encoding="utf-8")
        with pytest.raises(ConfigError) as error:
            load_settings({"FEEDSERVER_CONFIG_DIR": str(tmp_path), "FEEDSERVER_DATA_DIR": str(tmp_path)})
        assert "feedserver.toml: server.frame_ancestors: " in str(error.value)
        assert told in str(error.value)


class TestCaching:
    """Embeds are kept like feeds."""

    @pytest.mark.parametrize("address", [*EMBEDS, *LISTS, "/embed.js", "/embed/accent-7a3fb0.css"])
    def test_who_has_it_already_gets_304(self, client: FlaskClient, address: str) -> None:
        """With each of the two validators; and what changes only how it looks has another tag."""
        first = client.get(address)
        assert "max-age" in first.headers["Cache-Control"]
        for name, value in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
            again = client.get(address, headers={name: first.headers[value]})
            assert (again.status_code, again.data) == (304, b"")

    def test_an_embed_is_cacheable_for_as_long_as_its_feed(self, client: FlaskClient) -> None:
        """The data is the same."""
        kept = client.get("/feeds/diffusion.json").headers["Cache-Control"]
        assert {client.get(address).headers["Cache-Control"] for address in (*EMBEDS, *LISTS)} == {kept}

    def test_each_appearance_is_a_page_of_its_own(self, client: FlaskClient) -> None:
        """None is taken for another, nor for the feed's page."""
        addresses = ["/embed/all", "/embed/all?theme=dark", "/embed/all?count=2", "/embed/all.html", "/feeds/all"]
        for _ in range(2):  # built, then from memory
            assert len({client.get(address).headers["ETag"] for address in addresses}) == 5

    @pytest.mark.parametrize("address", [*EMBEDS, *LISTS])
    def test_what_lies_in_memory_is_answered_in_front_of_flask(self, app: Flask, address: str) -> None:
        """As every visitor of a host's page asks; with the same headers."""
        handled: list[str] = []
        app.before_request(lambda: handled.append(address))
        first, again = (app.test_client().get(address) for _ in range(2))
        assert len(handled) == 1
        assert (again.status_code, again.data) == (200, first.data)
        assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]

    def test_what_is_new_is_shown_at_once(self, client: FlaskClient, app: Flask) -> None:
        """As in the feed."""
        before = client.get("/embed")
        keep(app, make_entry(9, title="Brand new", listed=day(10)))
        after = client.get("/embed", headers={"If-None-Match": before.headers["ETag"]})
        assert titles(after)[0] == "Brand new"

    def test_a_change_of_looks_costs_no_new_query(self, settings: Settings, store: SqliteStore) -> None:
        """A defined feed's embed counts like the feed, whatever the theme; what was built is free."""
        app = create_app(settings.model_copy(update={"limits": LimitSettings(queries="1 per minute")}))
        client = app.test_client()
        looks = [f"/embed/all?theme={theme}&count={count}" for theme in ("dark", "light") for count in (1, 2, 3)]
        assert {client.get(address).status_code for address in looks} == {200}
        answers = [client.get(f"/embed?q=word{number}").status_code for number in (0, 0, 1)]
        assert answers == [200, 200, 429]
        app.extensions["feedserver"].store.close()


class TestAccent:
    """A colour of the host's, as a stylesheet."""

    @given(st.builds(Colour, *[st.integers(0, 255)] * 3), st.sampled_from([LIGHT, DARK]))
    def test_any_colour_is_made_readable(self, colour: Colour, paper: Colour) -> None:
        """And is left alone where it is so already."""
        found = readable(colour, paper)
        assert contrast(found, paper) >= LEAST_CONTRAST
        assert (found == colour) == (contrast(colour, paper) >= LEAST_CONTRAST)

    def test_contrast_is_the_one_of_the_standard(self) -> None:
        """Black and white have 21; #777777 on white is known to fail by a hair."""
        assert contrast(Colour(0, 0, 0), Colour(255, 255, 255)) == pytest.approx(21)
        assert contrast(Colour(0x77, 0x77, 0x77), Colour(255, 255, 255)) == pytest.approx(4.48, abs=0.005)

    def test_the_papers_are_those_of_the_stylesheet(self) -> None:
        """Both places, and the script's."""
        assert f"--paper: light-dark({LIGHT}, {DARK})" in (STATIC / "embed.css").read_text(encoding="utf-8")
        script = (STATIC / "embed.js").read_text(encoding="utf-8")
        assert f"--paper: light-dark({LIGHT}, {DARK})" in script
        for paper in (LIGHT, DARK):
            assert f"[{', '.join(map(str, paper))}]" in script

    def test_the_stylesheet_is_kept_for_a_month(self, client: FlaskClient) -> None:
        """It is one rule, with a colour for either theme."""
        answer = client.get("/embed/accent-ffff00.css")
        assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
        assert answer.headers["Cache-Control"] == "public, max-age=2592000"
        assert answer.text == stylesheet("ffff00") == ":root { --accent: light-dark(#727200, #ffff00); }\n"

    @pytest.mark.parametrize(
        "name", ["accent-.css", "accent-fff.css", "accent-gggggg.css", "accent-FF0000.css", "x.css"]
    )
    def test_what_is_no_colour_has_none(self, client: FlaskClient, name: str) -> None:
        """One colour, one address."""
        assert client.get(f"/embed/{name}").status_code == 404


class TestScript:
    """``/embed.js``."""

    def test_it_is_under_five_kilobytes_compressed(self, client: FlaskClient) -> None:
        """As it goes over the wire."""
        answer = client.get("/embed.js", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(answer.data) < 5_000
        assert gzip.decompress(answer.data) == client.get("/embed.js").data

    def test_any_page_may_load_it_and_keep_it_for_a_day(self, client: FlaskClient) -> None:
        """Also as a module, also one that isolates itself."""
        answer = client.get("/embed.js")
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert answer.headers["Cache-Control"] == "public, max-age=86400"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize("name", ["embed.js", "frame.js"])
    def test_no_script_makes_markup_of_texts_or_code_of_either(self, name: str) -> None:
        """A page that forbids strings as markup (Trusted Types) or code loses nothing."""
        script = (STATIC / name).read_text(encoding="utf-8")
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", ".style",
                    "setHTML", "cookie", "localStorage", "import("):  # fmt: skip
            assert way not in script, way

    def test_scripts_name_no_other_host(self) -> None:
        """They ask the server that they come from."""
        for name in ("embed.js", "frame.js", "embed.css"):
            assert not re.findall(r"(?:https?:)?//[a-z]", (STATIC / name).read_text(encoding="utf-8"))

    def test_the_feed_it_asks_for_exists(self, client: FlaskClient) -> None:
        """Its addresses, as the script builds them; what it reads of an entry is there."""
        for address in ("/feeds/diffusion.json?limit=5&show=none", "/feed.json?q=diffusion&limit=5&show=none"):
            answer = client.get(address)
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            feed = answer.get_json(force=True)
            assert {"title", "home_page_url", "items"} <= feed.keys()
            item = feed["items"][0]
            assert {"title", "url", "date_published", "authors"} <= item.keys()
            assert {"upvotes", "author_count"} <= item["_feedserver"].keys()


class TestInclude:
    """``.html``: a list for the server of another site to include."""

    def test_it_is_a_list_and_nothing_else(self, client: FlaskClient) -> None:
        """Without head, style or script; what surrounds it decides how links open."""
        answer = client.get("/embed/diffusion.html")
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.text.startswith('<ol class="feedserver">')
        assert answer.text.rstrip().endswith("</ol>")
        assert not re.findall("<(?:html|head|script|style|link)|target=|style=", answer.text)
        assert len(titles(answer)) == 2

    def test_any_page_may_read_it(self, client: FlaskClient) -> None:
        """CORS, with its validators."""
        answer = client.get("/embed.html?q=diffusion")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "ETag" in answer.headers["Access-Control-Expose-Headers"]

    def test_it_is_utf_8(self, client: FlaskClient) -> None:
        """As its header says."""
        assert "扩散模型综述" in client.get("/embed.html").data.decode()

    def test_how_a_frame_looks_means_nothing_here(self, client: FlaskClient) -> None:
        """So it is refused rather than passed over."""
        assert client.get("/embed.html?count=1").status_code == 200
        assert problem(client.get("/embed.html?theme=dark"))["detail"].startswith("unknown parameter 'theme'")


class TestOEmbed:
    """https://oembed.com, version 1.0."""

    @staticmethod
    def ask(client: FlaskClient, url: str, **more: str | int) -> TestResponse:
        """Ask about an address."""
        return client.get("/oembed", query_string={"url": url, **more})

    @pytest.mark.parametrize(
        ("url", "framed"),
        [
            ("http://localhost/feeds/diffusion", "http://localhost/embed/diffusion"),
            ("https://localhost/feeds/diffusion", "http://localhost/embed/diffusion"),
            ("http://localhost/feeds/all?min_upvotes=5", "http://localhost/embed/all?min_upvotes=5"),
            ("http://localhost/feed?limit=5&q=diffusion", "http://localhost/embed?q=diffusion&limit=5"),
            ("http://localhost/feed", "http://localhost/embed"),
        ],
    )
    def test_a_feeds_page_has_a_rich_answer(self, client: FlaskClient, url: str, framed: str) -> None:
        """2.3.4.4: html, width and height are there; the frame leads to an embed that works."""
        answer = self.ask(client, url)
        assert answer.headers["Content-Type"] == "application/json"
        told = answer.get_json()
        assert (told["version"], told["type"], told["provider_name"]) == ("1.0", "rich", "Feedserver")
        assert told["provider_url"] == "http://localhost/"
        assert isinstance(told["cache_age"], int)
        (frame,) = html.fragments_fromstring(told["html"])
        assert (frame.tag, frame.get("src"), frame.get("title")) == ("iframe", framed, told["title"])
        assert (frame.get("width"), frame.get("height")) == (str(told["width"]), str(told["height"]))
        assert client.get(framed).status_code == 200

    def test_it_stays_within_the_bounds_that_are_given(self, client: FlaskClient) -> None:
        """2.2: maxwidth and maxheight must be respected; it does not grow to fill them."""
        url = "http://localhost/feeds/all"
        sizes = [
            {key: self.ask(client, url, **bounds).get_json()[key] for key in ("width", "height")}
            for bounds in ({}, {"maxwidth": 320}, {"maxheight": 100, "maxwidth": 4000}, {"maxwidth": ""})
        ]
        default = {"width": 600, "height": 480}
        assert sizes == [default, {"width": 320, "height": 480}, {"width": 600, "height": 100}, default]

    @pytest.mark.parametrize(
        "url",
        [
            "http://localhost/", "http://localhost/status", "http://localhost/feeds/none", "http://localhost/feeds/",
            "http://localhost/feeds/all.atom", "http://localhost/feeds/all/2026-01", "http://localhost/embed/all",
            "http://other.example/feeds/all", "http://localhost.other.example/feeds/all", "ftp://localhost/feeds/all",
            "http://localhost@other.example/feeds/all", "//localhost/feeds/all", "/feeds/all", "javascript:alert(1)",
            "http://[/feeds/all", "http://localhost/feed?nosuch=1", "http://localhost/feed?q=(", "x",
        ],
    )  # fmt: skip
    def test_any_other_address_is_not_found(self, client: FlaskClient, url: str) -> None:
        """2.3.5: 404, the provider has nothing for that url."""
        assert problem(self.ask(client, url))["status"] == 404

    @pytest.mark.parametrize(
        "asked", ["", "url=", "url=http://localhost/feed&maxwidth=x", "url=http://localhost/feed&maxheight=0"]
    )
    def test_what_is_no_request_is_refused(self, client: FlaskClient, asked: str) -> None:
        """400, with the parameter in words."""
        assert re.match("url: |maxwidth: |maxheight: ", problem(client.get(f"/oembed?{asked}"))["detail"])

    @pytest.mark.parametrize("format_name", ["xml", "JSON", "yaml"])
    def test_another_format_is_not_implemented(self, client: FlaskClient, format_name: str) -> None:
        """2.3.5: 501."""
        assert self.ask(client, "http://localhost/feed", format="json").status_code == 200
        assert problem(self.ask(client, "http://localhost/feed", format=format_name))["status"] == 501

    def test_parameters_of_others_are_passed_over(self, client: FlaskClient) -> None:
        """Consumers send what they like, such as ``dnt``."""
        assert self.ask(client, "http://localhost/feed", dnt="1").status_code == 200

    def test_a_feed_that_moved_is_shown_by_its_new_name(self, app: Flask, settings: Settings) -> None:
        """What was pasted goes on working; what is gone is not found."""
        path = settings.config_dir / "feeds.toml"
        path.write_text(path.read_text(encoding="utf-8") + RETIRED, encoding="utf-8")
        app.extensions["feedserver"].definitions._checked = float("-inf")
        told = self.ask(app.test_client(), "http://localhost/feeds/diffuse").get_json()
        assert 'src="http://localhost/embed/diffusion"' in told["html"]
        assert self.ask(app.test_client(), "http://localhost/feeds/gans").status_code == 404

    def test_a_title_stays_a_text(self, client: FlaskClient) -> None:
        """In the HTML that consumers put into their pages."""
        text = '"><script>alert(1)</script>'
        told = self.ask(client, f"http://localhost/feed?title={quote_plus(text)}").get_json()
        (frame,) = html.fragments_fromstring(told["html"])
        assert (told["title"], frame.get("title")) == (text, text)
        assert "<script" not in told["html"]

    def test_where_nobody_may_frame_there_is_nothing_to_embed(self, make: Make) -> None:
        """404 rather than a frame that stays empty."""
        client = make(frame_ancestors=[]).test_client()
        assert self.ask(client, "http://localhost/feeds/all").status_code == 404

    def test_below_a_sub_path_pages_and_embeds_are_found(self, make: Make) -> None:
        """By the public address, whatever the request says."""
        client = make(public_url="https://example.org/papers/").test_client()
        told = self.ask(client, "https://example.org/papers/feeds/all").get_json()
        assert 'src="https://example.org/papers/embed/all"' in told["html"]
        for url in (
            "https://example.org/feeds/all",
            "https://example.org/papersfeeds/all",
            "http://localhost/feeds/all",
        ):
            assert self.ask(client, url).status_code == 404
        page = tree(client.get("/embed/all?accent=7a3fb0"))
        loaded = page.xpath("//script/@src | //link[@rel='stylesheet']/@href")
        assert all(address.startswith("https://example.org/papers/") for address in loaded)
        assert "style-src 'self' https://example.org/papers/static/ https://example.org/papers/embed/;" in client.get(
            "/embed/all"
        ).headers["Content-Security-Policy"]  # fmt: skip

    @pytest.mark.parametrize("page", ["/feeds/diffusion", "/feed?q=%22flow+matching%22+-medical&title=a%26b"])
    def test_a_feeds_page_leads_to_its_answer(self, client: FlaskClient, page: str) -> None:
        """4, discovery: a link in the head, to an answer about this very page."""
        (link,) = tree(client.get(page)).xpath("//head/link[@type='application/json+oembed']")
        assert link.get("rel") == "alternate"
        told = client.get(link.get("href")).get_json()
        assert told["title"] == link.get("title") == texts(client.get(page), "//h1")[0]

    def test_who_has_the_answer_already_gets_304(self, client: FlaskClient) -> None:
        """And any page's script may read it."""
        first = self.ask(client, "http://localhost/feeds/all")
        assert first.headers["Access-Control-Allow-Origin"] == "*"
        assert "max-age" in first.headers["Cache-Control"]
        known = {"If-None-Match": first.headers["ETag"]}
        assert client.get("/oembed?url=http://localhost/feeds/all", headers=known).status_code == 304


class TestSnippets:
    """What site owners paste."""

    ADDRESS = Address("https://papers.example.org/sub", "feeds/diffusion", "min_upvotes=20")
    AD_HOC = Address("https://papers.example.org/sub", "feed", 'q="a&b",c&limit=5')

    def test_a_defined_feed_has_three(self) -> None:
        """Complete texts, with the refinement of the address in each."""
        frame, script, include = (snippet.code for snippet in snippets(self.ADDRESS, "Flows"))
        assert 'src="https://papers.example.org/sub/embed/diffusion?min_upvotes=20"' in frame
        assert script == (
            '<script src="https://papers.example.org/sub/embed.js" async></script>\n'
            '<feedserver-feed feed="diffusion" query="min_upvotes=20">'
            '<a href="https://papers.example.org/sub/feeds/diffusion?min_upvotes=20">Flows</a></feedserver-feed>'
        )
        assert include == "<?php readfile('https://papers.example.org/sub/embed/diffusion.html?min_upvotes=20'); ?>"

    @pytest.mark.parametrize("title", HOSTILE[:6])
    def test_a_title_stays_a_text_where_it_is_pasted(self, title: str) -> None:
        """And so does an address."""
        frame, script, _ = (snippet.code for snippet in snippets(self.AD_HOC, title))
        (iframe,) = html.fragments_fromstring(frame)
        assert (iframe.get("title"), iframe.get("src")) == (title, replace(self.AD_HOC, path="embed").home_url)
        loader, element = html.fragments_fromstring(script)
        assert (loader.tag, element.tag, element.text_content()) == ("script", "feedserver-feed", title)
        assert element.get("query") == self.AD_HOC.query_string

    def test_no_quote_ends_the_text_of_the_include_early(self) -> None:
        """It stands between single quotes."""
        spelled = parse_query([("q", "it's")]).query_string
        (*_, include) = (snippet.code for snippet in snippets(Address("https://x.example", "feed", spelled), ""))
        assert include.count("'") == 2

    def test_a_feed_s_page_shows_them_to_be_copied(self, client: FlaskClient) -> None:
        """As texts."""
        page = html.fromstring(client.get("/feeds/all?title=<b>").data)
        shown = [area.text for area in page.xpath("//textarea[starts-with(@id, 'snippet-')]")]
        address = Address("http://localhost", "feeds/all", parse_query([("title", "<b>")]).query_string)
        assert shown == [one.code for one in snippets(address, "<b>")]


class TestDocument:
    """``docs/embedding.md``."""

    def test_every_parameter_of_an_embed_is_explained(self) -> None:
        """In the code's own words, and no other."""
        rows = re.findall(r"^\| `(\w+)` \| (.*) \| `(.*)` \|$", DOCUMENT, re.MULTILINE)
        assert rows == [(one.name, one.help, one.example) for one in APPEARANCE]

    def test_its_examples_work(self, client: FlaskClient) -> None:
        """Every address of an embed in it is answered."""
        found = re.findall(r"https://papers\.example\.org(/(?:embed|oembed|feeds?)[^\s\"'`<>)]*)", DOCUMENT)
        assert len(found) > 8
        for address in found:
            told = client.get(address.replace("&amp;", "&").replace("papers.example.org", "localhost"))
            assert told.status_code == 200, address

    def test_the_messages_are_those_of_the_scripts(self) -> None:
        """What hosts rely on."""
        for name in ("embed.js", "frame.js"):
            script = (STATIC / name).read_text(encoding="utf-8")
            messages = set(re.findall('"(feedserver:[a-z]+)"', script))
            assert (
                messages
                == set(re.findall('"(feedserver:[a-z]+)"', DOCUMENT))
                == {"feedserver:height", "feedserver:tell"}
            )
