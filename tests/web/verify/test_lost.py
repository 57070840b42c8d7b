"""A declaration that the log tells of, and that the school's record has no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select

from signer.mail.kinds import Kind
from signer.store.log.append import lock_log
from signer.store.log.tables import Opening
from signer.store.tables import Declaration, Outbox
from signer.workflows.log.inclusion_proofs import proof_of_declaration
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from signer.workflows.mailing.alarms import alarm_letter
from signer.workflows.register.deletion import close_entries

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.web.browsing import Page


@pytest.mark.parametrize("opened", [True, False], ids=["row", "row and entry"])
def test_a_declaration_that_the_record_has_lost_is_told(
    send: Callable[..., Page], pdf: bytes, app_context: AppContext, *, opened: bool
) -> None:
    """It is as genuine as it was; its holder is told, and once a day the school."""
    sign_checkpoint(app_context)
    with app_context.sessions.reading() as session:
        named = session.scalars(select(Declaration.id)).one()
        proof = str(proof_of_declaration(app_context, session, named)).encode()
    with app_context.sessions.writing() as session:
        if not opened:
            own = Opening.record.contains(named.encode())
            session.execute(delete(Opening).where(own))
        session.execute(delete(Declaration))
    page = send(pdf, proof=(proof, "x.tlog-proof"))
    assert page.heading == "This declaration is genuine"
    assert "record has lost this declaration" in page.text
    assert "no entry of the log says that it was deleted" in page.text
    assert "You can rely on it" in page.text
    alone = send(b"", proof=(proof, "x.tlog-proof"), name="")
    assert "record has lost this declaration" in alone.text
    assert "It is still in the school" not in alone.text
    with app_context.sessions.reading() as session:
        query = select(Outbox).where(Outbox.kind == Kind.HEAD_ALARM.value)
        [alarm] = session.scalars(query)
        assert alarm.occasion.startswith("alarm:vanished:")
        assert alarm_letter(app_context, session, alarm)
    # What was erased as it must be is no loss.
    with app_context.sessions.writing() as session:
        close_entries(session, range(lock_log(session).size))
    page = send(pdf, proof=(proof, "x.tlog-proof"))
    assert "school has deleted what it kept" in page.text
    assert "has lost" not in page.text
