"""A declaration of before has no archive copy yet, and is due for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from signer.store import schema
from signer.store.archive_copies.tables import ArchiveCopy
from signer.store.compatibility import read_compatible_with

if TYPE_CHECKING:
    from signer.store.engine import Sessions


def test_the_release_before_goes_on_beside_it(sessions: Sessions) -> None:
    """Its processes may use the tables, in which there is no copy yet."""
    with sessions.engine.begin() as connection:
        schema.step_back(connection, "0024")
        schema.migrate(connection, "0025")
    with sessions.reading() as session:
        assert session.scalars(select(ArchiveCopy)).all() == []
        oldest = read_compatible_with(session.connection(), "0025")
    assert oldest is not None
    assert oldest <= "0024"
