"""A database of before has no plans, so that releases go on asking by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from signer.store import schema
from signer.store.campaigns.plans import PlannedAsk

if TYPE_CHECKING:
    from signer.store.engine import Sessions


def test_nothing_is_planned_at_first(sessions: Sessions) -> None:
    """On each database."""
    with sessions.engine.begin() as connection:
        schema.step_back(connection, "0020")
    schema.upgrade(sessions.engine)
    with sessions.reading() as session:
        assert session.scalars(select(PlannedAsk)).all() == []
