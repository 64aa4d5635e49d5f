"""``/status``: how the sources fare, and what is wrong."""

from datetime import datetime

from flask import Response

from feedserver.refresh import Poll
from feedserver.status import SourceStatus, spell_age
from feedserver.web.pages.base import Values, blueprint, page
from feedserver.web.site import current_site

_LASTS = 1.0  # seconds


@blueprint.get("/status")
def status() -> Response:
    """Show how the sources fare, and what is wrong."""
    return page("status", "status.html", _values, lasts=_LASTS)


def _values() -> Values:
    return {"facts": _facts, "troubles": current_site().checkup.health().troubles}


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
