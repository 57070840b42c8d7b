"""Letters and signs that are drawn as others."""

from __future__ import annotations

import pytest

from signer.look_alikes import as_seen, foreign_letter


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("expulsion", "\u0435\u0445pulsion"),
        ("HOME", "\u041d\u039f\u041c\u0415"),
        ('don\'t "go"', "don\u2019t\u00a0\u201cgo\u201d"),
        ("9-5", "9 \u2013 5"),
        ("fine", "\ufb01n\u00ade"),
        ("and so on...", "and so on\u2026"),
        ("caf\u00e9", "cafe\u0301"),
        ("Bold", "\U0001d401\U0001d428\U0001d425\U0001d41d"),
    ],
)
def test_what_nobody_can_tell_apart_is_seen_as_one(one: str, other: str) -> None:
    """Spaces, other alphabets, typographic signs and what has no shape."""
    assert as_seen(one) == as_seen(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("cafe", "caf\u00e9"), ("10\u00b2", "102"), ("Be", "be"), ("a, b", "a b")],
)
def test_what_can_be_told_apart_is_not(one: str, other: str) -> None:
    """Accents, raised figures, capitals and commas are seen."""
    assert as_seen(one) != as_seen(other)


def test_the_odd_letter_of_a_word_is_found() -> None:
    """Words wholly of another alphabet are names, and left alone."""
    assert foreign_letter("no \u0435\u0445pulsion") == "\u0435"
    assert foreign_letter("\u0414\u0430\u0440\u044c\u044f and na\u00efve 2nd") == ""
