"""Migration 0039: PDFs are kept beside what those of their version share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, text

from signer.store import schema
from signer.store.compatibility import read_compatible_with
from signer.store.tables import SealedPdf

if TYPE_CHECKING:
    from signer.store.engine import Sessions


def test_a_pdf_of_before_stays_as_it_is(sessions: Sessions) -> None:
    """It is read as it was, and the release before does not go on beside it."""
    with sessions.engine.begin() as connection:
        schema.step_back(connection, "0038")
        connection.execute(
            text("INSERT INTO pdf (sha256, content) VALUES (:sha256, :content)"),
            {"sha256": "0" * 64, "content": b"%PDF"},
        )
        schema.migrate(connection, "0039")
    with sessions.reading() as session:
        assert session.scalars(select(SealedPdf)).one().content == b"%PDF"
        assert read_compatible_with(session.connection(), "0039") == "0039"
