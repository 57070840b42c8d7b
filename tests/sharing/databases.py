"""Databases of one PostgreSQL server: migrated, empty, and used by many tests in turn.

One consists of six hundred files, which take longer to make and to remove than most
tests take. So what a test stored is taken out again, and the next one gets the same.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Composed, Identifier

if TYPE_CHECKING:
    from collections.abc import Iterable

TEMPLATE = "migrated"

_SHAPE = """
    SELECT md5(string_agg(part, ',' ORDER BY part COLLATE "C")) FROM (
        SELECT concat_ws(' ', attrelid, attname, atttypid, attnotnull) part
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')
        UNION ALL SELECT concat_ws(' ', 'index', indexrelid, indisvalid)
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', 'constraint', conrelid, conname)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', 'trigger', tgrelid, tgname)
        FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT concat_ws(' ', 'function', proname)
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', 'setting', setrole, setconfig)
        FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase
        WHERE datname = current_database()
    ) AS parts
"""
"""What a test may change of a database beside its rows, as one value.

A copy has the numbers of what it was copied from: names take longer to look up.
"""

_LARGE = """
    SELECT relname FROM pg_class
    WHERE relname = ANY(%s) AND relnamespace = 'public'::regnamespace
    AND pg_table_size(oid) > 200000
"""
"""Names the tables that are sooner made anew than emptied row by row."""

_RESTART = """
    SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence
    WHERE pg_sequence_last_value(seqrelid) IS NOT NULL
"""


class Databases:
    """Gives databases that are as after all migrations, and takes them back.

    Attributes:
        address: of the server, with the database `TEMPLATE`, to which nobody connects.
    """

    def __init__(self, address: str) -> None:
        """Look at the template.

        Args:
            address: of the server, as libpq takes it.
        """
        self.address = address
        self._free: list[str] = []
        with self._connected(TEMPLATE) as connection:
            self._shape = _shape(connection)
            self._tables = [
                name
                for (name,) in connection.execute(
                    "SELECT relname FROM pg_class WHERE relkind = 'r' "
                    "AND relnamespace = 'public'::regnamespace"
                )
            ]
            self._filled = SQL(" UNION ALL ").join(
                SQL("SELECT {} WHERE EXISTS (SELECT 1 FROM {})").format(
                    name, Identifier(name)
                )
                for name in self._tables
            )
            self._rows = {
                name: _copied(connection, name) for name in self._in_use(connection)
            }

    def take(self) -> str:
        """The name of a database that nobody uses."""
        if self._free:
            return self._free.pop()
        name = f"test_{uuid.uuid4().hex}"
        with self._connected() as connection:
            connection.execute(
                SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                    Identifier(name), Identifier(TEMPLATE)
                )
            )
        return name

    def give_back(self, name: str) -> None:
        """Empty a database for the next test, or drop it where more was changed."""
        with self._connected() as connection:
            # Whoever of a test's processes is still there was to be killed.
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = %s",
                [name],
            )
        with self._connected(name) as connection:
            reusable = _shape(connection) == self._shape
            if reusable:
                self._empty(connection)
        if reusable:
            self._free.append(name)
            return
        with self._connected() as connection:
            connection.execute(
                SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name))
            )

    def _connected(self, name: str = "postgres") -> psycopg.Connection:
        address = make_conninfo(self.address, dbname=name)
        return psycopg.connect(address, autocommit=True)

    def _empty(self, connection: psycopg.Connection) -> None:
        used = [
            name
            for name in self._in_use(connection)
            if name not in self._rows or _copied(connection, name) != self._rows[name]
        ]
        with connection.transaction():
            # What may not be deleted, and in which order, is not asked.
            connection.execute("SET LOCAL session_replication_role = replica")
            large = [name for (name,) in connection.execute(_LARGE, [used])]
            if large:
                connection.execute(SQL("TRUNCATE {} CASCADE").format(_names(large)))
            for name in used:
                if name not in large:
                    connection.execute(SQL("DELETE FROM {}").format(Identifier(name)))
            connection.execute(_RESTART)
            there = set(self._in_use(connection))
            for name in self._rows.keys() - there:
                with connection.cursor().copy(
                    SQL("COPY {} FROM STDIN").format(Identifier(name))
                ) as copy:
                    copy.write(self._rows[name])

    def _in_use(self, connection: psycopg.Connection) -> Iterable[str]:
        return [name for (name,) in connection.execute(self._filled)]


def _shape(connection: psycopg.Connection) -> object:
    found = connection.execute(_SHAPE).fetchone()
    return found and found[0]


def _names(tables: Iterable[str]) -> Composed:
    return SQL(", ").join(map(Identifier, tables))


def _copied(connection: psycopg.Connection, table: str) -> bytes:
    command = SQL("COPY {} TO STDOUT").format(Identifier(table))
    with connection.cursor().copy(command) as copy:
        return b"".join(map(bytes, copy))
