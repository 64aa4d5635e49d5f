"""Addresses and titles -> permanent names: what is one paper or one page, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedserver.identity import arxiv_id, link_name, paper_at, paper_name, title_name


@pytest.mark.parametrize(
    ("address", "identifier"),
    [
        ("https://arxiv.org/abs/2010.02502", "2010.02502"),
        ("http://arxiv.org/abs/2010.02502v4", "2010.02502"),
        ("https://www.arxiv.org/abs/2010.02502/", "2010.02502"),
        ("https://export.arxiv.org/abs/2010.02502?context=cs", "2010.02502"),
        ("https://browse.arxiv.org/pdf/2010.02502v1.pdf", "2010.02502"),
        ("https://cn.arxiv.org/pdf/2010.02502", "2010.02502"),
        ("https://arxiv.org/pdf/2010.02502v4.pdf#page=3", "2010.02502"),
        ("https://arxiv.org/pdf/2010.02502.PDF", "2010.02502"),
        ("https://arxiv.org/html/2010.02502v4", "2010.02502"),
        ("HTTPS://ARXIV.ORG/ABS/2010.02502", "2010.02502"),
        ("https://arxiv.org:443/abs/2010.02502", "2010.02502"),
        ("https://arxiv.org/abs/arXiv:2010.02502", "2010.02502"),
        ("https://arxiv.org/abs/0704.0001", "0704.0001"),
        ("https://arxiv.org/abs/hep-th/9901001v2", "hep-th/9901001"),
        ("https://arxiv.org/abs/hep-th%2F9901001", "hep-th/9901001"),
        ("https://arxiv.org/abs/math.GT/0309136", "math/0309136"),
        ("https://ar5iv.labs.arxiv.org/html/2010.02502", "2010.02502"),
        ("https://ar5iv.org/abs/2010.02502", "2010.02502"),
        ("https://huggingface.co/papers/2010.02502", "2010.02502"),
        ("https://huggingface.co/papers/2010.02502#community", "2010.02502"),
        ("https://huggingface.co/papers/2010.02502.md", "2010.02502"),
        ("https://hf.co/papers/2010.02502", "2010.02502"),
        ("https://www.alphaxiv.org/overview/2010.02502v4", "2010.02502"),
        ("https://doi.org/10.48550/arXiv.2010.02502", "2010.02502"),
        ("http://dx.doi.org/10.48550/ARXIV.2010.02502", "2010.02502"),
        ("doi:10.48550/arXiv.2010.02502", "2010.02502"),
        ("oai:arXiv.org:2010.02502v1", "2010.02502"),
        ("arXiv:2010.02502v4", "2010.02502"),
        ("https://arxiv.org/list/cs.AI/recent", None),
        ("https://arxiv.org/abs/", None),
        ("https://arxiv.org/abs/2010.0250", "2010.0250"),
        ("https://arxiv.org/abs/2010.025021", None),
        ("https://arxiv.org/abs/2010.02502/more", None),
        ("https://arxiv.org.example.org/abs/2010.02502", None),
        ("https://example.org/arxiv.org/abs/2010.02502", None),
        ("https://notarxiv.org/abs/2010.02502", None),
        ("https://huggingface.co/models/2010.02502", None),
        ("https://doi.org/10.1000/arXiv.2010.02502", None),
        ("ftp://arxiv.org/abs/2010.02502", None),
        ("javascript:arxiv.org/abs/2010.02502", None),
        ("https://[arxiv.org/abs/2010.02502", None),
        ("2010.02502", None),
        ("", None),
    ],
)
def test_an_address_leads_to_a_paper_or_it_does_not(address: str, identifier: str | None) -> None:
    """All that arXiv and those around it call a paper; nothing that only looks alike."""
    assert paper_at(address) == identifier


@pytest.mark.parametrize("text", ["2010.02502 ", "2010.02502v", "v1", "２０１０.02502", "hep-th/990100", "2010/02502"])
def test_what_is_no_arxiv_id_is_none(text: str) -> None:
    """In whole, and in ASCII digits."""
    assert arxiv_id(text) is None


def test_a_paper_is_known_by_its_abstract_page() -> None:
    """And that leads to it again."""
    assert paper_name("2010.02502") == "https://arxiv.org/abs/2010.02502"
    assert paper_at(paper_name("hep-th/9901001")) == "hep-th/9901001"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.org/a", "https://example.org/a"),
        ("https://www.example.org/a", "https://example.org/a"),
        ("https://EXAMPLE.org./a", "https://example.org/a"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("http://example.org:80/a", "https://example.org/a"),
        ("https://example.org/a/", "https://example.org/a"),
        ("https://example.org/", "https://example.org"),
        ("https://example.org/a#comments", "https://example.org/a"),
        ("https://example.org/a?utm_source=rss&utm_medium=feed", "https://example.org/a"),
        ("https://example.org/a?id=7&fbclid=x", "https://example.org/a?id=7"),
        ("https://example.org/a?q=a%20b", "https://example.org/a?q=a+b"),
        ("https://example.org/%7Eann/%c3%a9", "https://example.org/~ann/%C3%A9"),
        ("https://ann:secret@example.org/a", "https://example.org/a"),
    ],
)
def test_two_spellings_of_one_link_are_one_name(one: str, other: str) -> None:
    """Whichever feed wrote it."""
    assert link_name(one) == link_name(other) == other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a", "https://example.org/A"),
        ("https://example.org/a", "https://blog.example.org/a"),
        ("https://example.org/a", "https://example.org:8443/a"),
        ("https://example.org/?id=1", "https://example.org/?id=2"),
        ("https://example.org/#!/a", "https://example.org/#!/b"),
        ("https://example.org/#/a", "https://example.org/#/b"),
        ("https://example.org/a%2Fb", "https://example.org/a/b"),
    ],
)
def test_two_pages_have_two_names(one: str, other: str) -> None:
    """What may lead elsewhere counts."""
    assert link_name(one) != link_name(other)


PATHS = st.text(st.sampled_from("aB/.~-_ %é&?=#+;:@"), max_size=20)


@given(PATHS)
def test_a_name_is_its_own_name(path: str) -> None:
    """Naming twice changes nothing."""
    name = link_name(f"http://www.example.org/{path}")
    assert link_name(name) == name


def test_a_title_has_one_name_in_all_its_spellings() -> None:
    """Case, white space, hyphens, punctuation and compatibility forms do not count; words do."""
    name = title_name("Self-Attention: ﬁne &  dandy")
    assert title_name("self attention — FINE, dandy!") == name
    assert name.startswith("urn:uuid:")
    assert title_name("Self-Attention: fine and dandy") != name
