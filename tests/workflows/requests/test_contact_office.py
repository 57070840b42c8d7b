"""What a parent tells the office in place of signing reaches it, once, in words."""

from __future__ import annotations

import shlex
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import pytest
from sqlalchemy import update

from signer.errors import RequestClosed, RequestUnknown, TextRefused, TooManyNotes
from signer.register.rows import read_register
from signer.store.columns import NoteKind
from signer.store.tables import Parent
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.contact_office import MOST_AN_HOUR, tell_office
from signer.workflows.requests.follow_link import open_link
from signer.workflows.requests.reissue_link import reissue_links
from signer.workflows.requests.view_request import view_request
from tests.conftest import PEOPLE
from tests.web.releases import ask_again
from tests.workflows.conftest import Post, sign, snapshot, words

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed
    from signer.workflows.requests.view_request import RequestView


class Tell(Protocol):
    """One way to tell the office something."""

    __name__: str

    def __call__(self, app_context: AppContext, amira: Followed, text: str) -> None:
        """Tell it."""


def _marks(followed: Followed) -> tuple[str, str]:
    assert followed.request_ref is not None
    assert followed.link_fingerprint is not None
    return followed.request_ref, followed.link_fingerprint


def decline(app_context: AppContext, amira: Followed, text: str) -> None:
    ref, mark = _marks(amira)
    tell_office(app_context, ref, NoteKind.DECLINE, link_fingerprint=mark, words=text)


def question(app_context: AppContext, amira: Followed, text: str) -> None:
    ref, mark = _marks(amira)
    tell_office(app_context, ref, NoteKind.QUESTION, link_fingerprint=mark, words=text)


def not_me(app_context: AppContext, amira: Followed, text: str) -> None:
    ref, mark = _marks(amira)
    tell_office(app_context, ref, NoteKind.NOT_ME, link_fingerprint=mark, words=text)


def paper(app_context: AppContext, amira: Followed, text: str) -> None:
    ref, mark = _marks(amira)
    tell_office(app_context, ref, NoteKind.PAPER, link_fingerprint=mark, words=text)


EVERY_WAY = [decline, question, not_me, paper]
SAID = "Line one: <b>why</b>?\nLine two: ¿por qué? 王"


def entry(app_context: AppContext, amira: Followed) -> RequestView:
    found = view_request(app_context, *_marks(amira))
    assert found is not None
    return found


def to_office(app_context: AppContext, post: Post) -> list[EmailMessage]:
    return post.to(app_context.settings.office_email)


def leave(app_context: AppContext) -> None:
    rest = [line for line in PEOPLE.splitlines() if not line.startswith("Amira")]
    import_register(app_context, read_register("\n".join(rest).encode()), leavers=True)


@pytest.mark.parametrize("tell", EVERY_WAY)
def test_the_office_gets_the_words_once(
    app_context: AppContext, amira: Followed, asked: Post, tell: Tell
) -> None:
    """One mail, with who wrote, which version, and every line as it was written."""
    tell(app_context, amira, SAID)
    assert asked.send() == 1
    assert asked.send() == 0
    [mail] = to_office(app_context, asked)
    text = words(mail)
    for line in SAID.splitlines():
        assert line in text
    assert "Amira Khan" in text
    assert "amira@example.org" in text
    assert "Khan" not in str(mail["Subject"])
    html = mail.get_body(("html",))
    assert html
    assert "&lt;b&gt;why" in html.get_content()


def test_answers_go_to_the_parent_but_not_to_a_stranger(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """Who says "this isn't me" is nobody to write to."""
    for tell in (question, paper, decline, not_me):
        tell(app_context, amira, f"told by {tell.__name__}")
    asked.send()
    answered = {
        tell.__name__: "amira@example.org" in str(mail["Reply-To"])
        for mail in to_office(app_context, asked)
        for tell in EVERY_WAY
        if f"told by {tell.__name__}" in words(mail)
    }
    assert answered == {
        "question": True,
        "paper": True,
        "decline": True,
        "not_me": False,
    }


def test_telling_closes_nothing(app_context: AppContext, amira: Followed) -> None:
    """The request stays open, and may still be signed."""
    for tell in (question, paper):
        tell(app_context, amira, SAID)
        assert entry(app_context, amira).state is LinkState.OPEN
    sign(app_context, amira)
    assert entry(app_context, amira).state is LinkState.SIGNED


def test_declining_is_recorded_with_its_reason(
    app_context: AppContext, amira: Followed
) -> None:
    """State, reason and a leaf in the log, which holds no words of the parent."""
    before = snapshot(app_context)
    decline(app_context, amira, "I want to ask first.")
    found = entry(app_context, amira)
    assert (found.state, found.decline_reason) == (
        LinkState.DECLINED,
        "I want to ask first.",
    )
    after = snapshot(app_context)
    assert len(after["leaf"]) == len(before["leaf"]) + 1
    assert '"event":"request:declined"' in repr(after["opening"])
    assert "ask first" not in repr(after["opening"])


def test_declining_twice_tells_the_office_once(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """A second click adds nothing in any table."""
    decline(app_context, amira, "I want to ask first.")
    before = snapshot(app_context)
    decline(app_context, amira, "I want to ask first.")
    assert snapshot(app_context) == before
    assert asked.send() == 1


def test_what_a_parent_adds_after_declining_is_passed_on(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """The office hears the second reason too; the log tells of one decline."""
    decline(app_context, amira, "I want to ask first.")
    leaves = len(snapshot(app_context)["leaf"])
    decline(app_context, amira, "And about the photographs.")
    assert asked.send() == 2
    assert "photographs" in words(asked.to("office@")[-1])
    assert len(snapshot(app_context)["leaf"]) == leaves
    assert entry(app_context, amira).decline_reason == "And about the photographs."


def test_who_declined_can_still_talk_to_the_office(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """Declining is no farewell."""
    for tell in (decline, question, paper):
        tell(app_context, amira, SAID)
    assert entry(app_context, amira).state is LinkState.DECLINED
    not_me(app_context, amira, SAID)
    assert asked.send() == 4
    assert entry(app_context, amira).state is LinkState.DISPUTED


def test_every_question_is_passed_on(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """Two questions, two mails; one after signing as well."""
    question(app_context, amira, "First?")
    question(app_context, amira, "Second?")
    sign(app_context, amira)
    question(app_context, amira, "Third?")
    asked.send()
    mails = [words(one) for one in to_office(app_context, asked)]
    assert [
        any(text in mail for mail in mails) for text in ("First?", "Second?", "Third?")
    ] == [True] * 3
    assert len(mails) == 3


def test_what_is_signed_is_not_declined_any_more(
    app_context: AppContext, amira: Followed
) -> None:
    """A page left open before signing changes nothing after it."""
    sign(app_context, amira)
    before = snapshot(app_context)
    for tell in (decline, not_me, paper):
        with pytest.raises(RequestClosed) as caught:
            tell(app_context, amira, SAID)
        assert caught.value.status == "signed"
    assert snapshot(app_context) == before


@pytest.mark.parametrize("state", ["withdrawn", "superseded", "revoked"])
def test_a_closed_request_passes_nothing_on(
    app_context: AppContext, amira: Followed, asked: Post, state: str
) -> None:
    """The refusal says why it is closed; no table is touched."""
    if state == "withdrawn":
        leave(app_context)
    if state == "superseded":
        newer, _ = ask_again(app_context.settings)
        newer.sessions.close()
    if state == "revoked":
        reissue_links(app_context, "amira@example.org")
        asked.send()
    before = snapshot(app_context)
    for tell in EVERY_WAY:
        with pytest.raises(RequestClosed) as caught:
            tell(app_context, amira, SAID)
        assert caught.value.status == state
    assert snapshot(app_context) == before


def test_another_parents_link_says_nothing_in_this_ones_name(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """An unknown link and a stranger's are answered alike."""
    tom = open_link(app_context, asked.token("Tom O'Brien"))
    before = snapshot(app_context)
    for mark in ("0" * 64, "", tom.link_fingerprint):
        stranger = replace(amira, link_fingerprint=mark)
        for tell in EVERY_WAY:
            with pytest.raises(RequestUnknown):
                tell(app_context, stranger, SAID)
    assert snapshot(app_context) == before


def test_a_reason_and_a_question_need_words(
    app_context: AppContext, amira: Followed
) -> None:
    """Nothing is kept of an empty one."""
    before = snapshot(app_context)
    for tell in (decline, question):
        for empty in ("", "  \r\n ", "\u200b"):
            with pytest.raises(TextRefused, match="empty"):
                tell(app_context, amira, empty)
    assert snapshot(app_context) == before


def test_a_note_may_be_empty(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """The button alone says enough."""
    paper(app_context, amira, "  \r\n ")
    not_me(app_context, amira, "")
    assert asked.send() == 2
    assert len(to_office(app_context, asked)) == 2


def test_words_that_cannot_be_passed_on_are_refused(
    app_context: AppContext, amira: Followed
) -> None:
    """Too long, or with what does not print: the reason, and nothing kept."""
    before = snapshot(app_context)
    for tell in EVERY_WAY:
        for text, reason in (
            ("x" * 2001, "too long"),
            ("a\x00b", "control character"),
            ("a\u202eb", "direction override"),
        ):
            with pytest.raises(TextRefused, match=reason):
                tell(app_context, amira, text)
    assert snapshot(app_context) == before


def test_the_worker_is_called_at_once(app_context: AppContext, amira: Followed) -> None:
    """The office need not wait for the minute's sweep."""
    rung: list[bool] = []
    app_context.wake_worker = lambda: rung.append(True)
    question(app_context, amira, SAID)
    assert rung == [True]


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Tom O'Brien", "o'brien@example.org"),
        ("王 小明", "wang+one@example.org"),
        ('Ann "$HOME" `echo` \\ Lee', "a`echo`b@example.org"),
        ("Ann; echo & true", "a$HOME@example.org"),
    ],
)
def test_a_command_to_copy_says_what_it_says_to_a_shell(
    app_context: AppContext, amira: Followed, asked: Post, name: str, email: str
) -> None:
    """The office pastes it: a name and an address are one word each, as they stand."""
    with app_context.sessions.writing() as session:
        session.execute(
            update(Parent)
            .where(Parent.name == "Amira Khan")
            .values(name=name, email=email)
        )
    paper(app_context, amira, "")
    asked.send()
    [mail] = to_office(app_context, asked)
    [command] = [
        line.removeprefix("Command: ")
        for line in words(mail).splitlines()
        if line.startswith("Command: ")
    ]
    # Read as a shell would read it, and never run: a test that fails must do no harm.
    meant = ["signer", "record-paper", email, "--name", name]
    assert command == shlex.join(meant)
    assert shlex.split(command) == meant


def test_the_office_is_not_flooded(
    app_context: AppContext, amira: Followed, frozen: Callable[[timedelta], None]
) -> None:
    """Of questions at once from two processes' worth of threads, five get through."""
    raised: list[Exception] = []

    def ask(number: int) -> None:
        try:
            question(app_context, amira, f"Question {number}?")
        except TooManyNotes as error:
            raised.append(error)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(12)))
    assert len(raised) == 12 - MOST_AN_HOUR
    paper(app_context, amira, "")
    frozen(timedelta(minutes=59))
    with pytest.raises(TooManyNotes) as caught:
        question(app_context, amira, "One more?")
    assert caught.value.wait == timedelta(minutes=1)
    frozen(timedelta(minutes=1))
    question(app_context, amira, "One more?")
