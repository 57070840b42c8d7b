"""A backup that was written is read again, and noted for the check-list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.errors import BackupRefused
from signer.store.desk.checklist import BackupMade
from signer.workflows.backup.create import back_up
from signer.workflows.backup.encryption import read_recipients
from signer.workflows.backup.seen import note_backup

if TYPE_CHECKING:
    from pathlib import Path

    from signer.store.engine import Sessions

KEY = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"


def test_a_backup_is_noted_with_whether_it_is_encrypted(
    sessions: Sessions, tmp_path: Path
) -> None:
    """Each one, once it could be read again."""
    back_up(sessions, tmp_path / "plain")
    note_backup(sessions, tmp_path / "plain")
    recipients = read_recipients((KEY,))
    back_up(sessions, tmp_path / "sealed", recipients=recipients)
    note_backup(sessions, tmp_path / "sealed", recipients)
    with sessions.reading() as session:
        noted = session.scalars(select(BackupMade.encrypted)).all()
    assert list(noted) == [False, True]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_a_disk_has_spoilt_is_not_noted(
    sessions: Sessions, tmp_path: Path
) -> None:
    """One that was cut, that is empty, or that is none at all."""
    path = tmp_path / "plain"
    back_up(sessions, path)
    for content in (path.read_bytes()[:-100], b"", b"no backup"):
        path.write_bytes(content)
        with pytest.raises(BackupRefused):
            note_backup(sessions, path)
        with pytest.raises(BackupRefused):
            note_backup(sessions, path, read_recipients((KEY,)))
    with sessions.reading() as session:
        assert session.scalars(select(BackupMade)).all() == []
