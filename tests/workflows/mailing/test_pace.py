"""Which mails go out first, which wait, and how many a minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from signer import clock
from signer.mail.kinds import Kind
from signer.mail.smtp import DEADLINE_SECONDS
from signer.store.tables import Request
from signer.workflows.declarations.seal import seal_outstanding
from signer.workflows.log.sign_when_due import Coverage, cover_receipts
from signer.workflows.mailing.claim import LEASE, PROOF_PATIENCE, claim, release
from signer.workflows.mailing.dead_letters import unsent_mail
from signer.workflows.mailing.outbox import new_mail
from tests.workflows.conftest import Post, sign

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed

    Advance = Callable[[timedelta], None]
from tests.workflows.mailing.moody_server import Moody, send


def test_a_receipt_waits_for_its_proof(
    app_context: AppContext, amira: Followed
) -> None:
    """One that is queued between covering and claiming is not claimed yet."""
    sign(app_context, amira)
    seal_outstanding(app_context)
    assert claim(app_context, 20, coverage=Coverage.COVERED).mails == ()
    assert cover_receipts(app_context) is Coverage.COVERED
    [receipt] = claim(app_context, 20, coverage=Coverage.COVERED).mails
    assert receipt.kind is Kind.RECEIPT
    assert [one.filename.rpartition(".")[2] for one in receipt.letter.attachments] == [
        "pdf",
        "tlog-proof",
    ]


def test_a_receipt_does_not_wait_for_ever(
    app_context: AppContext, amira: Followed, frozen: Advance
) -> None:
    """After ten minutes in which no checkpoint could be signed it goes without."""
    sign(app_context, amira)
    seal_outstanding(app_context)
    frozen(PROOF_PATIENCE)
    [receipt] = claim(app_context, 20, coverage=Coverage.LATER).mails
    assert len(receipt.letter.attachments) == 1


def test_a_receipt_that_was_held_waits_for_its_proof_all_the_same(
    app_context: AppContext, amira: Followed, post: Post, frozen: Advance
) -> None:
    """It was queued long ago, and comes due between covering and claiming."""
    sign(app_context, amira)
    seal_outstanding(app_context)
    frozen(PROOF_PATIENCE)
    assert claim(app_context, 20, coverage=Coverage.COVERED).mails == ()
    assert post.send() == 1
    parts = post.to("Amira Khan")[-1].iter_attachments()
    assert [one.get_content_type() for one in parts] == [
        "application/pdf",
        "application/octet-stream",
    ]


def test_a_receipt_goes_without_a_proof_that_cannot_be_had(
    app_context: AppContext,
    amira: Followed,
    post: Post,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The log's key is missing: at once, and the log says which receipt."""
    signed = sign(app_context, amira)
    seal_outstanding(app_context)
    app_context.settings = replace(app_context.settings, log_key_file=Path("/nowhere"))
    assert cover_receipts(app_context) is Coverage.UNAVAILABLE
    assert post.send() == 1
    assert f"the receipt {signed.declaration_id} goes without" in caplog.text


def test_a_mail_takes_no_longer_than_it_is_held() -> None:
    """Whoever claims a mail is done with it before another worker may."""
    assert timedelta(seconds=DEADLINE_SECONDS) < LEASE


def test_a_receipt_does_not_wait_behind_a_campaign(
    ten: tuple[AppContext, Moody],
) -> None:
    """What a parent waits for goes first, whenever it was queued."""
    app_context, office = ten
    with app_context.sessions.writing() as session:
        request = session.scalars(select(Request).order_by(Request.id.desc())).first()
        assert request is not None
        session.add(new_mail(Kind.REMIND, "remind:1:1", request_id=request.id))
        session.add(new_mail(Kind.NEW_LINK, "new-link:1", request_id=request.id))
    with clock.frozen(clock.now() + timedelta(hours=30)):
        send(app_context)
    subjects = [str(one["Subject"]) for one in office.taken]
    assert "new link" in subjects[0].lower()
    assert len(subjects) == 12


def test_mails_that_are_handed_back_are_due_as_before(
    ten: tuple[AppContext, Moody],
) -> None:
    """Another worker may send them at once, with links of their own."""
    app_context, _ = ten
    batch = claim(app_context, 4, coverage=Coverage.COVERED)
    assert len(batch.mails) == 4
    release(app_context, batch.mails[1:])
    assert sorted(one.attempts for one in unsent_mail(app_context)) == [0] * 9 + [1]
    assert send(app_context) == 9


@pytest.mark.parametrize("in_all", [True, False])
def test_no_more_mails_go_out_than_a_minute_allows(
    ten: tuple[AppContext, Moody], frozen: Advance, *, in_all: bool
) -> None:
    """Six in a minute, in all or to one domain; a receipt takes the next place."""
    app_context, office = ten
    limit: dict[str, Any] = {
        "mail_per_minute" if in_all else "mail_per_minute_domain": 6
    }
    app_context.settings = replace(app_context.settings, **limit)
    app_context.stopping.set()
    app_context.stopping.clear()
    sent = []
    for _ in range(12):
        batch = claim(app_context, 20, coverage=Coverage.COVERED)
        sent.append(len(batch.mails))
        frozen(timedelta(seconds=5))
    assert sent == [1, 0] * 5 + [1, 0]
    assert batch.wait is not None
    assert office.taken == []
