"""The pages for people: what feeds there are, what is in one, and how the sources fare."""

from datetime import datetime
from pathlib import Path

from flask import Blueprint, Response, make_response, render_template, send_from_directory

from feedserver.config import make_sources
from feedserver.feeds import build_feed, feed_title, subtitle
from feedserver.query import PARAMETERS
from feedserver.refresh import Poll
from feedserver.render import (
    RENDERERS,
    entry_date,
    entry_link,
    entry_summary,
    entry_title,
    is_voted,
    plain,
    spell_authors,
)
from feedserver.status import SourceStatus, spell_age, statuses
from feedserver.web.feeds import requested
from feedserver.web.site import current_site

blueprint = Blueprint("pages", __name__)

_STATIC = Path(__file__).parent / "static"
_POLICY = "default-src 'none'; style-src 'self' {0}/static/; img-src 'self' {0}/static/; base-uri 'none'"


@blueprint.get("/")
def home() -> Response:
    """List the defined feeds with their addresses, and explain the parameters."""
    site = current_site()
    site.limits.count_poll()
    feeds = [
        {
            "name": definition.name,
            "title": feed_title(definition.query),
            "subtitle": subtitle(definition.query),
        }
        for definition in site.definitions.current().values()
    ]
    return _page("home.html", feeds=feeds, parameters=PARAMETERS)


@blueprint.get("/feed")
def ad_hoc() -> Response:
    """Show the feed of an ad-hoc query."""
    return _feed_page(None)


@blueprint.get("/feeds/<name>")
def named(name: str) -> Response:
    """Show a defined feed."""
    return _feed_page(name)


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Give the icon to those who look for it here."""
    return send_from_directory(_STATIC, "icon.png", mimetype="image/png", max_age=86400)


@blueprint.get("/status")
def status() -> Response:
    """Show how the sources fare, and what is wrong."""
    site = current_site()
    site.limits.count_poll()
    return _page("status.html", facts=_facts, troubles=site.checkup.health().troubles)


def _facts(source: SourceStatus) -> list[tuple[str, str]]:
    """Return what there is to say of a source, in the order of the page."""
    site = current_site()
    told = {
        "Last good listing": spell_age(source.good, site.now()),
        "Last look": spell_age(source.attempted, site.now()),
        "Next looks": ", ".join(_spell_poll(poll) for poll in source.next) if site.settings.refresh.enabled else "",
        "Left alone until": _spell_time(source.held_until),
        "Tried rarely since": _spell_time(source.open_since),
        "Good listings": f"{source.listings:,}",
        "Requests in the last hour": f"{source.spent} of {source.budget}",
        "Error": source.error,
        "Last failure": f"{spell_age(source.failed, site.now())}: {source.last_error}" if source.last_error else "",
    }
    return [(name, value) for name, value in told.items() if value]


def _spell_poll(poll: Poll) -> str:
    return f"{poll.key} at {poll.at:%H:%M} UTC ({poll.why})"


def _spell_time(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC" if time else ""


def _feed_page(name: str | None) -> Response:
    site = current_site()
    offer = requested(name)
    site.limits.count_build(offer.address)
    feed = build_feed(site.store, offer, site.now())
    entries = [
        {
            "title": entry_title(entry, feed.view),
            "link": entry_link(entry, feed.view),
            "date": entry_date(entry, feed.view),
            "authors": spell_authors(entry.authors),
            "organisation": entry.organisation and entry.organisation.full_name,
            "is_voted": is_voted(entry),
            "upvotes": entry.upvotes,
            "comments": entry.comments,
            "code": entry.links.code,
            "summary": plain(entry.ai_summary or "", feed.view.maths) or entry_summary(entry, feed.view),
        }
        for entry in feed.entries
    ]
    return _page("feed.html", feed=feed, entries=entries)


def _page(template: str, **values: object) -> Response:
    site = current_site()
    sources = statuses(site.store, make_sources(site.settings), site.settings.refresh.schedule, site.now())
    response = make_response(
        render_template(
            template,
            base_url=site.base_url(),
            renderers=RENDERERS.values(),
            summary=site.store.summary(),
            sources=sources,
            now=site.now(),
            spell_age=spell_age,
            **values,
        )
    )
    response.headers["Content-Security-Policy"] = _POLICY.format(site.base_url())
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
