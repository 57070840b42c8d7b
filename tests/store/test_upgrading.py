"""Upgrades beside other processes: those that upgrade as well, and older ones."""

from __future__ import annotations

import shutil
import subprocess
import sys
import uuid
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select

from signer import clock
from signer.errors import StoreError
from signer.store import schema
from signer.store.engine import connect
from signer.store.tables import Base, Parent
from signer.workflows.backup.create import back_up
from tests.conftest import REPOSITORY, database_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.store.engine import Sessions

PROCESSES = 3
LATER = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
compatible = {compatible}


def upgrade():
    op.create_table("later_{revision}", sa.Column("id", sa.Integer(), primary_key=True))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables, on each system in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'signer.sqlite3'}"
    import psycopg

    address = request.getfixturevalue("postgresql")
    name = f"empty_{uuid.uuid4().hex}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return database_of(address, name)


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Upgrades a database as a later release does, with migrations of its own."""
    ours = schema._MIGRATIONS  # noqa: SLF001
    theirs = tmp_path / "migrations"
    shutil.copytree(ours, theirs)

    def upgrade(sessions: Sessions, *compatible: bool) -> None:
        before = schema.newest()
        for number, value in enumerate(compatible):
            revision = f"later{number}"
            written = LATER.format(revision=revision, before=before, compatible=value)
            (theirs / "versions" / f"{revision}.py").write_text(written)
            before = revision
        monkeypatch.setattr(schema, "_MIGRATIONS", theirs)
        schema.upgrade(sessions.engine)
        schema.check(sessions.engine)
        monkeypatch.setattr(schema, "_MIGRATIONS", ours)

    return upgrade


@pytest.mark.parametrize("older", [None, "0005"])
def test_several_processes_upgrade_at_once(empty: str, older: str | None) -> None:
    """One of them does it; all end well, and what was there stays."""
    if older:
        with closing(connect(empty)) as sessions:
            schema.upgrade(sessions.engine)
            with sessions.engine.begin() as connection:
                schema.step_back(connection, older)
                connection.exec_driver_sql(
                    "INSERT INTO parent (name, name_key, email, email_key, added_at)"
                    " VALUES ('Amira', 'amira', 'a@b.example', 'a@b.example',"
                    " '2026-01-01')"
                )
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.store.upgrading_process", empty],
            cwd=REPOSITORY,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ended = [(one.communicate()[1], one.returncode) for one in processes]
    assert ended == [("", 0)] * PROCESSES
    with closing(connect(empty)) as sessions:
        schema.check(sessions.engine)
        with sessions.engine.connect() as connection:
            context = MigrationContext.configure(connection)
            assert compare_metadata(context, Base.metadata) == []
        with sessions.reading() as session:
            names = session.scalars(select(Parent.name)).all()
        assert names == (["Amira"] if older else [])


@pytest.mark.parametrize("compatible", [(True,), (True, True)])
def test_a_newer_schema_that_is_compatible_is_used(
    sessions: Sessions,
    later: Callable[..., None],
    compatible: tuple[bool, ...],
    tmp_path: Path,
) -> None:
    """This release reads and writes on; only its backup would not be whole."""
    later(sessions, *compatible)
    schema.check(sessions.engine)
    now = clock.now()
    with sessions.writing() as session:
        session.add(
            Parent(
                name="A", name_key="a", email="a@b.example", email_key="a", added_at=now
            )
        )
    with pytest.raises(StoreError, match=f"later{len(compatible) - 1}"):
        schema.check(sessions.engine, exactly=True)
    with pytest.raises(StoreError, match="newer release"):
        back_up(sessions, tmp_path / "backup")
    with pytest.raises(StoreError, match="newer release"):
        schema.upgrade(sessions.engine)
    assert not (tmp_path / "backup").exists()


@pytest.mark.parametrize("compatible", [(False,), (False, True), (True, False)])
def test_a_newer_schema_that_is_not_compatible_is_refused(
    sessions: Sessions, later: Callable[..., None], compatible: tuple[bool, ...]
) -> None:
    """One migration in between that is not is enough; the error names the newest."""
    later(sessions, *compatible)
    with pytest.raises(StoreError, match=f"later{len(compatible) - 1}, of a newer"):
        schema.check(sessions.engine)


def test_an_older_schema_is_refused(sessions: Sessions) -> None:
    """Whatever it is compatible with: this release needs its own tables."""
    before = schema.revisions()[1]
    with sessions.engine.begin() as connection:
        command.downgrade(schema._config(connection), before)  # noqa: SLF001
    with pytest.raises(StoreError, match=f"is {before}, .* run `signer db upgrade`"):
        schema.check(sessions.engine)
