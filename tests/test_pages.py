"""The pages for people: catalogue, feed, history, entry, builder, status; what they say without a script."""

import json
import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree, html

from feedserver.config import LimitSettings, Settings
from feedserver.config.definitions import load_definitions
from feedserver.config.settings import RefreshSettings, ServerSettings
from feedserver.model import Organisation
from feedserver.query import PARAMETERS, parse_query
from feedserver.sources.subscriptions import read_opml
from feedserver.web import create_app
from feedserver.web.pages.build import SECTIONS
from feedserver.web.pages.charts import bar_chart, curve
from feedserver.web.pages.subscribe import code, readers
from tests.entries import make_entry, make_listing

PAGES = [
    "/", "/build", "/build?q=diffusion", "/feed?q=diffusion", "/feeds/diffusion", "/status",
    "/entry?id=https://arxiv.org/abs/2601.00001", "/feeds/all/2026-01",
]  # fmt: skip


BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def page_of(client: FlaskClient, address: str, **headers: str) -> html.HtmlElement:
    """Return the page at an address, as a browser reads it."""
    return html.fromstring(client.get(address, headers=headers).data)


def words_of(page: html.HtmlElement, selector: str = "body") -> str:
    """Return the words in the first element that is selected, with single blanks."""
    (element, *_) = page.cssselect(selector)
    return " ".join(str(element.text_content()).split())


def put(app: Flask, *entries: object) -> None:
    """Add entries to the app's store."""
    app.extensions["feedserver"].store.put(make_listing(*entries))  # type: ignore[arg-type]  # entries, of whichever kind


class TestEveryPage:
    """What is true of all of them."""

    @pytest.mark.parametrize("address", PAGES)
    def test_it_runs_and_loads_nothing_but_its_own(self, client: FlaskClient, address: str) -> None:
        """By its policy, and by what stands in it: no inline code or style, no other host."""
        response = client.get(address)
        policy = response.headers["Content-Security-Policy"]
        assert response.status_code == 200
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["Referrer-Policy"] == "no-referrer"
        page = html.fromstring(response.data)
        assert not page.xpath("//@style | //style | //@*[starts-with(name(), 'on')] | //script[not(@src)]")
        loaded = page.xpath("//img/@src | //script/@src | //link[@rel='stylesheet' or @rel='icon']/@href")
        assert [each for each in loaded if not each.startswith("http://localhost/static/")] == []

    @pytest.mark.parametrize("address", PAGES)
    def test_it_is_not_sent_again_while_it_is_the_same(self, client: FlaskClient, address: str) -> None:
        """A tag, and 304."""
        first = client.get(address)
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")

    @pytest.mark.parametrize("address", PAGES)
    def test_it_is_small(self, client: FlaskClient, address: str) -> None:
        """Under 100 KB with its style and scripts."""
        total = len(page := client.get(address).data)
        for loaded in html.fromstring(page).xpath("//script/@src | //link[@rel='stylesheet']/@href"):
            with client.get(loaded) as answer:
                total += len(answer.data)
        assert 5_000 < total < 100_000

    def test_it_lies_under_the_public_address(self, settings: Settings) -> None:
        """With its sub-path."""
        server = ServerSettings.model_validate({"public_url": "https://example.org/papers/"})
        app = create_app(settings.model_copy(update={"server": server}))
        links = page_of(app.test_client(), "/").xpath("//a/@href | //link/@href | //form/@action")
        assert [link for link in links if not link.startswith(("https://example.org/papers/", "#"))] == []
        app.extensions["feedserver"].store.close()

    def test_markup_in_a_text_is_shown_and_not_obeyed(self, client: FlaskClient) -> None:
        """Of entries, and of the address."""
        page = client.get("/feed?q=friends&title=<script>alert(1)</script>").get_data(as_text=True)
        assert "<script>" not in page
        assert "Measuring &lt;MMLU&gt; &amp; <mark>friends</mark>" in page


class TestCatalogue:
    """``/``."""

    def test_it_lists_the_feeds_with_what_they_bring(self, client: FlaskClient) -> None:
        """Title, filter in words, entries a day, newest entries, addresses."""
        page = page_of(client, "/")
        cards = page.cssselect(".card")
        assert [words_of(card, "h3") for card in cards] == ["All papers", "Diffusion and flow matching"]
        assert "“diffusion” or “flow matching”, not “medical”" in words_of(cards[1], ".meta")
        assert "Flow Matching for Generative Modeling" in words_of(cards[1], ".newest")
        assert cards[1].cssselect("svg.bars[role=img][aria-label]")
        assert "http://localhost/feeds/diffusion.rss" in [link.get("href") for link in cards[1].cssselect(".formats a")]
        assert page.cssselect("link[rel=alternate][href='http://localhost/feeds/diffusion.atom']")

    def test_some_of_them_can_be_chosen_for_a_reader(self, client: FlaskClient) -> None:
        """A form without a script, whose address is the list of those that were ticked."""
        page = page_of(client, "/")
        form = next(form for form in page.forms if form.get("action").endswith("/feeds.opml"))
        assert [box.get("value") for box in form.cssselect("[name=feeds]")] == ["all", "diffusion"]
        assert [label.text_content().strip() for label in form.cssselect("label")] == [
            "All papers",
            "Diffusion and flow matching",
        ]
        chosen = client.get("/feeds.opml?feeds=diffusion")
        assert [one.title for one in read_opml(chosen.data)] == ["Diffusion and flow matching"]

    def test_feeds_stand_under_their_headings(self, client: FlaskClient, settings: Settings, app: Flask) -> None:
        """In the order of the file; the others come where they begin."""
        text = '[feeds.a]\ngroup = "Ours"\n[feeds.b]\n[feeds.c]\ngroup = "Ours"\n'
        (settings.config_dir / "feeds.toml").write_text(text, encoding="utf-8")
        app.extensions["feedserver"].definitions._checked = float("-inf")
        groups = page_of(client, "/").cssselect(".group")
        assert [(words_of(group, "h2"), len(group.cssselect(".card"))) for group in groups] == [
            ("Ours", 2), ("Other feeds", 1),
        ]  # fmt: skip

    def test_an_empty_store_says_so(self, settings: Settings) -> None:
        """And where to look why."""
        app = create_app(settings)
        assert "The store is empty so far" in words_of(page_of(app.test_client(), "/"))
        app.extensions["feedserver"].store.close()


class TestSubscriptionList:
    """``/feeds.opml``."""

    def test_it_holds_all_feeds(self, client: FlaskClient) -> None:
        """As our own import reads it, and any reader."""
        answer = client.get("/feeds.opml")
        assert answer.mimetype == "text/x-opml"
        assert [(one.title, one.url, one.home) for one in read_opml(answer.data)] == [
            ("All papers", "http://localhost/feeds/all.atom", "http://localhost/feeds/all"),
            (
                "Diffusion and flow matching", "http://localhost/feeds/diffusion.atom",
                "http://localhost/feeds/diffusion",
            ),
        ]  # fmt: skip
        assert client.get("/feeds.opml", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304

    def test_it_holds_a_choice_of_them_in_a_format(self, client: FlaskClient) -> None:
        """Each that is named."""
        answer = client.get("/feeds.opml?feeds=diffusion&format=rss")
        assert [one.url for one in read_opml(answer.data)] == ["http://localhost/feeds/diffusion.rss"]

    def test_each_feed_is_listed_once(self, client: FlaskClient) -> None:
        """However often, and in however many parameters, it is named."""
        answer = client.get("/feeds.opml?feeds=all,+diffusion,all&feeds=diffusion")
        assert [one.title for one in read_opml(answer.data)] == ["All papers", "Diffusion and flow matching"]

    def test_a_heading_is_a_folder(self, client: FlaskClient, settings: Settings, app: Flask) -> None:
        """With all feeds under it."""
        text = '[feeds.a]\ngroup = "Ours"\n[feeds.b]\n[feeds.c]\ngroup = "Ours"\n'
        (settings.config_dir / "feeds.toml").write_text(text, encoding="utf-8")
        app.extensions["feedserver"].definitions._checked = float("-inf")
        root = etree.fromstring(client.get("/feeds.opml").data)
        assert [len(one) for one in root.iterfind("body/outline")] == [2, 0]

    @pytest.mark.parametrize(
        ("query", "status", "said"),
        [
            ("format=rdf", 400, "unknown format 'rdf'"),
            ("feed=all", 400, "unknown parameter 'feed'; did you mean 'feeds'?"),
            ("feeds=al", 404, "no feed is named 'al'; did you mean 'all'?"),
        ],
    )
    def test_what_is_wrong_is_told(self, client: FlaskClient, query: str, status: int, said: str) -> None:
        """With a remedy."""
        answer = client.get(f"/feeds.opml?{query}", headers=BROWSER)
        assert (answer.status_code, said in words_of(html.fromstring(answer.data))) == (status, True)


class TestFeedPage:
    """``/feeds/<name>`` and ``/feed?...``."""

    @pytest.mark.parametrize("address", ["/feeds/diffusion", "/feed?q=diffusion"])
    def test_it_shows_the_entries_and_how_to_subscribe(self, client: FlaskClient, address: str) -> None:
        """Every format by a link that programs find too."""
        page = page_of(client, address)
        assert "Flow Matching for Generative Modeling" in words_of(page, ".entries")
        path, _, query = address.partition("?")
        wanted = {f"http://localhost{path}.{name}{'?' if query else ''}{query}" for name in ("rss", "atom", "json")}
        assert {link.get("href") for link in page.cssselect("head link[rel=alternate]")} >= wanted
        (field,) = page.cssselect("#address")
        assert field.get("value") in wanted

    def test_a_defined_feed_is_taken_to_the_builder_and_to_other_servers_as_it_is(self, client: FlaskClient) -> None:
        """With what the address adds; not where both say the same parameter, for then both hold."""
        page = page_of(client, "/feeds/diffusion?has=code")
        (lines,) = page.cssselect("#definition")
        assert tomllib.loads(lines.text)["feeds"]["diffusion"] == {
            "q": 'diffusion OR "flow matching" -medical', "authors": ["Y. Song", "Yaron Lipman"],
            "min_upvotes": 20, "has": "code", "title": "Diffusion and flow matching",
        }  # fmt: skip
        (link,) = [each.get("href") for each in page.cssselect("a") if "/build?" in each.get("href")]
        built = page_of(client, link)
        assert words_of(built, "#preview .entries") == words_of(page, ".entries")
        refined = page_of(client, "/feeds/diffusion?q=paths")
        assert not refined.cssselect("#definition, a[href*='/build?']")

    def test_titles_are_as_readable_as_in_the_feed(self, client: FlaskClient, app: Flask) -> None:
        """TeX as Unicode, unless it is to stay."""
        put(app, make_entry(7, title="S$^2$R for $5", summary="Only 5\\% of $n^2$."))
        shown, raw = (words_of(page_of(client, f"/feed?{maths}")) for maths in ("math=mathml", "math=raw"))
        assert "S²R for $5" in shown
        assert "Only 5% of n²." in shown
        assert "S$^2$R for $5" in raw
        assert "Only 5\\% of $n^2$." in raw

    def test_why_an_entry_is_there_is_marked(self, client: FlaskClient) -> None:
        """Words in the texts, and other reasons."""
        page = page_of(client, "/feed?q=%22flow+matching%22+author:lipman")
        marked = [mark.text_content() for mark in page.cssselect(".entries mark")]
        assert marked[0] == "Flow Matching"
        assert any("Lipman" in mark for mark in marked)

    def test_every_entry_shows_why_it_is_there(self, client: FlaskClient, app: Flask) -> None:
        """Also where the words stand far down in the abstract, behind a summary that says it otherwise."""
        far = f"{'Nothing of the kind. ' * 40}Then matching flows of words, at last. {'And more. ' * 60}"
        put(
            app,
            make_entry(11, title="A", summary=far, ai_summary="It is short."),
            make_entry(12, title="B", summary=far),
        )
        entries = page_of(client, "/feed?keywords=matching+flows").cssselect(".entries > li")
        assert len(entries) == 2
        for entry in entries:
            assert [mark.text_content() for mark in entry.cssselect(".summary mark")] == ["matching flows"]
            assert len(words_of(entry, ".summary")) < 340

    def test_a_page_shows_fifty_entries_at_most(self, client: FlaskClient, app: Flask) -> None:
        """Under 100 KB; the others are on older pages."""
        put(app, *(make_entry(number, title=f"Paper {number}", summary="word " * 400) for number in range(100, 180)))
        response = client.get("/feed?q=paper&limit=200")
        page = html.fromstring(response.data)
        assert (len(page.cssselect(".entries > li")), len(response.data) < 85_000) == (50, True)
        assert page.cssselect("nav.pages a[rel=prev]")

    def test_older_pages_follow_to_the_first_entry(self, client: FlaskClient, app: Flask) -> None:
        """By links alone; each entry is on one of them."""
        put(app, *(make_entry(number, title=f"Paper {number}") for number in range(100, 130)))
        address, seen = "/feed?q=paper&limit=10", set()
        for _ in range(9):
            page = page_of(client, address)
            seen |= {words_of(entry, "h2, h3") for entry in page.cssselect(".entries > li")}
            links = page.cssselect("nav.pages a[rel=prev]")
            if not links:
                break
            address = links[0].get("href")
        assert {f"Paper {number}" for number in range(100, 130)} <= seen

    @pytest.mark.parametrize("asked", ["top=1/day", "digest=day"])
    def test_older_pages_of_a_top_or_a_digest_go_back_to_the_first(
        self, client: FlaskClient, app: Flask, asked: str
    ) -> None:
        """Every edition is on one of them."""
        store = app.extensions["feedserver"].store
        for date in range(20, 28):
            at = datetime(2026, 1, date, 9, tzinfo=UTC)
            entries = (make_entry(100 * date + place, title=f"Zebra {place}", listed=at) for place in (1, 2))
            store.put(make_listing(*entries), at=at)
            store.seal(at + timedelta(days=1))
        page, seen = page_of(client, f"/feed?q=zebra&{asked}&limit=3"), set[str]()
        for _ in range(9):
            seen |= {str(link.get("href")) for link in page.cssselect(".entries h2 a, .entries h3 a")}
            links = page.cssselect("nav.pages a[rel=prev]")
            if not links:
                break
            page = page_of(client, links[0].get("href"))
        assert len(seen) == 8

    def test_a_page_in_the_history_says_of_which_days_it_is(self, client: FlaskClient, app: Flask) -> None:
        """Not by the name that its address has."""
        put(app, *(make_entry(number, title=f"Paper {number}") for number in range(100, 130)))
        (older,) = page_of(client, "/feed?q=paper&limit=10").cssselect("nav.pages a[rel=prev]")
        page = page_of(client, older.get("href"))
        assert words_of(page, ".lead") == "What arrived on 2026-01-09"
        assert words_of(page, "title").endswith(": 2026-01-09 – Feedserver")

    def test_a_page_in_the_history_goes_on_downwards(self, client: FlaskClient, app: Flask) -> None:
        """The newest first, as on the feed's own page."""
        store = app.extensions["feedserver"].store
        for number in (1, 2, 3, 4):
            at = datetime(2026, 1, 20 + number, tzinfo=UTC)
            store.put(make_listing(make_entry(number, title=f"Zebra {number}", listed=at, first_seen=at)), at=at)
        (older,) = page_of(client, "/feed?q=zebra&limit=2").cssselect("nav.pages a[rel=prev]")
        entries = page_of(client, older.get("href")).cssselect(".entries h2")
        assert [entry.text_content() for entry in entries] == ["Zebra 4", "Zebra 3", "Zebra 2", "Zebra 1"]

    def test_a_page_in_the_history_leads_back(self, client: FlaskClient) -> None:
        """To the newest entries."""
        links = page_of(client, "/feeds/all/2026-01").cssselect("nav.pages a, h1 a")
        assert "http://localhost/feeds/all" in [link.get("href") for link in links]

    def test_a_feed_without_entries_says_so(self, client: FlaskClient) -> None:
        """It is no mistake."""
        assert "Nothing matches so far" in words_of(page_of(client, "/feed?q=nothingofthiskind"))

    @pytest.mark.parametrize(
        ("address", "status"),
        [("/feeds/nothing", 404), ("/feed?titel=x", 400), ("/feeds/all/never", 404), ("/entry?id=x", 404)],
    )
    def test_a_person_gets_a_page_that_says_what_is_wrong(self, client: FlaskClient, address: str, status: int) -> None:
        """With ways on."""
        answer = client.get(address, headers=BROWSER)
        page = html.fromstring(answer.data)
        assert (answer.status_code, answer.mimetype) == (status, "text/html")
        assert words_of(page, ".warning")
        assert page.cssselect("a[href='http://localhost/build']")
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]

    def test_errors_vary_by_what_is_accepted(self, client: FlaskClient) -> None:
        """So that no cache gives a program a page, nor a German an English one."""
        for headers in ({}, BROWSER):
            answer = client.get("/feeds/nothing", headers=headers)
            assert {"Accept", "Accept-Language"} <= set(answer.vary)
        assert "Accept" not in client.get("/feeds/nothing.rss").vary

    def test_a_host_that_is_none_is_refused_for_browsers_too(self, client: FlaskClient) -> None:
        """With a problem document: a page would have addresses in it."""
        answer = client.get("/", headers={**BROWSER, "Host": "a b"})
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")

    def test_an_embed_s_error_is_shown_in_its_frame(self, client: FlaskClient) -> None:
        """Where the settings let others show it."""
        policy = client.get("/embed/nothing", headers=BROWSER).headers["Content-Security-Policy"]
        assert "frame-ancestors *" in policy

    def test_a_browser_that_asks_for_nothing_there_is_gets_a_page_too(self, client: FlaskClient) -> None:
        """Programs get a problem document, as from feeds always."""
        assert client.get("/nothing", headers=BROWSER).mimetype == "text/html"
        assert client.get("/nothing").mimetype == "application/problem+json"
        assert client.get("/feeds/nothing.rss", headers=BROWSER).mimetype == "application/problem+json"


class TestEntryPage:
    """``/entry?id=...``."""

    def test_it_tells_all_that_is_known(self, client: FlaskClient) -> None:
        """Facts, links, the feeds that it is in."""
        page = page_of(client, "/entry?id=https://arxiv.org/abs/2601.00001")
        words = words_of(page)
        for fact in ("Ricky T. Q. Chen", "64 upvotes", "3,000 GitHub stars", "Demo", "optimal transport"):
            assert fact in words
        assert "https://example.org/flow?a=1&b=2" in [link.get("href") for link in page.cssselect("article a")]
        assert {link.text: link.get("href") for link in page.cssselect(".facts a")} == {
            "2210.02747.png": "https://cdn.example.org/2210.02747.png",
            "film.mp4": "https://cdn.example.org/film.mp4",
        }
        assert "Diffusion and flow matching" in words_of(page, "section[aria-labelledby=feeds]")

    def test_the_curve_of_its_votes_is_drawn(self, client: FlaskClient, app: Flask) -> None:
        """As soon as they were seen to rise."""
        assert not page_of(client, "/entry?id=https://arxiv.org/abs/2601.00002").cssselect(".curve polyline")
        later = replace(make_listing(make_entry(1, upvotes=90)), observed=datetime(2026, 1, 12, tzinfo=UTC))
        app.extensions["feedserver"].store.put(later)
        page = page_of(client, "/entry?id=https://arxiv.org/abs/2601.00001")
        assert page.cssselect(".curve polyline[points]")

    def test_a_very_long_list_of_authors_is_folded(self, client: FlaskClient, app: Flask) -> None:
        """All of them are there."""
        put(app, make_entry(9, authors=tuple(f"Person {number}" for number in range(3303))))
        page = page_of(client, "/entry?id=https://arxiv.org/abs/2601.00009")
        assert "3,303 authors" in words_of(page, "details.people summary")
        assert "Person 3302" in words_of(page, "details.people p")


class TestBuilder:
    """``/build``."""

    def test_there_is_a_field_for_every_parameter(self, client: FlaskClient) -> None:
        """But for the version, of which there is one."""
        fields = {element.get("name") for element in page_of(client, "/build").cssselect("form [name]")}
        assert fields >= {parameter.name for parameter in PARAMETERS} - {"v"}
        assert [name for _, section in SECTIONS for name in section if name == "v"] == []

    def test_the_form_holds_what_the_address_says(self, client: FlaskClient) -> None:
        """So that a builder page can be shared, and works without a script."""
        page = page_of(
            client, "/build?keywords=flow+matching&exclude=protein&per_day=3&has=code,project&sort=upvotes&q="
        )
        values = {field.get("name"): field.get("value") for field in page.cssselect("form input:not([type=checkbox])")}
        assert (values["keywords"], values["exclude"], values["per_day"]) == ("flow matching", "protein", "3")
        assert [box.get("value") for box in page.cssselect("input[name=has][checked]")] == ["code", "project"]
        assert [option.text for option in page.cssselect("select[name=sort] option[selected]")] == ["upvotes"]

    def test_it_shows_what_the_query_brings(self, client: FlaskClient) -> None:
        """Entries, how many, the address in all formats, the lines for the file."""
        page = page_of(client, "/build?keywords=flow+matching,mmlu&min_upvotes=20")
        assert "Flow Matching for Generative Modeling" in words_of(page, "#preview .entries")
        (field,) = page.cssselect("#preview #address")
        assert field.get("value") == "http://localhost/feed.atom?keywords=flow+matching,mmlu&min_upvotes=20"
        assert [step.get("value") for step in page.cssselect(".thresholds button")][:3] == ["1", "2", "3"]
        (lines,) = page.cssselect("#definition")
        assert tomllib.loads(lines.text) == {
            "feeds": {"my-feed": {"keywords": ["flow matching", "mmlu"], "min_upvotes": 20}}
        }

    @pytest.mark.parametrize(
        ("query", "parameter", "said"),
        [
            ("q=(a", "q", "q at position"),
            ("min_upvotes=many", "min_upvotes", "'many' is not a whole number"),
            ("keywords=-x", "keywords", "is a word or a phrase here"),
            ("titel=x", "titel", "unknown parameter 'titel'; did you mean 'title'?"),
        ],
    )
    def test_an_error_stands_in_its_place(self, client: FlaskClient, query: str, parameter: str, said: str) -> None:
        """Beside the field where there is one, and what was typed is still there."""
        answer = client.get(f"/build?{query}")
        page = html.fromstring(answer.data)
        assert answer.status_code == 200
        assert said in words_of(page, "#preview [role=alert]")
        if parameter != "titel":
            (field,) = page.cssselect(f"form [name={parameter}][aria-invalid]")
            assert field.get("value") == query.partition("=")[2]
            assert said in words_of(page, f"#{field.get('aria-describedby')}")

    @pytest.mark.parametrize(
        "given", ["show=none", "show=all", "has=Code", "source=Daily-Papers", "has=coed", "sort=up"]
    )
    def test_what_no_field_offers_is_not_lost(self, client: FlaskClient, given: str) -> None:
        """It stays chosen, right or wrong."""
        name, _, value = given.partition("=")
        page = page_of(client, f"/build?{given}")
        chosen = page.cssselect(f"input[name={name}][checked], select[name={name}] option[selected]")
        assert [each.get("value") or each.text for each in chosen] == [value]
        wrong = page.cssselect(f"#error-{name}")
        assert bool(wrong) == (value in {"coed", "up"})

    def test_a_wanted_number_leaves_no_threshold_to_choose(self, client: FlaskClient) -> None:
        """It is found by the server."""
        assert not page_of(client, "/build?per_day=3").cssselect(".thresholds")

    def test_the_preview_alone_is_what_the_page_shows(self, client: FlaskClient) -> None:
        """The script puts it there."""
        query = urlencode({"q": '"flow matching"', "per_day": "3"})
        part = html.fragment_fromstring(client.get(f"/build/preview?{query}").data.decode(), create_parent="div")
        assert words_of(part, ".entries") == words_of(page_of(client, f"/build?{query}"), "#preview .entries")

    @pytest.mark.parametrize(
        ("given", "of"), [("lip", "authors"), ("goo", "organisations"), ("opt", "keywords"), ("LIPM", "authors")]
    )
    def test_what_there_is_is_suggested(self, client: FlaskClient, given: str, of: str) -> None:
        """Names and words that exist."""
        found = json.loads(client.get(f"/build/suggestions?{urlencode({'of': of, 'typed': given})}").data)
        assert found
        assert all(re.search(rf"\b{given}", one, re.IGNORECASE) for one in found)

    def test_a_suggestion_is_one_value(self, client: FlaskClient, app: Flask) -> None:
        """A comma would part it; without, the same is found."""
        entry = make_entry(13, organisation=Organisation("ic-bern", "Institute of Computing, Bern"))
        put(app, entry)
        (found,) = json.loads(client.get("/build/suggestions?of=organisations&typed=institute").data)
        items = json.loads(client.get(f"/feed.json?{urlencode({'orgs': found})}").data)["items"]
        assert [item["id"] for item in items] == [entry.id]

    @pytest.mark.parametrize(
        "query", ["", "of=authors&typed=-", "of=authors", "of=nothing&typed=a", "of=authors&typed="]
    )
    def test_nothing_is_suggested_for_nothing(self, client: FlaskClient, query: str) -> None:
        """Nor is that a mistake."""
        assert json.loads(client.get(f"/build/suggestions?{query}").data) == []

    def test_the_lines_define_the_same_feed(self, client: FlaskClient, tmp_path: Path) -> None:
        """In the file as in the address."""
        given = {
            "q": 'a "b" -c\'s',
            "authors": "Y. Song,Yaron Lipman",
            "since": "2026-01-01",
            "title": "12",
            "limit": "7",
        }
        (lines,) = page_of(client, f"/build?{urlencode(given)}").cssselect("#definition")
        (tmp_path / "other").mkdir()
        (tmp_path / "other" / "feeds.toml").write_text(lines.text, encoding="utf-8")
        assert load_definitions(tmp_path / "other")["my-feed"].query == parse_query(given.items())

    def test_queries_count_for_a_client(self, settings: Settings) -> None:
        """A preview is one."""
        limits = LimitSettings(queries="2 per hour")
        app = create_app(settings.model_copy(update={"limits": limits, "refresh": RefreshSettings(enabled=False)}))
        client = app.test_client()
        statuses = [client.get(f"/build/preview?q={word}").status_code for word in ("a", "b", "a", "c")]
        assert statuses == [200, 200, 200, 429]
        app.extensions["feedserver"].store.close()


class TestStatus:
    """``/status``."""

    def test_it_says_how_the_sources_fare(self, client: FlaskClient, app: Flask, settings: Settings) -> None:
        """And that a broken edit of the definitions is not in use."""
        (settings.config_dir / "feeds.toml").write_text("[feeds.x]\nlimit = 1000", encoding="utf-8")
        app.extensions["feedserver"].definitions._checked = float("-inf")
        client.get("/feeds/all.rss")
        words = words_of(page_of(client, "/status"))
        assert "daily-papers" in words
        assert "never" in words
        assert "limit: 1000 is not between 1 and 200" in words


class TestShapes:
    """Numbers as pictures."""

    def test_a_bar_is_as_high_as_its_count(self) -> None:
        """None for nothing, and whatever is there can be seen."""
        chart = bar_chart([0, 1, 100, 50], 20)
        assert [(bar.x, bar.y, bar.height) for bar in chart.bars] == [(6, 18, 2), (12, 0, 20), (18, 10, 10)]
        assert (chart.width, chart.height) == (23, 20)
        assert bar_chart([], 20).width == 0
        assert bar_chart([0, 0], 20).bars == ()

    def test_a_curve_rises_in_steps(self) -> None:
        """From the first look to now, the highest value on top."""
        first = datetime(2026, 1, 1, tzinfo=UTC)
        drawn = curve([(first, 5), (first + timedelta(days=1), 10)], first + timedelta(days=2), 100, 52)
        assert drawn is not None
        assert drawn.points == "0.0,27.0 50.0,27.0 50.0,2.0 100.0,2.0"
        assert curve([(first, 5)], first, 100, 50) is None

    def test_a_code_is_drawn_for_what_a_camera_can_read(self) -> None:
        """And for nothing longer."""
        drawn = code("https://example.org/feed.atom?q=a&b=c")
        assert drawn is not None
        assert drawn.startswith("<svg")
        assert code("https://example.org/" + "a" * 2000) is None

    def test_readers_get_the_whole_address(self) -> None:
        """Nothing in it ends it early."""
        assert readers("https://example.org/feed?q=a&b=c#d")[1].url.endswith(
            "?add_feed=https%3A%2F%2Fexample.org%2Ffeed%3Fq%3Da%26b%3Dc%23d"
        )
