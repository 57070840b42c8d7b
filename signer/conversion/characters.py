"""Characters of word processors as those of the keyboard, where they mean the same."""

from __future__ import annotations

import re
import unicodedata

LABEL = ("\ufdd0", "\ufdd1")
"""Noncharacters around the depth and the label of a point, as ``2|(a)``, which a reader
of another format puts before its words."""

_PLAIN = str.maketrans(
    {
        "\u2010": "-",
        "\u2011": "-",
        "\u00ad": "",
        "\u000b": "\n",
        "\u000c": "\n",
        "\u0085": "\n",
        "\u2028": "\n",
        "\u2029": "\n",
        "\r": "\n",
    }
)
_OTHER_FONT = re.compile("[\ufb00-\ufb06\uff01-\uff5e\U0001d400-\U0001d7ff]")
_JOINERS = "\u200c\u200d"  # Persian, Hindi and emoji need them
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Cn"})


def plain_characters(text: str) -> str:
    """A text without unseen characters, with plain spaces, hyphens and letters, in NFC.

    What cannot be put right so, such as a letter of another alphabet or the sign of a
    symbol font, stays as it is, for the rules of the policy to find.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _OTHER_FONT.sub(
        lambda one: unicodedata.normalize("NFKC", one[0]), text.translate(_PLAIN)
    )
    return unicodedata.normalize("NFC", "".join(map(_plain, text)))


def _plain(character: str) -> str:
    if character in "\n\t" or character in _JOINERS or character in LABEL:
        return character
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    return "" if category in _UNSEEN else character
