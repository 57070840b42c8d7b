"""A release at the desk: the steps before it, the last word, its stages."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.errors import ReleaseExists
from signer.policy.sha256sums import read_sums
from signer.policy.versions import in_force, read_versions
from signer.store.desk.roles import DeskRole
from signer.store.tables import PinnedVersion
from signer.web.desk.release import steps
from signer.workflows.campaigns.plan_ask import PlanState
from signer.workflows.campaigns.start_on_release import follow_releases
from signer.workflows.release import release
from signer.workflows.release.release import (
    hold_mail_back,
    ready_release,
    release_draft,
)
from signer.workflows.release.stages import look_at_stages
from tests.web.desk.conftest import NAMES
from tests.web.desk.text.test_review import write

if TYPE_CHECKING:
    from flask import Flask

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser, Page

HEAD = NAMES[DeskRole.HEAD]
PATH = "/desk/release"


def numbers(context: AppContext) -> list[int]:
    """The released versions in the folder."""
    return [one.number for one in read_versions(context.settings.versions_dir)]


def choose(head: Browser, **given: str) -> Page:
    """The last page before the release."""
    days = {"when": "now", "day": "", "hour": "", "sign_by": ""} | given
    return head.press(head.open(PATH), "Continue", **days)


@pytest.fixture
def before(app_context: AppContext) -> int:
    """The number of the version in force."""
    return in_force(app_context.versions).number


def test_the_head_releases_the_draft(
    head: Browser, app_context: AppContext, before: int
) -> None:
    """The steps show what changed; the number typed makes the version and its plan."""
    write(head)
    steps = head.open(PATH)
    assert "Parents may ask for a copy on paper." in steps.text
    assert "Parents may ask for a copy." in steps.text
    last = choose(head, sign_by="2099-01-29")
    assert last.heading == f"Release version {before + 1}?"
    assert numbers(app_context)[-1] == before
    stages = head.press(last, "Release it", typed=str(before + 1))
    assert stages.path == "/desk/release/stages"
    assert numbers(app_context)[-1] == before + 1
    version = in_force(read_versions(app_context.settings.versions_dir))
    assert version.sign_by == "2099-01-29"
    found = look_at_stages(app_context)
    assert found.plan
    assert (found.plan.state, found.plan.planned_by) == (PlanState.DUE, HEAD)
    assert "as soon as the public site shows" in stages.text


def test_the_demonstration_releases_nothing(
    head: Browser, app: Flask, app_context: AppContext, before: int
) -> None:
    """Its files are those of the project that somebody tries it from."""
    write(head)
    last = choose(head)
    app.extensions["settings"] = replace(app_context.settings, demo=True)
    assert head.press(last, "Release it", typed=str(before + 1)).status == 403
    assert numbers(app_context)[-1] == before


def test_another_number_releases_nothing(
    head: Browser, app_context: AppContext, before: int
) -> None:
    """Whoever types another number is asked again, with what they chose kept."""
    write(head)
    again = head.press(choose(head), "Release it", typed="1")
    assert again.answer.status_code == 422
    assert numbers(app_context)[-1] == before
    head.press(again, "Release it", typed=str(before + 1))
    assert numbers(app_context)[-1] == before + 1


def test_a_second_press_releases_nothing_more(
    head: Browser, app_context: AppContext, before: int
) -> None:
    """A double click, or the back button, leads to the stages of the one release."""
    write(head)
    last = choose(head)
    head.press(last, "Release it", typed=str(before + 1))
    again = head.press(last, "Release it", typed=str(before + 1))
    assert again.path.startswith("/desk/release/stages")
    assert numbers(app_context)[-1] == before + 1


class _Killed(BaseException):
    """Stands for the end of a process: nothing catches it, and nothing is put right."""


@pytest.mark.parametrize(
    "step",
    [
        "before release_draft",
        "before write_release",
        "after write_release",
        "before finish_stages",
    ],
)
def test_a_release_that_is_cut_off_is_made_by_the_next_press(
    head: Browser,
    app_context: AppContext,
    before: int,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    """Whatever was done by then: one version, one plan that counts, nobody asked."""
    write(head)
    last = choose(head, when="later", day="2099-01-05", hour="08:00")
    when, name = step.split()
    module = steps if name == "release_draft" else release
    make = getattr(module, name)

    def cut_off(*arguments: object, **named: object) -> None:
        if when == "after":
            make(*arguments, **named)
        raise _Killed

    with monkeypatch.context() as patch, pytest.raises(_Killed):
        patch.setattr(module, name, cut_off)
        head.press(last, "Release it", typed=str(before + 1))
    follow_releases(app_context)
    assert not look_at_asked(app_context, before + 1)
    again = head.press(last, "Release it", typed=str(before + 1))
    assert again.path.startswith("/desk/release/stages")
    if "Try again" in again.text:
        head.press(again, "Try again")
    assert numbers(app_context) == [*range(2, before + 2)]
    assert f"{before + 1}.md" in read_sums(app_context.settings.versions_dir)
    found = look_at_stages(app_context)
    assert not found.can_finish
    assert found.plan
    assert found.plan.state is PlanState.WAITING
    follow_releases(app_context)
    assert not look_at_asked(app_context, before + 1)


def look_at_asked(app_context: AppContext, number: int) -> bool:
    """Whether anybody was asked to sign a version."""
    with app_context.sessions.reading() as session:
        return session.get(PinnedVersion, number) is not None


def test_a_draft_that_changed_is_not_released(
    head: Browser, app_context: AppContext, before: int
) -> None:
    """Words that were saved after the last page was shown are never released by it."""
    write(head)
    last = choose(head)
    write(head, "Another sentence.")
    page = head.press(last, "Release it", typed=str(before + 1))
    assert page.answer.status_code == 422
    assert "The draft was changed" in page.text
    assert numbers(app_context)[-1] == before


def test_two_who_release_at_once_make_one_version(
    head: Browser, app_context: AppContext, before: int
) -> None:
    """One of two releases; the other is told, and the plan is of the one who did."""
    write(head)
    ready = ready_release(app_context)

    barrier, told, done = Barrier(2), [], []

    def release(name: str) -> None:
        barrier.wait()
        try:
            hold_mail_back(app_context, before + 1, clock.now(), by=name)
            release_draft(
                app_context,
                ready,
                send_at=clock.now(),
                by=name,
            )
            done.append(name)
        except ReleaseExists:
            told.append(name)

    people = [Thread(target=release, args=(name,)) for name in ("Ann", "Ben")]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert (len(done), len(told)) == (1, 1)
    assert numbers(app_context)[-1] == before + 1
    plan = look_at_stages(app_context).plan
    assert plan
    assert plan.planned_by == done[0]


def test_the_email_is_called_off_and_planned_anew(
    head: Browser, app_context: AppContext, before: int
) -> None:
    """Called off, the release asks nobody; planned anew, it does at its hour."""
    write(head)
    last = choose(head, when="later", day="2099-01-05", hour="08:00")
    stages = head.press(last, "Release it", typed=str(before + 1))
    assert "Planned for" in stages.text
    called_off = head.press(stages, "Call the email off")
    assert f"called off by {HEAD}" in called_off.text
    assert follow_releases(app_context) is None
    planned = head.press(
        called_off, "Plan the email", when="later", day="2099-01-06", hour="09:00"
    )
    assert "Planned for" in planned.text


@pytest.mark.parametrize(
    "given",
    [
        {"when": ""},
        {"when": "later", "day": "2020-01-06", "hour": "08:00"},
        {"when": "later", "day": "2099-01-04", "hour": "08:00"},
        {"when": "later", "day": "soon", "hour": "08:00"},
        {"when": "later", "day": "2099-01-05", "hour": "25:00"},
        {"sign_by": "2020-01-01"},
        {"sign_by": "never"},
    ],
)
def test_days_that_cannot_be_are_told(head: Browser, given: dict[str, str]) -> None:
    """Each day or hour that cannot be is told at its field, and nothing is released."""
    write(head)
    page = choose(head, **given)
    assert page.answer.status_code == 422
    assert page.problems


def test_a_release_is_committed_where_the_folder_is_under_git(
    head: Browser,
    app_context: AppContext,
    before: int,
) -> None:
    """The version is committed; the stages tell where git could not."""
    folder = app_context.settings.versions_dir

    def git(*words: str) -> None:
        subprocess.run(["git", "-C", str(folder), *words], check=True)

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("-c", "user.name=A", "-c", "user.email=a@b.example", "commit", "-qm", "Begin")
    git("switch", "-q", "--detach")
    write(head)
    stages = head.press(choose(head), "Release it", typed=str(before + 1))
    assert "not recorded in git yet" in stages.text
    git("switch", "-q", "main")
    git("config", "user.name", "A")
    git("config", "user.email", "a@b.example")
    assert "It is recorded in git." in head.press(stages, "Try again").text
