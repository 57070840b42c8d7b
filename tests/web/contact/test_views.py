"""Telling the office: no, a question, not me, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.store.columns import NoteKind
from signer.store.tables import Note
from tests.web.browsing import GO_ON, SURE
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser, Page
    from tests.workflows.conftest import Post

    Go = Callable[[str], Page]

WAYS = {
    "decline": (NoteKind.DECLINE, "Tell the school I do not agree"),
    "question": (NoteKind.QUESTION, "Send your question"),
    "not-me": (NoteKind.NOT_ME, "Tell the school this isn\u2019t me"),
    "paper": (NoteKind.PAPER, "Ask for a paper form"),
}
WORDS = "Is <b>WhatsApp</b> meant?\nAnd Signal?"


def notes(app_context: AppContext) -> list[tuple[NoteKind, str]]:
    with app_context.sessions.reading() as session:
        query = select(Note.kind, Note.words).order_by(Note.id)
        return [(kind, words) for kind, words in session.execute(query)]


@pytest.fixture
def write(visitor: Browser, enter: Go) -> Go:
    """Opens the form of a way, as Amira Khan."""
    return lambda way: visitor.open(enter("Amira Khan").path.replace("read", way))


@pytest.mark.parametrize("way", WAYS)
def test_the_office_is_told(
    visitor: Browser, write: Go, app_context: AppContext, post: Post, way: str
) -> None:
    """The words reach the office's mailbox; the page says what happens next."""
    kind, button = WAYS[way]
    page = visitor.tell(write(way), button, words=WORDS)
    assert page.path.endswith(f"/{way}/sent")
    assert page.status == 200
    assert notes(app_context) == [(kind, WORDS)]
    post.send()
    assert len(post.to("office@my-online-schooling.example")) == 1


@pytest.mark.parametrize("way", ["not-me", "paper"])
def test_words_may_be_left_out_where_none_are_needed(
    visitor: Browser, write: Go, app_context: AppContext, way: str
) -> None:
    """The message itself says enough."""
    kind, button = WAYS[way]
    assert visitor.tell(write(way), button).path.endswith("/sent")
    assert notes(app_context) == [(kind, "")]


@pytest.mark.parametrize(
    ("way", "said"),
    [("decline", "Tell us why, in a few words."), ("question", "Type your question.")],
)
def test_words_are_asked_for_where_they_are_needed(
    visitor: Browser, write: Go, app_context: AppContext, way: str, said: str
) -> None:
    """An empty form comes back with what is missing."""
    page = visitor.tell(write(way), WAYS[way][1], words="  \n ")
    assert page.status == 422
    assert page.problems == [said]
    assert page.title.startswith("Error: ")
    assert notes(app_context) == []


@pytest.mark.parametrize("way", WAYS)
def test_words_that_are_too_many_are_kept_in_the_form(
    visitor: Browser, write: Go, app_context: AppContext, way: str
) -> None:
    """Nothing typed is lost by being too long."""
    page = visitor.tell(write(way), WAYS[way][1], words="x" * 2001)
    assert page.problems == ["Use 2000 characters or fewer."]
    assert page.value("words") == "x" * 2001
    assert notes(app_context) == []


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_token_keeps_the_words(
    visitor: Browser, write: Go, app_context: AppContext, way: str
) -> None:
    """Nothing is told; another press tells it."""
    form = write(way)
    before = snapshot(app_context)
    page = visitor.tell(form, WAYS[way][1], words=WORDS, csrf_token="wrong")
    assert page.status == 400
    assert page.value("words") == WORDS
    assert snapshot(app_context) == before
    assert visitor.tell(page, WAYS[way][1]).path.endswith("/sent")
    assert notes(app_context) == [(WAYS[way][0], WORDS)]


@pytest.mark.parametrize("way", ["decline", "not-me", "paper"])
def test_after_signing_these_ways_lead_to_the_receipt(
    visitor: Browser, sign: Go, app_context: AppContext, way: str
) -> None:
    """There is nothing left to decline or to put on paper."""
    receipt = sign("Amira Khan")
    assert visitor.open(receipt.path.replace("signed", way)).path == receipt.path
    assert notes(app_context) == []


def test_after_signing_a_question_can_still_be_asked(
    visitor: Browser, sign: Go, app_context: AppContext
) -> None:
    """It goes to the office like any other."""
    page = visitor.open(sign("Amira Khan").links["Ask a question"])
    page = visitor.tell(page, "Send your question", words="May I have it on paper?")
    assert "Back to your receipt" in page.links
    assert notes(app_context) == [(NoteKind.QUESTION, "May I have it on paper?")]


def test_a_form_that_closed_meanwhile_leads_to_the_receipt(
    visitor: Browser, write: Go, check: Go, app_context: AppContext
) -> None:
    """Signed in another tab: the late answer is not taken, and says why."""
    late = write("decline")
    visitor.press(check("Amira Khan"), "Sign the code of conduct")
    page = visitor.tell(late, WAYS["decline"][1], words="No.")
    assert page.heading == "You have signed the code of conduct"
    assert notes(app_context) == []


def test_having_declined_one_can_still_sign(
    visitor: Browser, write: Go, check: Go
) -> None:
    """The way to signing stays open."""
    page = visitor.tell(write("decline"), WAYS["decline"][1], words="Too long.")
    assert "read and sign the code of conduct" in page.links
    page = visitor.press(check("Amira Khan"), "Sign the code of conduct")
    assert page.path.endswith("/signed")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("sure", ["Lorem ipsum"])
def test_nothing_is_sent_before_somebody_is_sure(
    visitor: Browser, write: Go, app_context: AppContext, way: str, sure: str
) -> None:
    """A page repeats what is to be sent, and wants a word that programs do not type."""
    form = write(way)
    before = snapshot(app_context)
    page = visitor.press(form, GO_ON, words=WORDS)
    assert page.status == 200
    assert "Nothing has been sent yet." in page.text
    assert "Is <b>WhatsApp</b> meant?" in page.text
    page = visitor.press(page, WAYS[way][1], sure=sure)
    assert page.status == 422
    assert page.problems == ["Type the word “yes” to send this."]
    assert snapshot(app_context) == before
    changed = visitor.press(page, "Go back and change it")
    assert (changed.status, changed.value("words")) == (200, WORDS)
    assert visitor.press(page, WAYS[way][1], sure=SURE).path.endswith("/sent")


def test_a_wrong_token_on_the_last_page_keeps_the_words(
    visitor: Browser, write: Go, app_context: AppContext
) -> None:
    """Another press sends them."""
    page = visitor.press(write("question"), GO_ON, words=WORDS)
    button = WAYS["question"][1]
    page = visitor.press(page, button, sure=SURE, csrf_token="wrong")
    assert page.status == 400
    assert notes(app_context) == []
    assert visitor.press(page, button).path.endswith("/sent")
    assert notes(app_context) == [(NoteKind.QUESTION, WORDS)]


def test_one_question_too_many_is_refused_in_words(
    visitor: Browser, write: Go, app_context: AppContext
) -> None:
    """The page says when the next one can go; what was written stays."""
    form = write("question")
    button = WAYS["question"][1]
    for number in range(5):
        page = visitor.tell(form, button, words=f"Question {number}?")
        assert page.path.endswith("/sent")
    page = visitor.tell(form, button, words="One more?")
    assert page.status == 429
    assert "It was not sent. You can send another one in 60 minutes." in page.text
    assert int(page.headers["Retry-After"]) == 3600
    assert page.value("words") == "One more?"
    assert len(notes(app_context)) == 5
