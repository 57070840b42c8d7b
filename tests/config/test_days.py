"""The days on which something goes out, as the settings name them."""

from __future__ import annotations

import pytest

from signer.config import load
from signer.errors import SettingsError


@pytest.mark.parametrize(
    "day",
    [
        "02-29",
        "13-01",
        "1-10",
        "1001",
        "W01-1",
        "10/01",
        "october",
        "\u0661\u0660-\u0660\u0661",
    ],
)
def test_a_day_that_not_each_year_has_is_refused(day: str) -> None:
    """With the way in which it is written."""
    with pytest.raises(SettingsError, match="such as 10-01"):
        load({"SIGNER_YEARLY_MAIL": day})


@pytest.mark.parametrize("day", ["10-01", "02-28", "12-31"])
def test_a_day_of_each_year_is_taken(day: str) -> None:
    """As it is written."""
    assert load({"SIGNER_YEARLY_MAIL": day}).yearly_mail == day
