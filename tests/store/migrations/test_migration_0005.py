"""What was pinned before versions had PDFs of their own is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from sqlalchemy import select

from signer import clock
from signer.store import schema
from signer.store.tables import Parent, PinnedVersion, Request

if TYPE_CHECKING:
    from signer.store.engine import Sessions


def test_versions_that_were_pinned_before_stay_and_have_no_pdf(
    sessions: Sessions,
) -> None:
    """The rows that refer to them stay as well, and the way back keeps them too."""
    now = clock.now()
    with sessions.writing() as session:
        session.add(
            PinnedVersion(
                number=2, sha256="0" * 64, title="T", label="L", pinned_at=now
            )
        )
        parent = Parent(
            name="A", name_key="a", email="a@b.example", email_key="a", added_at=now
        )
        request = Request(
            ref="r",
            parent=parent,
            version_number=2,
            version_sha256="0" * 64,
            asked_at=now,
        )
        session.add(request)
    with sessions.engine.begin() as connection:
        command.downgrade(schema._config(connection), "0004")  # noqa: SLF001
    schema.upgrade(sessions.engine)
    with sessions.reading() as session:
        (version,) = session.scalars(select(PinnedVersion))
        assert (version.pdf_sha256, version.sealed_at, version.level) == (None,) * 3
        assert session.scalars(select(Request.version_number)).all() == [2]
