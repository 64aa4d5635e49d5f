"""Text -> its section of RESULTS.md, rows -> a Markdown table. Each entry point replaces its own section only."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
SERVING, SELECTION, ENTERED, PREVIEW, PAGES = SECTIONS = (
    "Serving",
    "The newest matches",
    "In the order of entering",
    "A live preview",
    "Pages in Chromium",
)  # in the order in which they stand in the file

_HEADING = re.compile(r"^# (.+)$", re.MULTILINE)


def write_section(heading: str, text: str, path: Path = RESULTS) -> None:
    """Put ``text`` under its heading, one of ``SECTIONS``; the other sections stay as they are."""
    kept = dict(_sections(path.read_text(encoding="utf-8"))) if path.exists() else {}
    kept[heading] = text.strip()
    written = [f"# {each}\n\n{kept[each]}\n" for each in SECTIONS if each in kept]
    path.write_text("\n".join(written), encoding="utf-8")


def table(head: Sequence[str], lines: Iterable[Sequence[str]], left: int = 1) -> str:
    """Return a table whose first ``left`` columns are texts and whose other columns are figures."""
    rule = [":--"] * left + ["--:"] * (len(head) - left)
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *lines))


def _sections(text: str) -> Iterable[tuple[str, str]]:
    headings = list(_HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    for heading, end in zip(headings, ends, strict=True):
        yield heading[1], text[heading.end() : end].strip()
