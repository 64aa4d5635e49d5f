"""Addresses and titles -> the permanent names of entries, by which the same one is known wherever it comes from.

A paper's name is its abstract page on arXiv, without a version. What is on a page of its own is known by the link to
it, in one canonical form. A paper of which only the title is known is known by that. Whatever else may stand where an
address should is none.
"""

import re
from unicodedata import category, normalize
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from feedserver.model import Links
from feedserver.text import clean

ARXIV = "https://arxiv.org"

_ARXIV_ID = re.compile(
    r"(?:(\d{4}\.\d{4,5})|([a-z]+(?:-[a-z]+)?)(?:\.[a-z-]+)?/(\d{7}))(?:v\d+)?", re.ASCII | re.IGNORECASE
)
_LEFT = "%/:=&?~#+!$,;'@()*[]"  # RFC 3986: reserved characters, and % of what is encoded already
_LONE_PERCENT = re.compile(r"%(?![0-9a-f]{2})", re.IGNORECASE)
# RFC 3987, 2.2, of the absolute ones, roughly; without what a browser would act on.
_IRI = re.compile(
    r"(?!(?:javascript|vbscript|data|about|blob|file):)[a-z][a-z0-9+.-]+:(?:[^\s<>\"{}|\\^`%]|%[0-9a-f]{2})+",
    re.IGNORECASE,
)
_LONGEST_NAME = 1_000  # characters
_TITLES = UUID("7d1f2c0e-6a0b-5c55-9f0c-2d8f0a4f8f11")
_ENCODED = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
_UNRESERVED = re.compile(r"[\w.~-]", re.ASCII)
_PORTS = {"http": 80, "https": 443}
_HOSTS = re.compile(
    r"(?:www\.|export\.|browse\.|static\.|[a-z]{2}\.)?"
    r"(arxiv\.org|ar5iv\.(?:labs\.arxiv\.)?org|huggingface\.co|hf\.co|alphaxiv\.org|doi\.org|dx\.doi\.org)"
)
_PAPER_PATHS = {  # host -> what its paths to papers begin with
    "arxiv.org": ("/abs/", "/pdf/", "/html/", "/format/", "/ps/", "/e-print/", "/src/"),
    "ar5iv.org": ("/abs/", "/pdf/", "/html/"),
    "ar5iv.labs.arxiv.org": ("/abs/", "/pdf/", "/html/"),
    "huggingface.co": ("/papers/",),
    "hf.co": ("/papers/",),
    "alphaxiv.org": ("/abs/", "/pdf/", "/html/", "/overview/"),
    "doi.org": ("/10.48550/arxiv.",),
    "dx.doi.org": ("/10.48550/arxiv.",),
}
_SCHEMES = ("oai:arxiv.org:", "arxiv:", "doi:10.48550/arxiv.")
_SUFFIXES = re.compile(r"\.(?:pdf|md)$", re.IGNORECASE)
_TRACKING = re.compile(r"(?:utm_|mtm_|pk_|hsa_)|(?:mc_[ce]id|[fgdy]?clid|fbclid|msclkid|igshid|_hsenc|_hsmi)$")
_PART_OF_PAGE = re.compile(
    r"(?:top|main|content|comments?|respond|community|disqus_thread|more-\d+)?$|:~:|utm_|ref=|xtor=", re.IGNORECASE
)


def arxiv_id(text: str) -> str | None:
    """Return the arXiv id without version that ``text`` is, old style or new; None for anything else.

    An old one is of an archive, whatever class of subjects was written behind it: ``math.GT/0309136`` is
    ``math/0309136``.
    """
    found = _ARXIV_ID.fullmatch(text)
    if found is None:
        return None
    return found[1] or f"{found[2].lower()}/{found[3]}"


def paper_at(address: str) -> str | None:
    """Return the arXiv id of the paper that an address leads to, or that an OAI identifier names, if it does."""
    for scheme in _SCHEMES:
        if address[: len(scheme)].lower() == scheme:
            return arxiv_id(address[len(scheme) :].strip())
    try:
        parts = urlsplit(address)
        host = _HOSTS.fullmatch(parts.hostname or "")
    except ValueError:
        return None
    if parts.scheme not in _PORTS or host is None:
        return None
    path = unquote(parts.path)
    for start in _PAPER_PATHS[host[1]]:
        if path.lower().startswith(start):
            rest = path[len(start) :].rstrip("/")
            return arxiv_id(_SUFFIXES.sub("", rest[6:] if rest.lower().startswith("arxiv:") else rest))
    return None


def paper_name(identifier: str) -> str:
    """Return the permanent name of the paper with an arXiv id."""
    return f"{ARXIV}/abs/{identifier}"


def paper_links(identifier: str, page: str | None = None, code: str | None = None, project: str | None = None) -> Links:
    """Return the addresses about the paper with an arXiv id; ``page`` leads to arXiv's own where there is no other."""
    name = paper_name(identifier)
    return Links(page or name, name, f"{ARXIV}/pdf/{identifier}", code, project)


def is_name(text: str) -> bool:
    """Say whether what upstream calls an entry can be its id (RFC 4287, 4.2.6), and is nobody else's.

    ``post:7`` has the form of an IRI, but nothing in it that tells one site from the others.
    """
    scheme, _, rest = text.lower().partition(":")
    if len(text) > _LONGEST_NAME or not _IRI.fullmatch(text):
        return False
    if scheme in {"http", "https"}:
        return web_address(text) is not None
    return ":" in rest or "/" in rest


def made_name(address: str, what: str) -> str:
    """Return a name for what has none: of the address of the list that it is on, and what tells it from the others."""
    return uuid5(NAMESPACE_URL, f"{link_name(address)}#{what}").urn


def link_name(address: str) -> str:
    """Return an absolute address in the one form that stands for all spellings of it; it need not be fetchable.

    The scheme is https, the host in small letters without ``www.``; default ports, tracking parameters, the last slash
    and fragments that lead to no entry of their own are left out (RFC 3986, 6.2, goes less far). What need not be
    percent-encoded in a path is not.
    """
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.").removesuffix(".")
    port = "" if parts.port in {None, _PORTS.get(parts.scheme)} else f":{parts.port}"
    given = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([(key, value) for key, value in given if not _TRACKING.match(key.lower())])
    fragment = "" if _PART_OF_PAGE.match(parts.fragment) else parts.fragment
    place = (f"[{host}]" if ":" in host else host) + port
    path = _ENCODED.sub(_decoded, parts.path)
    return urlunsplit(("https", place, path.rstrip("/"), query, fragment))


def _decoded(found: re.Match[str]) -> str:
    """Return the character that a percent-encoding stands for where it is an unreserved one (RFC 3986, 6.2.2.2)."""
    character = unquote(found[0])
    return character if _UNRESERVED.fullmatch(character) else found[0].upper()


def title_name(title: str) -> str:
    """Return the name of a paper of which the title alone is known: an urn that is the same for all its spellings.

    Letters with their marks, digits and signs of maths count, and what tells ``C#`` from ``C``; blanks and punctuation
    do not.
    """
    folded = normalize("NFKC", normalize("NFKC", title).casefold())
    telling = "".join(sign for sign in folded if category(sign)[0] in "LMN" or sign == "#" or category(sign) == "Sm")
    return uuid5(_TITLES, telling.replace("~", "").replace("|", "") or title).urn


def web_address(value: object) -> str | None:
    """Return an absolute http(s) address, percent-encoded where needed (RFC 3986, 2 and 3); None for anything else."""
    address = quote(clean(value), safe=_LEFT) if isinstance(value, str) else ""
    try:
        parts = urlsplit(address)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_valid:
        return None
    rest = (
        _LONE_PERCENT.sub("%25", part).replace("[", "%5B").replace("]", "%5D").replace("#", "%23") for part in parts[2:]
    )
    return urlunsplit((parts.scheme, parts.netloc.removesuffix(":"), *rest))
