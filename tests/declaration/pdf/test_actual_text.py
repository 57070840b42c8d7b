"""A figure that a template marked becomes the text that it stands for."""

from __future__ import annotations

import pytest

from signer.declaration.pdf.actual_text import with_actual_text
from signer.errors import TypesetError

MARKED = (
    b"1 0 obj\n<</Type/StructElem/S/Figure/P 9 0 R%b/Alt<FEFFE000E0000645D83CDF3B>"
    b"/A[<</O/Layout/Placement/Block/BBox[75.2 -264.8 205.4 289.3]>>]"
    b"/K[1 2]>>\nendobj\n"
)
PICTURE = b"2 0 obj\n<</Type/StructElem/S/Figure/P 9 0 R/Alt(QR code)/K[3]>>\nendobj\n"


@pytest.mark.parametrize("language", [b"", b"/Lang(und)"])
def test_a_marked_figure_is_a_paragraph_of_its_text(language: bytes) -> None:
    """Nothing else changes, and nothing moves."""
    before = MARKED % language + PICTURE
    after = with_actual_text(before)
    assert b"/S/P/P 9 0 R%b/ActualText<FEFF0645D83CDF3B> " % language in after
    assert b" /K[1 2]>>\nendobj\n" in after
    assert len(after) == len(before)
    assert after.endswith(PICTURE)


def test_a_mark_that_stays_is_refused() -> None:
    """Rather than read aloud, should Typst write such a figure otherwise."""
    with pytest.raises(TypesetError, match="in another way"):
        with_actual_text(MARKED.replace(b"/S/Figure/P", b"/P") % b"")
