"""A database of before has a list of teachers, which is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from signer.store import schema
from signer.store.campaigns.staff import StaffMember

if TYPE_CHECKING:
    from signer.store.engine import Sessions


def test_the_list_of_teachers_begins_empty(sessions: Sessions) -> None:
    """On each database; back and forth as well."""
    with sessions.engine.begin() as connection:
        schema.step_back(connection, "0019")
    schema.upgrade(sessions.engine)
    with sessions.reading() as session:
        assert session.scalars(select(StaffMember)).all() == []
