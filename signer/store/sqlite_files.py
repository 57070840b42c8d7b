"""SQLite's files, which nothing in a process may open by path beside SQLite itself.

POSIX drops every lock that a process has on a file as soon as the process closes any
descriptor of it. So a database's file is made before SQLite first opens it, exactly
once and never where it exists; whatever else is to be known of it `stat` tells.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from signer.errors import DatabaseMissing

if TYPE_CHECKING:
    from collections.abc import Callable


ENDINGS = ("", "-wal", "-shm")
"""What follows a database's name in the names of its files: the log of writes and its
index stand beside it."""

Identity = tuple[tuple[int, int] | None, ...]
"""Device and inode of each of a database's files, None for one that is not there."""


def create_private_file(path: str) -> bool:
    """Create an empty file for its owner's eyes alone, where there is none.

    SQLite gives the files beside it the same rights.

    Returns:
        Whether it was created; one that exists is not opened.

    Raises:
        OSError: it cannot be created, as in a folder that is missing.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return True


def opener(path: str, busy_seconds: float) -> Callable[[], sqlite3.Connection]:
    """Return what opens a connection to a database that exists, and creates none.

    Args:
        path: the database's file.
        busy_seconds: how long a statement waits for another process's lock.
    """
    # Absolute, for a process may change its folder between two connections.
    address = f"file:{quote(str(Path(path).absolute()))}?mode=rw"

    def open_existing() -> sqlite3.Connection:
        try:
            return sqlite3.connect(
                address, uri=True, timeout=busy_seconds, check_same_thread=False
            )
        except sqlite3.OperationalError as error:
            if is_missing(path):
                raise DatabaseMissing(path) from error
            raise

    return open_existing


def identity_of(path: str | Path) -> Identity:
    """Return what tells a database's files from others at the same paths.

    While a connection to them is open none of it changes, for only the last one of
    all to close takes the log of writes away.
    """
    return tuple(_inode(f"{path}{ending}") for ending in ENDINGS)


def _inode(path: str) -> tuple[int, int] | None:
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def remove_files(path: str) -> None:
    """Take away a database that this process made and that nobody else knows of.

    Nothing is opened; every connection to it was closed before.
    """
    for file in (path, f"{path}-wal", f"{path}-shm", f"{path}-journal"):
        with suppress(OSError):
            Path(file).unlink()


def is_missing(path: str) -> bool:
    """Whether there is nothing at a path, not even something that cannot be read."""
    try:
        Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
