"""arXiv's OAI-PMH, played on loopback: hand-written records in its form, pages of them, tokens that may expire."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.upstream import Answer, Upstream, say

HEAD = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-09T12:00:00Z</responseDate>'
ARXIV = 'xmlns="http://arxiv.org/OAI/arXiv/"'
AUTHORS = """\
<author><keyname>Song</keyname><forenames>Jiaming</forenames></author>
<author><keyname>Davis</keyname><forenames>Sammy</forenames><suffix>Jr.</suffix></author>
<author><keyname>ATLAS Collaboration</keyname></author>"""


def record(identifier: str = "2010.02502", changed: str = "2022-10-06", **facts: str) -> str:
    """Return one record; ``facts`` replace what it says by default."""
    defaults = {
        "created": "2020-10-06",
        "authors": AUTHORS,
        "title": "Denoising Diffusion\n  Implicit Models",
        "categories": "cs.LG cs.CV",
        "abstract": "  Fewer steps.\n",
    }
    elements = "".join(f"<{name}>{text}</{name}>" for name, text in (defaults | facts).items() if text)
    return (
        f"<record><header><identifier>oai:arXiv.org:{identifier}</identifier><datestamp>{changed}</datestamp>"
        f"<setSpec>cs:cs:LG</setSpec><setSpec>physics:hep-th</setSpec></header>"
        f"<metadata><arXiv {ARXIV}><id>{identifier}</id>{elements}</arXiv></metadata></record>"
    )


def deleted(identifier: str, changed: str = "2022-10-06") -> str:
    """Return a record of which nothing is left."""
    return (
        f'<record><header status="deleted"><identifier>oai:arXiv.org:{identifier}</identifier>'
        f"<datestamp>{changed}</datestamp></header></record>"
    )


def page(*records: str, token: str = "") -> bytes:
    """Return an answer to ListRecords; ``token`` is the element of the next page's token."""
    return f"{HEAD}<ListRecords>{''.join(records)}{token}</ListRecords></OAI-PMH>".encode()


def error(code: str, text: str = "") -> bytes:
    """Return an answer that is an error; its status is 200 all the same."""
    return f'{HEAD}<error code="{code}">{text}</error></OAI-PMH>'.encode()


@dataclass(slots=True)
class Repository(Upstream):
    """Gives ``records``, pairs of id and day of change in the order of the list, in pages of ``largest_page``.

    A token is the first day of the list and the number of the next record in it, and is known where ``knows_tokens``.
    """

    records: Sequence[tuple[str, str]] = ()
    knows_tokens: bool = True
    tells_size: bool = False
    instead: dict[str, Answer] = field(default_factory=dict)  # what is answered in place of the page with that token

    def answer(self, params: Any) -> Answer:
        """Return a page, or an error."""
        token = params.get("resumptionToken", "")
        if self.script or token in self.instead:
            return self.script.popleft() if self.script else self.instead[token]
        if token and not self.knows_tokens:
            return say(error("badResumptionToken", "expired"))
        since, _, number = (token or f"{params.get('from', '')}~0").partition("~")
        listed = [each for each in self.records if each[1] >= since]
        start, end = int(number), int(number) + self.largest_page
        if not listed:
            return say(error("noRecordsMatch"))
        size = f' completeListSize="{len(listed)}"' if self.tells_size else ""
        following = f"<resumptionToken{size}>{since}~{end}</resumptionToken>" if end < len(listed) else ""
        records = (record(name, day, title=f"Paper {name}") for name, day in listed[start:end])
        return say(page(*records, token=following), Content_Type="application/xml")
