"""What people's words must be before they are kept, shown and printed."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from signer.errors import TextRefused
from signer.look_alikes import alphabet, foreign_letter

NAME_CHARACTERS = 200
"""The longest name, in characters."""

NOTE_CHARACTERS = 2000
"""The longest question or reason, in characters."""

# Marks that turn the reading direction around can make a name read as another:
# Unicode Technical Report 36, §2.5. Joiners (U+200C, U+200D) stay: Persian, Hindi
# and emoji need them.
_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e")
_DIRECTION_ISOLATES = frozenset("\u2066\u2067\u2068\u2069")

_NAMES_KEPT = 4096
"""A row of a register is compared by its names a dozen times over."""

MARKS_IN_A_ROW = 6
"""The most marks on one letter; more run over the lines above and below. No language
needs more than four."""

_MARKS = frozenset({"Mn", "Me"})

# Invisible copies of ASCII, which flags of regions alone use, and hidden words too.
_TAGS = frozenset(map(chr, range(0xE0000, 0xE0080)))
# Joiners, zero width and not; see `one_line`.
_JOINERS = frozenset("\u200c\u200d")

_LOST_LETTER = "\N{REPLACEMENT CHARACTER}"

# Blanks that count as letters or symbols: the fillers of Hangul and of Braille.
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# Two of them stand before and in syllables of old Korean.
_NEVER_IN_WORDS = _BLANKS - frozenset("\u115f\u1160") | frozenset("\u2028\u2029")


def one_line(field: str, value: str, *, limit: int = NAME_CHARACTERS) -> str:
    """A name or other single line, in NFC, outer and doubled white space removed.

    Args:
        field: what it is, for the error.
        value: as it came from outside.
        limit: the longest allowed, in characters after normalisation.

    Raises:
        TextRefused: empty, too long, or with characters that cannot be printed.
    """
    return _checked(field, " ".join(value.split()), limit)


def signature(field: str, value: str) -> str:
    """A name typed as a signature: as `one_line`, with nothing in it that is not seen.

    Invisible characters are dropped, for keyboards and copied text bring them unasked.

    Raises:
        TextRefused: as `one_line`; or letters of two alphabets that look alike make up
            one word.
    """
    name = one_line(field, without_invisible(value))
    if odd := foreign_letter(name):
        raise TextRefused(field, "mixed alphabets", f"U+{ord(odd):04X}")
    return name


def paragraphs(field: str, value: str, *, limit: int = NOTE_CHARACTERS) -> str:
    """A note of several lines, in NFC, one line feed between them.

    Raises:
        TextRefused: as `one_line`.
    """
    lines = [" ".join(line.split()) for line in value.splitlines()]
    return _checked(field, "\n".join(lines).strip("\n"), limit)


@lru_cache(maxsize=_NAMES_KEPT)
def same_name(name: str) -> str:
    """A key that is equal for names that differ in case or composition alone.

    The Unicode Standard §3.13, D146: folding may undo a composition, so that both
    are done twice.
    """
    if name.isascii():
        return " ".join(name.lower().split())
    name = unicodedata.normalize("NFD", name)
    for _ in range(2):
        name = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(name.split())


def without_invisible(value: str) -> str:
    """A text without format characters, but for joiners that shape what is beside them.

    Marks of direction stay, to be refused: they change how a name reads.
    """
    if value.isascii():
        return value
    kept = []
    for at, character in enumerate(value):
        if character in _JOINERS:
            # Unicode Standard Annex 31, §2.3: within words of scripts that join.
            around = value[at - 1 : at] + value[at + 1 : at + 2]
            shaping = len(around) == 2 and not any(  # noqa: PLR2004 - both sides
                one.isspace() or one.isascii() or alphabet(one) for one in around
            )
            if not shaping:
                continue
        elif unicodedata.category(character) == "Cf" and not _refusal(character):
            continue
        kept.append(character)
    return "".join(kept)


def unseen(name: str) -> bool:
    """Whether a name holds what no name may: marks of direction, or the invisible."""
    turned = _DIRECTION_MARKS | _DIRECTION_ISOLATES | _TAGS
    return bool(turned & set(name)) or without_invisible(name) != name


def has_blanks(name: str) -> bool:
    """Whether a name holds what counts as a letter and is drawn as nothing."""
    return bool(_NEVER_IN_WORDS & set(name))


def _checked(field: str, value: str, limit: int) -> str:
    value = unicodedata.normalize("NFC", value)
    if not any(_shows(character) for character in value):
        raise TextRefused(field, "empty")
    if len(value) > limit:
        raise TextRefused(field, "too long", str(limit))
    if value.isascii() and value.isprintable():
        return value
    marks = 0
    for character in value:
        marks = marks + 1 if unicodedata.category(character) in _MARKS else 0
        reason = "too many marks" if marks > MARKS_IN_A_ROW else _refusal(character)
        if reason:
            raise TextRefused(field, reason, f"U+{ord(character):04X}")
    return value


def _refusal(character: str) -> str:
    if character in _DIRECTION_MARKS or character in _DIRECTION_ISOLATES:
        return "direction override"
    if character == "\n":
        return ""
    # Cc control, Cs surrogate, Co private use, Cn unassigned: nothing that prints.
    if unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn"}:
        return "control character"
    if character in _TAGS or character == _LOST_LETTER:
        return "control character"
    return ""


def _shows(character: str) -> bool:
    # Letters, numbers and symbols, emoji among them. Joiners and marks show nothing
    # by themselves, and nobody is called by punctuation alone.
    return character not in _BLANKS and unicodedata.category(character)[0] in "LNS"
