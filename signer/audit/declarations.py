"""Each declaration of a bundle: its PDF, its proof, its entries and its index line."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from signer import clock
from signer.audit.archive import Archive
from signer.audit.bundle import (
    DECLARATION,
    PROOF,
    Row,
    archive_copy_file,
    declaration_file,
    proof_file,
)
from signer.audit.checkpoints import LogKeys
from signer.audit.findings import Counts, Findings
from signer.audit.log_events import Sealed, Told
from signer.declaration.statement import statement_sha256, to_json
from signer.declaration.verify import LOG, Outcome, Report, Result, completed
from signer.errors import NoteRefused, ProofRefused
from signer.ledger.commitments import SALT_BYTES, commit
from signer.ledger.hashing import leaf_hash
from signer.ledger.proof_files import read_proof
from signer.ledger.proofs import check_inclusion

TYPESETTING = "typesetting"
"""The step of a verification that a sample alone is put through."""

TIMESTAMP = "timestamp"
"""The step that checks an archive copy's timestamps too."""

STORED_WITHIN = timedelta(hours=1)
"""How long after the time that a seal states it may have been stored."""


def check_matching(archive: Archive, told: Told, findings: Findings) -> None:
    """Name what is signed and not sealed, sealed and not here, here and not logged."""
    files = _ids(archive, DECLARATION)
    proofs = _ids(archive, PROOF)
    for one in sorted(told.signed.keys() - told.sealed.keys()):
        findings.gap(
            one,
            f"It was signed (entry {told.signed[one].position}), and the log does not "
            "say that it was sealed: there is no PDF to check.",
        )
    for one in sorted(told.sealed.keys() - told.signed.keys()):
        findings.gap(
            one,
            f"It was sealed (entry {told.sealed[one].position}), and the log does not "
            "say that it was signed.",
        )
    for one in sorted(told.sealed.keys() - files):
        findings.gap(
            declaration_file(one),
            f"The log says that it was sealed (entry {told.sealed[one].position}), "
            "and it is missing.",
        )
    for one in sorted(files - told.sealed.keys()):
        findings.gap(
            declaration_file(one),
            "The log does not know it: nothing says when it came.",
        )
    for one in sorted(proofs - told.sealed.keys()):
        findings.gap(proof_file(one), "The log does not know what it is a proof of.")


@dataclass(frozen=True, slots=True)
class DeclarationChecks:
    """Compares PDFs and proofs with what the log and the index say of them.

    Attributes:
        archive: the bundle.
        told: what its log tells.
        keys: the log's.
        roots: by size, the roots that the log's entries give.
        index: the lines of the index by declaration.
        findings: gets the gaps.
        counts: is filled.
        signer_known: whether the certificate that seals lead to was brought along.
    """

    archive: Archive
    told: Told
    keys: LogKeys
    roots: Mapping[int, bytes]
    index: Mapping[str, Row]
    findings: Findings
    counts: Counts
    signer_known: bool

    def check(self, one: str, report: Report, *, sampled: bool) -> None:
        """Compare what was found of a declaration's PDF with all that tells of it.

        Args:
            one: the declaration that its file is named after.
            report: what was found.
            sampled: whether its pages were to be typeset again.
        """
        self._check_report(one, report)
        self._check_index(one, report)
        if sampled:
            self._check_typesetting(one, report)

    def check_archive_copy(self, one: str, report: Report) -> None:
        """Compare an archive copy with the declaration that it is one of.

        Args:
            one: the declaration that its file is named after.
            report: what was found.
        """
        where, sealed = archive_copy_file(one), self.told.sealed.get(one)
        if sealed is None:
            self.findings.gap(where, "The log does not know what it is a copy of.")
            return
        if not report.archived:
            self.findings.gap(where, f"It is no archive copy. {reasons_of(report)}")
        elif sealed.pdf_sha256 != report.sealed_sha256:
            self.findings.gap(
                where,
                f"The sealed file in it is not the one that the log names (entry "
                f"{sealed.position}).",
            )
        else:
            result = completed(report, {LOG: lambda: "It is in the log."}).result
            if result is Result.GENUINE:
                self.counts.archived += 1
                self._note_timestamps(where, report)
            else:
                self.findings.gap(where, f"It is “{result}”. {reasons_of(report)}")

    def _note_timestamps(self, where: str, report: Report) -> None:
        """Say what is to be known of timestamps that nothing speaks against."""
        stamps = next(one for one in report.checks if one.name == TIMESTAMP)
        if stamps.outcome is Outcome.NOT_CHECKED:
            self.findings.note(where, stamps.sentence)

    def check_proofs(self) -> None:
        """Follow every proof from its entry up to a signed root."""
        for one in sorted(self.told.sealed):
            with self.findings.refusals(proof_file(one)):
                self._check_proof(one, self.told.sealed[one])
        for one in sorted(self.index.keys() - self.told.sealed.keys()):
            self.findings.gap("index.csv", f"The log does not know {one}.")

    def _check_report(self, one: str, report: Report) -> None:
        where = declaration_file(one)
        sealed, signed = self.told.sealed.get(one), self.told.signed.get(one)
        result = report.result
        if sealed and sealed.pdf_sha256 == report.sha256:
            result = completed(report, {LOG: lambda: "It is in the log."}).result
        if result is Result.GENUINE:
            if self.signer_known:
                self.counts.genuine += 1
            else:
                self.counts.unknown_signer += 1
            level = report.level or ""
            self.counts.levels[level] = self.counts.levels.get(level, 0) + 1
        else:
            self.findings.gap(where, f"It is “{result}”. {reasons_of(report)}")
        if sealed and sealed.pdf_sha256 != report.sha256:
            self.findings.gap(
                where,
                f"It is not the file that the log names (entry {sealed.position}).",
            )
        statement = report.statement
        if statement is None:
            return
        if statement.declaration_id != one:
            self.findings.gap(where, f"It holds {statement.declaration_id} instead.")
        if signed and signed.statement_sha256 != statement_sha256(to_json(statement)):
            self.findings.gap(
                where,
                "The statement inside is not the one that was signed (entry "
                f"{signed.position}).",
            )
        if signed and signed.version_sha256 != statement.policy_sha256:
            self.findings.gap(
                where,
                "The text inside is not the one that was signed (entry "
                f"{signed.position}).",
            )
        if statement.replaces and statement.replaces not in self.told.signed:
            self.findings.gap(
                where, f"It replaces {statement.replaces}, which the log does not know."
            )

    def _check_index(self, one: str, report: Report) -> None:
        row, sealed = self.index.get(one), self.told.sealed.get(one)
        if row is None:
            self.findings.gap("index.csv", f"It leaves out {one}.")
            return
        right = row.file == declaration_file(one) and row.sha256 == report.sha256
        right &= sealed is None or row.leaf == sealed.position
        right &= report.level in {None, row.level}
        right &= report.sealed_at is None or _is_about(row.sealed_at, report.sealed_at)
        statement = report.statement
        right &= statement is None or row.version == statement.policy_version
        if not right:
            self.findings.gap("index.csv", f"What it says of {one} is not so.")

    def _check_typesetting(self, one: str, report: Report) -> None:
        step = next(check for check in report.checks if check.name == TYPESETTING)
        if step.outcome is Outcome.PASSED:
            self.counts.typeset += 1
        elif step.outcome is Outcome.NOT_CHECKED:
            self.findings.note(declaration_file(one), step.sentence)

    def _check_proof(self, one: str, sealed: Sealed) -> None:
        where = proof_file(one)
        try:
            proof = read_proof(self.archive.text(where))
            head = self.keys.read(proof.checkpoint)
            leaf = leaf_hash(sealed.entry)
            check_inclusion(leaf, proof.position, head.size, proof.path, head.root)
        except NoteRefused:
            self.findings.gap(where, "Its head is not signed with the log's key.")
        except ProofRefused as error:
            self.findings.gap(where, f"It proves nothing: {error}.")
        else:
            salt, record = proof.extra[:SALT_BYTES], proof.extra[SALT_BYTES:]
            if proof.position != sealed.position:
                self.findings.gap(where, "It is a proof of another entry.")
            elif record and commit(salt, record) != sealed.entry:
                self.findings.gap(where, "The record in it is not the log's.")
            elif self.roots.get(head.size) != head.root:
                self.findings.gap(
                    where, "It leads to a head that is not one of this log."
                )
            else:
                self.counts.proofs += 1


def _is_about(stated: str, at: datetime) -> bool:
    """Whether a line's time is when the seal was stored: soon after it was made."""
    try:
        return abs(clock.parse(stated) - at) < STORED_WITHIN
    except ValueError:
        return False


def reasons_of(report: Report) -> str:
    """The sentences of the checks that said no, or else of those not made."""
    for outcome in (Outcome.FAILED, Outcome.NOT_CHECKED):
        found = [one.sentence for one in report.checks if one.outcome is outcome]
        if found:
            return " ".join(dict.fromkeys(found))
    return ""


def _ids(archive: Archive, pattern: re.Pattern[str]) -> set[str]:
    """The declarations that files of a kind are named after."""
    return {found[1] for name in archive.names if (found := pattern.fullmatch(name))}


def sample_of(declarations: Collection[str], seed: bytes, most: int) -> list[str]:
    """Some declarations, by chance that anybody can repeat.

    Args:
        declarations: their references.
        seed: the log's root, which nobody can choose.
        most: how many.
    """

    def drawn(one: str) -> bytes:
        return hashlib.sha256(seed + one.encode()).digest()

    return sorted(declarations, key=drawn)[:most]
