"""Rates, ages, names and errors -> words in the language of the page; feeds have theirs from below, in English."""

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus

from flask_babel import LazyString, force_locale, format_decimal, ngettext
from flask_babel import lazy_gettext as _

from feedserver.feeds import rounded_rate
from feedserver.model import Unit
from feedserver.render import NAMED_AUTHORS
from feedserver.status import Span, rounded_age

# What people meet; anything else keeps the name that HTTP gives it.
ERRORS: dict[HTTPStatus, LazyString] = {
    HTTPStatus.MOVED_PERMANENTLY: _("Moved permanently"),
    HTTPStatus.BAD_REQUEST: _("Bad request"),
    HTTPStatus.NOT_FOUND: _("Not found"),
    HTTPStatus.METHOD_NOT_ALLOWED: _("Method not allowed"),
    HTTPStatus.GONE: _("Gone"),
    HTTPStatus.REQUEST_URI_TOO_LONG: _("Address too long"),
    HTTPStatus.TOO_MANY_REQUESTS: _("Too many requests"),
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: _("Headers too large"),
    HTTPStatus.INTERNAL_SERVER_ERROR: _("Internal server error"),
    HTTPStatus.NOT_IMPLEMENTED: _("Not implemented"),
    HTTPStatus.BAD_GATEWAY: _("Bad gateway"),
    HTTPStatus.SERVICE_UNAVAILABLE: _("Service unavailable"),
}


_RATES: dict[Unit, LazyString] = {
    "day": _("about %(amount)s a day"),
    "week": _("about %(amount)s a week"),
    "month": _("about %(amount)s a month"),
}
_AGES: dict[Span, Callable[[int], str]] = {
    "day": lambda count: ngettext("%(num)s day ago", "%(num)s days ago", count),
    "hour": lambda count: ngettext("%(num)s hour ago", "%(num)s hours ago", count),
    "minute": lambda count: ngettext("%(num)s minute ago", "%(num)s minutes ago", count),
}


def spell_error(status: HTTPStatus) -> str:
    """Return what an error is called."""
    return str(ERRORS.get(status, status.phrase))


def spell_rate(per_day: float) -> str:
    """Return how many that is, rounded and in the unit that people would choose: ``about 3 a week``."""
    rate = rounded_rate(per_day)
    return str(_RATES[rate[1]]) % {"amount": format_decimal(rate[0])} if rate else str(_("hardly any"))


def spell_age(then: datetime | None, now: datetime) -> str:
    """Return the time since ``then`` in its largest unit: ``3 hours ago``."""
    if then is None:
        return str(_("never"))
    age = rounded_age(then, now)
    return _AGES[age[1]](age[0]) if age else str(_("just now"))


def spell_authors(authors: tuple[str, ...], named: int = NAMED_AUTHORS) -> str:
    """Return the names in running text, a long list cut short as in feeds: ``A, B and 3,301 others``."""
    if len(authors) <= named + 1:
        return ", ".join(authors)
    rest = len(authors) - named
    return _others(rest, ", ".join(authors[:named]), format_decimal(rest))


def _others(count: int, names: str, others: str) -> str:
    spelled = {"names": names, "others": others}
    return str(ngettext("%(names)s and %(others)s other", "%(names)s and %(others)s others", count, **spelled))


def embed_words(language: str) -> Mapping[str, str | list[str]]:
    """Return what a script needs to say an embed's words: in braces what it fills in, of a list one and several."""
    with force_locale(language):
        return {
            "upvotes": [ngettext("%(num)s upvote", "%(num)s upvotes", n).replace(str(n), "{count}") for n in (1, 2)],
            "authors": [_others(count, "{names}", "{count}") for count in (1, 2)],
            "empty": str(_("Nothing matches so far.")),
            "failed": str(_("The feed cannot be read just now.")),
        }
