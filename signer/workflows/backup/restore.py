"""Putting the records of a backup into an empty database."""

from __future__ import annotations

import hashlib
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Table, delete, func, select
from sqlalchemy.orm import Session

from signer.errors import BackupDamaged, BackupRefused, DatabaseNotEmpty
from signer.store import schema
from signer.store.engine import Sessions
from signer.store.log.tables import LogHead
from signer.store.row_export import (
    OF_FILES,
    files_after,
    fill,
    reset_sequences,
    tables,
)
from signer.workflows.backup.create import CONTENTS, FORMAT, BackedUp, member
from signer.workflows.backup.encryption import opened

LONGEST_LINE = 100_000_000
"""A row holds at most a PDF; a longer line is no row, and more bytes no PDF."""

READABLE = range(1, FORMAT + 1)
"""The formats of backups that can be restored."""

_FOREIGN = "the file is no backup of this service, or is damaged"
_ZIP = b"PK\x03\x04"

# What Python's reader of ZIP files raises, by which of their bytes was altered.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    ArithmeticError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


def restore(
    sessions: Sessions,
    path: Path,
    *,
    identity: Path | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> BackedUp:
    """Put every row of a backup into an empty database, in one transaction.

    The whole backup is read and compared with its own sums first; only then is the
    database touched. Afterwards it is what the backed-up one was, whichever of the two
    systems each of them is. A backup of an older schema fills the tables as they were
    then, which the migrations change as they would have changed that database. When
    this raises, the database is as it was, and an SQLite file that was not there
    before is not there.

    Args:
        sessions: transactions on a database without records; its tables are made.
        path: the backup.
        identity: a file with the private key that opens it, where it is encrypted.
        progress: told of rows put in, and of all.

    Raises:
        BackupRefused: the file is no backup, is damaged, or of a newer release.
        IdentityRefused: the file of the private key holds none.
        DatabaseNotEmpty: there are records already.
        FileNotWritten: there is no room to decrypt it.
    """
    with opened(path, identity) as file, _archive(file) as archive:
        contents = _contents(archive)
        revision, stated = contents["schema"], contents["tables"]
        filled = _tables(revision, stated)
        _check(archive, filled, contents)
        created = schema.create_missing(sessions.engine)
        with (
            _removed_if_it_fails(sessions, created=created),
            sessions.writing() as session,
        ):
            _make_empty(session, revision)
            _fill_all(session, archive, filled, contents, progress)
            schema.migrate(session.connection())
    rows = {name: one["rows"] for name, one in contents["tables"].items()}
    return BackedUp(rows, contents["entries"], path.stat().st_size)


def check_backup(path: Path, identity: Path | None = None) -> None:
    """Read a whole backup, and compare it with its own sums; no database is touched.

    Raises:
        BackupRefused: the file is no backup, is damaged, or of a newer release.
        IdentityRefused: the file of the private key holds none.
    """
    with opened(path, identity) as file, _archive(file) as archive:
        contents = _contents(archive)
        filled = _tables(contents["schema"], contents["tables"])
        _check(archive, filled, contents)


@contextmanager
def _archive(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    with _damage_told():
        beginning = file.read(len(_ZIP))
        file.seek(0)
    if beginning != _ZIP:
        raise BackupRefused("the file is no backup, or its beginning is damaged")
    with _damage_told():
        archive = zipfile.ZipFile(file)
    with archive:
        yield archive


@contextmanager
def _damage_told() -> Iterator[None]:
    """Tell whatever a ZIP's reader stumbles over as what it is: a damaged file."""
    try:
        yield
    except _UNREADABLE as error:
        raise BackupDamaged from error


@contextmanager
def _removed_if_it_fails(sessions: Sessions, *, created: bool) -> Iterator[None]:
    """Remove an SQLite file that was created for nothing, and no other file.

    A log of writes in a place without a database holds what parents have signed.
    """
    try:
        yield
    except BaseException:
        if created:
            # Nobody else knows of it yet; no connection of ours is left open.
            sessions.remove()
        raise


def _contents(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        with _damage_told():
            raw = archive.read(CONTENTS)
    except BackupDamaged as error:
        if isinstance(error.__cause__, KeyError):
            raise BackupRefused(_FOREIGN) from error
        raise
    try:
        contents = json.loads(raw)
        form, made_with, _ = contents["format"], contents["schema"], contents["tables"]
    except (KeyError, ValueError, TypeError) as error:
        raise BackupRefused(_FOREIGN) from error
    if form not in READABLE or made_with not in schema.revisions():
        raise BackupRefused(
            f"it was made by a newer release (schema {made_with}; this one has "
            f"{schema.newest()}): restore it with that release"
        )
    return dict(contents)


def _tables(revision: str, stated: object) -> list[Table]:
    """The tables of the backup's schema.

    Raises:
        BackupRefused: it holds others.
    """
    newest = revision == schema.newest()
    expected = tables() if newest else tables(schema.tables_at(revision))
    names = {table.name for table in expected}
    if not isinstance(stated, dict) or set(stated) != names:
        raise BackupRefused(f"it holds other tables than schema {revision} has")
    return expected


def _check(
    archive: zipfile.ZipFile, filled: list[Table], contents: dict[str, Any]
) -> None:
    """Read every part, and compare it with what was backed up.

    Raises:
        BackupRefused: a part is missing, or not what it was.
    """
    for table in filled:
        reading = _Reading(archive, table, contents["format"])
        rows = sum(1 for _ in reading.lines())
        _compare(contents["tables"], table, rows, reading.sha256)


def _compare(stated: dict[str, Any], table: Table, rows: int, sha256: str) -> None:
    expected = stated[table.name]
    if (rows, sha256) != (expected["rows"], expected["sha256"]):
        raise BackupRefused(
            f"the file is damaged: the part with {table.name} is not what was backed up"
        )


def _make_empty(session: Session, revision: str) -> None:
    """Make the tables of the backup's schema, without a row.

    Raises:
        DatabaseNotEmpty: there are records already.
    """
    # What is there may be of any release; whether it is empty this one can tell.
    schema.migrate(session.connection())
    for table in tables():
        if table.name != LogHead.__tablename__ and session.scalar(
            select(func.count()).select_from(table)
        ):
            raise DatabaseNotEmpty(table.name)
    if revision != schema.newest():
        schema.step_back(session.connection(), revision)
    # A fresh database has the head of an empty log.
    session.execute(delete(LogHead))


def _fill_all(
    session: Session,
    archive: zipfile.ZipFile,
    filled: list[Table],
    contents: dict[str, Any],
    progress: Callable[[int, int], None],
) -> None:
    every = sum(one["rows"] for one in contents["tables"].values())
    done = 0
    for table in filled:
        reading = _Reading(archive, table, contents["format"])
        with closing(reading.lines()) as given:
            rows = fill(session, table, given)
        _compare(contents["tables"], table, rows, reading.sha256)
        done += rows
        progress(done, every)
    reset_sequences(session, filled)


class _Reading:
    """The lines of a table's part, and the digest of what was read."""

    def __init__(self, archive: zipfile.ZipFile, table: Table, form: int) -> None:
        self._archive = archive
        self._table = table
        self._apart = form > 1 and table.name in OF_FILES
        self._name = member(table)
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def lines(self) -> Generator[bytes | tuple[bytes, list[bytes]]]:
        if self._name not in self._archive.NameToInfo:
            raise BackupRefused(f"the file is damaged: {self._name} is missing")
        with _damage_told():
            part = self._archive.open(self._name)
        with part:
            while True:
                with _damage_told():
                    line = part.readline(LONGEST_LINE)
                if not line:
                    return
                self._digest.update(line)
                yield (line, self._files(part, line)) if self._apart else line

    def _files(self, part: IO[bytes], line: bytes) -> list[bytes]:
        """What follows a line: a file for each column that has one."""
        sizes = files_after(self._table, line)
        if sum(sizes) > LONGEST_LINE:
            raise BackupDamaged
        with _damage_told():
            files = [part.read(size) for size in sizes]
        if [len(one) for one in files] != sizes:
            raise BackupDamaged
        for one in files:
            self._digest.update(one)
        return files
