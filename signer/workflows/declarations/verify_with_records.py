"""Asking those besides the file: the school's record, its log, what was released."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

from signer import clock
from signer.audit.currency import standing_check
from signer.audit.inclusion import inclusion_check
from signer.declaration.verify import (
    LOG,
    RECORD,
    STANDING,
    Report,
    Result,
    completed,
    record_check,
)
from signer.errors import CheckFailed, NotChecked, NoteRefused, ProofRefused
from signer.ledger.cosignatures import WitnessKey, read_cosignatures
from signer.ledger.proof_files import Proof, as_it_was, read_proof
from signer.ledger.signed_notes import NoteVerifier
from signer.policy.versions import Version
from signer.store.engine import Sessions
from signer.workflows.declarations.lookup import (
    Kept,
    find_record,
    has_copy,
    log_check,
    version_of_pdf,
)
from signer.workflows.declarations.still_stands import still_stands
from signer.workflows.log.sign_checkpoint import newest_checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Whoever can be asked about a declaration."""

    versions: Collection[Version]
    """The released versions, as far as they are at hand."""
    verifiers: Collection[NoteVerifier] = ()
    """The keys of the logs that are trusted."""
    record: Sessions | None = None
    """The school's record; None where it is not at hand."""
    witnesses: Collection[WitnessKey] = ()
    """The keys of witnesses whose cosignatures are told of."""
    quorum: int = 0
    """How many of them must have cosigned the head that vouches for a declaration."""
    tells_fate: bool = False
    """Whether the one who asks may hear of the parent: who left, who signed anew."""
    alarm: Callable[[str], object] | None = None
    """Called with the head of a proof, signed with the log's key, that contradicts
    today's log."""
    lost_alarm: Callable[[], object] | None = None
    """Called where the record has lost what the log, as a proof shows, tells of."""

    def complete(self, report: Report, proof: str | None = None) -> Report:
        """The report with the steps that the file cannot answer.

        Args:
            report: what the file answers.
            proof: a proof file that came with it. Without one, the log is looked up
                in the record.
        """
        statement = report.statement
        if statement is None:
            nothing = dict.fromkeys((RECORD, LOG, STANDING), _nothing)
            if report.result is Result.SEALED_TEXT and self.record:
                nothing[RECORD] = partial(_published, self.record, report.sha256)
            return completed(report, nothing)
        named, sha256 = statement.declaration_id, report.sealed_sha256
        kept = find_record(self.record, named) if self.record else None
        fate = kept.fate if kept and self.tells_fate else None
        checks: dict[str, Callable[[], str]] = {
            STANDING: partial(
                standing_check, statement.policy_version, self.versions, fate
            )
        }
        if self.record:
            recorded = kept.pdf_sha256 if kept else None
            checks[RECORD] = partial(
                record_check, sha256, recorded, archived=report.archived
            )
        if proof is not None:
            checks[LOG] = partial(self._prove, proof, named, sha256)
        elif kept:
            checks[LOG] = partial(self._look_up, kept, named, sha256)
        elif self.quorum:
            checks[LOG] = _no_head
        known = bool(
            self.record
            and report.archived
            and has_copy(self.record, named, report.sha256)
        )
        return completed(report, checks, copy_known=known)

    def _prove(self, proof: str, declaration_id: str, pdf_sha256: str) -> str:
        try:
            read = read_proof(as_it_was(proof))
        except ProofRefused as error:
            raise NotChecked(
                "What should be its proof cannot be read as one: it is damaged, or "
                "another kind of file."
            ) from error
        sentence = inclusion_check(
            read,
            self.verifiers,
            declaration_id=declaration_id,
            pdf_sha256=pdf_sha256,
        )
        if self.record is not None:
            sentence = f"{sentence} {self._compare(read, self.record)}"
        return f"{sentence}{self._cosigned(read.checkpoint)}"

    def _look_up(self, kept: Kept, declaration_id: str, pdf_sha256: str) -> str:
        sentence = log_check(kept, declaration_id=declaration_id, pdf_sha256=pdf_sha256)
        if not self.quorum or self.record is None:
            return sentence
        with self.record.reading() as session:
            newest = newest_checkpoint(session)
            head = newest.cosigned if newest else None
        if head is None:
            _no_head()
        return f"{sentence}{self._cosigned(head or '')}"

    def _cosigned(self, head: str) -> str:
        """A sentence on who has cosigned a head; empty where nobody known has.

        Raises:
            CheckFailed: a cosignature under a known key is wrong.
            NotChecked: fewer have than must.
        """
        try:
            found = read_cosignatures(head, self.witnesses, clock.now())
        except NoteRefused as error:
            raise CheckFailed(f"Of the head of the log, {error}.") from error
        if len(found) < self.quorum:
            raise NotChecked(
                f"The head of the log that vouches for it was cosigned by {len(found)} "
                f"of the witnesses that you trust, and {self.quorum} are needed.",
                doubtful=True,
            )
        if not found:
            return ""
        named = ", ".join(one.witness.name for one in found)
        return f" Witnesses that cosigned its head: {named}."

    def _compare(self, proof: Proof, record: Sessions) -> str:
        """What to say of the log as the record holds it today; raises as it does."""
        found = still_stands(record, proof, self.verifiers, self.alarm, self.lost_alarm)
        covered = (
            f" A signed head first covered it on "
            f"{clock.in_school_time(found.covered_at)}."
            if found.covered_at
            else ""
        )
        begins = "Today's log still begins with them"
        if found.restarted:
            begins = (
                "The log was restarted since then. Today's log has this as entry "
                f"{found.entry}"
            )
        if found.erased_by is not None:
            return (
                f"{begins}, and its entry "
                f"{found.erased_by} says that the school has deleted what it kept of "
                f"this declaration.{covered}"
            )
        lost = (
            " But the school's record has lost what it kept of this declaration, and "
            "no entry of the log says that it was deleted. Keep the file and the proof."
            if found.lost
            else ""
        )
        if found.restarted:
            return f"{begins}, of {found.size}.{covered}{lost}"
        return (
            f"Today's log, of {found.size} entries, still begins with them."
            f"{covered}{lost}"
        )


def _no_head() -> str:
    raise NotChecked(
        "There is no head of the log that witnesses could have cosigned: give the "
        "proof.",
        doubtful=True,
    )


def _published(record: Sessions, sha256: str) -> str:
    """Whether the school has published the PDF of a version.

    Raises:
        NotChecked: it has not, so that somebody else may have sealed other pages.
    """
    number = version_of_pdf(record, sha256)
    if number is None:
        raise NotChecked(
            "The school's record has no such PDF of a version: its pages may say "
            "something else than the text attached.",
            doubtful=True,
        )
    return f"It is, byte for byte, the PDF of version {number} in the school's record."


def _nothing() -> str:
    raise NotChecked(
        "Nothing proves which declaration it is, so the record was not consulted."
    )
