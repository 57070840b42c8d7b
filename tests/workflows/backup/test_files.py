"""Files in a backup: as the database keeps them, with what they are kept beside."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.errors import BackupRefused
from signer.store.engine import connect
from signer.store.tables import PdfDictionary, SealedPdf
from signer.workflows.backup.create import back_up
from signer.workflows.backup.restore import check_backup, restore
from signer.workflows.requests.follow_link import open_link
from tests.workflows.conftest import Post, sign

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext


@pytest.fixture
def backup(app_context: AppContext, asked: Post, tmp_path: Path) -> Path:
    """A backup made after a parent has signed."""
    sign(app_context, open_link(app_context, asked.token("Amira Khan")))
    path = tmp_path / "all.backup"
    back_up(app_context.sessions, path)
    return path


def test_a_file_stands_there_as_it_is_kept(
    app_context: AppContext, backup: Path
) -> None:
    """Neither in base 64 nor compressed in vain; the dictionary with it."""
    with app_context.sessions.reading() as session:
        [pdf] = session.scalars(select(SealedPdf.kept))
        [shared] = session.scalars(select(PdfDictionary.content))
    with zipfile.ZipFile(backup) as archive:
        for table, content in (("pdf", pdf), ("pdf_dictionary", shared)):
            part = archive.getinfo(f"tables/{table}.jsonl")
            assert part.compress_type == zipfile.ZIP_STORED
            assert content in archive.read(part)
            assert part.file_size < len(content) + 300


def test_what_is_restored_is_compressed_and_whole(
    app_context: AppContext, backup: Path, tmp_path: Path
) -> None:
    """The same PDF comes out of either database, and needs the dictionary in both."""
    restored = connect(f"sqlite:///{tmp_path / 'restored.sqlite3'}")
    restore(restored, backup)
    found = []
    for sessions in (app_context.sessions, restored):
        with sessions.reading() as session:
            [pdf] = session.scalars(select(SealedPdf))
            assert pdf.dictionary is not None
            found.append((pdf.kept, pdf.content))
    restored.close()
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "size", ["-1", "1", "true", "1.5", '"AAAA"', "[]", "99999999999999"]
)
def test_another_size_of_a_file_is_refused(backup: Path, size: str) -> None:
    """Before anything of it is read into memory, or put into a database."""
    altered = backup.with_name("altered.backup")
    with zipfile.ZipFile(backup) as before, zipfile.ZipFile(altered, "w") as after:
        for one in before.infolist():
            part = before.read(one)
            if one.filename == "tables/pdf.jsonl":
                said = rb'"content": \d+'
                part = re.sub(said, b'"content": ' + size.encode(), part, count=1)
            after.writestr(one.filename, part)
    with pytest.raises(BackupRefused):
        check_backup(altered)
