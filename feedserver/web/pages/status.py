"""``/status``: how the sources fare, and what is wrong."""

from flask import Response
from flask_babel import LazyString
from flask_babel import lazy_pgettext as pgettext

from feedserver.status import State
from feedserver.web.pages.base import Values, blueprint, page
from feedserver.web.site import current_site

_LASTS = 1.0  # seconds

STATES: dict[State, LazyString] = {
    "good": pgettext("state of a source", "good"),
    "suspect": pgettext("state of a source", "suspect"),
    "late": pgettext("state of a source", "late"),
    "failing": pgettext("state of a source", "failing"),
    "open": pgettext("state of a source", "open"),
    "paused": pgettext("state of a source", "paused"),
    "never": pgettext("state of a source", "never"),
}


@blueprint.get("/status")
def status() -> Response:
    """Show how the sources fare, and what is wrong."""
    return page("status", "status.html", _values, lasts=_LASTS)


def _values() -> Values:
    site = current_site()
    return {
        "refreshes": site.settings.refresh.enabled,
        "states": STATES,
        "troubles": site.checkup.health().troubles,
    }
