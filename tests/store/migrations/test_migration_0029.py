"""Migration 0029: register files that wait for the next step of their import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signer.store import schema
from signer.store.compatibility import read_compatible_with

if TYPE_CHECKING:
    from signer.store.engine import Sessions


def test_the_release_before_does_not_go_on_beside_it(sessions: Sessions) -> None:
    """Its processes would erase a parent, and leave the file that names them."""
    with sessions.engine.begin() as connection:
        schema.step_back(connection, "0028")
        schema.migrate(connection, "0029")
    with sessions.reading() as session:
        assert read_compatible_with(session.connection(), "0029") == "0029"
