"""The check-list at the desk: what is to be done, and what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.store.desk.roles import DeskRole
from signer.workflows.checklist.look import look_at_checklist
from signer.workflows.desk.actions import list_actions
from tests.workflows.checklist.conftest import code_of
from tests.workflows.conftest import Post

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser

PATH = "/desk/checklist"


@pytest.fixture
def post(app_context: AppContext) -> Post:
    """Nobody has been asked yet."""
    return Post(app_context)


def test_today_leads_to_the_list_until_it_is_done(head: Browser) -> None:
    """With how much is left of it."""
    page = head.open("/desk/")
    assert "of 11 lines of the check-list are still to be done" in page.text
    page = head.open(page.links["Before the first parent"])
    assert page.heading == "Before the first parent"
    assert "The person who runs the service:" in page.text


def test_a_line_is_set_aside_with_a_reason_name_and_time(
    head: Browser, app_context: AppContext
) -> None:
    """And counts again when the head says so; pressed twice is once."""
    page = head.open(f"{PATH}/witness/without")
    refused = head.press(page, "Go on without it", reason=" ")
    assert (refused.status, refused.problems) == (422, ["Say why."])
    for _ in range(2):
        page = head.press(
            page if page.path.endswith("without") else refused,
            "Go on without it",
            reason="The governors decide in May",
        )
    assert "Set aside: The governors decide in May Helen Marsh, 22 November" in (
        page.text
    )
    (done,) = [
        one
        for one in list_actions(app_context).actions
        if one.action == "checklist:set_aside"
    ]
    assert (done.name, done.subject) == ("Helen Marsh", "checklist:witness")
    assert done.details == "The governors decide in May"
    head.press(page, "Wait for this after all")
    assert all(one.set_aside is None for one in look_at_checklist(app_context).lines)


def test_the_office_proves_its_mailbox_by_the_code(
    office: Browser, app_context: AppContext, post: Post
) -> None:
    """The code is in the mail, and nowhere on the page."""
    page = office.press(office.open(PATH), "Send an email to the office")
    post.send()
    code = code_of(app_context)
    (mail,) = post.to("office@")
    assert code in str(mail.get_body(("plain",)))
    assert code in str(mail.get_body(("html",)))
    assert code not in str(mail["Subject"])
    assert code not in page.answer.text
    wrong = office.press(page, "It was read", code="1")
    assert wrong.problems == ["This is not the code of the newest email."]
    page = office.press(wrong, "It was read", code=code)
    assert "It was read" not in page.buttons


def test_who_looks_after_parents_reads_the_mail_that_they_will_get(
    office: Browser, post: Post
) -> None:
    """It goes to whoever asks for it, and they say that they read it."""
    page = office.press(office.open(PATH), "Send it to me")
    (mail,) = post.to("office@school.example")
    assert "sample-link-that-opens-nothing" in str(mail.get_body(("plain",)))
    page = office.press(page, "I have read it")
    assert "I have read it" not in page.buttons


def test_looking_again_tells_what_the_public_site_shows(
    office: Browser, app_context: AppContext
) -> None:
    """The page itself asks nobody."""
    assert "It has not been looked at yet." in office.open(PATH).text
    page = office.press(office.open(PATH), "Look again")
    assert "Looked at on 22 November 2026" in page.text
    assert app_context.settings.base_url


@pytest.mark.parametrize("role", [DeskRole.REVIEWER, DeskRole.AUDITOR])
def test_who_only_looks_has_no_button(
    sign_in: Callable[[DeskRole], Browser], role: DeskRole
) -> None:
    """And the reason is the headteacher's to give."""
    page = sign_in(role).open(PATH)
    assert page.buttons == ["Sign out"]
    assert not any("Go on without" in words for words in page.links)
