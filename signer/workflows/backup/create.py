"""A copy of the whole record in one file, from whichever database."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from signer import clock, files
from signer.store import schema
from signer.store.engine import Sessions
from signer.store.log.hashes import use_snapshot
from signer.store.log.tables import LogHead
from signer.store.row_export import OF_FILES, lines, tables
from signer.workflows.backup.encryption import Recipient, encrypted

CONTENTS = "contents.json"
FORMAT = 2
"""In the first one, files stood in the lines of their rows, in base 64."""

_LEVEL = 3
"""Of DEFLATE: half the time of its usual one, for a tenth more."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds.

    Attributes:
        rows: how many rows, by table.
        entries: how many entries the log has in it.
        bytes: the size of the file.
    """

    rows: dict[str, int]
    entries: int
    bytes: int


def back_up(
    sessions: Sessions,
    path: Path,
    *,
    recipients: Sequence[Recipient] = (),
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> BackedUp:
    """Write all records, as they are at one moment, into one new file.

    The file appears whole, and readable by its owner alone, or not at all. It holds
    neither keys nor secrets. Parents may sign meanwhile.

    Args:
        sessions: transactions on the database.
        path: the file, which is not there yet.
        recipients: public keys that it is encrypted to; with none it is not.
        progress: told of rows written, and of all.

    Raises:
        FileExists: the file is there already.
        FileNotWritten: it cannot be written; then nothing is left behind.
        StoreError: the database has another schema.
    """
    # Of a newer one it would leave out what it does not know.
    schema.check(sessions.engine, exactly=True)
    with sessions.reading() as session, files.creating(path, private=True) as file:
        use_snapshot(session)
        with (
            encrypted(file, recipients) as plain,
            zipfile.ZipFile(
                plain, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL
            ) as archive,
        ):
            told = _Progress(progress, _all_rows(session))
            found = {
                table.name: _write(archive, session, table, told) for table in tables()
            }
            entries = session.scalars(select(LogHead.size)).one()
            contents: dict[str, Any] = {
                "format": FORMAT,
                "schema": schema.newest(),
                "made_at": clock.iso(clock.now()),
                "entries": entries,
                "tables": found,
            }
            archive.writestr(CONTENTS, json.dumps(contents, indent=2) + "\n")
    rows = {name: one["rows"] for name, one in found.items()}
    return BackedUp(rows, entries, path.stat().st_size)


class _Progress:
    """Counts rows, and tells of them now and then."""

    def __init__(self, tell: Callable[[int, int], None], rows: int) -> None:
        self._tell = tell
        self._all = rows
        self._done = 0

    def one_more(self) -> None:
        self._done += 1
        if self._done % 100 == 0 or self._done == self._all:
            self._tell(self._done, self._all)


def _all_rows(session: Session) -> int:
    counts = (
        session.scalar(select(func.count()).select_from(table)) for table in tables()
    )
    return sum(one or 0 for one in counts)


def _write(
    archive: zipfile.ZipFile, session: Session, table: Table, told: _Progress
) -> dict[str, Any]:
    digest = hashlib.sha256()
    rows = 0
    archive.compression = (
        zipfile.ZIP_STORED if table.name in OF_FILES else zipfile.ZIP_DEFLATED
    )
    with archive.open(member(table), "w", force_zip64=True) as out:
        for line in lines(session, table):
            digest.update(line)
            out.write(line)
            rows += 1
            told.one_more()
    return {"rows": rows, "sha256": digest.hexdigest()}


def member(table: Table) -> str:
    """The name of a table's part in the archive."""
    return f"tables/{table.name}.jsonl"
