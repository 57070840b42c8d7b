"""What `/readyz` and the log tell of mail that is not accepted: one, or all of it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from signer.store.tables import Outbox
from signer.workflows.operations.findings import FindingKind, Severity
from signer.workflows.operations.readiness import examine
from tests.workflows.mailing.moody_server import Moody, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext

    Advance = Callable[[timedelta], None]

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

BROKEN, ATTENTION = Severity.BROKEN, Severity.ATTENTION
RELAY = "554 5.7.1 Relay access denied"


def severities(app_context: AppContext) -> list[Severity]:
    """Those of the findings about mail."""
    return [
        one.severity for one in examine(app_context) if one.kind is FindingKind.MAIL
    ]


def criticals(caplog: pytest.LogCaptureFixture) -> int:
    """How many lines call for an operator at once."""
    return [one.levelno for one in caplog.records].count(logging.CRITICAL)


@pytest.mark.parametrize(
    ("trouble", "only", "minutes", "severity", "alarms"),
    [
        ("450 4.2.1 Mailbox is being moved", "parentA@", 60, ATTENTION, 0),
        ("452 4.3.1 Insufficient system storage", "parentA@", 120, ATTENTION, 0),
        ("554 5.7.1 Blocked by policy", "parentA@", 120, ATTENTION, 0),
        ("550 5.1.1 User unknown", "parentC@|office@", 120, ATTENTION, 0),
        (RELAY, "", 10, ATTENTION, 1),
        (RELAY, "", 20, BROKEN, 1),
    ],
)
def test_one_recipient_is_no_reason_to_call_everything_broken(  # noqa: PLR0917
    ten: tuple[AppContext, Moody],
    frozen: Advance,
    caplog: pytest.LogCaptureFixture,
    trouble: str,
    only: str,
    minutes: int,
    severity: Severity,
    alarms: int,
) -> None:
    """A mail of its own trouble wants attention; a server that takes none is broken."""
    app_context, office = ten
    office.trouble, office.only = trouble, only
    for _ in range(minutes // 10):
        send(app_context)
        frozen(timedelta(minutes=10))
    assert severities(app_context) == [severity]
    assert criticals(caplog) == alarms


def test_a_server_that_takes_nothing_is_found_by_a_single_mail(
    ten: tuple[AppContext, Moody], frozen: Advance, caplog: pytest.LogCaptureFixture
) -> None:
    """Hours after the campaign there is no other mail that could be taken."""
    app_context, office = ten
    with app_context.sessions.writing() as session:
        last = select(Outbox.id).order_by(Outbox.id.desc()).limit(1).scalar_subquery()
        row = session.scalars(select(Outbox).where(Outbox.id == last)).one()
        row.due_at += timedelta(hours=5)
    assert send(app_context) == 9
    frozen(timedelta(hours=5))
    office.trouble = RELAY
    for _ in range(4):
        send(app_context)
        frozen(timedelta(minutes=10))
    assert severities(app_context) == [BROKEN]
    assert criticals(caplog) == 1


def test_what_one_mail_met_hides_no_others_that_wait(
    ten: tuple[AppContext, Moody], frozen: Advance
) -> None:
    """Nobody sends any more, beside the one recipient's trouble."""
    app_context, office = ten
    office.trouble, office.only = "554 5.7.1 Blocked by policy", "parentA@"
    send(app_context)
    with app_context.sessions.writing() as session:
        session.execute(
            update(Outbox)
            .where(Outbox.attempts == 1, Outbox.trouble.is_(None))
            .values(delivery="queued", attempts=0, sent_at=None)
        )
    frozen(timedelta(hours=1))
    assert BROKEN in severities(app_context)
