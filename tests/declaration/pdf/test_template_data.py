"""What the template is given."""

from __future__ import annotations

from typing import Any

import pytest

from signer.declaration.pdf.template_data import printed_policy, reads_from_the_right


def headings(*levels: int) -> list[dict[str, Any]]:
    return [
        {"kind": "heading", "level": level, "spans": [{"text": "x"}]}
        for level in levels
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], []),
        ([1], [2]),
        ([2, 2, 3, 2], [2, 2, 3, 2]),
        ([3, 3, 4], [2, 2, 3]),
        ([2, 4, 4, 2], [2, 3, 4, 2]),
        ([3, 2], [2, 2]),
        ([1, 2, 3, 4, 5, 6], [2, 3, 4, 5, 6, 6]),
    ],
)
def test_headings_stand_below_the_title_and_skip_no_level(
    given: list[int], expected: list[int]
) -> None:
    """Whatever levels the text uses, PDF/UA's rule of no gaps is kept."""
    printed = printed_policy(headings(*given), str)
    assert [block["level"] for block in printed] == expected


def test_headings_inside_quotes_and_lists_are_counted() -> None:
    """A heading in a quote stands in the same order of levels."""
    blocks: list[dict[str, Any]] = [
        *headings(2),
        {"kind": "quote", "blocks": headings(5)},
        {"kind": "list", "ordered": False, "items": [headings(6)]},
    ]
    _, quote, items = printed_policy(blocks, str)
    assert quote["blocks"][0]["level"] == 3
    assert items["items"][0][0]["level"] == 4


def test_the_blocks_given_stay_as_they_are() -> None:
    """Spelling and levelling happen on a copy: the blocks serve the next parent."""
    blocks = headings(5)
    printed = printed_policy(blocks, str.upper)
    assert printed[0]["spans"] == [{"text": "X"}]
    assert blocks == headings(5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Siân", False),
        ("محمد", True),
        ("שלום", True),
        ("(1) محمد Ali", True),
        ("1. Ali محمد", False),
        ("👨‍👩‍👧", False),
        ("", False),
    ],
)
def test_the_first_letter_decides_the_direction(text: str, *, expected: bool) -> None:
    """Digits, brackets and emoji have no direction of their own."""
    assert reads_from_the_right(text) is expected
