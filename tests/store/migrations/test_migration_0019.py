"""Nothing is remembered of headings by an instance of before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from signer.store import schema
from signer.store.register.tables import RegisterColumn

if TYPE_CHECKING:
    from signer.store.engine import Sessions


def test_no_heading_has_a_meaning_of_its_own(sessions: Sessions) -> None:
    """The table is there, and empty."""
    with sessions.engine.begin() as connection:
        schema.step_back(connection, "0018")
    schema.upgrade(sessions.engine)
    with sessions.reading() as session:
        assert session.scalars(select(RegisterColumn)).all() == []
