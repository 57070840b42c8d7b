"""The figures of a school year are those that the list of any day counts up to."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.errors import PaperRefused, RequestClosed
from signer.school_calendar import end_of, school_date
from signer.workflows.campaigns.coverage import covered_at
from signer.workflows.paper.record import record_paper
from signer.workflows.record.coverage_by_day import (
    CoveredDay,
    coverage_by_day,
    coverage_of_day,
)
from tests.conftest import MOMENT, new_database
from tests.workflows.campaigns.test_coverage import PARENTS, Replay

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.workflows.context import AppContext

    Advance = Callable[[timedelta], None]

DAY = timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each system has a way of its own to count by hours."""
    return new_database(request, tmp_path)


def recounted(context: AppContext, day: date) -> CoveredDay:
    """A day as somebody counts it who has the list of its end."""
    list_of_day = covered_at(context, end_of(day))
    in_force = list_of_day.version
    covered = [
        one
        for one in list_of_day.parents
        if in_force is not None and one.version is not None and one.version >= in_force
    ]
    assert len(covered) == list_of_day.covered
    return CoveredDay(day, in_force, len(list_of_day.parents), len(covered))


def back_dated(context: AppContext, chance: random.Random) -> None:
    """Somebody brings a paper of some days ago, where they can."""
    name, email = chance.choice(PARENTS)
    days = chance.randint(0, 9)
    try:
        record_paper(
            context,
            email,
            by="Office",
            name=name,
            signed_on=school_date(clock.now()) - days * DAY,
        )
    except (PaperRefused, RequestClosed):
        return


@pytest.mark.parametrize("seed", range(4))
def test_each_day_counts_what_its_list_has(
    app_context: AppContext, frozen: Advance, seed: int
) -> None:
    """In any history: who joins, leaves, returns, signs by link or an old paper."""
    chance = random.Random(seed)
    replay = Replay(app_context, chance)
    for _ in range(40):
        frozen(timedelta(seconds=chance.randint(1, 200_000)))
        replay.step()
        if chance.random() < 0.3:
            back_dated(app_context, chance)
    today = school_date(clock.now())
    days = [school_date(MOMENT) + n * DAY for n in range(-2, 70)]
    days = [day for day in days if day <= today]
    with app_context.sessions.reading() as session:
        counted = coverage_by_day(session, days)
        assert counted == tuple(coverage_of_day(session, day) for day in days)
    assert counted == tuple(recounted(app_context, day) for day in days)
    assert len({one.covered for one in counted}) > 2
    assert len({one.version for one in counted}) > 2
