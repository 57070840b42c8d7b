"""Letters and signs that are drawn as others, and what hides between them.

Unicode Technical Standard 39 calls such letters confusable. Its table has thousands;
these are those that keyboards, word processors and PDFs bring into an English text.
"""

from __future__ import annotations

import re
import unicodedata

# Alphabets with letters that are drawn as another's.
_ALPHABETS = frozenset({"LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC"})
_NO_LETTER = re.compile(r"[\W\d_]+")

_CYRILLIC = "АВЕЅІЈКМНОРСТУХԚԜаԁеһіјорԛсѕԝхуӏ"
_AS_CYRILLIC = "ABESIJKMHOPCTYXQWadehijopqcswxyl"
_GREEK = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαγιορυν"  # noqa: RUF001 - they are meant
_AS_GREEK = "ABEZHIKMNOPTYXayiopuv"
_ARMENIAN = "ՍՕհոսցօզ"  # noqa: RUF001 - they are meant
_AS_ARMENIAN = "UOhnugoq"

_SEEN_AS = str.maketrans(
    dict(
        zip(
            _CYRILLIC + _GREEK + _ARMENIAN,
            _AS_CYRILLIC + _AS_GREEK + _AS_ARMENIAN,
            strict=True,
        )
    )
    # What a word processor makes of a typewriter's quotation marks and hyphens.
    | dict.fromkeys("\u2018\u2019\u201b\u2032\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201f\u2033", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\u2043", "-")
    | {"\u2026": "..."}
    # Ligatures, letters as wide as Chinese ones, and bold or slanted ones for formulas.
    | {
        character: unicodedata.normalize("NFKC", character)
        for block in ((0xFB00, 0xFB06), (0xFF01, 0xFF5E), (0x1D400, 0x1D7FF))
        for character in map(chr, range(block[0], block[1] + 1))
    }
)


def alphabet(letter: str) -> str:
    """Which of the alphabets that look alike a letter is of; empty for any other."""
    if not letter.isalpha():
        return ""
    words = unicodedata.name(letter, "").split()
    return next((word for word in words if word in _ALPHABETS), "")


def foreign_letter(text: str) -> str:
    """The first letter of another alphabet in a word of two; empty if there is none."""
    for word in _NO_LETTER.split(text):
        if not word.isascii() and len({alphabet(letter) for letter in word} - {""}) > 1:
            return next(one for one in word if alphabet(one) not in {"", "LATIN"})
    return ""


def as_seen(text: str) -> str:
    """A text as a reader sees it: equal for texts that nobody can tell apart.

    White space is left out, and so is what has no shape of its own.
    """
    text = "".join(unicodedata.normalize("NFC", text).split())
    if text.isascii():
        return text
    shaped = (
        character
        for character in text
        if character.isascii() or unicodedata.category(character) != "Cf"
    )
    return "".join(shaped).translate(_SEEN_AS)
