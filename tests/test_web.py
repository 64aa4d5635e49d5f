"""The HTTP side: addresses, queries, proxies, pages. What the standards ask for is in ``test_standards.py``."""

import json
from urllib.parse import urlencode

import feedparser
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from feedserver.config import Settings
from feedserver.config.settings import ServerSettings
from feedserver.render import RENDERERS
from feedserver.web import create_app


def test_a_defined_feed_holds_what_its_definition_admits(client: FlaskClient) -> None:
    """Its own filter, and what the address adds."""
    title = feedparser.parse(client.get("/feeds/diffusion.rss").data).feed.title
    assert title == "Diffusion and flow matching"
    assert ids(client, "/feeds/diffusion.json") == ids(client, "/feed.json?q=-medical&authors=Y.+Song,Yaron+Lipman")
    assert ids(client, "/feeds/diffusion.json?min_upvotes=50") == ["https://arxiv.org/abs/2601.00001"]


def ids(client: FlaskClient, address: str) -> list[str]:
    """Return the ids in a JSON feed."""
    return [item["id"] for item in json.loads(client.get(address).data)["items"]]


def test_a_syntax_error_tells_its_position(client: FlaskClient) -> None:
    """For people and for scripts."""
    problem = json.loads(client.get("/feed.json?q=a+(b").data)
    assert (problem["parameter"], problem["position"], problem["expected"]) == ("q", 4, [")"])


@hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(q=st.binary(max_size=60))
def test_any_bytes_as_a_query_give_200_or_400(client: FlaskClient, q: bytes) -> None:
    """Never 500."""
    for format_name in RENDERERS:
        response = client.get(f"/feed.{format_name}?{urlencode({'q': q})}")
        assert response.status_code in {200, 400}
        if response.status_code == 200 and format_name != "json":
            assert not feedparser.parse(response.data).bozo


_CONDITIONS = st.sampled_from(
    [
        "diffusion", '"flow matching"', "diffus*", "扩散*", "title:flow", "keyword:transp*", 'keyword:"flow matching"',
        'author:"R. T. Q. Chen"', "author:song", "org:google", "submitter:demo", "category:cs", "source:daily-papers",
        "upvotes:>=20", "upvotes:..3", "comments:7", "stars:<999999999999", "published:1970", "published:..2099",
        "listed:>=7d", "listed:<99999w", "listed:2026-01-09T00:00:59", "has:code", "has:media",
    ]
)  # fmt: skip
_QUERIES = st.recursive(
    _CONDITIONS,
    lambda inner: st.one_of(
        inner.map(lambda q: f"-({q})"),
        st.tuples(inner, inner).map(" ".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) OR ({pair[1]})"),
    ),
    max_leaves=12,
)


@hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(q=_QUERIES, sort=st.sampled_from(["listed", "published", "upvotes"]))
def test_whatever_the_language_can_say_is_answered(client: FlaskClient, q: str, sort: str) -> None:
    """Every condition, in every combination, by every order; too deep a nesting is refused."""
    response = client.get(f"/feed.atom?{urlencode({'q': q, 'sort': sort})}")
    assert response.status_code == 200 or b"parentheses" in response.data
    assert response.status_code == 400 or not feedparser.parse(response.data).bozo


@hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    given_parameters=st.lists(
        st.tuples(
            st.sampled_from(["q", "keywords", "authors", "title", "min_upvotes", "since", "within", "show", "v", "x"]),
            st.one_of(st.text(max_size=20), st.binary(max_size=8), st.integers(), st.just("a OR b -c")),
        ),
        max_size=4,
    )
)
def test_any_parameters_give_200_or_400(client: FlaskClient, given_parameters: list[tuple[str, object]]) -> None:
    """Whatever they hold."""
    encodable = [(k, v.encode("utf-8", "replace") if isinstance(v, str) else v) for k, v in given_parameters]
    assert client.get(f"/feed.atom?{urlencode(encodable)}").status_code in {200, 400}


def test_a_host_that_is_none_is_refused(client: FlaskClient) -> None:
    """It would stand in every address of the feed."""
    assert client.get("/feed.rss", headers={"Host": 'evil"><x'}).status_code == 400


class TestCrossOrigin:
    """Pages of other sites may read feeds."""

    @pytest.mark.parametrize("path", ["/feed.json", "/feeds/all.rss"])
    def test_a_feed_may_be_read_by_any_page(self, client: FlaskClient, path: str) -> None:
        """With its validators."""
        for _ in range(2):  # built, then from memory
            response = client.get(path, headers={"Origin": "https://other.example"})
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            assert "ETag" in response.headers["Access-Control-Expose-Headers"]

    @pytest.mark.parametrize(
        ("path", "status"), [("/feeds/non.json", 404), ("/feed.json?q=(", 400), ("/feed.json?sort=no", 400)]
    )
    def test_so_may_what_is_wrong_with_it(self, client: FlaskClient, path: str, status: int) -> None:
        """A page's script can say it."""
        response = client.get(path, headers={"Origin": "https://other.example"})
        assert response.status_code == status
        assert response.headers.getlist("Access-Control-Allow-Origin") == ["*"]
        assert response.json["detail"]

    @pytest.mark.parametrize("path", ["/feed.json", "/feeds/all.rss"])
    def test_a_preflight_allows_conditional_requests(self, client: FlaskClient, path: str) -> None:
        """204, for a day."""
        response = client.options(path, headers={"Origin": "https://other.example"})
        assert response.status_code == 204
        assert "If-None-Match" in response.headers["Access-Control-Allow-Headers"]
        assert response.headers["Access-Control-Max-Age"] == "86400"


class TestAddress:
    """Where the site says it is."""

    def test_a_feed_has_one_address_whatever_the_order_of_its_parameters(self, client: FlaskClient) -> None:
        """The canonical one, which the feed gives as its own."""
        response = client.get("/feed.atom?limit=5&q=diffusion")
        assert feedparser.parse(response.data).feed.links[0].href == "http://localhost/feed.atom?q=diffusion&limit=5"

    def test_a_configured_address_goes_before_the_request(self, settings: Settings) -> None:
        """A sub-path too."""
        public = settings.model_copy(update={"server": ServerSettings(public_url="https://example.org/papers/")})  # type: ignore[arg-type]  # pydantic takes texts for addresses
        other = create_app(public)
        body = other.test_client().get("/feeds/all.json", headers={"Host": "evil.example.com"}).data
        other.extensions["feedserver"].store.close()
        assert json.loads(body)["feed_url"] == "https://example.org/papers/feeds/all.json"
        assert b"evil" not in body

    def test_proxies_are_believed_only_when_they_are_configured(self, client: FlaskClient, settings: Settings) -> None:
        """X-Forwarded-* from anybody must not change what feeds say."""
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "papers.org", "X-Forwarded-Prefix": "/sub"}
        assert json.loads(client.get("/feed.json", headers=headers).data)["feed_url"] == "http://localhost/feed.json"
        trusting = create_app(settings.model_copy(update={"server": ServerSettings(trusted_proxies=1)}))
        feed = json.loads(trusting.test_client().get("/feed.json", headers=headers).data)
        trusting.extensions["feedserver"].store.close()
        assert feed["feed_url"] == "https://papers.org/sub/feed.json"


def test_an_empty_store_gives_valid_empty_feeds(settings: Settings) -> None:
    """And a home page that says so."""
    empty = create_app(settings)
    client = empty.test_client()
    for format_name in ("rss", "atom"):
        parsed = feedparser.parse(client.get(f"/feeds/all.{format_name}").data)
        assert (bool(parsed.bozo), parsed.entries) == (False, [])
    assert ids(client, "/feeds/all.json") == []
    assert "The store is empty so far" in client.get("/").get_data(as_text=True)
    empty.extensions["feedserver"].store.close()
