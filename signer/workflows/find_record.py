"""Looking a declaration up in the school's record, to compare a file with it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import select

from signer.store import schema
from signer.store.engine import connect
from signer.store.tables import Declaration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signer.store.engine import Sessions


@contextmanager
def record_at_hand(database: str) -> Iterator[Sessions | None]:
    """The record, or None where there is none that can be read; never makes one.

    Args:
        database: its address, as in the settings.
    """
    sessions = connect(database)
    try:
        yield sessions if schema.is_there(sessions.engine) else None
    finally:
        sessions.close()


def recorded_sha256(sessions: Sessions, declaration_id: str) -> str | None:
    """SHA-256 (hex) of the sealed PDF that the record keeps of a declaration.

    None where it knows no such declaration, or the seal has not been made yet.
    """
    with sessions.reading() as session:
        return session.scalar(
            select(Declaration.pdf_sha256).where(Declaration.id == declaration_id)
        )
