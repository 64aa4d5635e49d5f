"""TeX of a formula -> Unicode, with the names of symbols that pylatexenc knows."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from pylatexenc.latexwalker import LatexWalker, LatexWalkerError
from pylatexenc.latexwalker import get_default_latex_context_db as known_arguments
from pylatexenc.macrospec import std_macro

from feedserver.maths.symbols import (
    ACCENTS,
    ARGUMENTS,
    LARGE,
    LETTERS,
    OPERATORS,
    PLAIN,
    RELATIONS,
    SPACES,
    SUBSCRIPT,
    SUPERSCRIPT,
    SYMBOLS,
)

DEEPEST = 12  # braces in braces

_FORGOTTEN = re.compile(
    r"\\(?:left|right)\s*\.|\\(?:left|right|middle|[bB]igg?[lrm]?|limits|displaystyle|textstyle)(?![a-zA-Z])"
)
_COMMENT = re.compile(r"(?<!\\)%")
_STUCK = re.compile(r"(\\[A-Za-z]+)(?=[^\x00-\x7f])")  # in TeX, a command's name ends before any other alphabet
_BARE_LETTER = re.compile(r"(\\math(?:bb|bf|cal|rm|sf|tt|it|frak|scr|ds))\s+([A-Za-z0-9])")
_ATOM = re.compile(r"\d+(?:\.\d+)?|.|√?\w[\u0300-\u036f′⁰-₟ᵃ-ᵿ²³¹ʰ-ˣ]*|\([^()]*\)|[A-Za-z]+")
_MATCHED = re.compile(r"[^\W\d_]{3}")

_arguments = known_arguments()
_arguments.add_context_category(
    "feedserver", prepend=True, macros=[std_macro(name, spec) for name, spec in ARGUMENTS.items()]
)


@lru_cache(maxsize=4096)
def spell(tex: str) -> str | None:
    """Return a formula in Unicode; None where it can't be told without loss: what is broken, unknown or too deep."""
    if too_deep(tex) or "\\begin" in tex:
        return None
    try:
        nodes, _, _ = LatexWalker(prepared(tex), latex_context=_arguments, tolerant_parsing=False).get_latex_nodes()
        spelled = " ".join(_spell(nodes).split())
    except (LatexWalkerError, _UnknownError):
        return None
    return unicodedata.normalize("NFC", spelled) or None


def prepared(tex: str) -> str:
    r"""Return the formula as both libraries read it alike.

    Commands about size alone are left out, percent signs begin no comment, ``\mathbb R`` has its braces.
    """
    return _BARE_LETTER.sub(r"\1{\2}", _STUCK.sub(r"\1 ", _COMMENT.sub(r"\\%", _FORGOTTEN.sub("", tex))))


def too_deep(tex: str) -> bool:
    """Say whether commands and braces lie deeper in each other than any formula of a title or an abstract."""
    depth = deepest = 0
    for sign in tex:
        depth += (sign == "{") - (sign == "}")
        deepest = max(deepest, depth)
    return deepest > DEEPEST


class _UnknownError(ValueError):
    """A command whose meaning is not known, or one that lacks what it stands for."""


def _spell(nodes: Sequence[Any]) -> str:
    """Return nodes in Unicode, side by side."""
    line = _Line()
    for unit in _units(nodes):
        line.add(unit)
    return line.end()


class _Line:
    """What was spelled so far, and what has to stand between it and what comes next."""

    def __init__(self) -> None:
        self.spelled = ""
        self.script = ""  # a ^ or _ that waits for what it raises or lowers
        self.gap = False  # the next letter must not stick to what precedes it

    def add(self, unit: str) -> None:
        """Take one more letter, sign, command or group."""
        if self.script:
            if unit.isspace():
                return
            if unit in {"^", "_"}:
                raise _UnknownError(unit)
            self.spelled += _scripted(self.script, unit)
            self.gap = self.gap or self.spelled[-1:].isascii()
            self.script = ""
        elif unit in {"^", "_"}:
            self.script = unit
        else:
            self._append(unit)

    def _append(self, unit: str) -> None:
        word = _MATCHED.match(unit) is not None or unit in LARGE or unit in {"ln", "lg"}
        if unit and unit[0].isalnum() and (self.gap or (word and self.spelled[-1:].isalnum())):
            self.spelled += " "
        self.gap = word if unit.strip() else False
        is_apart = unit in RELATIONS or (unit in OPERATORS and self.spelled.endswith(" "))
        self.spelled += f" {unit} " if is_apart else unit

    def end(self) -> str:
        """Return all of it."""
        if self.script:
            raise _UnknownError(self.script)
        return self.spelled


def _units(nodes: Sequence[Any]) -> Iterator[str]:
    """Yield what a script may belong to: single characters, commands with their arguments, groups."""
    for node in nodes:
        if node is None:
            continue
        match type(node).__name__:
            case "LatexCharsNode":
                yield from node.chars.replace("'", "′")
            case "LatexGroupNode":
                yield _spell(node.nodelist) if node.delimiters == ("{", "}") else node.latex_verbatim()
            case "LatexMacroNode":
                yield _command(node)
            case "LatexSpecialsNode" if node.specials_chars in {"~", "--", "''"}:
                yield {"~": " ", "--": "--", "''": "′′"}[node.specials_chars]
            case _:
                raise _UnknownError(type(node).__name__)


def _command(node: Any) -> str:
    name = node.macroname
    given = [node_ for node_ in (node.nodeargd.argnlist if node.nodeargd else ()) if node_ is not None]
    arguments = [_spell([argument]) for argument in given]
    if name in SPACES or name in SYMBOLS:
        return SPACES[name] if name in SPACES else SYMBOLS[name]
    if name not in ARGUMENTS or len(arguments) < ARGUMENTS[name].count("{") or not all(arguments):
        raise _UnknownError(name)
    if name in PLAIN:
        return arguments[0]
    if name in LETTERS:
        return _styled(name, arguments[0])
    if name in ACCENTS:
        return "".join(f"{letter}{ACCENTS[name]}" for letter in arguments[0])
    return _built(name, arguments)


def _built(name: str, arguments: list[str]) -> str:
    match name, arguments:
        case "sqrt", [index, root]:
            return f"{_scripted('^', index.strip('[]'))}√{_enclosed(root)}"
        case "sqrt", [root]:
            return f"√{_enclosed(root)}"
        case "binom" | "tbinom" | "dbinom", [above, below]:
            return f"C({above}, {below})"
        case "stackrel" | "overset", [above, below]:
            return f"{below}{_scripted('^', above)}"
        case "underset", [below, above]:
            return f"{above}{_scripted('_', below)}"
        case "pmod", [argument]:
            return f" (mod {argument})"
        case "not", [argument]:
            return f"{argument}\u0338"
        case (("textsuperscript" | "textsubscript"), [argument]):
            return _scripted("^" if name == "textsuperscript" else "_", argument)
        case _, [above, below]:
            return f"{_enclosed(above)}/{_enclosed(below)}"
    raise _UnknownError(name)


def _styled(style: str, letters: str) -> str:
    """Return a single letter in another alphabet; words stay as they are, for few can read them so."""
    if len(letters) != 1:
        return letters
    case = "CAPITAL" if letters.isupper() else "SMALL"
    kind = "DIGIT" if letters.isdigit() else f"{case} {letters.upper()}"
    names = [f"MATHEMATICAL {name} {kind}" for name in LETTERS[style]] + [f"{name} {kind}" for name in LETTERS[style]]
    if letters.isdigit():
        names = [f"MATHEMATICAL {name} {unicodedata.name(letters)}" for name in LETTERS[style]]
    return next((found for name in names if (found := _letter(name))), letters)


def _letter(name: str) -> str:
    try:
        return unicodedata.lookup(name)
    except KeyError:
        return ""


def _scripted(mark: str, text: str) -> str:
    """Return a text raised or lowered, where Unicode has the letters and they can be read; else behind its mark."""
    text = text.replace(" ", "") if len(text) < 8 else text.strip()
    known = SUPERSCRIPT if mark == "^" else SUBSCRIPT
    if text and sum(map(str.isalpha, text)) <= 2 and all(letter in known for letter in text):
        return "".join(known[letter] for letter in text)
    return f"{mark}{_enclosed(text)}"


def _enclosed(text: str) -> str:
    """Return a text in parentheses, unless it holds together without."""
    return text if _ATOM.fullmatch(text) else f"({text})"
