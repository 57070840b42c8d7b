"""Migration 0033: indexes for what pages count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect

from signer.store import schema
from signer.store.compatibility import read_compatible_with

if TYPE_CHECKING:
    from signer.store.engine import Sessions

TABLES = ("child", "declaration", "outbox", "parent", "relationship", "request")


def test_the_release_before_goes_on_beside_it(sessions: Sessions) -> None:
    """An index changes nothing for it; back and forth again, all are there."""

    def indexes() -> set[str | None]:
        told = inspect(sessions.engine)
        return {one["name"] for table in TABLES for one in told.get_indexes(table)}

    with sessions.engine.begin() as connection:
        schema.step_back(connection, "0033")
    present = indexes()
    with sessions.engine.begin() as connection:
        schema.step_back(connection, "0032")
    before = indexes()
    assert len(present - before) == 13
    assert before - present == {"ix_outbox_request_id"}
    with sessions.engine.begin() as connection:
        schema.migrate(connection, "0033")
    assert indexes() == present
    with sessions.reading() as session:
        oldest = read_compatible_with(session.connection(), "0033")
    assert oldest == "0029"
