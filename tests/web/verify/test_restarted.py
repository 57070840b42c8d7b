"""What the public page says of a proof from before the log was restarted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select

from signer.store.log.tables import Leaf, Opening
from signer.store.tables import Declaration, Outbox
from signer.workflows.log.inclusion_proofs import proof_of_declaration
from signer.workflows.log.reopen import reopen_log
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from tests.workflows.log import logs

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.web.browsing import Page


@pytest.fixture
def proof(app_context: AppContext, pdf: bytes) -> str:
    """The proof that came with the declaration, before the log was restarted."""
    assert pdf
    sign_checkpoint(app_context)
    with app_context.sessions.reading() as session:
        named = session.scalars(select(Declaration.id)).one()
        return str(proof_of_declaration(app_context, session, named))


def reopen(app_context: AppContext, proof: str) -> None:
    """Go on after the head of a proof."""
    reopen_log(app_context, "A disk was lost.", proof.partition("\n\n")[2])


def alarms(app_context: AppContext) -> list[str]:
    """What the headteacher's address is told."""
    query = select(Outbox.occasion).where(Outbox.occasion.startswith("alarm:"))
    with app_context.sessions.reading() as session:
        return [one.rsplit(":", 1)[0] for one in session.scalars(query)]


def test_what_still_stands_is_told_with_its_number(
    send: Callable[..., Page], pdf: bytes, app_context: AppContext, proof: str
) -> None:
    """Nothing was lost: the declaration is genuine, and its entry is in today's log."""
    logs.say_size(app_context, 50)
    reopen(app_context, proof)
    sent = (proof.encode(), "a.tlog-proof")
    page = send(b"", proof=sent, name="")
    assert page.heading == "What the log says today"
    assert "The log was restarted since you got this proof" in page.text
    assert "It is still in the school" in page.text
    page = send(pdf, proof=sent)
    assert page.heading == "This declaration is genuine"
    assert "The log was restarted since then. Today's log has this as" in page.text
    assert alarms(app_context) == []


def test_what_was_taken_out_is_not_called_genuine(
    send: Callable[..., Page], pdf: bytes, app_context: AppContext, proof: str
) -> None:
    """Out of the log and the record, behind a restart: only the proof still knows."""
    with app_context.sessions.writing() as session:
        named = session.scalars(select(Declaration.id)).one()
        rows = session.execute(select(Opening.position, Opening.record)).all()
        for position in [row.position for row in rows if named.encode() in row.record]:
            session.execute(delete(Opening).where(Opening.position == position))
            session.execute(delete(Leaf).where(Leaf.position == position))
        session.execute(delete(Declaration))
    reopen(app_context, proof)
    sent = (proof.encode(), "a.tlog-proof")
    page = send(b"", proof=sent, name="")
    assert page.heading.endswith("log has lost this entry")
    assert "today's log no longer has the entry that this proof is of" in page.text
    assert "We have kept the checkpoint in the proof" in page.text
    assert "It is still in the school" not in page.text
    page = send(pdf, proof=sent)
    assert page.heading == "We cannot tell"
    assert "The school's record has no such declaration." in page.text
    assert "no longer has the entry" in page.text
    assert "You can rely on it" not in page.text
    assert "We have kept the checkpoint in the proof" in page.text
    assert alarms(app_context) == ["alarm:lost"]
