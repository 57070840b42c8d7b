"""Names that may be one name, spelled in two ways."""

from __future__ import annotations

import unicodedata

# Shorter names are too often one letter apart and right: Li Na, Li Ni.
_SHORTEST_WITH_TYPO = 5

# The accents of Latin, Greek and Cyrillic. The marks of other scripts are vowels:
# without them names would be alike that are not.
_FIRST_ACCENT, _LAST_ACCENT = 0x0300, 0x036F


def spelled_alike(one: str, other: str) -> bool:
    """Whether two names differ only in case, accents, spaces, signs or one letter.

    One letter: another one, one too many, or two swapped.
    """
    a, b = _letters(one), _letters(other)
    if a == b:
        return True
    return min(len(a), len(b)) >= _SHORTEST_WITH_TYPO and _one_slip_apart(a, b)


def _letters(name: str) -> str:
    return "".join(
        c
        for c in unicodedata.normalize("NFKD", name).casefold()
        if unicodedata.category(c)[0] in "LNM"
        and not _FIRST_ACCENT <= ord(c) <= _LAST_ACCENT
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
