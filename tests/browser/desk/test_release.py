"""The pages of a release that is stuck are fit for everybody."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.policy.versions import in_force
from signer.store.campaigns.release_steps import StepName
from signer.store.desk.roles import DeskRole
from signer.store.tables import Parent
from signer.workflows.release.publish import note_step
from signer.workflows.release.review import record_unchanged
from signer.workflows.release.stages import finish_stages, subject_of
from tests.browser.desk.test_pages import sign_in
from tests.browser.walks.barriers import barriers
from tests.browser.walks.stage import stage
from tests.policy.git_repositories import add_remote, push_of_another, put_under_git
from tests.web.releases import release_edit

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from signer.pki.make_keys import KeyFiles

pytestmark = pytest.mark.browser


def test_no_page_of_a_release_has_a_barrier(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    key_files_of_today: KeyFiles,
    browser: Browser,
) -> None:
    """Steps that are stuck, a review, and the email of a chosen parent: none."""
    with stage(tmp_path_factory.mktemp("school"), key_files_of_today) as school:
        context = school.context
        context.settings = replace(context.settings, demo=False)
        folder = context.settings.versions_dir
        put_under_git(folder)
        add_remote(folder, tmp_path / "origin.git")
        push_of_another(
            tmp_path / "origin.git", tmp_path / "clone", "Correct a date " + "x" * 90
        )
        page = browser.new_context(reduced_motion="reduce").new_page()
        sign_in(school, page, DeskRole.HEAD)
        page.goto(f"{school.url}/desk/text/edit")
        body = page.locator("[name=body]")
        text = body.input_value().replace("August 2023", "November 2027")
        body.fill(f"{text}\n\nParents may ask for a copy on paper.\n")
        page.locator("[name=summary]").first.fill("Parents may ask for a copy.")
        page.locator("[name=review_by]").fill("2027-11")
        page.get_by_role("button", name="Save the draft").click()
        with context.sessions.reading() as session:
            chosen = session.scalars(select(Parent.id).limit(1)).one()
        page.goto(f"{school.url}/desk/release?parent={chosen}")
        assert barriers(page) == []
        record_unchanged(context, by="Ada Lee", next_="2027-11", known=0)
        page.goto(f"{school.url}/desk/release/review")
        assert page.get_by_role("button", name="Try again").is_visible()
        assert barriers(page) == []
        release_edit(folder, "must not take", "must never take", "A word changed.")
        context.reload_versions()
        finish_stages(context)
        subject = subject_of(in_force(context.versions))
        for name in (StepName.HOOK, StepName.SITE):
            note_step(context, subject, name, done=False, answer="It was not there.")
        page.goto(f"{school.url}/desk/release/stages")
        assert page.get_by_role("button", name="Call it again").is_visible()
        assert barriers(page) == []
        page.context.close()
