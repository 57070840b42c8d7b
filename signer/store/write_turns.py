"""Who of a process's threads may write, and how many may wait for that.

While another process holds the database for long, each thread that wants to write
would wait for it, until none is left to answer those who only read. So only a part of
them may wait; the others are refused at once.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from signer.errors import DatabaseBusy

STUCK_SECONDS = 2.0
"""A transaction waits for something, rather than works, that has taken longer while no
other one was committed."""

_STEP_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Patience:
    """How long, and how many, may wait to write."""

    seconds: float = 30.0
    """How long a writer waits for others before it gives up."""
    threads: int = 64
    """How many threads of a process may wait while writing is stuck."""


class WriteTurns:
    """The turns of one process's writers, in the order in which they came.

    Args:
        patience: how long and how many may wait.
        alone: whether one thread writes at a time, as SQLite has it anyway.
    """

    def __init__(self, patience: Patience, *, alone: bool) -> None:
        self._patience = patience
        self._alone = alone
        self._taken = False
        self._queue: deque[threading.Event] = deque()
        self._guard = threading.Lock()
        self._begun: dict[object, float] = {}
        self._succeeded = float("-inf")
        self._waiting = 0

    @contextmanager
    def take(self) -> Iterator[float]:
        """Take a turn at writing; gives for how many seconds more to wait for others.

        Raises:
            DatabaseBusy: others take too long.
        """
        deadline = time.monotonic() + self._patience.seconds
        with self._guard:
            place = self._waiting = self._waiting + 1
        try:
            surplus = place > self._patience.threads
            if surplus and self._stuck():
                raise DatabaseBusy
            if self._alone:
                self._await_turn(deadline, surplus=surplus)
            mine = object()
            with self._guard:
                self._begun[mine] = time.monotonic()
            try:
                yield max(deadline - time.monotonic(), _STEP_SECONDS)
            finally:
                with self._guard:
                    del self._begun[mine]
                if self._alone:
                    self._pass_on()
        finally:
            with self._guard:
                self._waiting -= 1

    @property
    def waiting(self) -> int:
        """How many have a turn, or wait for one."""
        with self._guard:
            return self._waiting

    def succeed(self) -> None:
        """Note that a transaction was committed: slow as it is, nothing is stuck."""
        self._succeeded = time.monotonic()

    def _await_turn(self, deadline: float, *, surplus: bool) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            turn = threading.Event()
            self._queue.append(turn)
        while not turn.wait(_STEP_SECONDS):
            if time.monotonic() > deadline or (surplus and self._stuck()):
                with self._guard:
                    if turn.is_set():
                        return
                    self._queue.remove(turn)
                raise DatabaseBusy

    def _pass_on(self) -> None:
        with self._guard:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._taken = False

    def _stuck(self) -> bool:
        with self._guard:
            begun = min(self._begun.values(), default=None)
        if begun is None:
            return False
        return time.monotonic() - max(begun, self._succeeded) > STUCK_SECONDS
