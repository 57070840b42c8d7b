"""After a release: the push, the build hook, and what to do where one is stuck."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from signer.policy.versions import in_force
from signer.store.campaigns.release_steps import StepName
from signer.workflows.release.stages import look_at_stages
from signer.workflows.release.steps import StepState
from tests.policy.git_repositories import (
    add_remote,
    git,
    push_of_another,
    put_under_git,
)
from tests.web.desk.release.test_release import choose
from tests.web.desk.text.test_review import write
from tests.workflows.release.hook_server import SECRET, HookServer, hook_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser, Page


@pytest.fixture
def bare(app_context: AppContext, tmp_path: Path) -> Path:
    """The repository that the folder of the versions is pushed to."""
    put_under_git(app_context.settings.versions_dir)
    add_remote(app_context.settings.versions_dir, tmp_path / "origin.git")
    return tmp_path / "origin.git"


@pytest.fixture
def hook(app: Flask, app_context: AppContext) -> Iterator[HookServer]:
    """The host's build hook, which the settings name."""
    with hook_server() as server:
        app_context.settings = replace(app_context.settings, build_hook=server.address)
        app.extensions["settings"] = app_context.settings
        yield server


def release(head: Browser, app_context: AppContext) -> Page:
    """Release the draft; gives the page of the stages."""
    number = in_force(app_context.versions).number + 1
    write(head)
    return head.press(choose(head), "Release it", typed=str(number))


def state(app_context: AppContext, name: StepName) -> StepState | None:
    """Where a step of the newest release stands."""
    step = look_at_stages(app_context).step(name)
    return None if step is None else step.state


def test_a_release_is_pushed_and_the_hook_called(
    head: Browser, app_context: AppContext, bare: Path, hook: HookServer
) -> None:
    """Each stage is done, with its time; the hook is called once, and never shown."""
    page = release(head, app_context)
    number = in_force(app_context.versions).number
    assert git(bare, "log", "-1", "--format=%s").startswith(f"Release version {number}")
    assert len(hook.asked) == 1
    for name in (StepName.WRITTEN, StepName.COMMITTED, StepName.PUSHED, StepName.HOOK):
        assert state(app_context, name) is StepState.DONE
    assert "origin/main has it." in page.text
    assert "127.0.0.1 answered 200 OK." in page.text
    assert "Try again" not in page.buttons
    assert SECRET not in page.answer.text


def test_a_push_that_is_refused_says_what_others_pushed_and_goes_on(
    head: Browser,
    app_context: AppContext,
    bare: Path,
    hook: HookServer,
    tmp_path: Path,
) -> None:
    """It is released, nothing is merged, the hook waits; “Try again” pushes."""
    folder = app_context.settings.versions_dir
    theirs = push_of_another(bare, tmp_path / "clone", "Correct a date")
    page = release(head, app_context)
    number = in_force(app_context.versions).number
    assert "Somebody else has pushed to origin/main" in page.text
    assert "[rejected]" in page.text
    assert "Correct a date" in page.text
    assert state(app_context, StepName.HOOK) is StepState.WAITING
    page = head.press(page, "Try again")
    assert (git(bare, "rev-parse", "main"), hook.asked) == (theirs, [])
    git(folder, "rebase", "-q", "origin/main")
    page = head.press(page, "Try again")
    assert "Somebody else" not in page.text
    assert git(bare, "ls-tree", "--name-only", "main", f"{number}.md") == f"{number}.md"
    assert len(hook.asked) == 1


def test_the_hook_is_called_again_by_hand(
    head: Browser,
    app_context: AppContext,
    hook: HookServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What the host said is told, in pages and logs without the address."""
    hook.status = 500
    with caplog.at_level(logging.DEBUG):
        page = release(head, app_context)
    assert "answered 500 Internal Server Error" in page.text
    assert SECRET not in caplog.text + page.answer.text
    hook.status = 200
    page = head.press(page, "Call it again")
    assert "answered 200 OK" in page.text
    assert state(app_context, StepName.HOOK) is StepState.DONE
    assert len(hook.asked) == 2


def test_the_demonstration_pushes_nothing(
    head: Browser, app: Flask, app_context: AppContext, bare: Path
) -> None:
    """Its checkout is the project's own: it is not told of, and not touched."""
    app_context.settings = replace(app_context.settings, demo=True)
    app.extensions["settings"] = app_context.settings
    page = head.open("/desk/release/stages")
    assert "git" not in page.text
    token = {"csrf_token": page.value("csrf_token") or ""}
    for path in ("finish", "hook"):
        assert head.post(f"/desk/release/{path}", token).status == 403
    assert git(bare, "rev-list", "--count", "main") == "1"
