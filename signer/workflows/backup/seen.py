"""Noting that a backup was written, once its file could be read again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from signer import clock
from signer.errors import BackupDamaged, StoreError
from signer.store.desk.checklist import BackupMade
from signer.store.engine import Sessions
from signer.workflows.backup.encryption import Recipient
from signer.workflows.backup.restore import check_backup

_log = logging.getLogger(__name__)

_AGE = b"age-encryption.org/"


def note_backup(
    sessions: Sessions, path: Path, recipients: Sequence[Recipient] = ()
) -> None:
    """Read a backup that was just written from its disk, and note that there is one.

    Afterwards the check-list of what comes before the first parent has seen it. One
    that is encrypted shows its beginning only: the key that opens it is elsewhere. A
    database that takes no note of it makes it no less of a backup.

    Args:
        sessions: transactions on the database that was backed up.
        path: the backup.
        recipients: the public keys that it is encrypted to.

    Raises:
        BackupRefused: what lies on the disk is not what was written.
    """
    if recipients:
        _check_beginning(path)
    else:
        check_backup(path)
    try:
        with sessions.writing() as session:
            session.add(BackupMade(at=clock.now(), encrypted=bool(recipients)))
    except (SQLAlchemyError, StoreError) as error:
        _log.warning("the backup was not noted: %s", type(error).__name__)


def _check_beginning(path: Path) -> None:
    try:
        with path.open("rb") as file:
            beginning = file.read(len(_AGE))
    except OSError as error:
        raise BackupDamaged from error
    if beginning != _AGE:
        raise BackupDamaged
