"""Files of keys and certificates: whole or not at all, and nobody else's to read."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    KeySerializationEncryption,
    NoEncryption,
)

from signer import files
from signer.errors import FileExists, FileNotWritten, KeysExist, KeyUnusable


def read_file(path: Path, *, absent: str = "is not there", hint: str = "") -> bytes:
    """The whole of a file.

    Args:
        path: the file.
        absent: what is said where it is not there, as a clause.
        hint: what to do where it cannot be read, behind the reason.

    Raises:
        KeyUnusable: it is not there, or cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise KeyUnusable(str(path), absent) from error
    except OSError as error:
        problem = f"cannot be read ({error.strerror}){hint}"
        raise KeyUnusable(str(path), problem) from error


def write_new_folder(folder: Path, contents: dict[str, bytes]) -> None:
    """Write files into a folder that is not there yet, or empty: all or none.

    Raises:
        KeysExist: the folder holds something already.
        KeyUnusable: it cannot be written.
    """
    try:
        files.create_folder(folder, contents)
    except FileExists as error:
        raise KeysExist(str(folder)) from error
    except FileNotWritten as error:
        raise KeyUnusable(str(folder), f"cannot be made ({error.reason})") from error


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
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.replace(path, content, private=True)
    except (OSError, FileNotWritten) as error:
        raise _unusable(path, error) from error


def write_new_file(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, whole or not at all.

    Raises:
        KeyUnusable: it is there already, or cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.create(path, content, private=True)
    except FileExists as error:
        raise KeyUnusable(str(path), "already exists; it was not changed") from error
    except (OSError, FileNotWritten) as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError | FileNotWritten) -> KeyUnusable:
    reason = error.strerror if isinstance(error, OSError) else error.reason
    return KeyUnusable(str(path), f"cannot be written ({reason})")
