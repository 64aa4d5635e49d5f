"""Text -> clean text and search terms: the one place where words are taken apart, for entries and queries alike.

Every store engine indexes the terms made here, so that all give the same answer. ``ANALYSIS`` names the rules and
the libraries behind them; a store that was indexed under another name indexes itself anew.
"""

import re
import threading
from functools import lru_cache
from importlib.metadata import version
from unicodedata import normalize, unidata_version

import regex
import snowballstemmer

MOST_NAME_PARTS = 16  # the longest name in the captured listings has six

_RULES = 1

# XML 1.0 section 2.2: every other character makes a whole document unreadable and can't be escaped; and of those that
# it allows, the ones that it discourages, and byte order marks, which some parsers stumble over.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u007f-\u009f\ufdd0-\ufdef\ufeff]")
_POSSESSIVE = re.compile("['\u2019]s\\b")
_ASCII_WORD = re.compile("[a-z0-9]+")
# Scripts written without spaces (and Hangul, whose particles stick to the word) are indexed character by character;
# a query of several characters is then a phrase.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORD = regex.compile(rf"[{_UNSPACED}]\p{{M}}*|(?:(?![{_UNSPACED}])[\p{{L}}\p{{N}}]\p{{M}}*)+")
_PIECE = regex.compile(r"[\x00-\x7f]+|\X")  # what folding turns into the same alone as in a text
_UNSPACED_WORD = regex.compile(rf"[{_UNSPACED}]")
_ACCENT = re.compile("[\u0300-\u036f]")
_STEMMER = snowballstemmer.stemmer("english")
_STEMMER_TURN = threading.Lock()  # the stemmer keeps the word it works on in itself

# Whatever has a say in what a term is. Terms of another analysis can neither be found nor taken out of an index.
ANALYSIS = "/".join(
    (str(_RULES), type(_STEMMER).__module__, version("snowballstemmer"), version("regex"), unidata_version)
)


def clean(text: str) -> str:
    """Return ``text`` without characters that XML forbids and with each run of white space as one blank."""
    spaced = " ".join(text.split())
    if spaced.isprintable():  # nothing that is forbidden is, and most texts are: this takes a seventh of the time
        return spaced
    return " ".join(filter(None, (legal(word) for word in spaced.split(" "))))


def legal(text: str) -> str:
    """Return ``text`` without characters that XML forbids; white space stays as it is."""
    return _NOT_XML.sub("", text)


def fold(text: str) -> str:
    """Return ``text`` in lower case, without accents and compatibility forms (``Ångström`` -> ``angstrom``)."""
    if text.isascii():
        return text.lower()
    return normalize("NFC", _ACCENT.sub("", normalize("NFKD", text.casefold()))).casefold()


def words(text: str) -> list[str]:
    """Return the folded words of ``text`` in order; a hyphen separates, a possessive ``'s`` is dropped."""
    folded = fold(text)
    if "'" in folded or "\u2019" in folded:
        folded = _POSSESSIVE.sub("", folded)
    return _ASCII_WORD.findall(folded) if folded.isascii() else _WORD.findall(folded)


def places(text: str) -> list[tuple[int, int]]:
    """Return where each of the ``words`` of ``text`` begins and ends in it, as it is spelled there."""
    if text.isascii():
        return [found.span() for found in _ASCII_WORD.finditer(_POSSESSIVE.sub("  ", text.lower()))]
    folded, starts, ends = _folded_in_place(text)
    for found in reversed(list(_POSSESSIVE.finditer(folded))):
        first, last = found.span()
        folded = folded[:first] + folded[last:]
        del starts[first:last], ends[first:last]
    return [(starts[found.start()], ends[found.end() - 1]) for found in _WORD.finditer(folded)]


def _folded_in_place(text: str) -> tuple[str, list[int], list[int]]:
    """Return the folded text, and where what each of its characters comes from begins and ends in the text."""
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for piece in _PIECE.finditer(text):
        first, last = piece.span()
        made = fold(piece[0])
        folded.append(made)
        if piece[0].isascii():
            starts.extend(range(first, last))
            ends.extend(range(first + 1, last + 1))
        else:
            starts.extend([first] * len(made))
            ends.extend([last] * len(made))
    return "".join(folded), starts, ends


@lru_cache(maxsize=2**16)
def stem(word: str) -> str:
    """Return the English Snowball stem of one folded word; words of other scripts and numbers stay as they are."""
    if not (word.isascii() and word.isalpha()):
        return word
    with _STEMMER_TURN:
        stemmed: str = _STEMMER.stemWord(word)
    return stemmed


def terms(text: str) -> list[str]:
    """Return what is searched for and indexed of ``text``: its folded, stemmed words in order."""
    return [stem(word) for word in words(text)]


def name_parts(name: str) -> list[str]:
    """Return the folded parts of a name, as many as a name can have."""
    return words(name)[:MOST_NAME_PARTS]


def is_unspaced(word: str) -> bool:
    """Say whether ``word`` is of a script that is indexed character by character."""
    return not word.isascii() and _UNSPACED_WORD.match(word) is not None
