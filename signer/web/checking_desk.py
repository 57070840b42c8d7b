"""Where dropped files are checked: a few at once, apart from everything else."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from signer.declaration.verification.apart import SECONDS, Examiners
from signer.workflows.ask_outside import Outside
from signer.workflows.known_here import known_here, released_here
from signer.workflows.log_identity import verifiers

if TYPE_CHECKING:
    from signer.declaration.verification import Report
    from signer.workflows.house import House

AT_ONCE = 2
"""Files that are looked at by each process of the service at one time."""

PATIENCE_SECONDS = 2.0
"""How long a further one waits before it is told to come again: most take a tenth of
a second."""


WAITING = 2
"""Further ones that wait at one time, each in a thread that others want as well."""


class CheckingDesk:
    """Checks files for anybody; keeps nothing of them.

    Args:
        house: what to go by.
        patience: how many seconds a file waits for its turn.
        seconds: the most that one file may take.
    """

    def __init__(
        self,
        house: House,
        *,
        patience: float = PATIENCE_SECONDS,
        seconds: float = SECONDS,
    ) -> None:
        self._house = house
        self.patience = patience
        self._seconds = seconds
        self.places = threading.BoundedSemaphore(AT_ONCE)
        """Taken by each file that is being looked at."""
        self.queue = threading.BoundedSemaphore(WAITING)
        """Taken by each file that waits for a place."""
        self._lock = threading.Lock()
        self._examiners: Examiners | None = None
        self._known = b""

    def check(self, pdf: bytes, proof: str | None) -> Report | None:
        """The whole report on a file; None while others are being checked.

        Args:
            pdf: the file.
            proof: a proof file that came with it.

        Raises:
            SignerError: what the school itself goes by cannot be read.
        """
        if not self._take_place():
            return None
        try:
            report = self._current().verify(pdf)
        finally:
            self.places.release()
        outside = Outside(
            versions=released_here(self._house),
            verifiers=verifiers(self._house) if proof is not None else (),
            record=self._house.sessions,
        )
        return outside.complete(report, proof)

    def _take_place(self) -> bool:
        if self.places.acquire(blocking=False):
            return True
        if not self.queue.acquire(blocking=False):
            return False
        try:
            return self.places.acquire(timeout=self.patience)
        finally:
            self.queue.release()

    def close(self) -> None:
        """End the processes that look at files; a later file starts others."""
        with self._lock:
            before, self._examiners = self._examiners, None
        if before:
            before.close()

    def _current(self) -> Examiners:
        """The processes that go by what is known now."""
        known = known_here(self._house)
        told = known.to_json()
        with self._lock:
            before, current = None, self._examiners
            if current is None or told != self._known:
                before = current
                current = self._examiners = Examiners(
                    known, most=AT_ONCE, seconds=self._seconds
                )
                self._known = told
        if before:
            before.close()
        return current
