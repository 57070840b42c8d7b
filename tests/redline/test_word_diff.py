"""Words compared: whole words, few crumbs, exact spaces."""

from __future__ import annotations

import pytest

from signer.redline.lines import Piece
from signer.redline.word_diff import WordChange, compare, sameness

SIGNS = {WordChange.SAME: "{}", WordChange.ADDED: "+{}+", WordChange.REMOVED: "-{}-"}


def shown(old: str, new: str) -> str:
    """The comparison on one line: removed words in minus, added ones in plus signs."""
    segments = compare([Piece(old)], [Piece(new)])
    return "".join(
        SIGNS[one.change].format("".join(p.text for p in one.new or one.old))
        for one in segments
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("a b c", "a b c", "a b c"),
        ("we ask you", "we ask them", "we ask -you-+them+"),
        ("within 2 days.", "within 3 days.", "within -2-+3+ days."),
        ("£1,200.50 by June", "£1,250.00 by June", "£-1,200.50-+1,250.00+ by June"),
        ("photos", "photos, films", "photos+, films+"),
        ("one (two) three", "one two three", "one -(-two-)- three"),
        ("on the 16th", "on the 17th", "on the -16th-+17th+"),
        ("anti-bullying", "anti-racism", "-anti-bullying-+anti-racism+"),
        ("don't go", "don\u2019t go", "-don't-+don\u2019t+ go"),
        ("a b", "a\u00a0b", "a- -+\u00a0+b"),
        ("必須遵守", "應該遵守", "-必須-+應該+遵守"),
        ("", "all new", "+all new+"),
        ("all gone", "", "-all gone-"),
    ],
)
def test_words_numbers_and_marks_are_compared_each_for_itself(
    old: str, new: str, said: str
) -> None:
    """A word is replaced whole; a number or a comma beside it is its own."""
    assert shown(old, new) == said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "The old rule of the school holds.",
            "The new law of the academy holds.",
            "The -old rule of the school-+new law of the academy+ holds.",
        ),
        (
            "Ask the school before posting.",
            "Please ask our school before posting.",
            "-Ask the-+Please ask our+ school before posting.",
        ),
        ("go to the sea", "never go to the hot sea", "+never +go to the +hot +sea"),
    ],
)
def test_crumbs_between_changes_are_read_with_them(
    old: str, new: str, said: str
) -> None:
    """Small words alone between two changes are shown as part of one change."""
    assert shown(old, new) == said


def test_marks_that_changed_are_no_crumbs() -> None:
    """A small word whose emphasis changed is shown as that, whatever stands around."""
    old = [Piece("Alpha beta "), Piece("the", (("strong", True),)), Piece(" gamma.")]
    new = [Piece("Delta epsilon the zeta.")]
    changes = [one.change for one in compare(old, new)]
    assert WordChange.RESTYLED in changes


def test_sameness_is_the_part_that_stayed() -> None:
    """Half the words kept is one half, none at all is nothing."""
    assert sameness(compare([Piece("a b")], [Piece("a c")])) == 0.5
    assert sameness(compare([Piece("a b")], [Piece("c d")])) == 0
    assert sameness(compare([], [])) == 1
