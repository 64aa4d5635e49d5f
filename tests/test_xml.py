"""Reading XML that nobody trusts: nothing of elsewhere is read, nothing grows, and the reason is said."""

import ast
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from feedserver.errors import ListingError
from feedserver.sources.xml import MOST_MARKS, parse_xml
from tests.entries import ROOT

PACKAGE = ROOT / "feedserver"
INSIDE = "what stands in the file"


def growing(levels: int, reference: str = "&%c;") -> str:
    """Declare entities, each ten times the one before."""
    told = [f'<!ENTITY {chr(98 + level)} "{reference % chr(97 + level) * 10}">' for level in range(levels)]
    return '<!ENTITY a "ha">' + "".join(told)


LAUGHS = f"<!DOCTYPE rss [{growing(12)}]><rss>&m;</rss>"
LARGE = "a" * 100_000
DEFAULTS = " ".join(f"x{number} CDATA ''" for number in range(999))
HOSTILE: Mapping[str, bytes] = {
    "billion laughs": LAUGHS.encode(),
    "billion laughs in UTF-16": f'<?xml version="1.0" encoding="utf-16"?>{LAUGHS}'.encode("utf-16"),
    "billion laughs in an attribute": f'<!DOCTYPE rss [{growing(12)}]><rss a="&m;"/>'.encode(),
    "billion laughs in a default": f'<!DOCTYPE rss [{growing(12)}<!ATTLIST rss a CDATA "&m;">]><rss/>'.encode(),
    "billion laughs by parameters": (
        f"<!DOCTYPE rss [{growing(12, '&#37;%c;').replace('ENTITY ', 'ENTITY % ')}%m;]><rss/>".encode()
    ),
    "a small joke": b"<!DOCTYPE rss [<!ENTITY a 'ha'>]><rss>&a;&a;</rss>",
    "an entity that nobody uses": b"<!DOCTYPE rss [<!ENTITY a 'ha'>]><rss/>",
    "quadratic blowup": f"<!DOCTYPE rss [<!ENTITY a '{LARGE}'>]><rss>{'&a;' * 100_000}</rss>".encode(),
    "quadratic blowup in an attribute": f"<!DOCTYPE rss [<!ENTITY a '{LARGE}'>]><rss a='{'&a;' * 9_999}'/>".encode(),
    "an entity in a circle": b"<!DOCTYPE rss [<!ENTITY a '&b;'><!ENTITY b '&a;'>]><rss a='&a;'/>",
    "an external entity": b"<!DOCTYPE rss [<!ENTITY a SYSTEM 'file:///etc/hostname'>]><rss>&a;</rss>",
    "an external entity of the web": b"<!DOCTYPE rss [<!ENTITY a SYSTEM 'http://127.0.0.1:1/'>]><rss>&a;</rss>",
    "an external parameter": b"<!DOCTYPE rss [<!ENTITY % a SYSTEM 'file:///etc/hostname'> %a;]><rss/>",
    "a picture that nobody parses": b"<!DOCTYPE rss [<!NOTATION g SYSTEM 'g'><!ENTITY a SYSTEM 'a' NDATA g>]><rss/>",
    "defaults of attributes for all": f"<!DOCTYPE r [<!ATTLIST a {DEFAULTS}>]><r>{'<a/>' * 99_999}</r>".encode(),
    "elements within elements": b"<a>" * 1_000_000,
    "elements without an end": b"<a>" + b"<b/>" * 3_000_000 + b"</a>",
    "attributes without an end": b"<a " + b" ".join(b'a%d=""' % number for number in range(2_000_001)) + b"/>",
    "references without an end": b"<!DOCTYPE a SYSTEM 'a'><a>" + b"&b;" * 2_500_000 + b"</a>",
    "a text without an end": b"<a>" + b"x" * 11_000_000 + b"</a>",
    "an attribute without an end": b"<a b='" + b"x" * 11_000_000 + b"'/>",
    "a name without an end": b"<" + b"x" * 11_000_000 + b"/>",
}
BROKEN: Mapping[str, bytes] = {
    "nothing": b"",
    "HTML": b"<!doctype html><p>Hello<br>",
    "JSON": b'{"a": 1}',
    "half a document": b"<rss><channel>",
    "two roots": b"<rss/><rss/>",
    "an unknown prefix": b"<a:rss/>",
    "an unknown encoding": b'<?xml version="1.0" encoding="nonsense"?><rss/>',
    "bytes that are not of the encoding": b"<rss>\xff\xfe</rss>",
    "a zero byte": b"<rss>\0</rss>",
    "an undeclared entity": b"<rss>&eacute;</rss>",
}


@pytest.mark.parametrize("document", HOSTILE)
def test_what_is_hostile_is_refused(document: str) -> None:
    with pytest.raises(ListingError):
        parse_xml(HOSTILE[document])


def test_and_takes_neither_time_nor_memory() -> None:
    """All of them in one process of their own; the largest document has twelve megabytes itself."""
    code = (
        "import resource, sys\n"
        "from feedserver.errors import ListingError\n"
        "from feedserver.sources.xml import parse_xml\n"
        "from tests.test_xml import HOSTILE\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for body in HOSTILE.values():\n"
        "    try:\n"
        "        parse_xml(body)\n"
        "    except ListingError:\n"
        "        pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    limits = (2_000_000_000, resource.RLIM_INFINITY)
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, limits),
    )  # fmt: skip
    assert int(ended.stdout) < 200_000  # kilobytes


@pytest.mark.parametrize("document", BROKEN)
def test_what_is_no_document_is_an_error_that_says_why(document: str) -> None:
    with pytest.raises(ListingError, match=r"^not XML: ."):
        parse_xml(BROKEN[document])


def test_the_reason_names_the_place() -> None:
    with pytest.raises(ListingError, match=r"not XML: .*channel line 2.*line 3"):
        parse_xml(b"<rss>\n<channel>\n</rss>")


def test_a_document_that_declares_entities_is_told_which() -> None:
    with pytest.raises(ListingError, match="entities are declared, such as 'joke'"):
        parse_xml(b"<!DOCTYPE rss [<!ENTITY joke 'ha'>]><rss>&joke;</rss>")


@pytest.mark.parametrize("scheme", ["file://{path}", "{path}"])
def test_no_file_is_read(tmp_path: Path, scheme: str) -> None:
    """Neither as a DTD, whose entities then are unknown, nor by XInclude, which stays an element."""
    (tmp_path / "secret.dtd").write_text(f"<!ENTITY secret '{INSIDE}'>", encoding="utf-8")
    address = scheme.format(path=tmp_path / "secret.dtd")
    included = f'<rss xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="{address}" parse="text"/></rss>'
    for document in (f"<!DOCTYPE rss SYSTEM '{address}'><rss>&secret;</rss>", included):
        root = parse_xml(document.encode())
        assert INSIDE not in "".join(root.itertext())
        assert len(root) == 1


@pytest.mark.parametrize(
    "document",
    [
        '<?xml version="1.0" encoding="utf-8"?><rss>Poincaré</rss>'.encode(),
        "<rss>Poincaré</rss>".encode(),
        "<rss>Poincaré</rss>".encode("utf-8-sig"),
        '<?xml version="1.0" encoding="iso-8859-1"?><rss>Poincaré</rss>'.encode("latin-1"),
        '<?xml version="1.0" encoding="windows-1252"?><rss>Poincaré</rss>'.encode("cp1252"),
        '<?xml version="1.0" encoding="utf-16"?><rss>Poincaré</rss>'.encode("utf-16"),
        b"<rss>Poincar&#233;</rss>",
        "<rss><![CDATA[Poincaré]]></rss>".encode(),
        "<!-- a feed --><?xml-stylesheet href='a.xsl'?><rss>Poincaré</rss>".encode(),
        b"<!DOCTYPE rss PUBLIC '-//Netscape//DTD RSS 0.91//EN' 'http://127.0.0.1:1/0.91.dtd'><rss>Poincar&#xe9;</rss>",
        "<!DOCTYPE rss [<!ELEMENT rss (#PCDATA)>]><rss>Poincaré</rss>".encode(),
    ],
)
def test_an_honest_document_is_read_in_its_encoding(document: bytes) -> None:
    root = parse_xml(document)
    assert (root.tag, root.text) == ("rss", "Poincaré")


def test_a_large_honest_document_is_read() -> None:
    entry = "<item><title>A title</title><link>https://example.org/</link></item>"
    assert len(parse_xml(f"<rss>{entry * 100_000}</rss>".encode())) == 100_000
    assert entry.count("<") * 100_000 < MOST_MARKS / 3


def test_nobody_else_reads_xml() -> None:
    """But feeds and subscription lists, forgivingly and without their DTD; others read HTML, or write MathML."""
    readers = {"fromstring", "parse", "XML", "XMLParser", "XMLPullParser", "iterparse", "xinclude", "XInclude"}
    found = [
        f"{path.relative_to(PACKAGE)}: {ast.unparse(node)}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in readers and ast.unparse(node.value).endswith("etree"))
        or (isinstance(node, ast.ImportFrom) and node.module == "lxml.etree" and readers & {a.name for a in node.names})
        or (isinstance(node, ast.Import) and any(alias.name.startswith("xml.") for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("xml.", "lxml.sax", "lxml.objectify")))
    ]
    assert {line.split(":")[0] for line in found} == {
        "sources/xml.py", "sources/document.py", "sources/huggingface/answers.py", "maths/mathml.py",
    }  # fmt: skip
