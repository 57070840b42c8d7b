"""Backups encrypted to public keys, in the open format age (age-encryption.org/v1).

Who makes backups needs no secret that opens them: the private key stays on another
machine. The program ``age`` reads and writes the same files.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NewType

import pyrage

from signer.errors import (
    BackupDamaged,
    BackupRefused,
    FileNotWritten,
    IdentityRefused,
    RecipientRefused,
)

_BEGINNINGS = (b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED FILE-----")
_SECRET = "AGE-SECRET-KEY-"  # noqa: S105 - what such a key begins with

_NO_KEY = "holds no private key that opens backups"

Recipient = NewType("Recipient", object)
"""A public key, as the library holds it."""

Identity = NewType("Identity", object)
"""A private key, as the library holds it."""


def read_recipients(keys: Sequence[str]) -> list[Recipient]:
    """The public keys that a backup is encrypted to; each of them opens it.

    Args:
        keys: each ``age1…``, or an SSH public key (``ssh-ed25519 …``, ``ssh-rsa …``).

    Raises:
        RecipientRefused: one is no such key.
    """
    return [_recipient(key.strip()) for key in keys]


def _recipient(key: str) -> Recipient:
    kind = pyrage.ssh if key.startswith("ssh-") else pyrage.x25519
    try:
        return Recipient(kind.Recipient.from_str(key))
    except pyrage.RecipientError as error:
        raise RecipientRefused(key) from error


@contextmanager
def encrypted(file: IO[bytes], recipients: Sequence[Recipient]) -> Iterator[IO[bytes]]:
    """What is written here goes into a file encrypted, a piece at a time.

    Args:
        file: where it goes.
        recipients: whose private keys open it; with none, it goes as it is.

    Raises:
        OSError: the file cannot be written.
    """
    if not recipients:
        yield file
        return
    encryption = _Encryption(file, recipients)
    try:
        yield encryption.plain
    except BaseException:
        # Where the file is full, what is written here meets a broken pipe.
        encryption.finish()
        raise
    encryption.finish()


class _Encryption:
    """A thread that takes from a pipe what is to be encrypted, and encrypts it."""

    def __init__(self, file: IO[bytes], recipients: Sequence[Recipient]) -> None:
        reading, writing = os.pipe()
        self.plain = os.fdopen(writing, "wb")
        self._source = os.fdopen(reading, "rb")
        self._target = _Target(file)
        self._recipients = list(recipients)
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="encryption")
        self._thread.start()

    def finish(self) -> None:
        """Wait until all of it is encrypted.

        Raises:
            OSError: the file could not be written.
        """
        with suppress(BrokenPipeError):
            self.plain.close()
        self._thread.join()
        if self._target.failure is not None:
            raise self._target.failure
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            pyrage.encrypt_io(self._source, self._target, self._recipients)
        except Exception as error:  # noqa: BLE001 - raised again by `finish`
            self._failure = error
        finally:
            # Whoever still writes is told.
            self._source.close()


class _Target:
    """A file that keeps why it could not be written; the library tells only that."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.failure: OSError | None = None

    def write(self, content: bytes) -> int:
        try:
            return self._file.write(content)
        except OSError as error:
            self.failure = error
            raise

    def flush(self) -> None:
        """Leave it to whoever closes the file."""


@contextmanager
def opened(path: Path, identity: Path | None) -> Iterator[IO[bytes]]:
    """A backup's bytes, decrypted where it is encrypted.

    What is decrypted goes through a temporary file without a name, which ends with
    the process, however that ends.

    Args:
        path: the backup.
        identity: a file with the private key that opens it, where it is encrypted.

    Raises:
        BackupRefused: it cannot be read, or is encrypted and no key opens it.
        BackupDamaged: it is not what was written.
        IdentityRefused: the file of the key holds none.
        FileNotWritten: the temporary folder has no room for what is decrypted.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise BackupRefused(f"{path} cannot be read ({error.strerror})") from error
    with file:
        beginning = file.read(len(max(_BEGINNINGS, key=len)))
        file.seek(0)
        if not beginning.startswith(_BEGINNINGS):
            yield file
            return
        if identity is None:
            raise BackupRefused(
                "it is encrypted; name the file of the private key with --identity"
            )
        keys = _read_identities(identity)
        with _unnamed_file() as plain:
            _decrypt(file, plain, keys)
            plain.seek(0)
            yield plain


def _unnamed_file() -> IO[bytes]:
    try:
        return tempfile.TemporaryFile()
    except OSError as error:
        raise FileNotWritten(_temporary(), error.strerror or str(error)) from error


def _decrypt(file: IO[bytes], plain: IO[bytes], keys: Sequence[Identity]) -> None:
    target = _Target(plain)
    try:
        pyrage.decrypt_io(file, target, list(keys))
        plain.flush()
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            raise BackupRefused(
                "the key given with --identity does not open it"
            ) from error
        raise BackupDamaged from error
    except OSError as error:
        if target.failure is not None or error.errno is not None:
            raise FileNotWritten(_temporary(), error.strerror or str(error)) from error
        raise BackupDamaged from error


def _temporary() -> str:
    try:
        return tempfile.gettempdir()
    except OSError:
        return "TMPDIR"


def _read_identities(path: Path) -> list[Identity]:
    """The private keys in a file, as ``age-keygen`` or ``ssh-keygen`` write them."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise IdentityRefused(
            str(path), f"cannot be read ({error.strerror})"
        ) from error
    try:
        if raw.startswith(b"-----BEGIN"):
            return [Identity(pyrage.ssh.Identity.from_buffer(raw))]
        lines = (line.strip() for line in raw.decode().splitlines())
        keys = [
            Identity(pyrage.x25519.Identity.from_str(line))
            for line in lines
            if line.startswith(_SECRET)
        ]
    except (pyrage.IdentityError, ValueError) as error:
        raise IdentityRefused(str(path), _NO_KEY) from error
    if not keys:
        raise IdentityRefused(str(path), _NO_KEY)
    return keys
