"""Mails that were given up are told to the office, and can be sent again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from signer import clock
from signer.errors import MailServerTrouble, MailUnknown, TroubleScope
from signer.mail.kinds import Kind
from signer.store.tables import Outbox
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.campaigns.remind import remind_parents
from signer.workflows.mailing.dead_letters import MailState, retry_mail, unsent_mail
from signer.workflows.mailing.outbox import new_mail
from signer.workflows.mailing.send import send_mail
from signer.workflows.mailing.server_state import mail_trouble
from tests.workflows.conftest import words

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from signer.workflows.context import AppContext

    Advance = Callable[[timedelta], None]
from tests.workflows.mailing.moody_server import Moody, send


def dead(app_context: AppContext, frozen: Advance) -> None:
    """Let the server go on refusing for five days and the longest pause."""
    for _ in range(5 * 8 + 3):
        send(app_context)
        frozen(timedelta(hours=3))


def test_after_five_days_the_office_hears_and_the_mail_can_be_sent_again(
    ten: tuple[AppContext, Moody], frozen: Advance
) -> None:
    """Dead letters: listed, told of in one mail, and sent again by hand."""
    app_context, office = ten
    office.trouble, office.only = "550 5.7.1 Blocked by policy", "parentA@"
    dead(app_context, frozen)
    send(app_context)
    [letter] = unsent_mail(app_context)
    assert letter.state is MailState.DEAD
    assert letter.recipient == "Parent NumberA <parentA@example.org>"
    assert letter.reply == "550 5.7.1 Blocked by policy"
    [told] = [one for one in office.taken if "office@" in str(one["To"])]
    assert "Parent NumberA (ask)" in words(told)
    office.trouble = ""
    assert send(app_context) == 0
    with pytest.raises(MailUnknown):
        retry_mail(app_context, [letter.number, 4711])
    assert retry_mail(app_context, states=[MailState.DEAD]) == 1
    assert send(app_context) == 1
    assert unsent_mail(app_context) == ()


def test_asking_again_mails_those_again_who_were_given_up(
    ten: tuple[AppContext, Moody], frozen: Advance
) -> None:
    """Nobody else is mailed twice."""
    app_context, office = ten
    office.trouble, office.only = "550 5.7.1 Blocked by policy", "parentA@"
    dead(app_context, frozen)
    office.trouble = ""
    asked = ask_parents(app_context)
    assert (asked.newly, asked.again) == (0, 1)
    send(app_context)
    assert len([one for one in office.taken if "parentA@" in str(one["To"])]) == 1
    assert ask_parents(app_context).again == 0


def test_nobody_is_reminded_of_a_mail_that_never_came(
    ten: tuple[AppContext, Moody], frozen: Advance
) -> None:
    """They are asked; and the others are told the day on which their mail went."""
    app_context, office = ten
    office.trouble, office.only = "550 5.7.1 Blocked by policy", "parentA@"
    dead(app_context, frozen)
    office.trouble = ""
    while not remind_parents(app_context).reminded:
        frozen(timedelta(days=1))
    before = len(office.taken)
    send(app_context)
    mails = {str(one["To"]): words(one) for one in office.taken[before:]}
    [asked] = [text for to, text in mails.items() if "parentA@" in to]
    [reminded] = [text for to, text in mails.items() if "parentB@" in to]
    assert "we asked you" not in asked
    assert "we asked you" in reminded


def test_a_mail_to_the_office_is_never_given_up(
    app_context: AppContext, frozen: Advance, caplog: pytest.LogCaptureFixture
) -> None:
    """Even where the server knows no such address: once a day, and an alarm."""
    with app_context.sessions.writing() as session:
        session.add(new_mail(Kind.HEAD_REVIEW, "review:1"))
        session.execute(update(Outbox).values(queued_at=clock.now()))
    office = Moody()
    app_context.settings = replace(app_context.settings, mail_url=office.url)
    office.trouble = "550 5.1.1 no such mailbox"
    with office.open():
        for _ in range(10):
            send(app_context)
            frozen(timedelta(days=1))
        [letter] = unsent_mail(app_context)
        assert letter.state is MailState.DEAD
        assert letter.attempts == 10
        assert "550 5.1.1 no such mailbox" in caplog.text
        office.trouble = ""
        send(app_context)
    assert unsent_mail(app_context) == ()


class Refusing:
    """A way out on which every mail meets the same."""

    def send(self, _message: EmailMessage) -> str:
        """Refuse what is too big."""
        raise MailServerTrouble("552 5.3.4 too big", TroubleScope.MAIL)


def test_a_mail_that_is_too_big_holds_up_no_other(
    ten: tuple[AppContext, Moody],
) -> None:
    """It is its own trouble: the rest is offered all the same."""
    app_context, _ = ten
    assert send_mail(app_context, Refusing()) == 0
    assert {one.attempts for one in unsent_mail(app_context)} == {1}
    known = mail_trouble(app_context)
    assert known is not None
    assert known.paused_until is None
