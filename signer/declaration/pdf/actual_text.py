"""The text of a name as a whole, for whoever reads a PDF's structure aloud.

Letters stand in a file in the order of the page, and those with marks in several parts.
ISO 32000-1 §14.9.4 has an entry for the text that an element stands for, `ActualText`,
which Typst cannot write. So a template sets a name as a figure whose alternative text
begins with a mark, and here it becomes a paragraph with that entry.
"""

from __future__ import annotations

import re

from signer.errors import TypesetError

_MARK = b"<FEFFE000E000"

_MARKED = re.compile(
    rb"/S/Figure(?P<kept>/P [0-9]+ 0 R(?:/Lang\([A-Za-z-]+\))?)"
    # Two letters of private use, as UTF-16: no face has them, so no text from outside
    # has either by the time when it is set.
    rb"/Alt<FEFFE000E000(?P<text>[0-9A-F]*)>"
    rb"(?:/A\[<</O/Layout/Placement/Block(?:/BBox\[[0-9. -]+\])?>>\])?"
)


def with_actual_text(pdf: bytes) -> bytes:
    """A PDF of Typst's with each marked figure as a paragraph of that very text.

    Nothing moves: what comes instead is shorter, and blanks fill it up.

    Raises:
        TypesetError: Typst writes figures otherwise than it did.
    """
    whole = _MARKED.sub(_paragraph, pdf)
    if _MARK in whole:
        raise TypesetError("Typst wrote a name in another way than is known")
    return whole


def _paragraph(found: re.Match[bytes]) -> bytes:
    text = b"/S/P%b/ActualText<FEFF%b>" % (found["kept"], found["text"])
    return text.ljust(len(found[0]))
