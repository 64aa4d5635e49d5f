"""arXiv's OAI-PMH: a page of records -> Harvest, or the reason why not."""

from datetime import UTC, date, datetime

import pytest

from feedserver.errors import BadTokenError, ListingError
from feedserver.identity import title_name
from feedserver.model import Entry, Links, Refusal
from feedserver.sources.arxiv_oai import DELETED, ArxivOai, Harvest, Selection
from feedserver.sources.base import Request
from tests.oai import HEAD, deleted, error, page, record
from tests.upstream import NOW


def parse(body: bytes, observed: datetime = NOW) -> Harvest:
    """Parse a page."""
    return ArxivOai().parse(body, observed)


def entry_of(text: str, observed: datetime = NOW) -> Entry:
    """Parse a page of one record, which must be an entry."""
    (entry,) = parse(page(text), observed).listing.entries
    return entry


def day(text: str) -> datetime:
    """Return a midnight."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_record_becomes_an_entry() -> None:
    assert entry_of(record()) == Entry(
        id="https://arxiv.org/abs/2010.02502",
        title="Denoising Diffusion Implicit Models",
        summary="Fewer steps.",
        links=Links(
            "https://arxiv.org/abs/2010.02502", "https://arxiv.org/abs/2010.02502", "https://arxiv.org/pdf/2010.02502"
        ),
        published=day("2020-10-06"),
        listed=day("2020-10-08"),
        first_seen=NOW,
        updated=day("2020-10-08"),
        modified=NOW,
        sources=("arxiv-oai",),
        authors=("Jiaming Song", "Sammy Davis Jr.", "ATLAS Collaboration"),
        categories=("cs.LG", "cs.CV"),
        aliases=(title_name("Denoising Diffusion Implicit Models"),),
        origin="arxiv",
    )


def test_a_harvest_is_no_news() -> None:
    assert parse(page(record())).listing.captured


@pytest.mark.parametrize("identifier", ["hep-th/0408048", "astro-ph/9501013", "math.GT/0309136"])
def test_ids_of_old_are_ids(identifier: str) -> None:
    entry = entry_of(record(identifier, created="1995-01-05"))
    identifier = identifier.replace(".GT", "")

    assert entry.id == entry.links.arxiv == f"https://arxiv.org/abs/{identifier}"
    assert entry.links.pdf == f"https://arxiv.org/pdf/{identifier}"


def test_the_day_of_a_later_version_is_not_taken_for_that_of_the_paper() -> None:
    """The month in the id tells."""
    entry = entry_of(record("1412.6980", created="2017-01-30"))

    assert (entry.published, entry.listed) == (day("2014-12-01"), day("2014-12-01"))


def test_a_record_without_a_day_is_dated_by_its_id() -> None:
    assert entry_of(record("1412.6980", created="")).published == day("2014-12-01")
    assert entry_of(record("1412.6980", created="soon")).listed == day("2014-12-01")


def test_an_author_without_a_name_is_none() -> None:
    authors = "<author/><author><keyname> </keyname></author><author><keyname>Song</keyname></author>"

    assert entry_of(record(authors=authors)).authors == ("Song",)


def test_nothing_is_listed_after_the_day_on_which_it_was_seen() -> None:
    assert entry_of(record("2602.00001", created="")).listed == day("2026-01-09")
    entry = entry_of(record("2601.04001", created="2026-01-09"))

    assert (entry.published, entry.listed) == (day("2026-01-09"), day("2026-01-09"))


DUBLIN = """<record><header><identifier>oai:arXiv.org:hep-th/0408048</identifier><datestamp>2009-11-30</datestamp>
<setSpec>physics:hep-th</setSpec><setSpec>cs:cs:LG</setSpec><setSpec>math</setSpec></header>
<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>Branes</dc:title><dc:creator>Song Jr., Jiaming</dc:creator><dc:creator>ATLAS Collaboration</dc:creator>
<dc:description>  The abstract.</dc:description><dc:description>Comment: 12 pages</dc:description>
<dc:date>2005-01-03</dc:date><dc:date>2004-08-06</dc:date><dc:identifier>http://arxiv.org/abs/hep-th/0408048</dc:identifier>
</oai_dc:dc></metadata></record>"""


def test_dublin_core_is_read_too() -> None:
    entry = entry_of(DUBLIN)

    assert (entry.title, entry.summary) == ("Branes", "The abstract.")
    assert entry.authors == ("Jiaming Song Jr.", "ATLAS Collaboration")
    assert entry.categories == ("hep-th", "cs.LG")
    assert entry.published == day("2004-08-06")


@pytest.mark.parametrize(
    ("bad", "what", "why"),
    [
        (deleted("2010.00001"), "oai:arXiv.org:2010.00001", DELETED),
        (record(title=""), "oai:arXiv.org:2010.02502", "there is no title"),
        (record("2013.02502"), "oai:arXiv.org:2013.02502", "there is no month"),
        (record("x"), "oai:arXiv.org:x", "names no paper"),
        ("<record/>", "", "names no paper"),
        (record().replace("/OAI/arXiv/", "/OAI/arXivOld/"), "oai:arXiv.org:2010.02502", "no metadata"),
        (record().partition("<metadata>")[0] + "</record>", "oai:arXiv.org:2010.02502", "no metadata"),
    ],
)
def test_a_bad_record_is_refused_alone(bad: str, what: str, why: str) -> None:
    harvest = parse(page(bad, record("2010.00002")))

    assert [entry.id for entry in harvest.listing.entries] == ["https://arxiv.org/abs/2010.00002"]
    (refusal,) = harvest.listing.refused
    assert refusal.what == f"record {what!r}"
    assert why in refusal.why
    assert harvest.records == 2


def test_a_page_of_deleted_records_is_a_good_page() -> None:
    harvest = parse(page(deleted("2010.00001")))

    assert harvest.listing.refused == (Refusal("record 'oai:arXiv.org:2010.00001'", DELETED),)


def test_a_page_tells_how_to_go_on() -> None:
    following = '<resumptionToken expires="2026-01-10T00:00:00Z" completeListSize="2500000"> a%26b\n</resumptionToken>'
    harvest = parse(page(record(changed="2022-10-06"), record("2010.00002", changed="2022-10-04"), token=following))

    assert (harvest.token, harvest.size) == ("a%26b", 2_500_000)
    assert (harvest.earliest, harvest.latest) == (date(2022, 10, 4), date(2022, 10, 6))


@pytest.mark.parametrize(
    "token", ["", "<resumptionToken/>", "<resumptionToken completeListSize='many'> </resumptionToken>"]
)
def test_the_last_page_has_no_token_or_an_empty_one(token: str) -> None:
    harvest = parse(page(record(), token=token))

    assert (harvest.token, harvest.size) == (None, None)


def test_no_match_is_an_empty_list() -> None:
    harvest = parse(error("noRecordsMatch", "nothing"))

    assert (harvest.records, harvest.token, harvest.latest) == (0, None, None)


def test_a_bad_token_is_told_apart() -> None:
    with pytest.raises(BadTokenError, match="the repository says badResumptionToken: it expired"):
        parse(error("badResumptionToken", "it expired"))


@pytest.mark.parametrize("code", ["cannotDisseminateFormat", "badArgument", "badVerb"])
def test_other_errors_are_told(code: str) -> None:
    with pytest.raises(ListingError, match=f"the repository says {code}") as caught:
        parse(error(code))
    assert not isinstance(caught.value, BadTokenError)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not XML"),
        (b"<!doctype html><title>503</title><br>", "not XML"),
        (page(record())[:300], "not XML"),
        (b"<html/>", "no answer of OAI-PMH, but <html>"),
        (f"{HEAD}</OAI-PMH>".encode(), "without ListRecords"),
    ],
)
def test_what_is_no_page_is_an_error(body: bytes, why: str) -> None:
    with pytest.raises(ListingError, match=why):
        parse(body)


def test_a_control_character_stops_no_harvest() -> None:
    """No XML may hold one, and arXiv's did."""
    assert entry_of(record(abstract="Fewer\x0c \x01steps.")).summary == "Fewer steps."


def test_entities_are_refused() -> None:
    body = b'<!DOCTYPE OAI-PMH [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + page(record(abstract="&x;"))

    with pytest.raises(ListingError, match="entities are declared"):
        parse(body)


def test_a_request_says_what_is_wanted_and_a_token_stands_alone() -> None:
    repository = ArxivOai("https://example.org/oai")
    wanted = Selection("cs:cs:LG", date(2024, 1, 1), date(2024, 12, 31))

    assert repository.first(wanted) == Request(
        "https://example.org/oai",
        {
            "verb": "ListRecords", "metadataPrefix": "arXiv",
            "set": "cs:cs:LG", "from": "2024-01-01", "until": "2024-12-31",
        })  # fmt: skip
    assert repository.first(Selection()).params == {"verb": "ListRecords", "metadataPrefix": "arXiv"}
    assert repository.following("a%26b").params == {"verb": "ListRecords", "resumptionToken": "a%26b"}
