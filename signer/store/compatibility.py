"""From which release on processes may use a database that a later one has migrated.

Each migration says by ``compatible`` whether processes of the release before may go on
using the tables that it leaves. The database keeps what follows from that, for those
processes know nothing of a migration that came after them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Text, column, inspect, select, table, text, update

if TYPE_CHECKING:
    from alembic.script import Script, ScriptDirectory

# Alembic's own table, which holds one row: what belongs to the schema as such is no
# record, and stands in no backup.
_TABLE = "alembic_version"
_COLUMN = "compatible_with"
_TO = ".."
_VERSION = table(_TABLE, column("version_num", Text()), column(_COLUMN))


def oldest_compatible(scripts: ScriptDirectory, revision: str) -> str:
    """The oldest revision whose processes may use the tables of another one."""
    script: Script = scripts.get_revision(revision)
    while script.down_revision and getattr(script.module, "compatible", False):
        script = scripts.get_revision(str(script.down_revision))
    return script.revision


def write_compatible_with(connection: Connection, oldest: str, revision: str) -> None:
    """Keep the oldest revision whose processes may use this database, at a revision."""
    if not _is_kept(connection):
        connection.execute(text(f"ALTER TABLE {_TABLE} ADD COLUMN {_COLUMN} TEXT"))
    kept = f"{oldest}{_TO}{revision}"
    if connection.execute(select(_VERSION.c[_COLUMN])).scalar() != kept:
        connection.execute(update(_VERSION).values({_COLUMN: kept}))


def read_compatible_with(connection: Connection, revision: str) -> str | None:
    """The oldest revision whose processes may use this database.

    None where it is not kept, or was kept for another revision than the database has.
    """
    if not _is_kept(connection):
        return None
    kept = connection.execute(select(_VERSION.c[_COLUMN])).scalar()
    oldest, _, reached = str(kept or "").partition(_TO)
    return oldest if reached == revision else None


def read_revision(connection: Connection) -> str | None:
    """The revision of a database's tables; None where there are none."""
    if not inspect(connection).has_table(_TABLE):
        return None
    return connection.execute(select(_VERSION.c.version_num)).scalar_one_or_none()


def _is_kept(connection: Connection) -> bool:
    columns = inspect(connection).get_columns(_TABLE)
    return any(one["name"] == _COLUMN for one in columns)
