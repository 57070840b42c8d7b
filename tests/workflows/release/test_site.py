"""Building the site that the service itself serves, after a release at the desk."""

from __future__ import annotations

import os
import pathlib
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from signer.errors import SiteNotBuilt
from signer.store.campaigns.release_steps import StepName
from signer.workflows.release import site
from signer.workflows.release.publish import Published, publish, steps_of
from signer.workflows.release.site import build_site, build_wanted_site
from signer.workflows.release.steps import StepState, look_at_steps

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext

WHAT = Published("version:3", ())


@pytest.fixture
def served(app_context: AppContext, tmp_path: Path) -> Path:
    """The folder of a served site; its project has two pages and no plugin."""
    folder = app_context.settings.versions_dir
    folder.with_name("mkdocs.yml").write_text("site_name: School\nplugins: []\n")
    folder.with_name("docs").mkdir(exist_ok=True)
    (folder.with_name("docs") / "index.md").write_text("# New\n")
    served = tmp_path / "served" / "site"
    served.mkdir(parents=True)
    (served / "index.html").write_text("Old")
    app_context.settings = replace(app_context.settings, site_dir=served)
    return served


def state(context: AppContext) -> StepState:
    """Where the step stands."""
    (step,) = look_at_steps(context, WHAT, shown=False)
    return step.state


def test_the_worker_builds_the_site_once_for_a_release(
    app_context: AppContext, served: Path
) -> None:
    """It is wanted, then built in place of the one before, and nothing is left over."""
    assert not build_wanted_site(app_context)
    publish(app_context, WHAT, lambda _checkout: None)
    assert state(app_context) is StepState.WAITING
    assert build_wanted_site(app_context)
    assert "New" in (served / "index.html").read_text()
    assert state(app_context) is StepState.DONE
    assert [one.name for one in served.parent.iterdir()] == ["site"]
    publish(app_context, WHAT, lambda _checkout: None)
    assert not build_wanted_site(app_context)


def test_a_site_that_cannot_be_built_stays_as_it_was(
    app_context: AppContext, served: Path
) -> None:
    """The reason is told; it is tried again when somebody says so."""
    pages = app_context.settings.versions_dir.with_name("mkdocs.yml")
    pages.write_text("site_name: School\ntheme: nowhere\n")
    publish(app_context, WHAT, lambda _checkout: None)
    assert not build_wanted_site(app_context)
    assert (served / "index.html").read_text() == "Old"
    assert state(app_context) is StepState.STUCK
    assert "nowhere" in steps_of(app_context, WHAT.subject)[StepName.SITE].answer
    assert not build_wanted_site(app_context)
    pages.write_text("site_name: School\nplugins: []\n")
    publish(app_context, WHAT, lambda _checkout: None)
    assert build_wanted_site(app_context)
    assert "New" in (served / "index.html").read_text()


def test_a_build_that_was_cut_off_is_told_and_begun_again(
    app_context: AppContext, served: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker leaves it alone while it may go on; after that it is stuck."""
    publish(app_context, WHAT, lambda _checkout: None)

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(site, "build_site", cut_off)
        build_wanted_site(app_context)
    assert not build_wanted_site(app_context)
    assert state(app_context) is StepState.WAITING
    monkeypatch.setattr(site, "TAKEN_OVER", site.TAKEN_OVER * 0)
    assert state(app_context) is StepState.STUCK
    publish(app_context, WHAT, lambda _checkout: None)
    assert build_wanted_site(app_context)
    shutil.rmtree(served)


@pytest.mark.parametrize("ends", [OSError, KeyboardInterrupt])
def test_a_site_that_cannot_be_put_in_place_leaves_the_one_before(
    app_context: AppContext,
    served: Path,
    monkeypatch: pytest.MonkeyPatch,
    ends: type[BaseException],
) -> None:
    """The disk refuses the second of two renames, or the worker is told to stop."""
    rename = pathlib.Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise ends
        return rename(path, target)

    monkeypatch.setattr(pathlib.Path, "rename", refuse)
    with pytest.raises((SiteNotBuilt, KeyboardInterrupt)):
        build_site(app_context.settings)
    assert (served / "index.html").read_text() == "Old"
    assert [one.name for one in served.parent.iterdir()] == ["site"]


def test_a_site_is_put_back_that_a_killed_build_had_taken_away(
    app_context: AppContext, served: Path
) -> None:
    """Parents read it again as soon as a worker runs, whether a build is wanted."""
    left = served.parent / ".site.abc.built"
    left.mkdir()
    served.rename(left / "old")
    assert not build_wanted_site(app_context)
    assert not served.exists(), "another worker may be at it"
    os.utime(left, (0, 0))
    assert not build_wanted_site(app_context)
    assert (served / "index.html").read_text() == "Old"
