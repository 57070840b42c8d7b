"""Whoever was in the register before is to sign, until somebody says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from signer import clock
from signer.store import schema
from signer.store.exemption.tables import Exemption
from signer.store.tables import Parent

if TYPE_CHECKING:
    from signer.store.engine import Sessions


def test_a_parent_of_before_is_to_sign(sessions: Sessions) -> None:
    """Nobody is exempt by an upgrade."""
    before = schema.tables_at("0022").tables
    row = {"id": 3, "name": "Ann", "name_key": "ann", "email": "A@b.example"}
    row |= {"email_key": "a@b.example", "added_at": clock.now()}
    with sessions.engine.begin() as connection:
        schema.step_back(connection, "0022")
        connection.execute(insert(before["parent"]), [row])
    schema.upgrade(sessions.engine)
    with sessions.reading() as session:
        [parent] = session.scalars(select(Parent))
        assert (parent.id, parent.email) == (3, "A@b.example")
        assert session.scalars(select(Exemption)).all() == []
