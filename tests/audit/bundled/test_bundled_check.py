"""The bundle's own program, against a school that has the log's key, and its index."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

import pytest

from signer.audit.bundle import SIGNED_SUMS, SUMS, Opened
from signer.audit.signed_list import SignedList
from signer.ledger.log_key import LOG_KEY, LogKey
from tests.audit.auditing import ORIGIN, declarations
from tests.audit.rewriting import Rewritten
from tests.audit.test_stranger import check
from tests.conftest import PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles


def written(
    folder: Path, files: dict[str, bytes], size: int, key_files: KeyFiles
) -> Path:
    """The files of a bundle in a folder, their list signed with the log's key."""
    path = key_files.seal_key.with_name(LOG_KEY)
    signer = LogKey.load(path, PASSPHRASE).signer(ORIGIN)
    listed = {name: files[name] for name in files.keys() - {SUMS, SIGNED_SUMS}}
    sums = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        for name, content in listed.items()
    ).encode()
    digest = hashlib.sha256(sums).hexdigest()
    note = SignedList(ORIGIN, size, digest, "2026-11-30T10:00:00Z").signed(signer)
    for name, content in {**listed, SUMS: sums, SIGNED_SUMS: note.encode()}.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


@pytest.mark.parametrize("event", ["signed", "sealed"])
def test_a_reference_that_comes_twice_is_a_problem(
    copy: dict[str, bytes], key_files: KeyFiles, tmp_path: Path, event: str
) -> None:
    """Under its own reference, a declaration was replaced by a later one."""
    one = declarations(copy)[0]
    record = {
        "event": f"declaration:{event}",
        "declaration": one,
        "statement_sha256": "1" * 64,
        "version_sha256": "2" * 64,
        "pdf_sha256": "3" * 64,
    }
    log = Rewritten(copy, key_files)
    log.opened.append(Opened(0, os.urandom(32), json.dumps(record).encode()))
    rewritten = log.files()
    rows = rewritten["index.csv"].splitlines(keepends=True)
    rewritten["index.csv"] = b"".join(rows[:3])
    done = check(written(tmp_path / "bundle", rewritten, 9, key_files))
    assert done.returncode == 1
    again = f"PROBLEM: Entry 8 says of {one}, as one before: declaration:{event}."
    assert again in done.stdout


LIES = {
    "file": ("declarations/D", "declarations/0"),
    "sha256": (".pdf,", ".pdf,0"),
    "version": (",2,2026", ",1,2026"),
    "sealed_at": (",2026-", ",2025-"),
    "level": (",B-B,", ",B-LT,"),
    "leaf": ("\n", "0\n"),
}


@pytest.mark.parametrize("column", LIES)
def test_an_index_that_says_something_else_is_a_problem(
    copy: dict[str, bytes], key_files: KeyFiles, tmp_path: Path, column: str
) -> None:
    """Each of its columns is compared with the log or with the file."""
    one = declarations(copy)[0]
    heading, row, *rest = copy["index.csv"].decode().splitlines(keepends=True)
    before, after = LIES[column]
    changed = row.replace(before, after, 1)
    assert changed != row
    copy["index.csv"] = "".join([heading, changed, *rest]).encode()
    folder = written(tmp_path / "bundle", copy, 8, key_files)
    done = check(folder, one)
    assert done.returncode == 1
    assert f"PROBLEM: {one}: what the index says of it is not so." in done.stdout
    assert "Problems found: 1\n" in done.stdout


@pytest.mark.parametrize(
    "name",
    [
        "declarations/D-0000-0000-0000.PDF",
        "archive/D-0000-0000-0000.pdf",
        "keys/tsa.pem",
        "versions/later/3.md",
        "log/note.txt",
    ],
)
def test_a_file_that_was_put_in_is_a_problem(
    copy: dict[str, bytes], key_files: KeyFiles, tmp_path: Path, name: str
) -> None:
    """The list that is signed lists all files in the folders that it names."""
    copy["archive/listed.txt"] = b"so that there is such a folder"
    folder = written(tmp_path / "bundle", copy, 8, key_files)
    one = declarations(copy)[0]
    # What whoever checks has beside them, and in the folder that README.txt names.
    for beside in ("ca.pem", "kept.tlog-proof", "work/seal", "keys/.DS_Store"):
        (folder / beside).parent.mkdir(exist_ok=True)
        (folder / beside).write_bytes(b"")
    assert "Problems found: 0\n" in check(folder, one).stdout
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(copy["keys/ca.pem"])
    done = check(folder, one)
    assert done.returncode == 1
    assert f"PROBLEM: {name} is missing, or not what SHA256SUMS says." in done.stdout
