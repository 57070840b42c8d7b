"""Numbers in addresses and forms, as anybody may write them."""

from __future__ import annotations

import pytest

from signer.web.forms.numbers import MOST, number_in


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0), ("17", 17), ("007", 7), (str(MOST), MOST),
        (str(MOST + 1), None), ("9" * 5000, None), ("", None), ("-1", None),
        ("+1", None), ("1e9", None), ("1_0", None), (" 1", None), ("²", None),
        ("٣", None), ("1.0", None), ("\0", None),
    ],
)  # fmt: skip
def test_a_number_is_one_that_a_row_can_have(text: str, number: int | None) -> None:
    """What Python or a database would fail on is none."""
    assert number_in(text) == number
