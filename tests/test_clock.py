"""Moments are whole seconds in UTC, and people read them in their own time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer import clock

MOMENTS = st.integers(0, 253_402_300_799).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)


def test_now_is_a_whole_second_in_utc() -> None:
    """What is stored has no fraction to lose, and its zone is named."""
    found = clock.now()
    assert found.microsecond == 0
    assert found.tzinfo is UTC
    assert abs(found - datetime.now(UTC)) < timedelta(seconds=5)


@given(moment=MOMENTS)
def test_what_is_written_is_read_back(moment: datetime) -> None:
    """A whole second goes through text and back."""
    assert clock.parse(clock.iso(moment)) == moment


def test_another_zone_is_written_in_utc() -> None:
    """The same moment has one spelling."""
    east = datetime(2026, 11, 22, 19, 40, 13, tzinfo=timezone(timedelta(hours=5.5)))
    assert clock.iso(east) == "2026-11-22T14:10:13Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-22",
        "2026-11-22T14:10:13",
        "2026-11-22T14:10:13+00:00",
        "2026-11-22T14:10:13.5Z",
        "2026-11-22 14:10:13Z",
        "2026-11-22T14:10:13Z ",
        "2026-1-2T3:4:5Z",
        "\uff12\uff10\uff12\uff16-11-22T14:10:13Z",
        "2026-02-30T14:10:13Z",
    ],
)
def test_one_spelling_alone_is_read(text: str) -> None:
    """What `iso` would not have written is not read either."""
    with pytest.raises(ValueError, match=r"time|day|format|data"):
        clock.parse(text)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-22T14:10:13Z", "22 November 2026, 14:10 GMT"),
        ("2026-07-01T23:30:00Z", "2 July 2026, 00:30 BST"),
        ("2026-03-29T00:59:59Z", "29 March 2026, 00:59 GMT"),
        ("2026-03-29T01:00:00Z", "29 March 2026, 02:00 BST"),
        ("2026-10-25T00:30:00Z", "25 October 2026, 01:30 BST"),
        ("2026-10-25T01:30:00Z", "25 October 2026, 01:30 GMT"),
    ],
)
def test_people_read_the_time_of_the_school(moment: str, words: str) -> None:
    """Summer and winter time are named, so that no hour stands for two."""
    assert clock.in_school_time(clock.parse(moment)) == words


def test_a_held_clock_moves_when_told_and_is_let_go() -> None:
    """Inside it stands still; afterwards it runs again, errors or not."""
    at = datetime(2020, 2, 29, 12, 0, 0, 999_999, tzinfo=UTC)
    with pytest.raises(LookupError), clock.frozen(at) as advance:
        assert clock.now() == datetime(2020, 2, 29, 12, 0, 0, tzinfo=UTC)
        advance(timedelta(hours=1))
        assert clock.iso(clock.now()) == "2020-02-29T13:00:00Z"
        raise LookupError
    assert clock.now().year > 2020
