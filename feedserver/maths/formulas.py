r"""Where in a text a formula stands: the rules that tell ``$x$`` from ``$5 to $10``.

A formula stands between ``$`` and ``$``, ``$$`` and ``$$``, ``\(`` and ``\)`` or ``\[`` and ``\]``, has at most
``LONGEST`` characters, its braces match, and it holds no words of prose, one beside the other. Besides:

- ``$`` opens where no blank follows and closes where no blank precedes and no digit follows; ``\$`` does neither, nor
  do three dollars in a row. Between two blanks it may hold blanks at its ends if it holds a sign of TeX as well.
- A *sign* of TeX is a command, ``^`` or ``_``. Without one, nothing is a formula that touches a letter or digit in
  front (``US$``, ``5$-10$``), that begins with a digit and goes on with a word (``$5 or so$``), or that begins with a
  word and touches one behind (``$HOME/$USER``).
- ``\[`` needs a sign or an equals sign, ``\(`` a sign or, behind a blank, an equals sign, a number, a letter or some
  capitals: both are also how others write brackets.
- Templates and regular expressions are none: ``${a}${b}``, ``$(a)/$(b)``, ``foo$|^bar$``, ``\(foo\|bar\)``.
"""

import re
from dataclasses import dataclass

from feedserver.maths.spelling import spell

LONGEST = 500  # characters of a formula; the longest in the captured abstracts has 180

_CLOSINGS = {"\\(": "\\)", "\\[": "\\]", "$$": "$$", "$": "$"}
_SIGN = re.compile(r"\\[A-Za-z]{2,}|[_^]|\\[{}|]")
_RELATION = re.compile(r"[=<>+]")
_TEXT = re.compile(r"\\(?:text\w*|mathrm|mathbf|mathsf|mathtt|mathit|operatorname\*?|mbox)\s*\{[^{}]*\}|\\[A-Za-z]+")
_PROSE = re.compile(r"[A-Za-z]{2,}[,.;:]?\s+[A-Za-z]{2,}")
_PRICE = re.compile(r"(?s)\d.*[A-Za-z]{2}|\d[\d,.]*[kKMB]?\s*[-/]")
_WORD_AHEAD = re.compile(r"[A-Za-z]{2}")
_SINGLE = re.compile(r"[^\W\d_]'?|[A-Z]{2,6}|\d+(?:\.\d+)?")
_FOREIGN = re.compile(r"\|\^|.*(?:[/\[(]\^|[A-Za-z]{2}\\\|[A-Za-z]{2})", re.DOTALL)
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_FIRST_AFTER = re.compile(r"\w|[({]")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula: its TeX without delimiters, the same in Unicode, and whether it stands apart from the text."""

    tex: str
    spelled: str
    display: bool = False


def formula_at(text: str, place: int) -> tuple[Formula | None, int] | None:
    """Return the formula that begins at a place of the text, and where it ends; None where there is none.

    In place of a formula that can't be spelled, which is to stay as it is, there is None.
    """
    opening = next((mark for mark in ("\\(", "\\[", "$$", "$") if text.startswith(mark, place)), None)
    if opening is None or text.startswith("$$$", place):
        return None
    start = place + len(opening)
    end = _closing(text, start, _CLOSINGS[opening])
    if end < 0:
        return None
    tex, after = text[start:end], end + len(opening)
    if not _is_formula(opening, tex, text[place - 1 : place], text[after : after + 1]):
        return None
    spelled = spell(tex)
    formula = Formula(tex.strip(), spelled, opening in {"$$", "\\["}) if spelled else None
    return formula, after


def _closing(text: str, start: int, mark: str) -> int:
    """Return where the formula ends that begins at ``start``; -1 where it ends nowhere, or not where it should."""
    last = start + LONGEST + len(mark)
    end = text.find(mark, start, last)
    while end > start and text[end - 1] == "\\" and mark[0] == "$":
        end = text.find(mark, end + 1, last)
    inside = text[start:end] if end > start else ""
    return end if inside.strip() and not (mark == "$$" and text.startswith("$$$", end)) else -1


def _is_formula(opening: str, tex: str, before: str, after: str) -> bool:
    if _FOREIGN.match(tex) or not _braces_match(tex) or _PROSE.search(_TEXT.sub("", tex)):
        return False
    signed = _SIGN.search(tex) is not None
    match opening:
        case "\\[":
            return signed or "=" in tex
        case "\\(":
            return signed or (
                (not before or before in " (") and ("=" in tex or _SINGLE.fullmatch(tex.strip()) is not None)
            )
        case "$$":
            return signed or _RELATION.search(tex) is not None or (tex == tex.strip() and tex[-1].isalnum())
    return _is_between_dollars(tex, before, after, signed)


def _is_between_dollars(tex: str, before: str, after: str, signed: bool) -> bool:
    if "$" in _ESCAPED.sub("", tex) or after.isdigit() or after == "$" or before == "$":
        return False
    if tex != tex.strip():
        return signed and tex[0].isspace() and tex[-1].isspace() and not before.strip() and not after.isalnum()
    if _touches_code(tex, after):
        return False
    return signed or not (before.isalnum() or _PRICE.match(tex) or not any(map(str.isalnum, tex)))


def _touches_code(tex: str, after: str) -> bool:
    """Say whether what follows the closing dollar makes a variable of it, or a template."""
    if not _FIRST_AFTER.match(after):
        return False
    if after in "({":
        return tex[0] == after
    return (_WORD_AHEAD.match(tex) is not None and "\\" not in tex and "^" not in tex) or tex[-1] in ",;:/=.<>("


def _braces_match(tex: str) -> bool:
    depth = 0
    for sign in _ESCAPED.sub("", tex):
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            return False
    return depth == 0
