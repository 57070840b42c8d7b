"""The inbox: what parents told the office, and what the office does about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.store.desk.roles import DeskRole
from tests.web.browsing import Browser
from tests.workflows.conftest import Post, snapshot, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from signer.workflows.context import AppContext
    from tests.web.browsing import Page

ASKED = "May my child post pictures of our dog?\n\nHe is called Rex."


@pytest.fixture
def tell(app: Flask, post: Post) -> Callable[..., None]:
    """Has a parent tell the office something."""

    def tell(name: str, way: str, written: str = "") -> None:
        parent = Browser(app)
        page = parent.open(f"/s/{post.token(name)}")
        page = parent.press(page, page.buttons[0])
        ref = page.path.split("/")[2]
        form = parent.open(f"/sign/{ref}/{way}")
        check = parent.press(form, "Continue", words=written)
        parent.press(check, check.buttons[-1], sure="yes")

    return tell


def opened(browser: Browser, name: str) -> Page:
    """The page of the message of somebody, from the list."""
    return browser.open(browser.open("/desk/inbox").links[name])


def test_a_question_waits_until_it_is_answered(
    office: Browser, tell: Callable[..., None], post: Post
) -> None:
    """The answer goes to the parent by mail and stays with the question."""
    tell("Amira Khan", "question", ASKED)
    assert "Waiting (1)" in office.open("/desk/inbox").text
    page = opened(office, "Amira Khan")
    assert "He is called Rex." in page.text
    page = office.press(page, "Send the answer", words="Yes, gladly.\r\n\r\nThe office")
    assert "Answer of Sam Carter" in page.text
    assert "Waiting (0)" in office.open("/desk/inbox").text
    post.send()
    mail = post.to("Amira Khan")[-1]
    assert mail["Subject"] == "An answer from the school office (My Online Schooling)"
    assert "Yes, gladly.\n\nThe office" in words(mail).replace("\r\n", "\n")
    assert "Rex" not in words(mail)
    assert mail["Reply-To"] is not None
    page = office.open(page.path)
    assert "the email was accepted" in page.text


def test_an_answer_is_sent_once_however_often_the_button_is_pressed(
    office: Browser, tell: Callable[..., None], post: Post
) -> None:
    """The same words to the same message are one answer."""
    tell("Amira Khan", "question", ASKED)
    page = opened(office, "Amira Khan")
    for _ in range(3):
        office.press(page, "Send the answer", words="Yes.")
    sent = len(post.mails())
    post.send()
    answers = [one for one in post.mails()[sent:] if "answer" in str(one["Subject"])]
    assert len(answers) == 1


def test_an_empty_answer_is_not_sent(
    office: Browser, tell: Callable[..., None]
) -> None:
    """The page says what is missing."""
    tell("Amira Khan", "question", ASKED)
    page = office.press(opened(office, "Amira Khan"), "Send the answer", words=" ")
    assert (page.status, page.problems) == (422, ["Type your answer."])


def test_a_message_is_closed_and_reopened(
    office: Browser, tell: Callable[..., None]
) -> None:
    """It says who did, and waits again."""
    tell("Amira Khan", "decline", "We have none of these accounts.")
    page = opened(office, "Amira Khan")
    path = page.path
    assert office.press(page, "Close").path == "/desk/inbox"
    page = office.open(path)
    assert "Closed by Sam Carter" in page.text
    page = office.press(page, "Reopen")
    assert "Closed by" not in page.text
    assert "Waiting (1)" in office.open("/desk/inbox").text


def test_several_are_closed_at_once(office: Browser, tell: Callable[..., None]) -> None:
    """Those that are chosen; that somebody is not the parent is never one of them."""
    tell("Amira Khan", "decline", "No.")
    tell("Tom O'Brien", "question", "Why?")
    tell("王小明", "not-me")
    page = office.open("/desk/inbox")
    chosen = [one.get("value") for one in page.tree.xpath("//input[@name='chosen']")]
    assert len(chosen) == 2
    page = office.press(page, "Close those chosen", chosen=[*chosen, "999", "x"])
    assert "Waiting (1)" in page.text
    assert "Not the parent" in page.text


def test_a_message_waits_no_more_once_its_parent_signed(
    office: Browser, tell: Callable[..., None], sign: Callable[[str], Page]
) -> None:
    """A refusal that was thought over is done with; a question is not."""
    tell("Amira Khan", "decline", "No.")
    tell("Amira Khan", "question", "Why?")
    sign("Amira Khan")
    page = office.open("/desk/inbox")
    assert "Waiting (1)" in page.text
    assert "Question" in page.text
    assert "Signed since" in office.open("/desk/inbox?all=1").text


def test_a_dispute_is_settled_by_saying_that_the_address_is_right(
    office: Browser, tell: Callable[..., None], app: Flask, post: Post
) -> None:
    """The links open their request again."""
    tell("Amira Khan", "not-me")
    parent = Browser(app)
    assert parent.open(f"/s/{post.token('Amira Khan')}").status == 403
    office.press(opened(office, "Amira Khan"), "The address is right")
    assert "Waiting (0)" in office.open("/desk/inbox").text
    assert parent.open(f"/s/{post.token('Amira Khan')}").status == 200


def test_an_auditor_reads_and_changes_nothing(
    sign_in: Callable[[DeskRole], Browser],
    tell: Callable[..., None],
    app_context: AppContext,
) -> None:
    """No button is on the page, and none works."""
    tell("Amira Khan", "question", ASKED)
    auditor = sign_in(DeskRole.AUDITOR)
    page = opened(auditor, "Amira Khan")
    assert page.buttons == ["Sign out"]
    before = snapshot(app_context)
    token = auditor.open("/desk/account").value("csrf_token")
    assert auditor.post(page.path, {"csrf_token": token, "words": "x"}).status == 403
    assert snapshot(app_context) == before
