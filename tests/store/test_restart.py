"""A PostgreSQL server that is restarted costs what was under way, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from signer.store.log.append import append_leaf
from signer.store.log.tables import LogHead

if TYPE_CHECKING:
    from signer.store.engine import Sessions

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def cut(sessions: Sessions) -> None:
    """End every connection to the database in the server, as a restart does."""
    dsn = sessions.engine.url.set(drivername="postgresql")
    address = dsn.render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )


def size(sessions: Sessions) -> int:
    """How many entries the log has."""
    with sessions.reading() as session:
        return session.scalars(select(LogHead.size)).one()


def test_the_next_transaction_connects_anew(sessions: Sessions) -> None:
    """Reading and writing go on after connections were cut."""
    assert size(sessions) == 0
    cut(sessions)
    with sessions.writing() as session:
        append_leaf(session, "test:appended")
    cut(sessions)
    assert size(sessions) == 1


def test_a_transaction_that_is_cut_did_not_happen(sessions: Sessions) -> None:
    """It says so, and the one after it is well."""
    with pytest.raises(OperationalError), sessions.writing() as session:
        append_leaf(session, "test:appended")
        cut(sessions)
        append_leaf(session, "test:appended")
    assert size(sessions) == 0
    with sessions.writing() as session:
        append_leaf(session, "test:appended")
    assert size(sessions) == 1
