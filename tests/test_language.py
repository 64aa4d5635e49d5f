"""The pages' texts: one catalogue, complete in every language; and which language a page is in."""

import configparser
import json
import re
import shutil
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import get_args

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient
from lxml import html

from feedserver.config import Settings
from feedserver.config.build import STORE_FILE
from feedserver.model import ListingRecord
from feedserver.sources import DailyPapers
from feedserver.status import State
from feedserver.store import SqliteStore
from feedserver.web import create_app
from feedserver.web.errors import STATUS
from feedserver.web.language import LANGUAGES
from feedserver.web.pages.status import STATES
from feedserver.web.pages.words import ERRORS
from feedserver.web.site import EXTENSION
from tests.entries import ROOT, make_entry, make_listing
from tests.test_pages import BROWSER, PAGES, page_of, words_of

WEB = ROOT / "feedserver" / "web"
TEXTS = WEB / "translations"
OTHERS = LANGUAGES[1:]
GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
ALL = [
    *PAGES, "/build?q=(", "/build?limit=x", "/build/preview?min_upvotes=1", "/feeds/diffusion?limit=2",
    "/nothing", "/feed?titel=x", "/feeds/old",
    "/entry?id=https://arxiv.org/abs/2601.00007", "/entry?id=https://arxiv.org/abs/2210.02747",
]  # fmt: skip

Id = str | tuple[str, ...]


@pytest.fixture
def client(settings: Settings, store: SqliteStore, tmp_path: Path) -> Iterator[FlaskClient]:
    """A client of the app over the sample, each of whose requests is one of its own.

    Beside the usual one, pytest-flask keeps a context open, which keeps the language of the first request.
    """
    store.close()
    shutil.move(tmp_path / "store.sqlite", tmp_path / STORE_FILE)
    app = create_app(settings)
    yield app.test_client()
    app.extensions[EXTENSION].store.close()


def keyed(catalogue: Catalog) -> dict[tuple[str | None, Id], Message]:
    """Return the messages of a catalogue, without its header."""
    return {(message.context, _id(message)): message for message in catalogue if message.id}


def _id(message: Message) -> Id:
    return tuple(message.id) if isinstance(message.id, list | tuple) else message.id


def read(path: Path) -> Catalog:
    """Return the catalogue in a ``.po`` or ``.pot`` file."""
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def translated(language: str) -> Catalog:
    """Return the texts in a language."""
    return read(TEXTS / language / "LC_MESSAGES" / "messages.po")


def extracted() -> set[tuple[str | None, Id]]:
    """Return every text that is marked in code and templates, with its context."""
    settings = configparser.ConfigParser()
    settings.read(TEXTS / "babel.cfg", encoding="utf-8")
    methods = [(pattern, method) for method, pattern in (section.split(": ") for section in settings.sections())]
    options = {pattern: dict(settings[f"{method}: {pattern}"]) for pattern, method in methods}
    found = extract_from_dir(WEB, methods, options)
    return {(context, tuple(text) if isinstance(text, tuple) else text) for _, _, text, _, context in found}


class TestCatalogue:
    """``translations/``, as ``make texts`` leaves it."""

    def test_it_holds_every_text_that_is_marked(self) -> None:
        """And none that is not; whoever changes one says ``make texts``."""
        assert set(keyed(read(TEXTS / "messages.pot"))) == extracted()
        assert len(extracted()) > 150

    @pytest.mark.parametrize("language", OTHERS)
    def test_a_language_is_complete(self, language: str) -> None:
        """It has each text in each of its plural forms, and is in doubt about none."""
        catalogue = translated(language)
        assert set(keyed(catalogue)) == extracted()
        assert catalogue.obsolete == {}
        for message in keyed(catalogue).values():
            forms = message.string if message.pluralizable else (message.string,)
            assert all(forms), message.id
            assert not message.fuzzy, message.id
            assert len(forms) == (catalogue.num_plurals if message.pluralizable else 1), message.id

    @pytest.mark.parametrize("language", OTHERS)
    def test_what_is_filled_in_is_filled_in_in_every_language(self, language: str) -> None:
        """A singular may do without the number."""
        for message in keyed(translated(language)).values():
            wanted = [_gaps(text) for text in _forms(message.id)]
            for place, form in enumerate(_forms(message.string)):
                assert _gaps(form) in ([wanted[-1]] if place else wanted), message.id

    @pytest.mark.parametrize("language", OTHERS)
    def test_what_is_compiled_is_what_is_written(self, language: str) -> None:
        """The server reads the compiled file."""
        compiled, anew = BytesIO((TEXTS / language / "LC_MESSAGES" / "messages.mo").read_bytes()), BytesIO()
        write_mo(anew, translated(language))
        anew.seek(0)
        found, wanted = (_strings(read_mo(file)) for file in (compiled, anew))
        assert found == wanted
        assert len(found) == len(extracted())

    def test_every_language_that_is_offered_is_there(self) -> None:
        """And each that is there is offered."""
        assert sorted(path.name for path in TEXTS.iterdir() if path.is_dir()) == sorted(OTHERS)

    def test_german_has_its_own_typography(self) -> None:
        """Its quotation marks and dashes, no typewriter's."""
        for message in keyed(translated("de")).values():
            for form in _forms(message.string):
                assert not re.search("[\"'“]|--| - ", form.replace("„", "").replace("“", "", form.count("„")))


def _strings(catalogue: Catalog) -> dict[tuple[str | None, Id], object]:
    return {key: message.string for key, message in keyed(catalogue).items()}


def _forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def _gaps(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)s|%.", text))


class TestChoice:
    """The language of a page is the reader's, as far as there is a translation."""

    @pytest.mark.parametrize(
        ("asked", "given"),
        [
            ("de", "de"), ("de-AT", "de"), ("DE", "de"), ("fr", "en"), ("", "en"), ("*", "en"), ("fr,de;q=0.5", "de"),
            ("en,de;q=0.5", "en"), ("de;q=0.5,en", "en"), ("en-GB,de;q=0.8", "en"), ("de;q=0", "en"),
            ("fr-CH,de-CH;q=0.8,en;q=0.1", "de"), (";;,=", "en"), ("de," * 100, "en"),
        ],
    )  # fmt: skip
    def test_it_is_the_first_that_there_is(self, client: FlaskClient, asked: str, given: str) -> None:
        """RFC 4647, 3.4, of primary tags; a header that is too long counts as none."""
        answer = client.get("/", headers={"Accept-Language": asked})
        assert answer.headers["Content-Language"] == given
        assert html.fromstring(answer.data).get("lang") == given
        assert "Accept-Language" in answer.headers.getlist("Vary")

    @pytest.mark.parametrize("address", ["/", "/build", "/feeds/all", "/nothing"])
    def test_each_language_has_its_own_page(self, client: FlaskClient, address: str) -> None:
        """In memory too."""
        asked = [client.get(address, headers={**BROWSER, "Accept-Language": each}) for each in ("en", "de", "en", "de")]
        assert [answer.headers["Content-Language"] for answer in asked] == ["en", "de", "en", "de"]
        assert asked[0].data == asked[2].data != asked[1].data == asked[3].data

    def test_a_tag_of_one_language_is_none_of_another(self, client: FlaskClient) -> None:
        """And 304 says what it depends on, as 200 does (RFC 9110, 15.4.5)."""
        tag = client.get("/", headers={"Accept-Language": "en"}).headers["ETag"]
        assert client.get("/", headers={"Accept-Language": "de", "If-None-Match": tag}).status_code == 200
        known = client.get("/", headers={"Accept-Language": "en", "If-None-Match": tag})
        assert known.status_code == 304
        assert set(known.headers.getlist("Vary")) == {"Accept-Language", "Accept-Encoding"}

    @pytest.mark.parametrize("address", ["/feeds/all.atom", "/feed.rss?q=diffusion", "/feeds/all.json", "/embed/all"])
    def test_feeds_and_embeds_are_the_same_in_every_language(self, client: FlaskClient, address: str) -> None:
        """Byte for byte; whoever keeps them need not tell readers apart."""
        answers = [client.get(address, headers=headers) for headers in ({}, GERMAN, {})]
        assert len({answer.data for answer in answers}) == 1
        assert not any("Accept-Language" in header for answer in answers for header in answer.headers.getlist("Vary"))


class TestGerman:
    """A page in German is German from top to bottom."""

    @pytest.mark.parametrize("address", ["/embed/diffusion", "/embed/diffusion.html"])
    def test_an_embed_speaks_the_language_it_is_asked_for(self, client: FlaskClient, address: str) -> None:
        """Whatever the visitor prefers; the title stays as it is."""
        english, german = (client.get(f"{address}?lang={lang}", headers=GERMAN).text for lang in ("en", "de"))
        assert (">64 upvotes<" in english, ">64 Stimmen<" in german) == (True, True)
        empty = client.get(f"{address}?lang=de&q=zyzzyva").text
        assert "Bisher passt nichts." in empty
        if not address.endswith(".html"):
            assert '<html lang="de"' in german
            assert '<span lang="en">' in german

    def test_the_script_knows_the_words_of_every_language(self, client: FlaskClient) -> None:
        """They come from the catalogue, one and several."""
        script = client.get("/embed.js", headers=GERMAN).text
        (found,) = re.findall(r"const WORDS = (.*);", script)
        words = json.loads(found)
        assert tuple(words) == LANGUAGES
        assert words["en"]["upvotes"] == ["{count} upvote", "{count} upvotes"]
        assert words["de"]["authors"] == ["{names} und {count} weitere Person", "{names} und {count} weitere"]
        assert {name: sorted(said) for name, said in words.items()} == {
            name: ["authors", "empty", "failed", "upvotes"] for name in LANGUAGES
        }

    @pytest.mark.parametrize("address", ALL)
    def test_no_text_is_left_in_english(self, client: FlaskClient, address: str) -> None:
        """But what is marked as English."""
        english = [
            re.compile(re.sub(r"%\\\(\w+\\\)s", ".+", re.escape(form)))
            for message in keyed(translated("de")).values()
            for form in _forms(message.id)
            if form not in _forms(message.string)
        ]
        found = [
            text for text in own_texts(client, address, "de") if any(pattern.fullmatch(text) for pattern in english)
        ]
        assert found == []

    @pytest.mark.parametrize("address", ALL)
    def test_what_is_the_same_in_both_languages_has_none(self, client: FlaskClient, address: str) -> None:
        """Names, codes, numbers: a text that nobody marked would be found here."""
        assert_german(client, address)

    @pytest.mark.parametrize(
        ("address", "quoted"),
        [
            ("/", "h3 a"), ("/", ".card .meta"), ("/feeds/diffusion", "h1"), ("/feeds/diffusion", "p.lead"),
            ("/feeds/diffusion", ".reasons mark"), ("/feeds/all/2026-01", "h1 a"), ("/build?q=diffusion", ".brings"),
            ("/build?q=diffusion", "#preview .meta"), ("/build?q=(", ".warning"), ("/build?q=(", "#error-q"),
            ("/nothing", ".warning"), ("/entry?id=https://arxiv.org/abs/2601.00002", "#facts + dl span"),
            ("/entry?id=https://arxiv.org/abs/2601.00002", "#feeds + ul a"), ("/status", ".warning"),
        ],
    )  # fmt: skip
    def test_what_comes_from_below_is_marked_as_english(self, client: FlaskClient, address: str, quoted: str) -> None:
        """Which on an English page it need not be."""
        german, english = (
            page_of(client, address, **BROWSER, **{"Accept-Language": language}) for language in ("de", "en")
        )
        assert german.cssselect(f"{quoted} span[lang=en]")
        assert english.cssselect(quoted)
        assert not english.cssselect("body [lang]")

    def test_numbers_and_plurals_are_german_too(self, client: FlaskClient) -> None:
        """Thousands with points; one is one."""
        authors = tuple(f"Person {number}" for number in range(3303))
        client.application.extensions[EXTENSION].store.put(
            make_listing(make_entry(9, authors=authors, upvotes=1), make_entry(8, upvotes=2, stars=3000))
        )
        page = words_of(page_of(client, "/feeds/all", **GERMAN))
        assert "Person 11 und 3.291 weitere" in page
        assert "1 Stimme " in page
        assert "2 Stimmen" in page
        assert "3.000 GitHub-Sterne" in words_of(
            page_of(client, "/entry?id=https://arxiv.org/abs/2601.00008", **GERMAN)
        )

    def test_troubles_are_told_in_german(self, settings: Settings) -> None:
        """Each source at length, or many in a table; what a source says itself is marked as English."""
        sources = tuple(DailyPapers(name=f"papers-{number}") for number in range(4))
        for several in (sources[:1], sources):
            app = create_app(settings.model_copy(update={"sources": several}))
            site = app.extensions[EXTENSION]
            for source in several:
                record = ListingRecord(source.name, f"{site.now():%Y-%m-%d}", site.now(), None, error="HTTP 503")
                site.store.put(make_listing(), record)
            client = app.test_client()
            page = page_of(client, "/status", **GERMAN)
            assert "gestört" in words_of(page)
            assert page.xpath("//td/span[contains(., 'HTTP 503')]/@lang") == ["en"] * len(several)
            assert_german(client, "/status", {source.name for source in several})
            site.store.close()

    def test_an_empty_site_speaks_german(self, settings: Settings) -> None:
        """Where there is no feed, and nothing in the store."""
        (settings.config_dir / "feeds.toml").write_text("", encoding="utf-8")
        app = create_app(settings)
        page = page_of(app.test_client(), "/", **GERMAN)
        app.extensions[EXTENSION].store.close()
        assert "In feeds.toml ist kein Feed festgelegt" in words_of(page)
        assert [code.text for code in page.cssselect("main code")] == ["feeds.toml"]
        assert "Der Speicher ist noch leer" in words_of(page)


# Texts of pages that no language has a word of its own for.
NAMES = {
    "Feedserver", "RSS", "Atom", "JSON Feed", "PDF", "arXiv", "Feedly", "Inoreader", "NewsBlur", "Feedbin",
    "The Old Reader", "daily-papers",
}  # fmt: skip
# Whatever stands in these is from elsewhere, or in a language that is said: entries, filters, values of parameters.
_ELSEWHERE = (
    "ancestor-or-self::*[@dir or self::span[@lang='en'] or self::code or self::option or self::textarea or self::time"
    " or @class='boxes']"
)
_EXAMPLES = "ancestor::*[@class='field' or @class='formats']"  # of values, and links named after feeds
_SPOKEN = ("aria-label", "placeholder", "alt", "title", "data-done", "data-none", "data-brings")


def assert_german(client: FlaskClient, address: str, names: AbstractSet[str] = frozenset()) -> None:
    """Compare a page's own words in German with those in English."""
    german, english = (set(own_texts(client, address, language)) for language in ("de", "en"))
    alike = {form for message in keyed(translated("de")).values() for form in _forms(message.string)}
    assert {text for text in german & english if re.search(r"[^\W\d_]{2}", text)} - alike - NAMES - names == set()
    assert min(len(german - english), len(english - german)) > 3


def own_texts(client: FlaskClient, address: str, language: str) -> Iterator[str]:
    """Yield the texts of a page, or of a part of one, that are its own, in attributes too."""
    answer = client.get(address, headers={**BROWSER, "Accept-Language": language})
    page = html.document_fromstring(answer.data)
    for text in page.xpath(f"//body//text()[not(parent::*[{_ELSEWHERE}])]"):
        if spelled := " ".join(text.split()).strip(" .,:·()"):
            yield spelled
    for name in _SPOKEN:
        yield from page.xpath(f"//body//*[not({_ELSEWHERE} or {_EXAMPLES})]/@{name}")


def test_every_state_of_a_source_has_a_name() -> None:
    """In the language of the page."""
    assert set(STATES) == set(get_args(State))


def test_every_error_that_people_meet_has_a_name() -> None:
    """Those of the one table of errors, those of the framework, those of bounds and limits."""
    of_the_web = {400, 404, 405, 414, 429, 431, 500, 501}
    assert set(ERRORS) == {*STATUS.values(), *map(HTTPStatus, of_the_web)}
