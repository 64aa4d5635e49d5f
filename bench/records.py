"""A number -> a made-up record of arXiv, and pages of them as its OAI-PMH gives them; the same ones every time."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from random import Random
from xml.sax.saxutils import escape

from bench.made import made_up
from feedserver.model import Entry

PAGE = 1_000
PER_DAY = 700  # records changed on one day, about as many as arXiv has
_FIRST_CHANGE = date(2005, 9, 16)
_CATEGORIES = ("cs.LG cs.AI", "hep-th", "math.NT", "astro-ph.GA", "cond-mat.mtrl-sci quant-ph", "stat.ML cs.LG")
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
    "<responseDate>2026-01-09T12:00:00Z</responseDate>"
    '<request verb="ListRecords">http://oaipmh.arxiv.org/oai</request>'
)
BAD_TOKEN = f'{_HEAD}<error code="badResumptionToken">Token decoding failed</error></OAI-PMH>'.encode()


def page(start: int, count: int) -> bytes:
    """Return the page that begins with record ``start`` of ``count``; its token is where the next one begins."""
    end = min(start + PAGE, count)
    token = f"<resumptionToken completeListSize='{count}'>{end}</resumptionToken>" if end < count else ""
    records = "".join(_record(number) for number in range(start, end))
    return f"{_HEAD}<ListRecords>{records}{token}</ListRecords></OAI-PMH>".encode()


def first_of_day(day: date) -> int:
    """Return the number of the first record that was changed on a day."""
    return max(0, (day - _FIRST_CHANGE).days * PER_DAY)


def identifier(number: int) -> str:
    """Return the id of a record: 9,000 of each month since April 2007."""
    months, serial = divmod(number, 9_000)
    years, month = divmod(months + 3, 12)
    return f"{7 + years:02}{month + 1:02}.{serial + 1:05}"


def _record(number: int) -> str:
    entry, name = _base()[number % len(_base())], identifier(number)
    created = date(2000 + int(name[:2]), int(name[2:4]), 1 + number % 28)
    changed = _FIRST_CHANGE + timedelta(days=number // PER_DAY)
    return (
        f"<record><header><identifier>oai:arXiv.org:{name}</identifier><datestamp>{changed}</datestamp></header>"
        f'<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{name}</id><created>{created}</created>'
        f"<authors>{_authors(entry.authors)}</authors><title>{escape(entry.title)} {number}</title>"
        f"<categories>{Random(number).choice(_CATEGORIES)}</categories>"
        f"<abstract>{escape(entry.summary)}</abstract></arXiv></metadata></record>"
    )


def _authors(names: Sequence[str]) -> str:
    return "".join(_author(*name.rsplit(" ", 1)) for name in names)


def _author(forenames: str, keyname: str) -> str:
    return f"<author><keyname>{escape(keyname)}</keyname><forenames>{escape(forenames)}</forenames></author>"


@cache
def _base() -> tuple[Entry, ...]:
    return made_up(seed=1)
