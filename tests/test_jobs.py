"""What the worker does by itself, and how often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.jobs import Jobs, once_a_day
from signer.workflows.ask_parents import ask_parents
from tests.workflows.conftest import Post

if TYPE_CHECKING:
    from collections.abc import Callable

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


def test_a_chore_of_the_start_is_done_at_any_hour(house: House) -> None:
    """Once when the process begins, then on the morning of each later day."""
    done: list[datetime] = []
    daily = once_a_day(lambda _house: done.append(clock.now()), at_start=True)
    with clock.frozen(datetime(2026, 7, 1, 1, tzinfo=UTC)) as advance:
        for _ in range(2 * 24):
            daily(house)
            advance(timedelta(hours=1))
    assert done == [
        datetime(2026, 7, 1, 1, tzinfo=UTC),
        datetime(2026, 7, 2, 7, tzinfo=UTC),
    ]


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


def test_a_worker_reminds_parents_and_the_headteacher_by_itself(
    house: House, frozen: Callable[[timedelta], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first sweep on a Wednesday finds four reminders due, and a review overdue."""
    post = Post(house)
    ask_parents(house)
    post.send()
    frozen(timedelta(days=3))
    jobs = Jobs(house.settings)

    def one_task() -> None:
        task = jobs.queue.dequeue()
        jobs.queue.execute(task)

    consumer = SimpleNamespace(run=one_task)
    monkeypatch.setattr(jobs.queue, "create_consumer", lambda **_options: consumer)
    try:
        jobs.answer(house)
    finally:
        jobs.queue.storage.close()
    subjects = [str(one["Subject"]) for one in post.mails()]
    assert sum("still to sign" in one for one in subjects) == 4
    assert sum("is overdue" in one for one in subjects) == 1
    assert len(subjects) == 4 + 4 + 1
