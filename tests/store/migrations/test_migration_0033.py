"""Migration 0033: indexes for what pages count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from signer.store import schema
from signer.store.compatibility import read_compatible_with
from signer.store.tables import Base

if TYPE_CHECKING:
    from signer.store.engine import Sessions


def test_the_release_before_goes_on_beside_it(sessions: Sessions) -> None:
    """An index changes nothing for it; back and forth again, all are there."""
    with sessions.engine.begin() as connection:
        schema.step_back(connection, "0032")
        schema.migrate(connection, "0033")
        context = MigrationContext.configure(connection)
        told = compare_metadata(context, Base.metadata)
        assert [one for one in told if str(one[0]).endswith("_index")] == []
    with sessions.reading() as session:
        oldest = read_compatible_with(session.connection(), "0033")
    assert oldest == "0029"
