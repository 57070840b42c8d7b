"""A backup encrypted to a public key is opened by the private one alone."""

from __future__ import annotations

import errno
import os
import resource
from io import BytesIO
from typing import TYPE_CHECKING

import pyrage
import pytest

from signer.errors import (
    BackupRefused,
    FileNotWritten,
    IdentityRefused,
    RecipientRefused,
)
from signer.store.engine import connect
from signer.workflows.backup.create import back_up
from signer.workflows.backup.encryption import encrypted, read_recipients
from signer.workflows.backup.restore import restore
from tests.conftest import run
from tests.workflows.backup.test_create import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _typeshed import ReadableBuffer

    from signer.store.engine import Sessions
    from signer.workflows.context import AppContext

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def keys(tmp_path: Path) -> tuple[str, Path]:
    """A public key, and the file of its private one as age-keygen writes it."""
    identity = pyrage.x25519.Identity.generate()
    path = tmp_path / "backup.key"
    path.write_text(f"# created: today\n# public key: …\n{identity}\n")
    return str(identity.to_public()), path


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Sessions]:
    """An SQLite database that is not there yet."""
    sessions = connect(f"sqlite:///{tmp_path / 'restored.sqlite3'}")
    yield sessions
    sessions.close()


def backed_up(app_context: AppContext, *recipients: str) -> Path:
    path = app_context.settings.instance_path / "all.backup.age"
    back_up(app_context.sessions, path, recipients=read_recipients(recipients))
    return path


@on_sqlite
def test_what_was_encrypted_comes_back(
    app_context: AppContext, empty: Sessions, keys: tuple[str, Path]
) -> None:
    """Nobody else reads a name in it, and every row is restored."""
    path = backed_up(app_context, keys[0])
    assert path.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert path.stat().st_mode & 0o777 == 0o600
    restore(empty, path, identity=keys[1])
    assert rows_of(empty) == rows_of(app_context.sessions)


@pytest.mark.tool("ssh-keygen")
@on_sqlite
def test_each_of_several_keys_opens_it(
    app_context: AppContext, tmp_path: Path, keys: tuple[str, Path]
) -> None:
    """So that one lost key loses no backup; an SSH key will do as well."""
    ssh = tmp_path / "id_ed25519"
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", ssh)
    path = backed_up(app_context, keys[0], ssh.with_suffix(".pub").read_text())
    for number, identity in enumerate((keys[1], ssh)):
        sessions = connect(f"sqlite:///{tmp_path / f'{number}.sqlite3'}")
        restore(sessions, path, identity=identity)
        assert rows_of(sessions) == rows_of(app_context.sessions)
        sessions.close()


@pytest.mark.tool("age")
@on_sqlite
def test_the_program_age_reads_and_writes_the_same(
    app_context: AppContext, tmp_path: Path, empty: Sessions
) -> None:
    """Whoever has the key needs no part of this software to open a backup."""
    key, plain = tmp_path / "key.txt", tmp_path / "plain.backup"
    run("age-keygen", "-o", key)
    public = run("age-keygen", "-y", key).strip()
    path = backed_up(app_context, public)
    run("age", "--decrypt", "-i", key, "-o", plain, path)
    restore(empty, plain)
    assert rows_of(empty) == rows_of(app_context.sessions)
    for armour in ((), ("--armor",)):
        again = tmp_path / f"again{len(armour)}.age"
        run("age", "--encrypt", *armour, "-r", public, "-o", again, plain)
        sessions = connect(f"sqlite:///{again}.sqlite3")
        restore(sessions, again, identity=key)
        assert rows_of(sessions) == rows_of(app_context.sessions)
        sessions.close()


@on_sqlite
def test_without_its_key_it_stays_shut(
    app_context: AppContext, tmp_path: Path, empty: Sessions, keys: tuple[str, Path]
) -> None:
    """Neither no key, nor another one, nor what is no key opens it."""
    path = backed_up(app_context, keys[0])
    with pytest.raises(BackupRefused, match="--identity"):
        restore(empty, path)
    other = tmp_path / "other.key"
    other.write_text(str(pyrage.x25519.Identity.generate()))
    with pytest.raises(BackupRefused, match="does not open it"):
        restore(empty, path, identity=other)
    for content in ("", "AGE-SECRET-KEY-1NONE", "-----BEGIN NOTHING-----"):
        other.write_text(content)
        with pytest.raises(IdentityRefused):
            restore(empty, path, identity=other)
    with pytest.raises(IdentityRefused, match="No such file"):
        restore(empty, path, identity=tmp_path / "missing")


@pytest.mark.parametrize("key", ["", "age1nobody", "ssh-ed25519 AAAA", "secret"])
def test_what_is_no_public_key_is_refused(key: str) -> None:
    """Before anything is written; and what was given is not repeated in an error."""
    with pytest.raises(RecipientRefused) as refused:
        read_recipients([key])
    assert not key or key not in str(refused.value)


def test_a_private_key_given_by_mistake_is_told_to_nobody(
    keys: tuple[str, Path],
) -> None:
    """It would end up in the log of whatever runs the backup."""
    secret = keys[1].read_text().splitlines()[-1]
    with pytest.raises(RecipientRefused) as refused:
        read_recipients([secret])
    assert secret not in str(refused.value)


@on_sqlite
def test_damage_is_told(
    app_context: AppContext, empty: Sessions, keys: tuple[str, Path]
) -> None:
    """Cut short or altered, it is no backup, and no database is made."""
    path = backed_up(app_context, keys[0])
    whole = path.read_bytes()
    places = (0, 25, 60, 150, 250, len(whole) // 2, len(whole) - 1)
    spoilt = [whole[:place] for place in places]
    for place in places:
        altered = bytearray(whole)
        altered[place] ^= 1
        spoilt.append(bytes(altered))
    for content in spoilt:
        path.write_bytes(content)
        with pytest.raises(BackupRefused) as refused:
            restore(empty, path, identity=keys[1])
        problem = refused.value.problem
        assert "damaged" in problem or "does not open it" in problem, problem
    assert not (path.parent / "restored.sqlite3").exists()


def test_a_full_disk_ends_the_encryption(
    tmp_path: Path, keys: tuple[str, Path]
) -> None:
    """What the system said is raised, and no thread is left waiting."""

    class Full(BytesIO):
        def write(self, _content: ReadableBuffer, /) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with (
        pytest.raises(OSError, match="No space left"),
        encrypted(Full(), read_recipients([keys[0]])) as plain,
    ):
        for _ in range(1000):
            plain.write(bytes(10_000))


@on_sqlite
def test_a_full_temporary_folder_is_told(
    app_context: AppContext,
    empty: Sessions,
    keys: tuple[str, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is decrypted goes through it, so it is named."""
    path = backed_up(app_context, keys[0])
    monkeypatch.setattr("tempfile.tempdir", "/dev/null/none")
    with pytest.raises(FileNotWritten, match="/dev/null/none"):
        restore(empty, path, identity=keys[1])


def test_memory_stays_small(tmp_path: Path, keys: tuple[str, Path]) -> None:
    """200 MB go through it piece by piece, and are never held (figures in KB)."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with (
        (tmp_path / "large.age").open("wb") as file,
        encrypted(file, read_recipients([keys[0]])) as plain,
    ):
        for _ in range(200):
            plain.write(bytes(1_000_000))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (tmp_path / "large.age").stat().st_size > 200_000_000
    assert grown < 40_000
