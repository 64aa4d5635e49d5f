"""Text -> where in it TeX may be: what a command, an accent, code or a regular expression looks like."""

import re

from feedserver.maths.symbols import SYMBOLS

_STYLES = "textit|emph|textbf|texttt|textsc|textsf|textrm|text|textnormal|textup|textmd|textsl|mbox|underline|uline"
_SWITCHES = "it|em|bf|tt|sc|rm|sf|sl|small|footnotesize|large|itshape|bfseries|ttfamily|scshape"
_GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
_SIGNS = (
    "times pm sim approx leq geq neq infty rightarrow leftarrow cdot ldots dots ell nabla degree LaTeX TeX copyright "
    "textdegree textgreater textless texttimes textpm textmu textbullet texttrademark textregistered textcopyright "
    "textquoteleft textquoteright textquotedblleft textquotedblright textemdash textendash textellipsis textasciitilde "
    "textregistered textperiodcentered ss o O l L aa AA ae AE oe OE"
)
COMMANDS = {name: SYMBOLS[name] for name in f"{_GREEK} {_SIGNS}".split() if name in SYMBOLS} | {
    "deg": "°", "textasciitilde": "~", "xspace": "", "allowbreak": "", "nobreakdash": "",
}  # fmt: skip
LATIN = {  # as the style files of conferences have them (eccvabbrv.sty); their authors leave them in abstracts
    "eg": "e.g.", "ie": "i.e.", "Eg": "E.g.", "Ie": "I.e.", "cf": "cf.", "etc": "etc.", "vs": "vs.", "wrt": "w.r.t.",
    "etal": "et al.", "iid": "i.i.d.",
}  # fmt: skip
LETTERS = {"ss", "o", "O", "l", "L", "aa", "AA", "ae", "AE", "oe", "OE"}
SWALLOWING = LETTERS | {name for name in COMMANDS if name.startswith("text")} | {"allowbreak", "nobreakdash"}
ACCENTS = {  # command -> combining character
    '"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328", "r": "\u030a",
    "d": "\u0323", "b": "\u0331",
}  # fmt: skip
TILDES = "nNaAoO"

_WORD = 300  # characters of a word that are looked at, on either side of a backslash
_PATH = re.compile(
    r"(?<![A-Za-z\\])[A-Za-z]:\\[^\s\\]\S*"
    r"|(?<![\\\w.}$-])[\w.-]*(?:\\[A-Za-z][\w.-]*){2,}(?![\w{\\])"
    r"|(?<![\\\w.}$-])[\w.-]+\\[A-Za-z][\w-]*\.[a-z]{1,4}(?![\w{\\])"
)
_REGULAR = re.compile(r"\\[dwsDWSB](?![A-Za-z{])|\\b(?![A-Za-z{])|\\[bd]\{\d|\[\^|\(\?[:=!<P]|\.\*|\\\.(?!\{)|\\[+*?]")
START = re.compile(r"\\|\$|\{|~|`|--")  # with what every token begins: much quicker to find than a token
TOKEN = re.compile(
    r"(?P<code>`[^`'\s]+`|\\begin\{(?P<name>\w+\*?)\}.{0,1000}?\\end\{(?P=name)\}|\\\\)"
    r"|(?P<formula>\$+|\\[(\[])"
    rf"|(?P<style>\\(?:{_STYLES})\s?)(?=\{{)"
    rf"|(?P<switch>\{{\\(?:{_SWITCHES})(?![A-Za-z])\s?)"
    r"|(?P<script>\\text(?:super|sub)script)(?=\{)"
    r"|(?P<address>\\(?:url|path)\s?)(?=\{)|(?P<link>\\href\s?)(?=\{)|(?P<note>\\(?:footnote|cite[pt]?)\s?)(?=\{)"
    r"|(?P<accent>\{?\\(?:[\"'`^~=](?:\{\\?[A-Za-z]\}|\\[ij](?![A-Za-z])\s?|[A-Za-z])|[.cvuHkrdb]\{\\?[A-Za-z]\})\}?)"
    r"|(?P<symbol>\{?\\[A-Za-z]+\}?)"
    r"|(?P<escape>\\[%&_#$])"
    r"|(?P<blank>(?<=[\w.)}%])\\[,;](?=[\w(\\])|(?<=[.)}])\\[ ]|(?<=[.)}]\s)\\[ ])"
    r"|(?P<tie>(?<=[A-Za-z.}])~(?=[\w\\$])|(?<=[\w}$)])-{2,3}(?=[\w{$\\])|(?<=\s)-{2,3}(?=\s))",
    re.DOTALL,
)
TIES = {"~": " ", "--": "–", "---": "—"}
QUOTED = {mark: re.compile(rf"\\{mark}(?<=\w..)(?![\w{{\\])") for mark in "\"'`"}
SHORTENED = re.compile(r"\\'(?:s|t|d|m|re|ve|ll)(?![A-Za-z])")
TYPED = re.compile(r"\\([_%&#~])")
_BRACE = re.compile(r"\{|\}|\\.", re.DOTALL)


def pairs_of_braces(text: str) -> dict[int, int]:
    """Return where each brace that has a partner is closed."""
    opened: list[int] = []
    closed: dict[int, int] = {}
    if "}" not in text:
        return closed
    for sign in _BRACE.finditer(text):
        if sign[0] == "{":
            opened.append(sign.start())
        elif sign[0] == "}" and opened:
            closed[opened.pop()] = sign.start()
    return closed


def foreign_words(text: str) -> list[tuple[int, int]]:
    """Return where, in words with backslashes, paths and regular expressions lie."""
    found: list[tuple[int, int]] = []
    read, place = 0, text.find("\\")
    while place >= 0:
        begun = max(place - _WORD, read)
        start = max(text.rfind(" ", begun, place) + 1, begun)
        read = end = text.find(" ", place, place + _WORD) if " " in text[place : place + _WORD] else place + _WORD
        word = text[start:end]
        if _REGULAR.search(word):
            found.append((start, end))
        elif path := _PATH.search(word):
            found.append((start + path.start(), start + path.end()))
        place = text.find("\\", end)
    return found
