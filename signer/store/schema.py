"""Bringing a database to the schema of this release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from signer.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Create the tables, or change them to those of this release."""
    with engine.begin() as connection:
        command.upgrade(_config(connection), "head")


def newest() -> str:
    """The revision of this release's schema."""
    return ScriptDirectory(str(_MIGRATIONS)).get_current_head() or ""


def check(engine: Engine) -> None:
    """Refuse a database of another release.

    Raises:
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
    file = engine.url.database
    if engine.dialect.name == "sqlite" and not (file and Path(file).is_file()):
        return False
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
