"""Bringing a database to the schema of this release."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from signer.errors import StoreError
from signer.store.sqlite_files import create_private_file, is_missing

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Create the database and its tables, or change them to those of this release.

    Raises:
        StoreError: there is no database, and what is left of one stands in its place.
    """
    _create_missing(engine)
    with engine.begin() as connection:
        command.upgrade(_config(connection), "head")


def _create_missing(engine: Engine) -> None:
    """Create SQLite's file where there is none; PostgreSQL's server has its own."""
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path or not is_missing(path):
        return
    # SQLite would throw away what it holds, and that belongs to a file somewhere.
    log_of_writes = f"{path}-wal"
    if not is_missing(log_of_writes):
        raise StoreError(
            f"there is no database at {path}, but its log of writes is at "
            f"{log_of_writes}: put the database back beside it, or take both away"
        )
    # A folder that is missing is left to the connection to complain of.
    with suppress(OSError):
        create_private_file(path)


def newest() -> str:
    """The revision of this release's schema."""
    return ScriptDirectory(str(_MIGRATIONS)).get_current_head() or ""


def check(engine: Engine) -> None:
    """Refuse a database of another release.

    Raises:
        DatabaseMissing: there is no database.
        StoreError: the schema is missing, older or newer.
    """
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found != newest():
        raise StoreError(
            f"the database's schema is {found or 'missing'}, this release needs "
            f"{newest()}: run `signer db upgrade`"
        )


def is_there(engine: Engine) -> bool:
    """Whether there is a database of this release; looking never makes one."""
    try:
        check(engine)
    except (StoreError, SQLAlchemyError):
        return False
    return True


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
