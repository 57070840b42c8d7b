"""A backup holds everything, and puts it back on either database."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import uuid
import zipfile
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.errors import BackupRefused, DatabaseNotEmpty, FileNotWritten
from signer.ledger.tree import root
from signer.store import schema
from signer.store.engine import connect
from signer.store.log.append import StoredNodes, append_leaf
from signer.store.tables import Base, Declaration, Parent
from signer.workflows.backup.create import CONTENTS, back_up
from signer.workflows.backup.restore import restore
from signer.workflows.requests.follow_link import open_link
from tests.conftest import MOMENT, database_of
from tests.workflows.conftest import Post, sign

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signer.store.engine import Sessions
    from signer.workflows.context import AppContext
    from tests.sharing.states import Memory


def rows_of(sessions: Sessions) -> dict[str, list[tuple[object, ...]]]:
    with sessions.reading() as session:
        return {
            name: sorted(map(tuple, session.execute(select(table))), key=repr)
            for name, table in Base.metadata.tables.items()
        }


@pytest.fixture
def signed(app_context: AppContext, asked: Post, memory: Memory) -> AppContext:
    """Amira has signed, and has her receipt."""
    memory.bring_about(app_context, _sign_for_amira)
    return app_context


def _sign_for_amira(app_context: AppContext) -> None:
    post = Post(app_context)
    sign(app_context, open_link(app_context, post.token("Amira Khan")))
    post.send()
    # A declaration that replaces one whose reference comes later in the alphabet.
    with app_context.sessions.writing() as session:
        made = session.scalars(select(Declaration)).one()
        made.replaces = made.id


@pytest.fixture
def backup(signed: AppContext, tmp_path: Path) -> Path:
    """A backup of that context."""
    path = tmp_path / "all.backup"
    back_up(signed.sessions, path)
    return path


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Sessions]:
    """An SQLite database that is not there yet."""
    sessions = connect(f"sqlite:///{tmp_path / 'restored.sqlite3'}")
    yield sessions
    sessions.close()


def changed(backup: Path, edit: Callable[[dict[str, bytes]], None]) -> Path:
    """The backup with other parts in it."""
    with zipfile.ZipFile(backup) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    edit(parts)
    path = backup.with_name("changed.backup")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_what_is_restored_is_what_was_backed_up(
    signed: AppContext, backup: Path, empty: Sessions
) -> None:
    """Every row of every table, from SQLite or PostgreSQL, comes back in SQLite."""
    done = restore(empty, backup)
    assert rows_of(empty) == rows_of(signed.sessions)
    assert done.rows["declaration"] == 1
    assert done.entries == 3


def test_a_backup_goes_into_postgresql_too(backup: Path, postgresql: str) -> None:
    """New rows are numbered behind those that were put in, and the log goes on."""
    import psycopg

    name = f"restored_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    sessions = connect(database_of(postgresql, name))
    try:
        restore(sessions, backup)
        with sessions.writing() as session:
            session.add(
                Parent(
                    name="New",
                    name_key="new",
                    email="new@example.org",
                    email_key="new@example.org",
                    added_at=MOMENT,
                )
            )
            position = append_leaf(session, "test:appended")
        with sessions.reading() as session:
            assert len(root(StoredNodes(session), position + 1)) == 32
            assert len(session.scalars(select(Parent)).all()) == 5
    finally:
        sessions.close()


def test_a_backup_is_its_owners_alone_and_replaces_nothing(
    signed: AppContext, backup: Path
) -> None:
    """It holds personal data; and an older backup is not written over."""
    assert backup.stat().st_mode & 0o777 == 0o600
    before = backup.read_bytes()
    with pytest.raises(FileNotWritten):
        back_up(signed.sessions, backup)
    assert backup.read_bytes() == before
    assert [one.name for one in backup.parent.glob("*.part")] == []
    assert [one.name for one in backup.parent.glob(".*.part")] == []


def test_a_full_disk_leaves_no_backup(
    signed: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a backup would be worse than none."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    path = tmp_path / "none.backup"
    with pytest.raises(FileNotWritten, match="No space left"):
        back_up(signed.sessions, path)
    assert not list(tmp_path.glob("*none.backup*"))


def test_only_an_empty_database_is_filled(
    signed: AppContext, backup: Path, empty: Sessions
) -> None:
    """Nothing that is there is mixed with what was."""
    before = rows_of(signed.sessions)
    with pytest.raises(DatabaseNotEmpty):
        restore(signed.sessions, backup)
    assert rows_of(signed.sessions) == before


def with_another_year(parts: dict[str, bytes]) -> None:
    children = parts["tables/child.jsonl"]
    parts["tables/child.jsonl"] = children.replace(b"Year 8", b"Year 9")


def with_garbage(parts: dict[str, bytes]) -> None:
    part = parts["tables/parent.jsonl"] + b'{"id": 99}\n'
    contents = json.loads(parts[CONTENTS])
    rows, sha256 = part.count(b"\n"), hashlib.sha256(part).hexdigest()
    contents["tables"]["parent"] = {"rows": rows, "sha256": sha256}
    parts["tables/parent.jsonl"] = part
    parts[CONTENTS] = json.dumps(contents).encode()


def without_a_table(parts: dict[str, bytes]) -> None:
    del parts["tables/outbox.jsonl"]


def of_a_newer_release(parts: dict[str, bytes]) -> None:
    contents = json.loads(parts[CONTENTS])
    parts[CONTENTS] = json.dumps({**contents, "schema": "9999"}).encode()


def with_tables_of_later(parts: dict[str, bytes]) -> None:
    contents = json.loads(parts[CONTENTS])
    parts[CONTENTS] = json.dumps({**contents, "schema": "0005"}).encode()


def without_contents(parts: dict[str, bytes]) -> None:
    del parts[CONTENTS]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (with_another_year, "is not what was backed up"),
        (with_garbage, "has other columns"),
        (without_a_table, "outbox.jsonl is missing"),
        (of_a_newer_release, "made by a newer release (schema 9999; this one has "),
        (with_tables_of_later, "other tables than schema 0005 has"),
        (without_contents, "no backup of this service"),
    ],
)
def test_a_damaged_backup_puts_nothing_in(
    backup: Path,
    empty: Sessions,
    edit: Callable[[dict[str, bytes]], None],
    problem: str,
) -> None:
    """Whatever is wrong with it is told, and the database stays empty."""
    path = changed(backup, edit)
    with pytest.raises(BackupRefused) as refused:
        restore(empty, path)
    assert problem in refused.value.problem
    schema.upgrade(empty.engine)
    filled = {name for name, rows in rows_of(empty).items() if rows}
    assert filled == {"log_head"}


def test_what_is_no_backup_is_refused(tmp_path: Path, empty: Sessions) -> None:
    """Neither a text, nor half a file, nor none."""
    path = tmp_path / "text"
    path.write_text("nothing")
    for one in (path, tmp_path / "missing"):
        with pytest.raises(BackupRefused):
            restore(empty, one)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_truncated_backup_is_refused(backup: Path, empty: Sessions) -> None:
    """A copy that was cut short says so."""
    whole = backup.read_bytes()
    for length in (0, 100, len(whole) // 2, len(whole) - 1):
        short = backup.with_name("short")
        short.write_bytes(whole[:length])
        with pytest.raises(BackupRefused):
            restore(empty, short)
    assert zipfile.is_zipfile(io.BytesIO(whole))
