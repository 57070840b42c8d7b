"""Asking those besides the file: the school's record, its log, what was released."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

from signer.audit.currency import standing_check
from signer.audit.inclusion import inclusion_check
from signer.declaration.verify import (
    LOG,
    RECORD,
    STANDING,
    Report,
    completed,
    record_check,
)
from signer.errors import NotChecked, ProofRefused
from signer.ledger.proof_files import read_proof
from signer.ledger.signed_notes import NoteVerifier
from signer.policy.versions import Version
from signer.store.engine import Sessions
from signer.workflows.declarations.lookup import find_record, log_check


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Whoever can be asked about a declaration."""

    versions: Collection[Version]
    """The released versions, as far as they are at hand."""
    verifiers: Collection[NoteVerifier] = ()
    """The keys of the logs that are trusted."""
    record: Sessions | None = None
    """The school's record; None where it is not at hand."""
    tells_fate: bool = False
    """Whether the one who asks may hear of the parent: who left, who signed anew."""

    def complete(self, report: Report, proof: str | None = None) -> Report:
        """The report with the steps that the file cannot answer.

        Args:
            report: what the file answers.
            proof: a proof file that came with it. Without one, the log is looked up
                in the record.
        """
        statement = report.statement
        if statement is None:
            return completed(report, dict.fromkeys((RECORD, LOG, STANDING), _nothing))
        named, sha256 = statement.declaration_id, report.sha256
        kept = find_record(self.record, named) if self.record else None
        fate = kept.fate if kept and self.tells_fate else None
        checks: dict[str, Callable[[], str]] = {
            STANDING: partial(
                standing_check, statement.policy_version, self.versions, fate
            )
        }
        if self.record:
            recorded = kept.pdf_sha256 if kept else None
            checks[RECORD] = partial(record_check, sha256, recorded)
        if proof is not None:
            checks[LOG] = partial(self._prove, proof, named, sha256)
        elif kept:
            checks[LOG] = partial(
                log_check, kept, declaration_id=named, pdf_sha256=sha256
            )
        return completed(report, checks)

    def _prove(self, proof: str, declaration_id: str, pdf_sha256: str) -> str:
        try:
            read = read_proof(proof)
        except ProofRefused as error:
            raise NotChecked(
                "What should be its proof cannot be read as one: it is damaged, or "
                "another kind of file."
            ) from error
        return inclusion_check(
            read,
            self.verifiers,
            declaration_id=declaration_id,
            pdf_sha256=pdf_sha256,
        )


def _nothing() -> str:
    raise NotChecked("Nothing proves which declaration it is, so nobody was asked.")
