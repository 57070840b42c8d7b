"""A backup of any older schema is restored, and one that fails leaves nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
import zipfile
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from signer.store import schema
from signer.store.engine import connect
from signer.store.row_export import lines, tables
from signer.workflows.backup.create import CONTENTS, FORMAT, member
from signer.workflows.backup.restore import restore
from tests.conftest import database_of
from tests.kept.opening import DATABASE
from tests.kept.test_kept import KEPT
from tests.workflows.backup.test_create import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signer.store.engine import Sessions

    Released = tuple[dict[str, Path], dict[str, list[tuple[object, ...]]]]

KEPT_REVISION = "0005"
"""That of the database that was kept."""


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Sessions]:
    """A copy of the database that was kept."""
    shutil.copy(KEPT / DATABASE, tmp_path / "old.sqlite3")
    sessions = connect(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    yield sessions
    sessions.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sessions]:
    """A place for a database of either system, without tables."""
    url = f"sqlite:///{tmp_path / 'restored.sqlite3'}"
    if request.param == "postgresql":
        import psycopg

        address = request.getfixturevalue("postgresql")
        name = f"older_{uuid.uuid4().hex}"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        url = database_of(address, name)
    sessions = connect(url)
    yield sessions
    sessions.close()


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """A backup by each release since, and what the kept database became at last."""
    folder = tmp_path_factory.mktemp("released")
    shutil.copy(KEPT / DATABASE, folder / "old.sqlite3")
    sessions = connect(f"sqlite:///{folder / 'old.sqlite3'}")
    backups = {
        revision: backup_at(sessions, revision, folder / f"{revision}.backup")
        for revision in sorted(schema.revisions())
        if revision >= KEPT_REVISION
    }
    schema.upgrade(sessions.engine)
    rows = rows_of(sessions)
    sessions.close()
    return backups, rows


def backup_at(
    sessions: Sessions, revision: str, path: Path, *, spoilt: bool = False
) -> Path:
    """What the release of a revision would have backed up; or rows that do not fit."""
    parts: dict[str, bytes] = {}
    stated = {}
    with sessions.writing() as session:
        schema.migrate(session.connection(), revision)
        for table in tables(schema.tables_at(revision)):
            rows = list(lines(session, table))
            part = b"".join(rows)
            if spoilt and table.name == "request":
                part = part.replace(b'"pending"', b'"unheard of"')
            parts[member(table)] = part
            digest = hashlib.sha256(part).hexdigest()
            stated[table.name] = {"rows": len(rows), "sha256": digest}
    contents = {"format": FORMAT, "schema": revision, "entries": 4, "tables": stated}
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
        archive.writestr(CONTENTS, json.dumps(contents))
    return path


@pytest.mark.parametrize("empty", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "revision", [name for name in schema.revisions() if name >= KEPT_REVISION]
)
def test_a_backup_of_each_schema_becomes_what_its_database_became(
    revision: str, released: Released, empty: Sessions
) -> None:
    """Row by row, as if that database had been upgraded instead."""
    backups, upgraded = released
    restore(empty, backups[revision])
    assert rows_of(empty) == upgraded
    schema.check(empty.engine)


def test_an_empty_database_of_this_release_takes_an_older_backup(
    old: Sessions, empty: Sessions, tmp_path: Path
) -> None:
    """Whether or not the operator has made its tables before."""
    schema.upgrade(empty.engine)
    restore(empty, backup_at(old, KEPT_REVISION, tmp_path / "old.backup"))
    schema.upgrade(old.engine)
    assert rows_of(empty) == rows_of(old)


def test_what_fails_leaves_no_table(
    old: Sessions, empty: Sessions, tmp_path: Path
) -> None:
    """Neither those of then nor those of now; nor a file that was not there."""
    backup = backup_at(old, KEPT_REVISION, tmp_path / "old.backup", spoilt=True)
    with pytest.raises(IntegrityError):
        restore(empty, backup)
    assert not (tmp_path / "restored.sqlite3").exists()
    if empty.engine.dialect.name == "postgresql":
        assert inspect(empty.engine).get_table_names() == []


def test_what_fails_leaves_an_empty_database_as_it_was(
    old: Sessions, empty: Sessions, tmp_path: Path
) -> None:
    """It has the tables of this release, and none of its rows."""
    schema.upgrade(empty.engine)
    before = rows_of(empty)
    backup = backup_at(old, KEPT_REVISION, tmp_path / "old.backup", spoilt=True)
    with pytest.raises(IntegrityError):
        restore(empty, backup)
    schema.check(empty.engine)
    assert rows_of(empty) == before
