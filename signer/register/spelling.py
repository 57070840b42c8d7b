"""Names that may be one name, spelled in two ways."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from signer.user_text import same_name

_TITLES = frozenset(
    {
        *("mr", "mrs", "ms", "miss", "mx", "mister", "madam", "dr", "doctor"),
        *("prof", "professor", "rev", "revd", "reverend", "sir", "dame"),
    }
)

# Letters that Unicode takes for letters of their own, as people type them who have no
# key for them.
WITHOUT_KEY = str.maketrans("ðđħøł\u0131ŋŧə", "ddholinte") | str.maketrans(
    {"æ": "ae", "œ": "oe", "þ": "th"}
)
# The same for those who write out what the accent stands for: Mueller, Soerensen.
WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})

# Within a word these part nothing: O'Brien is OBrien.
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u02b9`\u00b4.]")

# What `_words` makes of ASCII, much faster: small letters, and a space for a hyphen.
_PLAIN = {
    code: chr(code).lower()
    if chr(code).isalnum()
    else ""
    if chr(code) in "'`."
    else " "
    for code in range(128)
}

# As many as a register of 5,000 parents and 5,000 children has, and more: one that
# does not hold them all is asked for each name again.
_NAMES_KEPT = 16_384

# Shorter names are too often one letter apart and right: Li Na, Li Ni.
_SHORTEST_WITH_TYPO = 5

# The accents of Latin, Greek and Cyrillic. The marks of other scripts are vowels:
# without them names would be alike that are not.
_FIRST_ACCENT, _LAST_ACCENT = 0x0300, 0x036F


def same_signature(typed: str, registered: str) -> bool:
    """Whether a typed name is the register's.

    Case, accents, spaces, hyphens and titles make no difference, nor does the order of
    the words; every letter does.

    Args:
        typed: the name typed as a signature.
        registered: the parent's name in the register.
    """
    return same_name(typed) == same_name(registered) or not signature_keys(
        typed
    ).isdisjoint(signature_keys(registered))


@lru_cache(maxsize=_NAMES_KEPT)
def signature_keys(name: str) -> frozenset[str]:
    """What a name has in common with those that `same_signature` takes for it.

    Its words in the order of the alphabet, and without the spaces between them, with
    the last names last or first: in each way to write its accents.
    """
    keys = {same_name(name)}
    for words in set(_words(name)):
        keys |= {" ".join(sorted(words)), *_in_turn(words)}
    return frozenset(keys - {""})


def _in_turn(words: tuple[str, ...]) -> set[str]:
    return {"".join(words[at:] + words[:at]) for at in range(len(words))}


@lru_cache(maxsize=_NAMES_KEPT)
def _words(name: str) -> tuple[tuple[str, ...], ...]:
    """The words of a name without titles, in each way to write its accents."""
    if name.isascii():
        words = name.translate(_PLAIN).split()
        bare = tuple(one for one in words if one not in _TITLES) or tuple(words)
        return bare, bare
    name = unicodedata.normalize("NFC", _APOSTROPHES.sub("", name)).casefold()
    name = unicodedata.normalize("NFC", name)
    ways = []
    for written in (name, name.translate(WRITTEN_OUT)):
        words = _only_letters(_unmarked(written).translate(WITHOUT_KEY), " ").split()
        ways.append(tuple(one for one in words if one not in _TITLES) or tuple(words))
    return tuple(ways)


def folded_words(name: str) -> set[str]:
    """The words of a name, in each way to write its accents, as a search compares them.

    Names that `same_signature` takes for one have one of these in common, unless their
    words are parted in other places.
    """
    return {" ".join(sorted(words)) for words in _words(name)}


def search_key(name: str) -> str:
    """The words of a name as a search compares them, each behind a space.

    In both ways to write its accents, one behind the other.
    """
    if name.isascii():
        return f" {name.translate(_PLAIN)}"
    return "".join(f" {' '.join(words)} " for words in _words(name))


def search_starts(words: str) -> tuple[tuple[str, ...], ...]:
    """What the words of a `search_key` are to begin with, in each way to write them."""
    return tuple(dict.fromkeys(way for way in _words(words) if way))


def share_a_word(one: str, other: str) -> bool:
    """Whether two names have a word in common, titles and initials left out."""
    a, b = ({word for word in _words(it)[0] if len(word) > 1} for it in (one, other))
    return not a.isdisjoint(b)


def has_initials_only(name: str) -> bool:
    """Whether a name has one whole word, and an initial for the other: A Khan."""
    words = _words(name)[0]
    # Letters without case are words: 王 明.
    initials = [one for one in words if len(one) == 1 and one.upper() != one]
    return bool(initials) and len(words) - len(initials) < 2  # noqa: PLR2004


def shortened_alike(one: str, other: str) -> bool:
    """Whether two names are alike once a word is cut to its initial: D Kay, Dee Kay."""
    a, b = _words(one)[0], _words(other)[0]
    return (
        len(a) == len(b)
        and a != b
        and any(map(str.__eq__, a, b))
        and all(
            x == y or (1 in {len(x), len(y)} and x[0] == y[0])
            for x, y in zip(a, b, strict=True)
        )
    )


def spelled_alike(one: str, other: str) -> bool:
    """Whether two names differ only in case, accents, spaces, signs or one letter.

    One letter: another one, one too many, or two swapped.
    """
    a, b = _letters(one), _letters(other)
    if a == b:
        return True
    return min(len(a), len(b)) >= _SHORTEST_WITH_TYPO and _one_slip_apart(a, b)


def _letters(name: str) -> str:
    return _only_letters(_unmarked(name), "")


def _only_letters(name: str, instead: str) -> str:
    return "".join(c if unicodedata.category(c)[0] in "LNM" else instead for c in name)


def _unmarked(name: str) -> str:
    """A name without its accents and what cannot be seen, its letters folded."""
    return "".join(
        c
        for c in unicodedata.normalize("NFKD", name).casefold()
        if not _FIRST_ACCENT <= ord(c) <= _LAST_ACCENT
        and unicodedata.category(c) != "Cf"
    )


def _one_slip_apart(a: str, b: str) -> bool:
    if abs(len(a) - len(b)) > 1:
        return False
    at = next(
        (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y),
        min(len(a), len(b)),
    )
    rest_a, rest_b = a[at:], b[at:]
    return (
        rest_a[1:] == rest_b[1:]
        or rest_a == rest_b[1:]
        or rest_a[1:] == rest_b
        or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])
    )
