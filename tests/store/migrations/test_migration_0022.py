"""A paper that a release before recorded stays what it is, with no row of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from signer import clock
from signer.store import schema
from signer.store.columns import SignedHow
from signer.store.paper.tables import Paper
from signer.store.tables import Request

if TYPE_CHECKING:
    from signer.store.engine import Sessions


def test_a_paper_of_before_stays_signed(sessions: Sessions) -> None:
    """Who recorded it and when stand in the request."""
    before = schema.tables_at("0021").tables
    now = clock.now()
    parent = {"id": 3, "name": "Ann", "name_key": "ann", "email": "a", "email_key": "a"}
    version = {"number": 2, "sha256": "0" * 64, "title": "T", "label": "L"}
    request = {"id": 7, "ref": "r", "parent_id": 3, "version_number": 2}
    request |= {"version_sha256": "0" * 64, "status": "signed", "asked_at": now}
    request |= {"signed_how": "paper", "recorded_by": "Jo", "closed_at": now}
    with sessions.engine.begin() as connection:
        schema.step_back(connection, "0021")
        for name, row in (
            ("parent", {**parent, "added_at": now}),
            ("version", {**version, "pinned_at": now}),
            ("request", request),
        ):
            connection.execute(insert(before[name]), [row])
    schema.upgrade(sessions.engine)
    with sessions.reading() as session:
        [kept] = session.scalars(select(Request))
        assert (kept.signed_how, kept.recorded_by) == (SignedHow.PAPER, "Jo")
        assert session.scalars(select(Paper)).all() == []
