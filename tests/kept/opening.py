"""Opening what a school kept, and comparing it with what it was."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from tests.cli.invoking import signer
from tests.conftest import database_of

if TYPE_CHECKING:
    from pathlib import Path

    from signer.config import Settings

DATABASE = "signer.sqlite3"
"""The file of a kept school's database."""


def empty_on(postgresql: str) -> str:
    """The address of a new database without tables."""
    import psycopg

    name = f"kept_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return database_of(postgresql, name)


def rows_of(database: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of a database as it was, as SQLite holds it."""
    with closing(sqlite3.connect(f"file:{database}?immutable=1", uri=True)) as kept:
        kept.row_factory = sqlite3.Row
        names = kept.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        ).fetchall()
        return {
            name: [dict(row) for row in kept.execute(f"SELECT * FROM {name}")]  # noqa: S608 - its own names
            for (name,) in names
            if name != "alembic_version"
        }


def as_sqlite_holds_it(value: object) -> object:
    """A column's value as SQLAlchemy writes it into SQLite."""
    if isinstance(value, datetime):
        assert value.utcoffset() == timedelta(0)
        return f"{value:%Y-%m-%d %H:%M:%S.%f}"
    return value.value if isinstance(value, Enum) else value


def agree(settings: Settings, *arguments: str) -> None:
    """Run a command that compares, and expect that it finds nothing."""
    done = signer(settings, *arguments)
    assert done.exit_code == 0, done.output
