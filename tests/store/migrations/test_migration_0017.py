"""Children of before stay what they are, with a year group as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from signer.store import schema
from signer.store.tables import Child

if TYPE_CHECKING:
    from signer.store.engine import Sessions


def test_a_child_of_before_keeps_its_year_group(sessions: Sessions) -> None:
    """As it was written, and without a tutor group."""
    row = {"id": 3, "name": "Bo", "name_key": "bo", "year_group": "Yr 7"}
    with sessions.engine.begin() as connection:
        schema.step_back(connection, "0016")
        connection.execute(insert(schema.tables_at("0016").tables["child"]), [row])
    schema.upgrade(sessions.engine)
    with sessions.reading() as session:
        [child] = session.scalars(select(Child))
        assert {key: getattr(child, key) for key in row} == row
        assert (child.written_year_group, child.tutor_group) == (None, None)
