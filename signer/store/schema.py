"""Bringing a database to the schema of this release.

Alembic is loaded by whoever migrates: every process asks whether the schema is the
right one, and that the names of the migrations tell.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import (
    Connection,
    DateTime,
    Engine,
    MetaData,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.exc import SQLAlchemyError

from signer.errors import StoreError
from signer.store.columns import UtcDateTime
from signer.store.compatibility import (
    oldest_compatible,
    read_compatible_with,
    read_revision,
    write_compatible_with,
)
from signer.store.engine import writer
from signer.store.sqlite_files import create_private_file, is_missing
from signer.store.tables import Base

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

_MIGRATIONS = Path(__file__).parent / "migrations"

_UPGRADE_LOCK = 0x5167_6E66
"""PostgreSQL's advisory lock of whoever upgrades: any number of our own."""

UPGRADE_SECONDS = 600
"""How long to wait for another process that upgrades the same database."""


def upgrade(engine: Engine) -> None:
    """Create the database and its tables, or change them to those of this release.

    Several processes may do so at once: the first one does it, the others wait.

    Raises:
        StoreError: there is no database, and what is left of one stands in its place;
            or it is of a newer release.
    """
    create_missing(engine)
    with writer(engine, UPGRADE_SECONDS).begin() as connection:
        if connection.dialect.name == "postgresql":
            _take_turn(connection)
        migrate(connection)


def _take_turn(connection: Connection) -> None:
    """Wait for others who upgrade; SQLite's lock is taken where a transaction begins.

    A migration itself waits for locks no longer than any other writer, since whoever
    comes after it in the line waits as well.
    """
    connection.execute(text(f"SET LOCAL lock_timeout = '{UPGRADE_SECONDS}s'"))
    connection.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"))
    connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the tables to a revision, as a part of the connection's transaction.

    Raises:
        StoreError: they are of a newer release.
    """
    from alembic import command  # noqa: PLC0415 - slow, and rarely needed

    _refuse_newer(read_revision(connection))
    command.upgrade(_config(connection), revision)
    reached = read_revision(connection)
    if reached is not None:
        oldest = oldest_compatible(_scripts_in(_MIGRATIONS), reached)
        write_compatible_with(connection, oldest, reached)


def step_back(connection: Connection, revision: str) -> None:
    """Put the tables of an older revision in the place of this release's.

    They were empty, or what they held is lost. It is a part of the connection's
    transaction, and other tables in the same database stay.
    """
    from alembic import command  # noqa: PLC0415 - slow, and rarely needed

    Base.metadata.drop_all(connection)
    command.stamp(_config(connection), "base")
    migrate(connection, revision)


def create_missing(engine: Engine) -> bool:
    """Create SQLite's file where there is none; PostgreSQL's server has its own.

    Returns:
        Whether it was created.

    Raises:
        StoreError: there is no database, and what is left of one stands in its place;
            or it cannot be created.
    """
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path or not is_missing(path):
        return False
    # SQLite would throw away what it holds, and that belongs to a file somewhere.
    log_of_writes = f"{path}-wal"
    if not is_missing(log_of_writes):
        raise StoreError(
            f"there is no database at {path}, but its log of writes is at "
            f"{log_of_writes}: put the database back beside it, or take both away"
        )
    try:
        return create_private_file(path)
    except OSError as error:
        raise StoreError(
            f"the database cannot be created at {path} ({error.strerror}): check "
            "SIGNER_INSTANCE and SIGNER_DATABASE_URL, and that the folder is there and "
            "can be written"
        ) from error


def newest() -> str:
    """The revision of this release's schema."""
    return revisions()[0]


def revisions() -> list[str]:
    """Every revision that the migrations know, the newest first."""
    return list(_revisions_in(_MIGRATIONS))


@cache
def _revisions_in(folder: Path) -> tuple[str, ...]:
    """The revisions by the names of their files, such as ``0037_links.py``."""
    names = (path.stem for path in (folder / "versions").rglob("*.py"))
    return tuple(sorted((name.partition("_")[0] for name in names), reverse=True))


@cache
def _scripts_in(folder: Path) -> ScriptDirectory:
    """The migrations of the running code, read once: each is run as a module."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - slow, rarely needed

    return ScriptDirectory(str(folder), recursive_version_locations=True)


def tables_at(revision: str) -> MetaData:
    """The tables of an older revision, as its migrations make them.

    They are read from a database in memory, and fit each system: moments are those of
    the models, and a column of a few words holds text.
    """
    metadata = MetaData()
    event.listen(metadata, "column_reflect", _keep_zone)
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            migrate(connection, revision)
            metadata.reflect(connection)
    finally:
        engine.dispose()
    metadata.remove(metadata.tables["alembic_version"])
    return metadata


def _keep_zone(_inspector: object, _table: object, column: ReflectedColumn) -> None:
    if isinstance(column["type"], DateTime):
        column["type"] = UtcDateTime()


def check(engine: Engine, *, exactly: bool = False) -> None:
    """Refuse a database of another release, unless it says that this one may use it.

    So processes go on while a later release migrates the database under them, where
    its migrations allow that.

    Args:
        engine: the database.
        exactly: refuse every other schema, as for what must know of every table.

    Raises:
        DatabaseMissing: there is no database.
        StoreError: the schema is missing, older, or newer and not compatible.
    """
    known = revisions()
    with engine.connect() as connection:
        found = read_revision(connection)
        compatible = (
            not exactly
            and found is not None
            and found not in known
            and read_compatible_with(connection, found) in known
        )
    if found == newest() or compatible:
        return
    _refuse_newer(found)
    raise StoreError(
        f"the database's schema is {found or 'missing'}, this release needs "
        f"{newest()}: run `signer db upgrade`"
    )


def _refuse_newer(revision: str | None) -> None:
    if revision is not None and revision not in revisions():
        raise StoreError(
            f"the database's schema is {revision}, of a newer release than this one "
            f"({newest()}): install that release, or name an empty database and "
            "restore a backup from before the upgrade"
        )


def is_there(engine: Engine) -> bool:
    """Whether there is a database of this release; looking never makes one."""
    try:
        check(engine)
    except (StoreError, SQLAlchemyError):
        return False
    return True


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - slow, and rarely needed

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    # Ten migrations a folder: `until_0019` holds those from 0010 on.
    config.set_main_option("recursive_version_locations", "true")
    config.attributes["connection"] = connection
    return config
