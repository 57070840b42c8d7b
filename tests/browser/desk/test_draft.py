"""Writing the draft in a browser: what is pasted, kept and found again."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer.store.desk.roles import DeskRole
from signer.workflows.context import AppContext, open_context
from signer.workflows.desk.accounts import add_account
from signer.workflows.desk.sign_in import make_sign_in_link
from signer.workflows.draft.revisions import look_at_draft
from tests.browser.walks.stage import served
from tests.conversion.test_html import KEPT
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from signer.config import Settings

pytestmark = pytest.mark.browser

_PASTE = """(body, html) => {
  const data = new DataTransfer();
  data.setData("text/html", html);
  data.setData("text/plain", "plain words");
  const event = { clipboardData: data, bubbles: true, cancelable: true };
  body.dispatchEvent(new ClipboardEvent("paste", event));
}"""


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> str:
    """SQLite alone: the pages are the same on every database."""
    return f"sqlite:///{shutil.copy(migrated, tmp_path)}"


@pytest.fixture
def school(settings_of_today: Settings) -> Iterator[AppContext]:
    """A school that is served."""
    address = f"http://localhost:{free_port()}"
    context = open_context(replace(settings_of_today, base_url=address))
    with served(context):
        yield context
    context.sessions.close()


def writing(school: AppContext, browser: Browser) -> Page:
    """The form of the draft, of a headteacher who is signed in."""
    ref = add_account(school, "head@school.example", DeskRole.HEAD, name="Helen")
    page = browser.new_context(reduced_motion="reduce").new_page()
    page.goto(make_sign_in_link(school, ref, lives=timedelta(minutes=10)))
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{school.settings.base_url}/desk/text/edit")
    return page


def test_what_is_pasted_from_word_is_kept_and_saved(
    school: AppContext, browser: Browser
) -> None:
    """As Markdown; a tab that is closed before it is saved loses nothing of it."""
    page = writing(school, browser)
    body = page.locator("#body")
    body.fill("")
    body.evaluate(_PASTE, (KEPT / "word.html").read_text(encoding="utf-8"))
    page.get_by_text("Left out of what you pasted: a picture").wait_for()
    markdown = (KEPT / "word.md").read_text(encoding="utf-8")
    assert body.input_value() == markdown.rstrip()
    page.get_by_text("Kept at").wait_for()
    context = page.context
    page.close(run_before_unload=False)
    page = context.new_page()
    page.goto(f"{school.settings.base_url}/desk/text/edit")
    assert page.locator("#body").input_value().strip() == markdown.strip()
    page.get_by_role("button", name="Save the draft").click()
    page.wait_for_url("**/desk/text")
    assert look_at_draft(school).text.body == markdown
    page.context.close()


def test_words_stay_in_the_page_when_the_session_ends(
    school: AppContext, browser: Browser
) -> None:
    """Marks are set by keyboard; once signed out, the page says so and keeps all."""
    page = writing(school, browser)
    body = page.locator("#body")
    body.fill("Purpose")
    page.get_by_role("button", name="Heading").press("Enter")
    assert body.input_value() == "## Purpose"
    page.get_by_text("Kept at").wait_for()
    other = page.context.new_page()
    other.goto(f"{school.settings.base_url}/desk/account")
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/desk/sign-in")
    body.press("End")
    body.press_sequentially(" and more")
    page.get_by_text("You are signed out. Sign in in another tab").wait_for()
    assert body.input_value() == "## Purpose and more"
    page.context.close()
