"""Which process waits next for SQLite's write lock.

SQLite has no queue: whoever waits looks again after a while, and finds the lock taken
by a process that gave it back a moment ago and wants it again. A process whose writers
come seldom may wait for minutes beside one whose writers come without a pause. So a
writer first takes a second lock, and gives that one back once it has SQLite's: while
one process waits for SQLite's lock, no other asks for it.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

from signer.store.sqlite_files import TURN_ENDING

_LOOK_SECONDS = 0.002


class WriteQueue:
    """The place of one process in the queue for SQLite's write lock.

    Args:
        path: the database's file.
    """

    def __init__(self, path: str) -> None:
        self._path = path + TURN_ENDING
        self._descriptor = -1
        self._process = 0

    def close(self) -> None:
        """Close the file of the second lock; whoever writes next opens it again."""
        if self._descriptor >= 0 and self._process == os.getpid():
            os.close(self._descriptor)
        self._descriptor, self._process = -1, 0

    def begin(self, connection: sqlite3.Connection, seconds: float) -> bool:
        """Begin a transaction that writes; gives whether it has begun.

        Args:
            connection: a connection without a transaction.
            seconds: for how long to wait; statements that follow wait as long.
        """
        deadline = time.monotonic() + seconds
        # Whoever is first in the queue may have been suspended there.
        with self._first(time.monotonic() + seconds / 2):
            connection.execute("PRAGMA busy_timeout = 0")
            begun = _has_begun(connection)
            while begun is None and time.monotonic() < deadline:
                time.sleep(_LOOK_SECONDS)
                begun = _has_begun(connection)
        connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")
        return bool(begun)

    @contextmanager
    def _first(self, deadline: float) -> Iterator[None]:
        """Be first in the queue, or go without where that takes too long."""
        descriptor = self._opened()
        held = False
        while descriptor >= 0 and not held and time.monotonic() < deadline:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                held = True
            except BlockingIOError:
                time.sleep(_LOOK_SECONDS)
            except OSError:
                break  # a file system without locks: the queue is only fairness
        try:
            yield
        finally:
            if held:
                fcntl.flock(descriptor, fcntl.LOCK_UN)

    def _opened(self) -> int:
        """The file's descriptor in this process, or -1 where it cannot be opened.

        A child that is forked opens its own: they would hold the lock together.
        """
        if self._process != os.getpid():
            try:
                flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC
                self._descriptor = os.open(self._path, flags, 0o600)
            except OSError:
                self._descriptor = -1
            self._process = os.getpid()
        return self._descriptor


def _has_begun(connection: sqlite3.Connection) -> bool | None:
    """Whether a transaction has begun; None while another one holds the lock."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        return None if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY else False
    return True
