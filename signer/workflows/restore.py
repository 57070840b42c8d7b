"""Putting the records of a backup into an empty database."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from contextlib import closing
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from signer.errors import BackupRefused, DatabaseNotEmpty
from signer.store import schema
from signer.store.dump import count_on, fill, tables
from signer.store.log_tables import LogHead
from signer.workflows.back_up import CONTENTS, FORMAT, BackedUp, member

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from sqlalchemy import Table
    from sqlalchemy.orm import Session

    from signer.store.engine import Sessions

LONGEST_LINE = 100_000_000
"""A row holds at most a PDF; a longer line is no row."""


def restore(
    sessions: Sessions,
    path: Path,
    *,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> BackedUp:
    """Put every row of a backup into an empty database, in one transaction.

    Afterwards the database is what the backed-up one was, whichever of the two
    systems each of them is. When this raises, no row was put in.

    Args:
        sessions: transactions on a database without records; its tables are made.
        path: the backup.
        progress: told of rows put in, and of all.

    Raises:
        BackupRefused: the file is no backup, is damaged, or of another release.
        DatabaseNotEmpty: there are records already.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            contents = _contents(archive)
            schema.upgrade(sessions.engine)
            with sessions.writing() as session:
                _check_empty(session)
                _fill_all(session, archive, contents["tables"], progress)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BackupRefused("the file is no backup, or it is damaged") from error
    rows = {name: one["rows"] for name, one in contents["tables"].items()}
    return BackedUp(rows, contents["entries"], path.stat().st_size)


def _contents(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        contents = json.loads(archive.read(CONTENTS))
        form, made_with = contents["format"], contents["schema"]
        names = set(contents["tables"])
    except (KeyError, ValueError, TypeError) as error:
        raise BackupRefused("the file is no backup of this service") from error
    if form != FORMAT or made_with != schema.newest():
        raise BackupRefused(
            f"it was made by another release (schema {made_with}; this one has "
            f"{schema.newest()}): restore it with that release, then upgrade"
        )
    if names != {table.name for table in tables()}:
        raise BackupRefused("it holds other tables than this release has")
    return dict(contents)


def _check_empty(session: Session) -> None:
    for table in tables():
        if table.name != LogHead.__tablename__ and session.scalar(
            select(func.count()).select_from(table)
        ):
            raise DatabaseNotEmpty(table.name)
    # A fresh database has the head of an empty log.
    session.execute(delete(LogHead))


def _fill_all(
    session: Session,
    archive: zipfile.ZipFile,
    stated: dict[str, Any],
    progress: Callable[[int, int], None],
) -> None:
    every = sum(one["rows"] for one in stated.values())
    done = 0
    for table in tables():
        reading = _Reading(archive, table)
        with closing(reading.lines()) as given:
            rows = fill(session, table, given)
        expected = stated[table.name]
        if (rows, reading.sha256) != (expected["rows"], expected["sha256"]):
            raise BackupRefused(f"the part with {table.name} is not what was backed up")
        done += rows
        progress(done, every)
    count_on(session)


class _Reading:
    """The lines of a table's part, and the digest of what was read."""

    def __init__(self, archive: zipfile.ZipFile, table: Table) -> None:
        self._archive = archive
        self._name = member(table)
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def lines(self) -> Generator[bytes]:
        try:
            part = self._archive.open(self._name)
        except KeyError as error:
            raise BackupRefused(f"{self._name} is missing") from error
        with part:
            while line := part.readline(LONGEST_LINE):
                self._digest.update(line)
                yield line
