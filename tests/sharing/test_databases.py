"""A database that many tests use in turn is a new one for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

if TYPE_CHECKING:
    from tests.sharing.databases import Databases


def changed(databases: Databases, name: str, *statements: str) -> None:
    """Change a database, and give it back."""
    with psycopg.connect(databases.address, dbname=name) as connection:
        for statement in statements:
            connection.execute(SQL(statement))
    databases.give_back(name)


def content(databases: Databases, name: str) -> dict[str, object]:
    """Every row of every table, and where each sequence stands."""
    with psycopg.connect(databases.address, dbname=name) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' "
            "AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        found: dict[str, object] = dict(
            connection.execute(
                "SELECT sequencename, last_value FROM pg_sequences"
            ).fetchall()
        )
        for (table,) in tables:
            every = SQL("SELECT * FROM {}").format(Identifier(table))
            found[table] = connection.execute(every).fetchall()
    return found


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO pdf (sha256, content) VALUES ('a', 'b')",
        "SELECT nextval(pg_get_serial_sequence('parent', 'id'))",
        "UPDATE alembic_version SET version_num = '0001'",
        "DELETE FROM alembic_version",
    ],
)
def test_what_was_stored_is_gone(databases: Databases, statement: str) -> None:
    """Rows, numbers that were given, and the rows that migrations put in."""
    name = databases.take()
    new = content(databases, name)
    changed(databases, name, statement)
    assert databases.take() == name
    assert content(databases, name) == new
    databases.give_back(name)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE pdf ADD COLUMN more TEXT",
        "ALTER TABLE pdf ALTER COLUMN content DROP NOT NULL",
        "DROP TABLE outbox CASCADE",
        "CREATE TABLE more (id INTEGER)",
        "CREATE INDEX more ON pdf (sha256)",
        "ALTER TABLE pdf ADD CONSTRAINT more CHECK (sha256 <> '')",
        (
            "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || quote_ident(current_database()) "
            "|| ' SET lock_timeout = 1'; END $$"
        ),
    ],
)
def test_one_of_another_shape_is_given_to_nobody(
    databases: Databases, statement: str
) -> None:
    """It is dropped, with whatever a test made of it."""
    name = databases.take()
    changed(databases, name, statement)
    with psycopg.connect(databases.address) as connection:
        there = connection.execute(
            "SELECT FROM pg_database WHERE datname = %s", [name]
        ).fetchall()
    assert not there
    another = databases.take()
    assert another != name
    databases.give_back(another)


def test_whoever_is_still_connected_is_sent_away(databases: Databases) -> None:
    """A process that outlives its test keeps no row and no lock."""
    name = databases.take()
    with psycopg.connect(databases.address, dbname=name) as connection:
        connection.execute("INSERT INTO pdf (sha256, content) VALUES ('a', 'b')")
        databases.give_back(name)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
