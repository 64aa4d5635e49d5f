"""Text -> clean text and search terms: the one place where words are taken apart, for entries and queries alike.

Every store engine indexes the terms made here, so that all of them give the same answer. ``ANALYSIS`` numbers the
rules; a store that was indexed under another number indexes itself anew.
"""

import re
from functools import lru_cache
from unicodedata import normalize

import regex
import snowballstemmer

ANALYSIS = 1

# XML 1.0 section 2.2: every other character makes a whole document unreadable and can't be escaped; and of those that
# it allows, the ones that it discourages, and byte order marks, which some parsers stumble over.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u007f-\u009f\ufdd0-\ufdef\ufeff]")
_POSSESSIVE = re.compile("['\u2019]s\\b")
_ASCII_WORD = re.compile("[a-z0-9]+")
# Scripts written without spaces (and Hangul, whose particles stick to the word) are indexed character by character;
# a query of several characters is then a phrase.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORD = regex.compile(rf"[{_UNSPACED}]\p{{M}}*|(?:(?![{_UNSPACED}])[\p{{L}}\p{{N}}]\p{{M}}*)+")
_UNSPACED_WORD = regex.compile(rf"[{_UNSPACED}]")
_ACCENT = re.compile("[\u0300-\u036f]")
_STEMMER = snowballstemmer.stemmer("english")


def clean(text: str) -> str:
    """Return ``text`` without characters that XML forbids and with each run of white space as one blank."""
    return " ".join(filter(None, (_NOT_XML.sub("", word) for word in text.split())))


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


@lru_cache(maxsize=2**16)
def stem(word: str) -> str:
    """Return the English Snowball stem of one folded word; words of other scripts and numbers stay as they are."""
    stemmed: str = _STEMMER.stemWord(word) if word.isascii() and word.isalpha() else word
    return stemmed


def terms(text: str) -> list[str]:
    """Return what is searched for and indexed of ``text``: its folded, stemmed words in order."""
    return [stem(word) for word in words(text)]


def is_unspaced(word: str) -> bool:
    """Say whether ``word`` is of a script that is indexed character by character."""
    return not word.isascii() and _UNSPACED_WORD.match(word) is not None
