"""Files of keys and certificates: whole or not at all, and nobody else's to read."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    KeySerializationEncryption,
    NoEncryption,
)

from signer.errors import KeysExist, KeyUnusable


def write_new_folder(folder: Path, contents: dict[str, bytes]) -> None:
    """Write files into a folder that is not there yet, or empty: all or none.

    Raises:
        KeysExist: the folder holds something already.
        KeyUnusable: it cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # mkdtemp gives 0700.
        aside = Path(tempfile.mkdtemp(prefix=".keys-", dir=folder.parent))
    except OSError as error:
        raise KeyUnusable(str(folder), f"cannot be made ({error.strerror})") from error
    try:
        for name, content in contents.items():
            _write(aside / name, content)
        # Renaming a folder onto one that is not empty fails: the first one wins.
        aside.rename(folder)
    except OSError as error:
        if folder.is_dir() and any(folder.iterdir()):
            raise KeysExist(str(folder)) from error
        raise KeyUnusable(
            str(folder), f"cannot be written ({error.strerror})"
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def lock(passphrase: str) -> KeySerializationEncryption:
    """How a private key is locked with a passphrase; an empty one leaves it open."""
    if not passphrase:
        return NoEncryption()
    return BestAvailableEncryption(passphrase.encode())


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in another's place, at once: who reads it finds the old or the new.

    Raises:
        KeyUnusable: it cannot be written; the old one is as it was.
    """
    aside = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside.unlink(missing_ok=True)
        _write(aside, content)
        aside.replace(path)
        _keep_names(path.parent)
    except OSError as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise KeyUnusable(str(path), f"cannot be written ({error.strerror})") from error


def write_new_file(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, whole or not at all.

    Raises:
        KeyUnusable: it is there already, or cannot be written.
    """
    aside = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside.unlink(missing_ok=True)
        _write(aside, content)
        # A second name fails where the file is there: the first one wins.
        path.hardlink_to(aside)
        _keep_names(path.parent)
    except FileExistsError as error:
        raise KeyUnusable(str(path), "is there already; it was not touched") from error
    except OSError as error:
        raise KeyUnusable(str(path), f"cannot be written ({error.strerror})") from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _keep_names(folder: Path) -> None:
    """A file's name outlives a power cut only once its folder is written too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
