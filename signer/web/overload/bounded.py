"""A question that is asked in a thread of its own, and waited for only so long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")

PATIENCE = 3.0
"""How long an answer about health may take, in seconds, whatever the database does."""


class Bounded(Generic[T]):
    """Asks a question in a thread of its own, and waits for the answer only so long.

    However many ask meanwhile, the question is asked once: a database that hangs holds
    one thread, and not one for each visitor.
    """

    def __init__(self, question: Callable[[], T]) -> None:
        self._question = question
        self._lock = threading.Lock()
        self._asked: Future[T] | None = None

    def ask(self, patience: float) -> T:
        """Return the answer.

        Args:
            patience: how long to wait for it, in seconds.

        Raises:
            TimeoutError: it takes longer.
        """
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = Future()
                # A thread of which a process that ends does not have to think.
                threading.Thread(
                    target=self._answer, args=(self._asked,), daemon=True
                ).start()
            asked = self._asked
        return asked.result(patience)

    def _answer(self, asked: Future[T]) -> None:
        try:
            asked.set_result(self._question())
        except Exception as error:  # noqa: BLE001 - whoever asked gets it
            asked.set_exception(error)
