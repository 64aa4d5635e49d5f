r"""Text -> its parts: formulas, and words in which TeX's commands are spelled as what they show.

Outside of formulas, only what no other notation writes so is taken for TeX:

- commands for looks with their braces (``\textit{x}``, ``{\it x}``), ``\url{x}``, ``\href{x}{y}``, ``\footnote{x}``,
  ``\cite{x}``; the commands in ``tokens.COMMANDS``, in braces (``360{\deg}``) or without (``3.6\times``), and no other;
- accents where Unicode has the letter with its accent: ``\"o``, ``\'{e}``, ``{\"u}``; those that are called by a
  letter only in braces and beside another letter (``Fran\c{c}ois``; ``\d{3}`` is something else). A quotation mark or
  apostrophe behind a backslash stays if the text closes quotations so (``\"edge\"``), or if it shortens a word
  (``object\'s``);
- ``\%``, ``\&``, ``\_``, ``\#``, ``\$``, and blanks (``1.5\,TB``, ``vs.\ 9.7``);
- ``~``, ``--`` and ``---`` between words, if there is anything else of TeX in the text.

Code between backquotes, paths (``C:\new``, ``src\alpha.py``), regular expressions, environments and what stands in the
query of an address stay as they are, as do ``\\`` and commands that are not known, such as ``\method``.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from feedserver.maths.formulas import Formula, formula_at
from feedserver.maths.spelling import spell
from feedserver.maths.tokens import (
    ACCENTS,
    COMMANDS,
    LATIN,
    LETTERS,
    QUOTED,
    SHORTENED,
    START,
    SWALLOWING,
    TIES,
    TILDES,
    TOKEN,
    TYPED,
    foreign_words,
    pairs_of_braces,
)

LONGEST = 100_000  # characters; a longer text stays as it is
MOST_FORMULAS = 400  # places looked at in a text; beyond them, formulas stay as they are
DEEPEST = 8  # commands in commands

_LONGEST_ADDRESS = 200  # characters of it that are looked at

Part = str | Formula


def unicode(text: str) -> str:
    """Return the text with its TeX in Unicode; text without dollars and backslashes is the same text."""
    if "$" not in text and "\\" not in text:
        return text
    return "".join(part if isinstance(part, str) else part.spelled for part in parts(text))


def parts(text: str) -> tuple[Part, ...]:
    """Return what the text consists of, in order."""
    if ("$" not in text and "\\" not in text) or len(text) > LONGEST:
        return (text,)
    return _read(text)


@lru_cache(maxsize=64)  # an entry's title and abstract stand in more than one place of a feed
def _read(text: str) -> tuple[Part, ...]:
    reading = _Reading(text)
    reading.scan(0, len(text), 0)
    return tuple(_joined(reading.found)) if reading.is_tex else (text,)


def _joined(found: Iterable["Part | _Tie"]) -> Iterator[Part]:
    """Yield texts that stand side by side as one."""
    texts: list[str] = []
    for part in found:
        if isinstance(part, Formula):
            yield from filter(None, ("".join(texts), part))
            texts.clear()
        else:
            texts.append(TIES[part.raw] if isinstance(part, _Tie) else part)
    yield from filter(None, ("".join(texts),))


@dataclass(frozen=True, slots=True)
class _Tie:
    """A sign that means something else in TeX, if the text is TeX."""

    raw: str


class _Reading:
    """One text while it is read, with what has to be known of all of it to read any of it."""

    def __init__(self, text: str) -> None:
        self.found: list[Part | _Tie] = []
        self.is_tex = False
        self._text = text
        self._braces = pairs_of_braces(text)
        self._foreign = foreign_words(text)
        self._quoting = {mark for mark, closing in QUOTED.items() if closing.search(text)}
        self._formulas = 0

    def scan(self, start: int, end: int, depth: int) -> None:
        """Find the parts between two places."""
        kept = place = start
        while sign := START.search(self._text, place, end):
            token = TOKEN.match(self._text, sign.start(), end)
            place = sign.end()
            if token:
                self.found.append(self._text[kept : token.start()])
                kept = place = self._take(token, end, depth)
        self.found.append(self._text[kept:end])

    def _take(self, token: re.Match[str], end: int, depth: int) -> int:
        """Take a token as what it is, or as it stands, and return where it ends."""
        if (last := self._end_of_foreign(token.start())) or token.lastgroup in {"code", "name"}:
            return self._keep(token.start(), min(last or token.end(), end))
        if token.lastgroup == "tie" and self._is_in_address(token.start()):
            return self._keep(token.start(), token.end())
        if token.lastgroup == "tie":
            self.found.append(_Tie(token[0]))
            return token.end()
        known = len(self.found)
        after = _TAKERS[token.lastgroup or ""](self, token, depth) if depth <= DEEPEST else None
        if after is None:
            del self.found[known:]
            return self._keep(token.start(), token.start() + 1 if token[0][0] == "{" else _end_of_name(token))
        self.is_tex = self.is_tex or token.lastgroup != "formula"
        return after

    def _keep(self, start: int, end: int) -> int:
        self.found.append(self._text[start:end])
        return end

    def _end_of_foreign(self, place: int) -> int:
        """Return where the path or regular expression ends in which a place lies; 0 where it lies in none."""
        at = bisect_right(self._foreign, (place, len(self._text)))
        return self._foreign[at - 1][1] if at and place < self._foreign[at - 1][1] else 0

    def _is_in_address(self, place: int) -> bool:
        begun = max(place - _LONGEST_ADDRESS, 0)
        return "://" in self._text[max(self._text.rfind(" ", begun, place), begun) : place]

    def formula(self, token: re.Match[str], _: int) -> int | None:
        """Take ``$x$``."""
        self._formulas += 1
        if self._formulas > MOST_FORMULAS or (found := formula_at(self._text, token.start())) is None:
            return None
        formula, end = found
        self.is_tex = self.is_tex or formula is not None
        self.found.append(formula or self._text[token.start() : end])
        return end

    def style(self, token: re.Match[str], depth: int) -> int | None:
        r"""Take ``\textit{x}``."""
        return self._group(token.end(), token.end() + 1, depth)

    def switch(self, token: re.Match[str], depth: int) -> int | None:
        r"""Take ``{\it x}``, of which the last ``\/`` may be missing."""
        return self._group(token.start(), token.end(), depth)

    def _group(self, opening: int, start: int, depth: int) -> int | None:
        closing = self._braces.get(opening)
        if closing is None:
            return None
        self.scan(start, closing - 2 if self._text.startswith("\\/", closing - 2) else closing, depth + 1)
        return closing + 1

    def script(self, token: re.Match[str], _: int) -> int | None:
        r"""Take ``\textsuperscript{x}``."""
        closing = self._braces.get(token.end())
        spelled = closing and spell(self._text[token.start() : closing + 1])
        self.found.append(spelled or "")
        return closing + 1 if closing and spelled else None

    def address(self, token: re.Match[str], _: int) -> int | None:
        r"""Take ``\url{x}``."""
        closing = self._braces.get(token.end())
        if closing is None:
            return None
        self.found.append(self._typed(token.end() + 1, closing))
        return closing + 1

    def link(self, token: re.Match[str], depth: int) -> int | None:
        r"""Take ``\href{x}{y}``, as ``y (x)``."""
        closing = self._braces.get(token.end())
        last = self._braces.get(closing + 1) if closing else None
        if closing is None or last is None:
            return None
        address = self._typed(token.end() + 1, closing)
        if address == self._typed(closing + 2, last):
            self.found.append(address)
            return last + 1
        self.scan(closing + 2, last, depth + 1)
        self.found.append(f" ({address})")
        return last + 1

    def note(self, token: re.Match[str], depth: int) -> int | None:
        r"""Take ``\footnote{x}`` and ``\cite{x}``."""
        before, after = ("(", ")") if token[0].startswith("\\f") else ("[", "]")
        self.found.append(before if self._text[token.start() - 1 : token.start()].isspace() else f" {before}")
        closing = self._group(token.end(), token.end() + 1, depth)
        self.found.append(after)
        return closing

    def accent(self, token: re.Match[str], _: int) -> int | None:
        r"""Take ``\"o``."""
        start, end = self._bare(token)
        raw = self._text[start:end]
        mark, letter = raw[1], next(filter(str.isalpha, reversed(raw)))
        composed = unicodedata.normalize("NFC", letter + ACCENTS[mark])
        is_quotation = mark in self._quoting or (mark == "'" and SHORTENED.match(self._text, start))
        is_lonely = mark.isalpha() and not (
            self._text[start - 1 : start].isalpha() or self._text[end : end + 1].isalpha()
        )
        if len(composed) > 1 or is_quotation or is_lonely or (mark == "~" and raw[2] not in f"{{\\{TILDES}"):
            return None
        self.found.append(composed)
        return token.end() if start > token.start() else end

    def symbol(self, token: re.Match[str], _: int) -> int | None:
        r"""Take ``{\deg}``, ``\times``, ``\eg``."""
        start, end = self._bare(token)
        name, is_braced = self._text[start + 1 : end], start > token.start()
        after = end + 2 if self._text.startswith("{}", end) else end
        if name in LATIN:
            self.found.append(LATIN[name][: -1 if self._text.startswith(".", after) else None])
            return token.end() if is_braced else after
        if name not in COMMANDS or not (
            is_braced or name not in LETTERS or after > end or self._is_in_word(start, end)
        ):
            return None
        self.found.append(COMMANDS[name])
        if not is_braced and after == end and name in SWALLOWING and self._text[end : end + 1].isspace():
            return end + 1
        return token.end() if is_braced else after

    def escape(self, token: re.Match[str], _: int) -> int:
        r"""Take ``\%``."""
        self.found.append(token[0][1])
        return token.end()

    def blank(self, token: re.Match[str], _: int) -> int:
        r"""Take ``\,``."""
        self.found.append("" if self._text[token.start() - 1].isspace() else " ")
        return token.end()

    def _bare(self, token: re.Match[str]) -> tuple[int, int]:
        """Return where a command lies that may have braces of its own around it, without these if it has."""
        start, end = token.span()
        if token[0][0] == "{":
            return (start + 1, end - 1) if self._braces.get(start) == end - 1 else (start + 1, end)
        inner = token[0].count("{") < token[0].count("}")
        return start, end - inner

    def _is_in_word(self, start: int, end: int) -> bool:
        r"""Say whether a letter's command stands where its blank belongs to it: ``Bj\o rn``, ``\L ukasz``."""
        is_inside = self._text[start - 1 : start].isalpha() or self._text[start + 1].isupper()
        return is_inside and self._text[end : end + 1].isspace() and self._text[end + 1 : end + 2].islower()

    def _typed(self, start: int, end: int) -> str:
        return TYPED.sub(r"\1", self._text[start:end])


_TAKERS: dict[str, Callable[[_Reading, re.Match[str], int], int | None]] = {
    name: getattr(_Reading, name)
    for name in (
        "formula",
        "style",
        "switch",
        "script",
        "address",
        "link",
        "note",
        "accent",
        "symbol",
        "escape",
        "blank",
    )
}


def _end_of_name(token: re.Match[str]) -> int:
    """Return where a command ends that stays: what follows its name may be one that doesn't."""
    return token.end() - token[0].endswith("}")
