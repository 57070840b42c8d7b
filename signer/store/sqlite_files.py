"""SQLite's files, which nothing in a process may open by path beside SQLite itself.

POSIX drops every lock that a process has on a file as soon as the process closes any
descriptor of it. So a database's file is made before SQLite first opens it, exactly
once and never where it exists; whatever else is to be known of it `stat` tells.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from signer import files
from signer.errors import (
    DatabaseMissing,
    DatabaseReplaced,
    FileNotWritten,
    ForeignLogOfWrites,
)
from signer.store.sqlite_locks import log_is_of_another

ENDINGS = ("", "-wal", "-shm")
"""What follows a database's name in the names of its files: the log of writes and its
index stand beside it."""

OWNER_ENDING = ".inode"
"""Ends the name of a file that says for which inode the log of writes was begun."""

TURN_ENDING = ".turn"
"""Ends the name of an empty file whose lock says which process writes next."""

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


class OpenFiles:
    """The files that a process's connections have open, and whether they still stand.

    Args:
        path: the database's file.
        busy_seconds: how long a statement waits for another process's lock.
    """

    def __init__(self, path: str, busy_seconds: float) -> None:
        # Absolute, for a process may change its folder between two connections.
        self.path = str(Path(path).absolute())
        self._busy_seconds = busy_seconds
        self._held: dict[int, Identity] = {}
        self._database: tuple[int, int] | None = None
        self._lock = threading.Lock()

    def open(self) -> sqlite3.Connection:
        """Open a connection to a database that exists; none is created.

        Raises:
            DatabaseMissing: there is no file.
            DatabaseReplaced: this process had another one open before, or another
                process has; opening it would spoil both.
            ForeignLogOfWrites: what was committed last, before every process ended,
                belongs to another file.
        """
        self.check()
        if self._database is None and log_is_of_another(self.path):
            raise DatabaseReplaced(self.path, missing=is_missing(self.path))
        if is_log_foreign(self.path):
            raise ForeignLogOfWrites(self.path)
        address = f"file:{quote(self.path)}?mode=rw"
        try:
            return sqlite3.connect(
                address, uri=True, timeout=self._busy_seconds, check_same_thread=False
            )
        except sqlite3.OperationalError as error:
            if is_missing(self.path):
                raise DatabaseMissing(self.path) from error
            raise

    def opened(self, connection: sqlite3.Connection) -> None:
        """Remember the files of a connection that has just begun to use them."""
        # Reading is what opens the log of writes, and its index.
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        identity = identity_of(self.path)
        with self._lock:
            self._held[id(connection)] = identity
            self._database = self._database or identity[0]
        self.check()
        note_owner(self.path)

    def closed(self, connection: object) -> None:
        """Forget a connection: once all are closed, the log of writes may go."""
        with self._lock:
            self._held.pop(id(connection), None)

    def forget(self) -> None:
        """Forget every connection, and with them the log of writes, but not the file.

        Whoever connects again, as a child does after a fork, means the same database.
        """
        with self._lock:
            self._held.clear()

    def remove(self) -> None:
        """Take away a database that this process made and that nobody else knows of.

        Nothing is opened; every connection to it was closed before. Whoever connects
        again means the one that is made there next.
        """
        with self._lock:
            for ending in ("", "-wal", "-shm", "-journal", OWNER_ENDING, TURN_ENDING):
                with suppress(OSError):
                    Path(f"{self.path}{ending}").unlink()
            self._held.clear()
            self._database = None

    def check(self) -> None:
        """Check that the files at the paths are those that are open.

        Raises:
            DatabaseReplaced: one of them was replaced, renamed or removed.
        """
        with self._lock:
            held, database = set(self._held.values()), self._database
        if database is None:
            return
        there = identity_of(self.path)
        if there[0] != database or any(there != one for one in held):
            raise DatabaseReplaced(self.path, missing=there[0] is None)


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


def is_log_foreign(path: str) -> bool:
    """Whether the log of writes beside a database was begun for another file.

    SQLite ties the two by their names alone. After a crash it would write what the one
    had committed into the other, and spoil both.
    """
    try:
        if not Path(f"{path}-wal").stat().st_size:
            return False
        owner = Path(f"{path}{OWNER_ENDING}").read_text("ascii")
        return owner != f"{Path(path).stat().st_ino}\n"
    except OSError:
        # There is no log, no note of its owner, or no database: others tell of that.
        return False


def note_owner(path: str) -> None:
    """Note which file the log of writes belongs to from now on.

    What cannot be noted is not left standing as it was either: a note that is wrong
    would keep the database from being opened.
    """
    note = Path(f"{path}{OWNER_ENDING}")
    try:
        owner = f"{Path(path).stat().st_ino}\n"
        with suppress(FileNotFoundError):
            if note.read_text("ascii") == owner:
                return
        files.replace(note, owner.encode(), private=True)
    except (OSError, FileNotWritten):
        with suppress(OSError):
            note.unlink()


def is_missing(path: str) -> bool:
    """Whether there is nothing at a path, not even something that cannot be read."""
    try:
        Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
