"""An empty register, to be filled in."""

from __future__ import annotations

import codecs

HEADINGS = (
    *("Child name", "Year group", "Tutor group"),
    *("Parent 1 name", "Parent 1 email", "Parent 1 relationship", "Parent 1 ID"),
    *("Parent 2 name", "Parent 2 email", "Parent 2 relationship", "Parent 2 ID"),
)
"""What an empty register asks for, with room for two parents of a child."""


def empty_register() -> bytes:
    """An empty register as CSV that Excel opens with every letter whole."""
    return codecs.BOM_UTF8 + f"{','.join(HEADINGS)}\r\n".encode()
