"""What parents told the office before there were disputes is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from sqlalchemy import select

from signer import clock
from signer.store import schema
from signer.store.columns import NoteKind
from signer.store.tables import Note, Parent, PinnedVersion, Request

if TYPE_CHECKING:
    from signer.store.engine import Sessions


def test_a_note_from_before_holds_nothing(sessions: Sessions) -> None:
    """Whoever said "this isn't me" then has been looked after by the office."""
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
        session.flush()
        note = Note(
            request_id=request.id, kind=NoteKind.NOT_ME, words="No.", written_at=now
        )
        session.add(note)
    with sessions.engine.begin() as connection:
        command.downgrade(schema._config(connection), "0012")  # noqa: SLF001
    schema.upgrade(sessions.engine)
    with sessions.reading() as session:
        (note,) = session.scalars(select(Note))
        assert (note.words, note.disputed_key, note.settled_at) == ("No.", None, None)
