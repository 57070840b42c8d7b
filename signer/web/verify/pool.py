"""Where dropped files are checked: a few at once, beside everything else."""

from __future__ import annotations

import threading
from functools import partial

from signer.declaration.verify import Report
from signer.declaration.verify.sandbox.pool import SECONDS, Examiners
from signer.ledger.proof_files import Proof
from signer.web.overload.admission import PLACES, Admission, of_this_service
from signer.workflows.context import AppContext
from signer.workflows.declarations.own_trust import own_trust, released_here
from signer.workflows.declarations.still_stands import Stands, still_stands
from signer.workflows.declarations.verify_with_records import Outside
from signer.workflows.log.contradictions import note_contradiction
from signer.workflows.log.cosigning.servers import witness_keys
from signer.workflows.log.origins import verifiers
from signer.workflows.mailing.alarms import sound_alarm

PATIENCE_SECONDS = 2.0
"""How long a file waits for its turn before its sender is told to come again: most
take a tenth of a second."""


class VerificationPool:
    """Checks files for anybody; keeps nothing of them.

    Args:
        context: what to go by.
        patience: how many seconds a file waits for its turn.
        seconds: the most that one file may take.
        admission: who may have a file examined; by default, the one that all
            processes of the service share.
    """

    def __init__(
        self,
        context: AppContext,
        *,
        patience: float = PATIENCE_SECONDS,
        seconds: float = SECONDS,
        admission: Admission | None = None,
    ) -> None:
        self._context = context
        self.patience = patience
        self._seconds = seconds
        self.admission = admission or of_this_service()
        self._lock = threading.Lock()
        self._examiners: Examiners | None = None
        self._known = b""

    def check(self, pdf: bytes, proof: str | None, client: str | None) -> Report | None:
        """The whole report on a file; None while others are being checked.

        Args:
            pdf: the file.
            proof: a proof file that came with it.
            client: the network that it comes from, if that is known.

        Raises:
            SignerError: what the school itself goes by cannot be read.
        """
        with self.admission.place(client, self.patience) as admitted:
            if not admitted:
                return None
            report = self._current().verify(pdf)
        outside = Outside(
            versions=released_here(self._context),
            verifiers=verifiers(self._context) if proof is not None else (),
            record=self._context.sessions,
            witnesses=witness_keys(self._context.settings),
            alarm=partial(note_contradiction, self._context),
            lost_alarm=partial(sound_alarm, self._context, "vanished"),
        )
        return outside.complete(report, proof)

    def stands(self, proof: Proof) -> Stands:
        """What today's log has of the entry that a proof vouches for.

        Raises:
            CheckFailed: the proof does not hold, or contradicts the log.
            NotChecked: it is of another log, or holds no record.
        """
        return still_stands(
            self._context.sessions,
            proof,
            verifiers(self._context),
            partial(note_contradiction, self._context),
            partial(sound_alarm, self._context, "vanished"),
        )

    def close(self) -> None:
        """End the processes that look at files; a later file starts others."""
        with self._lock:
            before, self._examiners = self._examiners, None
        if before:
            before.close()

    def _current(self) -> Examiners:
        """The processes that go by what is known now."""
        known = own_trust(self._context)
        told = known.to_json()
        with self._lock:
            before, current = None, self._examiners
            if current is None or told != self._known:
                before = current
                current = self._examiners = Examiners(
                    known, most=PLACES, seconds=self._seconds
                )
                self._known = told
        if before:
            before.close()
        return current
