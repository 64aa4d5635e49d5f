"""``/build``: a form for every parameter of a query, and what it brings, shown at once. The state is the address."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Literal, NamedTuple, get_args
from urllib.parse import urlencode

from flask import Response, jsonify, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from feedserver.errors import QueryError
from feedserver.feeds import Address, Offer, build_feed, feed_title
from feedserver.filters import resolve
from feedserver.model import Fact, LinkTarget, Maths, Sort, Unit
from feedserver.query import PARAMETERS, Parameter, Query, parse_query
from feedserver.web.pages.base import Values, blueprint, page
from feedserver.web.pages.entries import says, shown
from feedserver.web.pages.panel import panel
from feedserver.web.site import current_site

_SHOWN = 10  # entries of a preview: enough to see what it brings, and soon drawn

Kind = Literal["text", "number", "choice", "boxes", "date"]


class Field(NamedTuple):
    """How a parameter is asked for; ``choices`` of those with few values, ``suggests`` what is offered while typing."""

    label: LazyString
    kind: Kind = "text"
    choices: Sequence[str] = ()
    suggests: str | None = None


# The parameters under their headings; "v" is none that anybody would set.
SECTIONS: tuple[tuple[LazyString, dict[str, Field]], ...] = (
    (
        _("What about"),
        {
            "keywords": Field(_("Any of these words or phrases"), suggests="keywords"),
            "exclude": Field(_("But none of these")),
            "q": Field(_("In the query language")),
        },
    ),
    (
        _("How much"),
        {
            "per_day": Field(_("About so many a day"), "number"),
            "per_week": Field(_("Or so many a week"), "number"),
            "min_upvotes": Field(_("Or from so many upvotes on"), "number"),
        },
    ),
    (
        _("By whom"),
        {
            "authors": Field(_("Any of these authors"), suggests="authors"),
            "orgs": Field(_("Any of these organisations"), suggests="organisations"),
        },
    ),
    (
        _("Only if"),
        {
            "has": Field(_("It has"), "boxes", ("code", "project", "media")),
            "min_comments": Field(_("Comments, at least"), "number"),
            "min_stars": Field(_("GitHub stars, at least"), "number"),
            "source": Field(_("It was seen on"), "boxes"),
            "within": Field(_("Listed in the last")),
            "since": Field(_("Listed since"), "date"),
            "until": Field(_("Listed until"), "date"),
        },
    ),
    (
        _("As editions"),
        {
            "top": Field(_("The best of each period")),
            "digest": Field(_("One entry for each"), "choice", get_args(Unit)),
        },
    ),
    (
        _("How it looks"),
        {
            "title": Field(_("Title of the feed")),
            "sort": Field(_("Order"), "choice", get_args(Sort)),
            "limit": Field(_("How many entries at once"), "number"),
            "link": Field(_("Titles lead to"), "choice", get_args(LinkTarget)),
            "math": Field(_("Formulas as"), "choice", get_args(Maths)),
            "show": Field(_("Facts to show"), "boxes", get_args(Fact)),
        },
    ),
)
OPEN = 2  # sections that are not folded


class Asked(NamedTuple):
    """A field as it stands on the page: the parameter, how it is asked for, what was given, what is wrong with that."""

    parameter: Parameter
    field: Field
    given: tuple[str, ...]
    error: QueryError | None

    @property
    def value(self) -> str:
        """What was given, in one text."""
        return ",".join(self.given)

    @property
    def kind(self) -> Kind:
        """The type of the input: of text where a number's or a date's could not show what was given."""
        pattern = {"number": r"\d+(\.\d+)?", "date": r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"}.get(
            self.field.kind
        )
        fits = pattern is None or not self.value or re.fullmatch(pattern, self.value, re.ASCII)
        return self.field.kind if fits else "text"


@blueprint.get("/build")
def build() -> Response:
    """Show the form, filled in as the address says, and what that brings."""
    return page(_address("build"), "build.html", partial(_values, _given()))


@blueprint.get("/build/preview")
def preview() -> Response:
    """Show what the query brings, to be put into the form's page."""
    return page(_address("build/preview"), "preview.html", partial(_preview, _given()))


@blueprint.get("/build/suggestions")
def suggestions() -> Response:
    """Answer a list of what there is that begins with what was typed, as JSON."""
    site = current_site()
    site.limits.count_poll()
    found = site.suggesting.suggest(request.args.get("of", ""), request.args.get("typed", ""), site.clock())
    response = jsonify(found)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def _given() -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in request.args.items(multi=True) if value.strip())


def _address(path: str) -> Address:
    return Address(current_site().base_url(), path, urlencode(_given()))


def _values(given: tuple[tuple[str, str], ...]) -> Values:
    seen = _preview(given)
    error = seen["error"]
    known = {parameter.name: parameter for parameter in PARAMETERS}

    def asked(name: str, field: Field) -> Asked:
        choices = sorted(current_site().settings.source_names) if name == "source" else field.choices
        values = tuple(value for given_name, value in given if given_name == name)
        if field.kind == "boxes":
            values = tuple(single.strip() for value in values for single in value.split(","))
        choices = (*choices, *(value for value in values if field.kind in {"boxes", "choice"} and value not in choices))
        wrong = error if error and error.parameter == name else None
        return Asked(known[name], field._replace(choices=choices), values, wrong)

    sections = [(title, [asked(name, field) for name, field in fields.items()]) for title, fields in SECTIONS]
    return {"sections": sections, "open": OPEN, **seen}


def _preview(given: tuple[tuple[str, str], ...]) -> Values:
    """Return what the query brings, or what is wrong with it."""
    site = current_site()
    try:
        query = parse_query(given, None, site.settings.source_names)
        return {"error": None, **_brought(query)}
    except QueryError as error:
        return {"error": error}


def _brought(query: Query) -> Values:
    site = current_site()
    address = Address(site.base_url(), "feed", query.query_string)
    offer = Offer(query, address, site.settings.max_age, zone=site.settings.zone)
    feed = build_feed(site.store, offer.at_most(_SHOWN), site.now())
    part = resolve(query.filter, site.now())
    return {
        "query": query,
        "title": feed_title(query),
        "feed": feed,
        "says": says(feed),
        "entries": [shown(entry, feed.view, part) for entry in feed.entries],
        **panel(offer),
    }
