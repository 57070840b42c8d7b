"""Months and days, as stated and as read."""

from __future__ import annotations

import pytest

from signer.errors import PolicyError
from signer.policy.dates import date_in_words, is_day, is_month, month_in_words


@pytest.mark.parametrize(
    ("stated", "words"),
    [("2023-08", "August 2023"), ("2022-12", "December 2022"), ("2022-01-31", None)],
)
def test_a_month_is_put_in_words(stated: str, words: str | None) -> None:
    """A month, or the month of a day, reads as people say it."""
    assert month_in_words(stated) == (words or "January 2022")


def test_a_day_is_put_in_words() -> None:
    """A day keeps its day; a month stays a month."""
    assert date_in_words("2022-08-05") == "5 August 2022"
    assert date_in_words("2022-08") == "August 2022"


@pytest.mark.parametrize("odd", ["", "2022", "2022-13", "2022-8", "8-2022", "٢٠٢٢-٠٨"])
def test_anything_else_is_no_month(odd: str) -> None:
    """What is neither month nor day is refused, other scripts' digits too."""
    assert not is_month(odd)
    with pytest.raises(PolicyError):
        month_in_words(odd)


@pytest.mark.parametrize("odd", ["2022-02-29", "2022-08-00", "2022-08", "20220801"])
def test_a_day_is_one_of_the_calendar(odd: str) -> None:
    """The 29th of February needs a leap year."""
    assert not is_day(odd)
    assert is_day("2024-02-29")
