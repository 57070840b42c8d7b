"""An asking of before was no other request's, and stays what it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from signer import clock
from signer.store import schema
from signer.store.tables import EarlierAsk

if TYPE_CHECKING:
    from signer.store.engine import Sessions


def test_an_earlier_asking_of_before_stays(sessions: Sessions) -> None:
    """Its days are kept, and no reference or opening is made up."""
    before = schema.tables_at("0017").tables
    now = clock.now()
    parent = {"id": 3, "name": "Ann", "name_key": "ann", "email": "a", "email_key": "a"}
    version = {"number": 2, "sha256": "0" * 64, "title": "T", "label": "L"}
    request = {"id": 7, "ref": "r", "parent_id": 3, "version_number": 2}
    request |= {"version_sha256": "0" * 64, "status": "pending", "asked_at": now}
    earlier = {"id": 1, "request_id": 7, "asked_at": now, "withdrawn_at": now}
    with sessions.engine.begin() as connection:
        schema.step_back(connection, "0017")
        for name, row in (
            ("parent", {**parent, "added_at": now}),
            ("version", {**version, "pinned_at": now}),
            ("request", request),
            ("earlier_ask", earlier),
        ):
            connection.execute(insert(before[name]), [row])
    schema.upgrade(sessions.engine)
    with sessions.reading() as session:
        [kept] = session.scalars(select(EarlierAsk))
        assert {key: getattr(kept, key) for key in earlier} == earlier
        assert (kept.ref, kept.opened_at) == (None, None)
