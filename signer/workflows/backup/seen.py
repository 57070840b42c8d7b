"""Noting that a backup was written, once its file could be read again."""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from signer import clock
from signer.errors import BackupDamaged, StoreError
from signer.store.desk.checklist import BackupMade
from signer.store.engine import Sessions
from signer.workflows.backup.encryption import Recipient

_log = logging.getLogger(__name__)

_AGE = b"age-encryption.org/v1\n"


def read_again(path: Path, recipients: Sequence[Recipient] = ()) -> None:
    """Read a backup that was just written, from its disk.

    One that is encrypted shows its beginning only: the key that opens it is elsewhere.

    Raises:
        BackupDamaged: it is not what was written.
    """
    try:
        if recipients:
            with path.open("rb") as file:
                if file.read(len(_AGE)) != _AGE:
                    raise BackupDamaged
            return
        with zipfile.ZipFile(path) as archive:
            if archive.testzip() is not None:
                raise BackupDamaged
    except (OSError, zipfile.BadZipFile) as error:
        raise BackupDamaged from error


def note_backup(sessions: Sessions, *, encrypted: bool) -> None:
    """Note for the check-list that there is a backup.

    It never fails: a backup is one also where the database takes nothing.
    """
    try:
        with sessions.writing() as session:
            session.add(BackupMade(at=clock.now(), encrypted=encrypted))
    except (SQLAlchemyError, StoreError) as error:
        _log.warning("the backup was not noted: %s", type(error).__name__)
