"""The mail to parents goes out at the day and hour that somebody planned."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.errors import PlanRefused
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.campaigns.plan_ask import (
    PlanState,
    call_off_ask,
    open_plans,
    plan_ask,
)
from signer.workflows.campaigns.start_on_release import follow_releases
from tests.web.releases import release_edit
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.config import Settings
    from signer.workflows.context import AppContext

    Advance = Callable[[timedelta], None]

DAY = timedelta(days=1)

pytestmark = [
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("frozen"),
]


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The service is the site: publishing is copying a file."""
    (tmp_path / "site" / "versions").mkdir(parents=True)
    return replace(settings, site_dir=tmp_path / "site")


def publish(app_context: AppContext, number: int) -> None:
    settings = app_context.settings
    assert settings.site_dir
    source = (settings.versions_dir / f"{number}.md").read_bytes()
    (settings.site_dir / "versions" / f"{number}.md").write_bytes(source)


def release(app_context: AppContext) -> int:
    folder = app_context.settings.versions_dir
    return release_edit(folder, "must not take", "must never take", "A word changed.")


def asked(app_context: AppContext) -> int | None:
    done = follow_releases(app_context)
    return None if done is None else done.newly


def test_nobody_is_asked_before_the_moment(
    app_context: AppContext, frozen: Advance
) -> None:
    """The first campaign too; and then everybody, once."""
    publish(app_context, 2)
    plan_ask(app_context, clock.now() + DAY, by="office")
    assert asked(app_context) is None
    frozen(DAY - timedelta(seconds=1))
    assert asked(app_context) is None
    frozen(timedelta(seconds=1))
    assert asked(app_context) == 4
    assert asked(app_context) is None
    assert open_plans(app_context) == ()


def test_a_worker_that_was_down_asks_when_it_is_back(
    app_context: AppContext, frozen: Advance
) -> None:
    """Days later as well."""
    publish(app_context, 2)
    plan_ask(app_context, clock.now() + DAY, by="office")
    frozen(5 * DAY)
    (plan,) = open_plans(app_context)
    assert plan.state is PlanState.DUE
    assert asked(app_context) == 4


def test_a_release_waits_for_the_plan_of_its_number(
    app_context: AppContext, frozen: Advance
) -> None:
    """It is planned before the release, which would ask within a minute otherwise."""
    ask_parents(app_context)
    plan_ask(app_context, clock.now() + DAY, by="office", number=3)
    publish(app_context, release(app_context))
    assert asked(app_context) is None
    frozen(DAY)
    assert asked(app_context) == 4


def test_what_is_not_published_by_then_waits(
    app_context: AppContext, frozen: Advance
) -> None:
    """The plan stays due until the site shows the text."""
    plan_ask(app_context, clock.now() + DAY, by="office")
    frozen(DAY)
    assert asked(app_context) is None
    publish(app_context, 2)
    assert asked(app_context) == 4


def test_what_is_called_off_asks_nobody(
    app_context: AppContext, frozen: Advance
) -> None:
    """Its release neither, until somebody asks or plans anew."""
    ask_parents(app_context)
    plan_ask(app_context, clock.now() + DAY, by="office", number=3)
    publish(app_context, release(app_context))
    plan = call_off_ask(app_context, by="head")
    assert plan is not None
    assert (plan.state, plan.called_off_by) == (PlanState.CALLED_OFF, "head")
    assert call_off_ask(app_context, by="head") is None
    frozen(2 * DAY)
    assert asked(app_context) is None
    assert [one.state for one in open_plans(app_context)] == [PlanState.CALLED_OFF]
    plan_ask(app_context, clock.now() + DAY, by="office", number=3)
    frozen(DAY)
    assert asked(app_context) == 4


def test_asking_by_hand_is_the_end_of_the_plan(
    app_context: AppContext, frozen: Advance
) -> None:
    """Nobody gets a second mail when its moment comes."""
    publish(app_context, 2)
    plan_ask(app_context, clock.now() + DAY, by="office")
    ask_parents(app_context)
    assert open_plans(app_context) == ()
    frozen(2 * DAY)
    assert asked(app_context) is None


def test_a_later_plan_takes_the_place_of_one_before(
    app_context: AppContext, frozen: Advance
) -> None:
    """Only the newest counts."""
    publish(app_context, 2)
    plan_ask(app_context, clock.now() + DAY, by="office")
    plan_ask(app_context, clock.now() + 3 * DAY, by="office")
    frozen(2 * DAY)
    assert asked(app_context) is None
    frozen(DAY)
    assert asked(app_context) == 4


@pytest.mark.parametrize(("hours", "number"), [(0, 2), (-1, 2), (24, 1), (24, 4)])
def test_what_cannot_be_planned_changes_nothing(
    app_context: AppContext, hours: int, number: int
) -> None:
    """A moment that has passed; a version that is over, or far ahead."""
    before = snapshot(app_context)
    with pytest.raises(PlanRefused):
        moment = clock.now() + timedelta(hours=hours)
        plan_ask(app_context, moment, by="office", number=number)
    assert snapshot(app_context) == before
