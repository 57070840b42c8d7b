"""Parents and requests of before stay what they are, with nothing before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from signer import clock
from signer.store import schema
from signer.store.tables import Parent, Request

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


def test_a_request_of_before_was_never_open_earlier(sessions: Sessions) -> None:
    """It keeps its days."""
    before = schema.tables_at("0015").tables
    now = clock.now()
    parent = {"id": 3, "name": "Ann", "name_key": "ann", "email": "a", "email_key": "a"}
    version = {"number": 2, "sha256": "0" * 64, "title": "T", "label": "L"}
    request = {"id": 7, "ref": "r", "parent_id": 3, "version_number": 2}
    request |= {"version_sha256": "0" * 64, "status": "pending", "asked_at": now}
    with sessions.engine.begin() as connection:
        schema.step_back(connection, "0015")
        for name, row in (
            ("parent", {**parent, "added_at": now}),
            ("version", {**version, "pinned_at": now}),
            ("request", request),
        ):
            connection.execute(insert(before[name]), [row])
    schema.upgrade(sessions.engine)
    with sessions.reading() as session:
        [kept] = session.scalars(select(Request))
        assert (kept.ref, kept.asked_at, kept.earlier) == ("r", now, [])
