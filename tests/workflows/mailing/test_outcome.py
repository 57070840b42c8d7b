"""The operator's own trouble loses no mail: it waits, pauses the rest, and alarms."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from signer import clock
from signer.errors import TroubleScope
from signer.mail.smtp import SmtpTransport
from signer.mail.transport import transport_for
from signer.register.rows import read_register
from signer.store.columns import Delivery
from signer.store.tables import Link, Outbox
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.mailing.dead_letters import unsent_mail
from signer.workflows.mailing.send import send_mail, waiting_mail
from signer.workflows.mailing.server_state import mail_trouble, resume
from signer.workflows.register.import_register import import_register
from tests.mail.slow_server import HOST, STEPS, Fault, SlowServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext

    Advance = Callable[[timedelta], None]
from tests.workflows.mailing.moody_server import TEN, Moody, send


def count(app_context: AppContext, delivery: Delivery) -> int:
    with app_context.sessions.reading() as session:
        query = select(func.count()).where(Outbox.delivery == delivery)
        return session.scalar(query) or 0


OPERATORS = [
    ("rcpt", "550 5.4.5 Daily user sending quota exceeded. x - gsmtp", 3),
    ("data", "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceeded", 3),
    ("rcpt", "554 5.7.1 <%s>: Relay access denied", 0),
    ("rcpt", "550 5.7.1 Service unavailable, Client host blocked using Spamhaus", 0),
    ("data", "550 5.7.26 This mail has been blocked: the sender is unauthenticated", 0),
]


SERVERS = [
    ("rcpt", "421 4.3.2 Too many connections, please try again later", 0),
    ("rcpt", "451 4.7.1 Greylisting in action, please come back later", 0),
    ("data", "452 4.3.1 Insufficient system storage", 0),
]


@pytest.mark.parametrize(("step", "trouble", "first"), OPERATORS + SERVERS)
def test_what_is_not_the_recipients_fault_loses_no_mail(
    ten: tuple[AppContext, Moody],
    frozen: Advance,
    step: str,
    trouble: str,
    first: int,
) -> None:
    """Each mail waits, and goes out once when the server is well again."""
    app_context, office = ten
    office.step, office.trouble, office.first = step, trouble, first
    assert send(app_context) == first
    assert count(app_context, Delivery.REFUSED) == 0
    assert waiting_mail(app_context) == 10 - first
    frozen(timedelta(hours=1))
    assert send(app_context) == 0
    assert waiting_mail(app_context) == 10 - first
    office.trouble = ""
    frozen(timedelta(hours=25))
    assert send(app_context) == 10 - first
    assert waiting_mail(app_context) == 0
    to = [str(mail["To"]) for mail in office.taken]
    assert len(to) == len(set(to)) == 10
    assert mail_trouble(app_context) is None


@pytest.mark.parametrize(("step", "trouble", "first"), OPERATORS)
def test_the_operator_hears_of_it_once_and_not_by_mail(  # noqa: PLR0917 - fixtures
    ten: tuple[AppContext, Moody],
    frozen: Advance,
    caplog: pytest.LogCaptureFixture,
    step: str,
    trouble: str,
    first: int,
) -> None:
    """One critical line a day, no address in it, and a pause for everybody."""
    app_context, office = ten
    office.step, office.trouble, office.first = step, trouble, first
    send(app_context)
    critical = [one for one in caplog.records if one.levelno == logging.CRITICAL]
    assert len(critical) == 1
    assert "example.org" not in caplog.text
    known = mail_trouble(app_context)
    assert known is not None
    assert known.scope is TroubleScope.SERVER
    assert known.reply.startswith(trouble[:9])
    assert known.paused_until is not None
    assert (known.waiting, known.troubled) == (10 - first, 3)
    for _ in range(3):
        frozen(timedelta(minutes=20))
        send(app_context)
    critical = [one for one in caplog.records if one.levelno == logging.CRITICAL]
    assert len(critical) == 1
    assert count(app_context, Delivery.QUEUED) == 10 - first, "no mail tells of it"


def test_the_newest_reply_is_told(
    ten: tuple[AppContext, Moody], frozen: Advance
) -> None:
    """A server that says something else of later mails is not quoted with the old."""
    app_context, office = ten
    office.step, office.trouble = "rcpt", "554 5.7.1 Relay access denied"
    send(app_context)
    office.trouble = "450 4.2.1 Mailbox is being moved"
    frozen(timedelta(hours=1))
    send(app_context)
    known = mail_trouble(app_context)
    assert known is not None
    assert "Mailbox is being moved" in known.reply


def test_a_pause_holds_for_every_worker_and_ends_by_hand(
    ten: tuple[AppContext, Moody], frozen: Advance
) -> None:
    """It stands in the database; a second worker offers nothing meanwhile."""
    app_context, office = ten
    office.trouble = "554 5.7.1 Relay access denied"
    send(app_context)
    office.trouble = ""
    assert send(app_context) == 0
    assert resume(app_context)
    assert send(app_context) == 7
    assert not resume(app_context)
    frozen(timedelta(minutes=2))
    assert send(app_context) == 3


def test_while_it_is_tried_again_one_mail_is_offered(
    ten: tuple[AppContext, Moody], frozen: Advance
) -> None:
    """After a pause one mail tells whether it is over; the pauses grow."""
    app_context, office = ten
    office.trouble = "554 5.7.1 Relay access denied"
    send(app_context)
    pauses = []
    for _ in range(9):
        known = mail_trouble(app_context)
        assert known is not None
        assert known.paused_until is not None
        pauses.append((known.paused_until - clock.now()).total_seconds())
        frozen(known.paused_until - clock.now())
        before = sum(one.attempts for one in unsent_mail(app_context))
        assert send(app_context) == 0
        assert sum(one.attempts for one in unsent_mail(app_context)) == before + 1
    assert pauses == [30, 60, 120, 240, 480, 960, 1800, 1800, 1800]


def test_where_nobody_answers_the_rest_is_left_at_once(
    app_context: AppContext, caplog: pytest.LogCaptureFixture
) -> None:
    """One connection is tried, no mail counts it, and each is due as it was."""
    import_register(app_context, read_register(TEN.encode()), leavers=True)
    ask_parents(app_context)
    with SlowServer("greeting", Fault.SILENT).open() as server:
        way = transport_for(server.url)
        assert isinstance(way, SmtpTransport)
        assert send_mail(app_context, replace(way, timeout=0.3)) == 0
        assert server.connections == 1
        assert send_mail(app_context, replace(way, timeout=0.3)) == 0
        assert server.connections == 1, "it is paused"
    assert {one.attempts for one in unsent_mail(app_context)} == {0}
    assert {one.due_at for one in unsent_mail(app_context)} == {clock.now()}
    known = mail_trouble(app_context)
    assert known is not None
    assert known.scope is TroubleScope.CONNECTION
    assert len([one for one in caplog.records if one.levelname == "CRITICAL"]) == 1
    with app_context.sessions.reading() as session:
        assert session.scalar(select(func.count()).select_from(Link)) == 1, (
            "the links of the mails that were handed back are gone"
        )


@pytest.mark.parametrize("step", STEPS[2:])
def test_a_server_that_hangs_in_a_mail_gets_no_other(
    app_context: AppContext, step: str
) -> None:
    """Its time is over once, not once for each of ten mails."""
    import_register(app_context, read_register(TEN.encode()), leavers=True)
    ask_parents(app_context)
    with SlowServer(step, Fault.DRIBBLES).open() as server:
        way = transport_for(server.url)
        assert isinstance(way, SmtpTransport)
        assert send_mail(app_context, replace(way, deadline=0.5)) == 0
        assert server.connections == 1
    assert waiting_mail(app_context) == 10
    assert sorted(one.attempts for one in unsent_mail(app_context)) == [0] * 9 + [1]


def test_a_mail_that_was_cut_off_is_offered_again_under_its_id(
    app_context: AppContext, frozen: Advance
) -> None:
    """Two minutes later; the others wait no longer than that."""
    ask_parents(app_context)
    with SlowServer("end", Fault.CUT).open() as server:
        way = transport_for(server.url)
        send_mail(app_context, way)
        assert {one.reply for one in unsent_mail(app_context)} == {
            None,
            f"{HOST} broke off the connection",
        }
        refs = message_refs(app_context)
        server.step = ""
        frozen(timedelta(minutes=2))
        send_mail(app_context, way)
    assert unsent_mail(app_context) == ()
    assert message_refs(app_context) == refs


def message_refs(app_context: AppContext) -> set[str]:
    """The local parts of all Message-IDs."""
    with app_context.sessions.reading() as session:
        return set(session.scalars(select(Outbox.message_ref)))
