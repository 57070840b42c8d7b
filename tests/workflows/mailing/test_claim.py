"""What one mail of a batch lacks holds up none of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from signer.errors import VersionTampered
from signer.store.tables import Link, Outbox
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.log.sign_when_due import Coverage
from signer.workflows.mailing import letters
from signer.workflows.mailing.claim import claim
from signer.workflows.requests.changes_since_signed import all_changes_since_signed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pytest
    from sqlalchemy.orm import Session

    from signer.store.tables import Request
    from signer.workflows.context import AppContext
    from signer.workflows.requests.changes_since_signed import ChangesSinceSigned


def test_facts_that_cannot_be_had_of_one_parent_hold_up_that_mail_alone(
    app_context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as where the file of the version that they signed last was changed."""
    ask_parents(app_context)

    def tampered(
        app_context: AppContext, session: Session, requests: Sequence[Request]
    ) -> Mapping[int, ChangesSinceSigned]:
        if any(one.parent.name == "Amira Khan" for one in requests):
            raise VersionTampered(1, "0" * 64, "1" * 64)
        return all_changes_since_signed(app_context, session, requests)

    monkeypatch.setattr(letters, "all_changes_since_signed", tampered)
    batch = claim(app_context, 20, coverage=Coverage.UNAVAILABLE)
    assert sorted(one.letter.to_name for one in batch.mails) == [
        "Niamh O'Brien",
        "Tom O'Brien",
        "王小明",
    ]
    with app_context.sessions.reading() as session:
        rows = session.scalars(select(Outbox).order_by(Outbox.id)).all()
        assert [row.attempts for row in rows] == [1, 1, 1, 1]
        waiting = [row.reply for row in rows if row.reply]
        links = session.scalars(select(Link.fingerprint)).all()
    assert waiting == ["this mail cannot be written (VersionTampered)"]
    # None is left of the attempt at writing all of them at once.
    assert sorted(links) == sorted(one.mark for one in batch.mails)
