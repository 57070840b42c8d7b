"""Parents of before have no former names yet, and no identifier; all else stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from signer import clock
from signer.store import schema
from signer.store.tables import Parent

if TYPE_CHECKING:
    from signer.store.engine import Sessions


def test_a_parent_of_before_stays_who_they_are(sessions: Sessions) -> None:
    """The same name, address and day, with nothing before them."""
    before = schema.tables_at("0014").tables
    row = {"id": 3, "name": "Ann", "name_key": "ann", "email": "A@b.example"}
    row |= {"email_key": "a@b.example", "added_at": clock.now()}
    with sessions.engine.begin() as connection:
        schema.step_back(connection, "0014")
        connection.execute(insert(before["parent"]), [row])
    schema.upgrade(sessions.engine)
    with sessions.reading() as session:
        [parent] = session.scalars(select(Parent))
        assert {key: getattr(parent, key) for key in row} == row
        assert (parent.identifier, parent.former, parent.left_at) == (None, [], None)
