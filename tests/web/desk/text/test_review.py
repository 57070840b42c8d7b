"""The review of the draft: asked for by mail, commented on, approved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from signer.errors import ApprovalsMissing
from signer.policy.approvals import approve_draft, request_approval
from signer.store.desk.roles import DeskRole
from signer.workflows.draft.approvals import (
    approved_draft,
    look_at_review,
    steps_at_desk,
)
from signer.workflows.draft.review import list_comments
from signer.workflows.draft.revisions import look_at_draft
from tests.web.desk.conftest import NAMES
from tests.workflows.conftest import Post, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser, Page

ASK = "Ask the Heads of School to review it"
APPROVE = "Approve this draft"
CHANGES = "Ask for changes"
REVIEWER = NAMES[DeskRole.REVIEWER]
ADDED = "Parents may ask for a copy on paper."


def write(head: Browser, added: str = ADDED) -> Page:
    """Save a draft that could be released."""
    page = head.open("/desk/text/edit")
    body = (page.value("body") or "").replace("August 2023", "November 2027")
    return head.press(
        page,
        "Save the draft",
        body=f"{body}\n\n{added}\n",
        summary=["Parents may ask for a copy."],
        review_by="2027-11",
    )


@pytest.fixture
def asked(head: Browser) -> Page:
    """A draft of which a review was asked for."""
    return head.press(write(head), ASK)


@pytest.fixture
def reviewer(sign_in: Callable[[DeskRole], Browser]) -> Browser:
    """A Head of School's browser."""
    return sign_in(DeskRole.REVIEWER)


def approvals(app_context: AppContext) -> list[str]:
    """Who has approved the draft as it is."""
    sha256 = look_at_draft(app_context).sha256
    return [one.by for one in look_at_review(app_context, sha256).state.approvals]


def test_each_head_of_school_is_asked_once_by_mail(
    head: Browser, post: Post, asked: Page
) -> None:
    """The mail leads to the review, and names nobody in its subject."""
    post.send()
    [mail] = post.to(REVIEWER)
    assert NAMES[DeskRole.HEAD] in words(mail)
    assert "/desk/text/review" in words(mail)
    assert NAMES[DeskRole.HEAD] not in str(mail["Subject"])
    assert REVIEWER not in str(mail["Subject"])
    sent = len(post.mails())
    form = {"csrf_token": asked.value("csrf_token")}
    page = head.open("/desk/text/review")
    form |= {"sha256": page.value("sha256")}
    head.post("/desk/text/ask-for-review", form)
    post.send()
    assert len(post.mails()) == sent


def test_what_a_release_would_refuse_is_not_sent_for_review(head: Browser) -> None:
    """No button, and no way around it."""
    page = head.open("/desk/text/edit")
    page = head.press(page, "Save the draft", body="## A\n\nTODO\n")
    assert ASK not in page.buttons
    review = head.open("/desk/text/review")
    form = {"csrf_token": page.value("csrf_token"), "sha256": review.value("sha256")}
    page = head.post("/desk/text/ask-for-review", form)
    assert page.status == 422
    assert page.problems == ["Correct first what a release would refuse."]


def test_an_approval_counts_for_the_words_that_were_read(
    head: Browser, reviewer: Browser, asked: Page, app_context: AppContext
) -> None:
    """It is shown with its name; a change of the draft leaves it behind."""
    page = reviewer.press(reviewer.open("/desk/text/review"), APPROVE)
    assert f"by {REVIEWER}" in page.text
    assert approvals(app_context) == [REVIEWER]
    page = write(head, "Another sentence.")
    assert approvals(app_context) == []
    assert f"{REVIEWER} approved an earlier draft" in page.text
    head.press(head.open("/desk/text/history/1"), "Make this the draft again")
    assert approvals(app_context) == [REVIEWER]


def test_who_read_an_older_draft_does_not_approve_a_newer_one(
    head: Browser, reviewer: Browser, asked: Page, app_context: AppContext
) -> None:
    """A page that was left open approves nothing that it does not show."""
    page = reviewer.open("/desk/text/review")
    head.press(write(head, "Another sentence."), ASK)
    page = reviewer.press(page, APPROVE)
    assert page.status == 422
    assert approvals(app_context) == []


def test_one_person_approves_once_whatever_their_name(
    reviewer: Browser, asked: Page, app_context: AppContext
) -> None:
    """Pressing twice, or taking another name in between, makes no second approval."""
    page = reviewer.open("/desk/text/review")
    reviewer.press(page, APPROVE)
    account = reviewer.open("/desk/account")
    reviewer.press(account, "Save", name="Somebody Else")
    reviewer.press(page, APPROVE)
    assert approvals(app_context) == [REVIEWER]


def test_changes_that_are_wanted_take_the_approval_back(
    reviewer: Browser, head: Browser, asked: Page, app_context: AppContext
) -> None:
    """The words are shown with the draft, and are gone with the next one."""
    page = reviewer.press(reviewer.open("/desk/text/review"), CHANGES)
    assert page.status == 422
    assert page.problems == ["Write what is to change."]
    reviewer.press(reviewer.open("/desk/text/review"), APPROVE)
    page = reviewer.open("/desk/text/review")
    reviewer.press(page, CHANGES, words="Say <how>\nlong.")
    assert approvals(app_context) == []
    assert "Say <how> long." in head.open("/desk/text").text
    write(head, "Three days.")
    assert "Say <how> long." not in head.open("/desk/text").text


def test_a_comment_stays_with_its_passage(
    reviewer: Browser, head: Browser, asked: Page, app_context: AppContext
) -> None:
    """It is at the passage until that changes, then beside what it was about."""
    page = reviewer.open("/desk/text/review")
    [place] = [
        one.get("id").removeprefix("at-")
        for one in page.tree.xpath("//*[contains(@class, 'passage')]")
        if ADDED in one.text_content()
    ]
    page = review_at(reviewer, place)
    for _ in range(2):
        reviewer.press(page, "Comment", said="Which copy?")
    [one] = list_comments(app_context)
    assert (one.passage, one.by, one.settled_by) == (ADDED, REVIEWER, "")
    page = head.open("/desk/text/review")
    assert page.tree.xpath("//*[contains(@class, 'spoken')]//*[text()='Which copy?']")
    edit = head.open("/desk/text/edit")
    body = (edit.value("body") or "").replace(ADDED, "Parents may ask.")
    head.press(edit, "Save the draft", body=body)
    page = head.open("/desk/text/review")
    assert "Comments on words that have changed since" in page.text
    assert "Which copy?" in page.text
    [form] = page.tree.xpath("//form[contains(@action, '/settle')]")
    token = {"csrf_token": page.value("csrf_token")}
    for _ in range(2):
        head.post(form.get("action"), token)
    [one] = list_comments(app_context)
    assert one.settled_by == NAMES[DeskRole.HEAD]


def review_at(browser: Browser, place: str) -> Page:
    """The review with the form at one passage."""
    return browser.open("/desk/text/review", query_string={"at": place})


def test_only_whom_the_settings_name_approves(
    reviewer: Browser, asked: Page, app_context: AppContext
) -> None:
    """Where there is a list, the others are told who is on it."""
    app_context.settings = replace(app_context.settings, approvers=("Jo Field",))
    page = reviewer.press(reviewer.open("/desk/text/review"), APPROVE)
    assert page.status == 422
    assert "Jo Field" in page.problems[0]
    assert approvals(app_context) == []


def test_a_release_needs_as_many_approvals_as_the_settings_say(
    reviewer: Browser, asked: Page, app_context: AppContext
) -> None:
    """The desk shows how many, and the draft is handed to a release with them alone."""
    app_context.settings = replace(app_context.settings, approvals_needed=2)
    reviewer.press(reviewer.open("/desk/text/review"), APPROVE)
    assert "1 of 2 that a release needs" in reviewer.open("/desk/text").text
    with pytest.raises(ApprovalsMissing):
        approved_draft(app_context)
    # The second comes from the record beside the versions, by command.
    folder, sha256 = (
        app_context.settings.versions_dir,
        look_at_draft(app_context).sha256,
    )
    request_approval(folder, sha256, by="Helen", on="2026-11-22")
    approve_draft(folder, sha256, by="Jo Field", on="2026-11-22")
    ready = approved_draft(app_context)
    assert {one.by for one in ready.state.approvals} == {REVIEWER, "Jo Field"}
    assert ready.source == look_at_draft(app_context).source.encode()


def test_a_command_on_the_same_database_sees_what_was_approved(
    reviewer: Browser, asked: Page, app_context: AppContext
) -> None:
    """`signer release` counts it; without a database there is nothing to count."""
    reviewer.press(reviewer.open("/desk/text/review"), APPROVE)
    settings = app_context.settings
    steps = steps_at_desk(settings)
    assert [(one.what, one.by) for one in steps] == [
        ("requested", NAMES[DeskRole.HEAD]),
        ("approved", REVIEWER),
    ]
    assert steps_at_desk(replace(settings, database_url="sqlite:////none/x.db")) == ()


def test_others_neither_comment_nor_approve(
    sign_in: Callable[[DeskRole], Browser], asked: Page
) -> None:
    """The office and an auditor see how the review goes, and no more."""
    for role in (DeskRole.OFFICE, DeskRole.AUDITOR):
        browser = sign_in(role)
        page = browser.open("/desk/text")
        assert f"by {NAMES[DeskRole.HEAD]}" in page.text
        assert "Review the draft" not in page.links
        assert browser.open("/desk/text/review").status == 403
