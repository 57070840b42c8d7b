"""A review without change at the desk: recorded, committed, pushed; nobody is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from signer.policy.reviews import read_reviews
from signer.policy.versions import in_force
from signer.store.desk.roles import DeskRole
from signer.workflows.campaigns.review_date import review_date
from signer.workflows.campaigns.start_on_release import follow_releases
from tests.policy.git_repositories import (
    add_remote,
    git,
    push_of_another,
    put_under_git,
)
from tests.web.desk.conftest import NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser, Page

PATH = "/desk/release/review"
RECORD = "Record the review"


def record(head: Browser, page: Page, **given: str) -> Page:
    """Fill in the form and record."""
    return head.press(page, RECORD, **({"next": "2027-10", "typed": "2"} | given))


def test_a_review_moves_the_date_and_asks_nobody(
    head: Browser, app_context: AppContext, tmp_path: Path
) -> None:
    """The change log has it, git and its remote have it, and no version is new."""
    folder = app_context.settings.versions_dir
    put_under_git(folder)
    bare = tmp_path / "origin.git"
    add_remote(folder, bare)
    before = in_force(app_context.versions)
    assert before.number == 2
    page = record(head, head.open(PATH), by="Executive Headteacher")
    assert "The review is recorded. The next one is due by October 2027." in page.text
    (review,) = read_reviews(folder)
    assert (review.version, review.by) == (2, "Executive Headteacher")
    assert review_date(app_context).month == "2027-10"
    written = (folder / "reviews.toml").read_text().strip()
    assert git(bare, "show", "main:reviews.toml") == written
    said = git(folder, "log", "-1", "--format=%b")
    assert "Executive Headteacher reviewed it" in said
    assert "origin/main has it." in page.text
    assert follow_releases(app_context) is None
    assert in_force(app_context.versions) == before


def test_a_push_that_is_refused_is_tried_again(
    head: Browser, app_context: AppContext, tmp_path: Path
) -> None:
    """The review is recorded all the same; nothing of others is merged."""
    folder = app_context.settings.versions_dir
    put_under_git(folder)
    bare = tmp_path / "origin.git"
    add_remote(folder, bare)
    push_of_another(bare, tmp_path / "clone", "Correct a date")
    page = record(head, head.open(PATH))
    assert "Somebody else has pushed to origin/main" in page.text
    assert read_reviews(folder)[-1].by == NAMES[DeskRole.HEAD]
    git(folder, "rebase", "-q", "origin/main")
    page = head.press(page, "Try again")
    assert "origin/main has it." in page.text


def test_a_second_press_records_nothing_more(
    head: Browser, app_context: AppContext
) -> None:
    """A double click, or somebody else meanwhile: the review that there is is shown."""
    page = head.open(PATH)
    record(head, page)
    again = record(head, page, next="2027-09")
    assert again.answer.status_code == 422
    assert "Somebody has recorded a review in the meantime." in again.text
    assert len(read_reviews(app_context.settings.versions_dir)) == 1
    record(head, again, next="2027-09")
    assert len(read_reviews(app_context.settings.versions_dir)) == 2


@pytest.mark.parametrize(
    "given",
    [
        {"typed": "3"},
        {"next": "soon"},
        {"next": "2026-11"},
        {"next": "2030-01"},
        {"by": " "},
        {"by": "王\u202e小明"},
    ],
)
def test_what_cannot_be_is_told_at_its_field(
    head: Browser, app_context: AppContext, given: dict[str, str]
) -> None:
    """Nothing is recorded, and what was typed is kept."""
    page = record(head, head.open(PATH), **given)
    assert page.answer.status_code == 422
    assert page.problems
    assert page.value("next") == given.get("next", "2027-10")
    assert read_reviews(app_context.settings.versions_dir) == ()


def test_the_demonstration_records_no_review(
    head: Browser, app: Flask, app_context: AppContext
) -> None:
    """Its files are those of the project."""
    page = head.open(PATH)
    app.extensions["settings"] = replace(app_context.settings, demo=True)
    assert record(head, page).status == 403
    assert read_reviews(app_context.settings.versions_dir) == ()
