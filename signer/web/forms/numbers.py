"""Numbers as they come in an address or a form."""

from __future__ import annotations

MOST = 2**31 - 1
"""The highest number that PostgreSQL gives a row; SQLite has room for more."""

_DIGITS = len(str(MOST))


def number_in(text: str) -> int | None:
    """The number that a text is in digits; None where it is none, or no row has it.

    Python takes digits of every script, fails on some of them, and on long numbers.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        return None
    number = int(text)
    return number if number <= MOST else None
