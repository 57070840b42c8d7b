"""Admission control for files that are examined, over all processes of one service.

Examining a file may take ten seconds of a processor. So only a few are examined at
once, however many processes serve, and one client cannot take all the places.

Nothing here names anybody: a client is a hash, under a key that no one learns and that
ends with the service.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import secrets
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from tempfile import TemporaryFile

PLACES = 2
"""Files that are examined at one time by all processes of the service together."""

SHARE = 0.1
"""The share of the time in which one client may have files examined, in the long
run."""

SAVED_SECONDS = 60.0
"""Seconds of examination that a client may use at once before `SHARE` counts. A whole
school may share one address, and a declaration takes a tenth of a second: 60 of them
pass at once, then six a minute. Of files made to take ten seconds, seven do."""

LEAST_SECONDS = 1.0
"""What each file counts for at least: it was sent and taken in as well."""

MOST_SECONDS = 10.0
"""What each file counts for at most: a busy machine is not the client's doing."""

BUCKETS = 4096

_NUMBER_BYTES = 7
_LOOKS_SECONDS = 0.05


class ProcessLocks:
    """Numbered locks that threads and processes hold against each other.

    Each is a POSIX record lock on one byte of a file without a name. The kernel drops
    it with the process, however that ends. A child that is forked has the file and
    none of the locks, and since nobody can open the file again, no lock is lost by
    closing it. POSIX lets the threads of one process pass, so their part is kept here.
    """

    def __init__(self) -> None:
        # It stays empty: a lock needs no byte to stand on, and no disk.
        if sys.platform == "linux":
            self._file = os.memfd_create("signer-locks")
        else:
            with TemporaryFile() as file:
                self._file = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._file)
        self._own: set[int] = set()
        self._guard = threading.Lock()

    def take(self, number: int) -> bool:
        """Take a lock; False where it is held.

        Args:
            number: of the lock, below 2**63.
        """
        with self._guard:
            if number in self._own:
                return False
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
            except (BlockingIOError, PermissionError):
                return False
            self._own.add(number)
        return True

    def release(self, number: int) -> None:
        """Give a lock back."""
        with self._guard:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)
            self._own.remove(number)


class Budgets:
    """Seconds of examination that are left to each client: a leaky bucket for each.

    They stand in memory that forked processes share, in a fixed number of buckets.
    Clients that fall into one bucket share it; `PLACES` examinations at once can never
    fill more than a few.
    """

    def __init__(self) -> None:
        # For each bucket, when it will be empty, by the machine's monotonic clock.
        self._empty_at = memoryview(mmap.mmap(-1, 8 * BUCKETS)).cast("d")

    def wait(self, client: int) -> float:
        """Return the seconds until a client may send a file; 0 for now."""
        full = self._empty_at[client % BUCKETS] - time.monotonic()
        return max(0.0, full - SAVED_SECONDS / SHARE)

    def charge(self, client: int, seconds: float) -> None:
        """Take seconds of examination from a client's budget."""
        bucket = client % BUCKETS
        cost = min(max(seconds, LEAST_SECONDS), MOST_SECONDS)
        empty_at = max(self._empty_at[bucket], time.monotonic())
        self._empty_at[bucket] = empty_at + cost / SHARE


class Admission:
    """Places for files that are examined, and the share that each client has of them.

    It is made before the processes are forked that are to share it.

    Args:
        places: how many files are examined at once.
    """

    def __init__(self, places: int = PLACES) -> None:
        self.places = places
        self._locks = ProcessLocks()
        self._budgets = Budgets()
        self.queue = threading.Lock()
        """Held by the one client that waits for a place in this process: it holds a
        thread as well."""
        self._key = secrets.token_bytes(16)

    def wait(self, client: str | None) -> float:
        """Return the seconds until a client has budget again; 0 where it has some.

        Args:
            client: whom the file comes from; None where that is not known, and only
                the places are limited.
        """
        return 0.0 if client is None else self._budgets.wait(self._number(client))

    @contextmanager
    def place(self, client: str | None, patience: float = 0.0) -> Iterator[bool]:
        """Hold a place while a file is examined, and charge the client for it.

        Gives False where all places are taken, or the client has one already.

        Args:
            client: whom the file comes from, if that is known.
            patience: for how many seconds to wait for a place, where nobody else in
                this process waits for one.
        """
        number = None if client is None else self._number(client)
        taken = self._take(number)
        if not taken and patience and self.queue.acquire(blocking=False):
            try:
                taken = self._take_soon(number, patience)
            finally:
                self.queue.release()
        began = time.monotonic()
        try:
            yield bool(taken)
        finally:
            # While the client's own lock is held, nobody else changes its budget.
            if taken and number is not None:
                self._budgets.charge(number, time.monotonic() - began)
            for lock in taken:
                self._locks.release(lock)

    def _take(self, client: int | None) -> list[int]:
        """Take the client's lock and that of a place: all of them, or none."""
        taken = []
        if client is not None:
            if not self._locks.take(client):
                return []
            taken.append(client)
        for place in range(self.places):
            if self._locks.take(place):
                return [*taken, place]
        for lock in taken:
            self._locks.release(lock)
        return []

    def _take_soon(self, client: int | None, patience: float) -> list[int]:
        until = time.monotonic() + patience
        taken: list[int] = []
        while not taken and time.monotonic() < until:
            time.sleep(_LOOKS_SECONDS)
            taken = self._take(client)
        return taken

    def _number(self, client: str) -> int:
        """Return a client's number, above those of the places."""
        digest = hashlib.blake2b(
            client.encode(), key=self._key, digest_size=_NUMBER_BYTES
        ).digest()
        return self.places + int.from_bytes(digest)


@cache
def of_this_service() -> Admission:
    """Return the one that every application of this process shares.

    A server that makes its application anew, while children of the one before finish
    what they examine, still counts all of them together.
    """
    return Admission()
