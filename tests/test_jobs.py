"""What the worker does by itself, and how often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.jobs import once_a_day

if TYPE_CHECKING:
    from signer.workflows.house import House

MINUTE = timedelta(minutes=1)


def test_a_daily_chore_is_done_in_the_morning_and_once(house: House) -> None:
    """Called each minute for two days, it runs at eight in school time on each."""
    done: list[datetime] = []
    daily = once_a_day(lambda _house: done.append(clock.now()))
    # British Summer Time: eight o'clock is seven in UTC.
    with clock.frozen(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) as advance:
        for _ in range(2 * 24 * 60):
            daily(house)
            advance(MINUTE)
    assert done == [datetime(2026, 7, day, 7, tzinfo=UTC) for day in (1, 2)]


def test_a_daily_chore_that_fails_is_tried_again(house: House) -> None:
    """The day counts as done once it went well."""
    tried: list[int] = []

    def chore(_house: House) -> None:
        tried.append(len(tried))
        if len(tried) == 1:
            raise ConnectionError

    daily = once_a_day(chore)
    with pytest.raises(ConnectionError):
        daily(house)
    daily(house)
    daily(house)
    assert tried == [0, 1]
