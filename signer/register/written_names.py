"""The better way to write a name: first names first, and with all its marks.

What the register holds is printed on declarations, whatever an export did to it.
"""

from __future__ import annotations

import re
import unicodedata

from signer.register.spelling import WITHOUT_KEY, WRITTEN_OUT

# What follows a comma and is no first name: Daniel Bell, MBE.
_SUFFIXES = frozenset(
    {
        *("jr", "jnr", "junior", "sr", "snr", "senior", "esq", "esquire"),
        *("ii", "iii", "iv", "mbe", "obe", "cbe", "qc", "kc", "md", "phd", "ba", "ma"),
    }
)

# The better a sign, the higher: what a typesetter writes, a typewriter, a makeshift.
_APOSTROPHES = {
    **dict.fromkeys("\u2019\u2018\u02bc\u02bb", 3),
    "'": 2,
    **dict.fromkeys("`\u00b4\u02b9", 1),
}


def first_names_first(name: str) -> str:
    """A name as it is said: Bell, Daniel is Daniel Bell; any other as it is.

    A name with more than one comma, a suffix (Daniel Bell, MBE) and two whole names
    (Oscar Bell, Mia Bell) are left as they are.
    """
    if "," not in name:
        return name
    parts = [" ".join(part.split()) for part in name.split(",")]
    if len(parts) != 2 or not all(parts) or names_two(name):  # noqa: PLR2004 - a comma
        return name
    last, first = parts
    if not any(map(str.isalnum, last)) or _is_suffix(first):
        return name
    return f"{first} {last}"


def names_two(name: str) -> bool:
    """Whether a comma parts whole names with one surname: Oscar Bell, Mia Bell."""
    parts = [part.casefold().split() for part in name.split(",")]
    return len(parts) > 1 and all(
        len(part) > 1 and part[-1] == parts[0][-1] for part in parts
    )


def _is_suffix(words: str) -> bool:
    return all(word.casefold().strip(".") in _SUFFIXES for word in words.split())


def better_spelling(written: str, registered: str) -> str:
    """The one to keep of a name in a file and the same name in the register.

    It is the file's, unless that only lacks accents, apostrophes or capitals which the
    register's has: programs lose those, and give none back.
    """
    if written == registered:
        # As nearly every name of a file is.
        return written
    if _plain(written).isdisjoint(_plain(registered)):
        return written
    of_written, of_registered = _marks(written), _marks(registered)
    is_worse = of_written != of_registered and all(
        a <= b for a, b in zip(of_written, of_registered, strict=True)
    )
    return registered if is_worse else written


def _plain(name: str) -> frozenset[str]:
    """A name in small letters without accents and apostrophes, in each way to do so."""
    ways = []
    for way in (name.casefold(), name.casefold().translate(WRITTEN_OUT)):
        letters = "".join(c for c in _decomposed(way) if not _is_mark(c))
        ways.append(" ".join(letters.translate(WITHOUT_KEY).split()))
    return frozenset(ways)


def _marks(name: str) -> tuple[int, int, int]:
    """How much a name has of accents, of apostrophes and of capitals in their place."""
    accents = sum(
        bool(unicodedata.combining(c)) or c == "ß" or ord(c.lower()) in WITHOUT_KEY
        for c in _decomposed(name)
    )
    apostrophes = sum(_APOSTROPHES.get(c, 0) for c in name)
    # Of a word in capitals nobody knows which letters are meant to be ones.
    capitals = sum(
        sum(map(str.isupper, word))
        for word in re.split(r"[\W_]+", name)
        if len(word) == 1 or not word.isupper()
    )
    return accents, apostrophes, capitals


def _decomposed(name: str) -> str:
    return unicodedata.normalize("NFD", name)


def _is_mark(character: str) -> bool:
    return bool(unicodedata.combining(character)) or character in _APOSTROPHES
