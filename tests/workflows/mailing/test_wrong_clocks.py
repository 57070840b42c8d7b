"""A clock that was two days ahead, and then right: nothing waits for its times."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer import clock
from signer.mail.kinds import Kind
from signer.store.transient import MailPace
from signer.workflows.log.sign_when_due import Coverage
from signer.workflows.mailing.claim import claim
from signer.workflows.mailing.outbox import new_mail
from signer.workflows.mailing.server_state import mail_trouble, resume
from signer.workflows.operations.findings import FindingKind, Severity
from signer.workflows.operations.heartbeat import Heart
from signer.workflows.operations.readiness import examine
from tests.workflows.mailing.moody_server import Moody, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext

    Advance = Callable[[timedelta], None]

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

AHEAD = timedelta(days=2)


def broken(app_context: AppContext) -> set[FindingKind]:
    """What is broken."""
    findings = examine(app_context)
    return {one.kind for one in findings if one.severity is Severity.BROKEN}


def test_a_limit_of_mails_a_minute_is_kept_by_the_clock_that_is_right(
    ten: tuple[AppContext, Moody],
) -> None:
    """The next mail may go in a second, and not in two days."""
    app_context, _ = ten
    app_context.settings = replace(app_context.settings, mail_per_minute=60)
    with clock.frozen(clock.now() + AHEAD):
        assert len(claim(app_context, 1, coverage=Coverage.COVERED).mails) == 1
    assert len(claim(app_context, 1, coverage=Coverage.COVERED).mails) == 1


def test_resuming_begins_anew_with_the_mails_a_minute(
    ten: tuple[AppContext, Moody],
) -> None:
    """Whoever resumes waits for no limit."""
    app_context, _ = ten
    app_context.settings = replace(app_context.settings, mail_per_minute=1)
    assert len(claim(app_context, 1, coverage=Coverage.COVERED).mails) == 1
    assert claim(app_context, 1, coverage=Coverage.COVERED).mails == ()
    assert not resume(app_context)
    with app_context.sessions.reading() as session:
        assert session.scalars(select(MailPace)).all() == []
    assert len(claim(app_context, 1, coverage=Coverage.COVERED).mails) == 1


def test_a_pause_and_what_was_put_off_end_with_the_clock_that_was_ahead(
    ten: tuple[AppContext, Moody], frozen: Advance, caplog: pytest.LogCaptureFixture
) -> None:
    """All of it is tried at once; the operator is told of today's trouble."""
    app_context, office = ten
    office.trouble = "554 5.7.1 Relay access denied"
    with clock.frozen(clock.now() + AHEAD):
        send(app_context)
    trouble = mail_trouble(app_context)
    assert trouble is not None
    assert trouble.paused_until is None
    assert trouble.since == clock.now()
    send(app_context)
    assert [one.levelno for one in caplog.records].count(logging.CRITICAL) == 2
    frozen(timedelta(minutes=20))
    send(app_context)
    assert FindingKind.MAIL in broken(app_context)
    office.trouble = ""
    frozen(timedelta(hours=1))
    assert send(app_context) == 10


def test_mail_that_a_clock_ahead_had_begun_goes_out_the_same_day(
    ten: tuple[AppContext, Moody],
) -> None:
    """A lease of the day after tomorrow holds nothing."""
    app_context, _ = ten
    with clock.frozen(clock.now() + AHEAD):
        assert len(claim(app_context, 20, coverage=Coverage.COVERED).mails) == 10
    assert send(app_context) == 10


def test_no_sign_of_life_of_a_time_to_come_is_believed(
    ten: tuple[AppContext, Moody], frozen: Advance
) -> None:
    """Neither a worker's, nor a mail that was accepted."""
    app_context, _ = ten
    with clock.frozen(clock.now() + AHEAD):
        Heart(app_context).beat("mail")
        assert send(app_context) == 10
    with app_context.sessions.writing() as session:
        session.add(new_mail(Kind.HEAD_REVIEW, "review:1"))
    frozen(timedelta(minutes=20))
    assert {FindingKind.WORKER, FindingKind.MAIL} <= broken(app_context)
