"""Whether a process can write to its database: what its writers met, and how they wait.

What is told here is known to one process, except the lock, which anybody can try.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from dataclasses import dataclass
from enum import StrEnum

from signer.errors import DatabaseBusy

_log = logging.getLogger(__name__)

LASTING_SECONDS = 5.0
"""A lock that is held for longer is no writer who is at work."""

LATELY_SECONDS = 120.0
"""How long a failed write counts when nothing is written after it."""

_BACK_SECONDS = 60.0
"""A small write may still find room on a full disk; so long none must have failed."""


class WriteProblem(StrEnum):
    """Why a database takes no writes."""

    BUSY = "another writer holds it"
    FULL = "its disk is full"
    READ_ONLY = "it can only be read"
    DISK = "its disk takes no data"


_SQLITE = {
    sqlite3.SQLITE_BUSY: WriteProblem.BUSY,
    sqlite3.SQLITE_LOCKED: WriteProblem.BUSY,
    sqlite3.SQLITE_FULL: WriteProblem.FULL,
    sqlite3.SQLITE_READONLY: WriteProblem.READ_ONLY,
}
_SQLITE_IO = frozenset({sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE})
_POSTGRESQL = {
    "55P03": WriteProblem.BUSY,
    "53100": WriteProblem.FULL,
    "25006": WriteProblem.READ_ONLY,
}


@dataclass(frozen=True, slots=True)
class WriteState:
    """What a process knows of writing.

    Attributes:
        problem: what keeps from it; None where nothing does.
        seconds: for how long, as far as is known.
        refused: whether a writer has given up over it.
    """

    problem: WriteProblem | None = None
    seconds: float = 0.0
    refused: bool = False

    @property
    def lasts(self) -> bool:
        """Whether it is more than a writer who takes a moment."""
        return self.refused or self.seconds >= LASTING_SECONDS


def write_problem(error: BaseException) -> WriteProblem | None:
    """Return what an error of the database says of writing, or None."""
    if isinstance(error, DatabaseBusy):
        return WriteProblem.BUSY
    original = getattr(error, "orig", None) or error
    code = getattr(original, "sqlite_errorcode", None)
    if code in _SQLITE_IO:
        return WriteProblem.DISK
    if code is not None:
        return _SQLITE.get(code & 0xFF)
    return _POSTGRESQL.get(getattr(original, "sqlstate", None) or "")


class WriteHealth:
    """What the writers of one process wait for and meet.

    A change is logged once, however many writers meet it.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: dict[object, float] = {}
        self._problem: WriteProblem | None = None
        self._since = self._last = 0.0
        self._refused = False

    def wait(self) -> object:
        """Note that a writer waits from now on; gives what `begin` is to be told."""
        waiter = object()
        with self._guard:
            self._waiting[waiter] = time.monotonic()
        return waiter

    def begin(self, waiter: object) -> None:
        """Note that a writer waits no more; may be told twice."""
        with self._guard:
            self._waiting.pop(waiter, None)

    def waited(self) -> float:
        """For how many seconds the writer has waited who has done so longest."""
        with self._guard:
            begun = min(self._waiting.values(), default=None)
        return 0.0 if begun is None else time.monotonic() - begun

    def explains(self, error: BaseException) -> bool:
        """Note an error that a writer met; gives whether it is one about writing.

        Such an error is logged here, once, in one line.
        """
        problem = write_problem(error)
        if problem is None:
            return False
        with self._guard:
            told = self._refused and self._problem is problem
            self._note(problem)
            self._refused = True
        if not told:
            _log.error("the database cannot be written: %s", problem)
        return True

    def note_held(self) -> None:
        """Note that the lock was not to be had for a moment."""
        with self._guard:
            if self._problem is None:
                self._note(WriteProblem.BUSY)
            self._last = time.monotonic()

    def note_free(self) -> None:
        """Note that the lock was to be had, which says nothing of the disk."""
        with self._guard:
            back = self._problem is WriteProblem.BUSY
        if back:
            self._forget()

    def succeed(self) -> None:
        """Note that a transaction was committed."""
        with self._guard:
            problem, ago = self._problem, time.monotonic() - self._last
        if problem is WriteProblem.BUSY or (problem and ago > _BACK_SECONDS):
            self._forget()

    def state(self) -> WriteState:
        """Return what is known now."""
        waited = self.waited()
        with self._guard:
            now = time.monotonic()
            if self._problem is None or now - self._last > LATELY_SECONDS:
                return WriteState()
            since = max(now - self._since, waited)
            return WriteState(self._problem, since, self._refused)

    def _note(self, problem: WriteProblem) -> None:
        now = time.monotonic()
        if self._problem is not problem or now - self._last > LATELY_SECONDS:
            self._problem, self._since, self._refused = problem, now, False
        self._last = now

    def _forget(self) -> None:
        with self._guard:
            told, self._refused, self._problem = self._refused, False, None
        if told:
            _log.info("the database can be written again")
