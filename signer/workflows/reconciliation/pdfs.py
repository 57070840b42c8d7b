"""Declarations against their sealed PDFs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import clock
from signer.declaration.verify import Outcome
from signer.declaration.verify.inputs import VerificationInputs
from signer.declaration.verify.verify import verify_with
from signer.errors import PdfUnreadable
from signer.store.archive_copies.tables import ArchiveCopy
from signer.store.tables import Declaration, PinnedVersion, SealedPdf
from signer.workflows.reconciliation.disagreement import Between, Disagreement
from signer.workflows.reconciliation.requests import RESTORE

SEALING_TAKES = timedelta(minutes=10)
"""How long a declaration may wait for its seal before it is one too many."""

BATCH = 20
"""PDFs in memory at once; each has about 100 kB."""


def check_pdfs(
    session: Session,
    known: VerificationInputs | None,
    *,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Iterator[Disagreement]:
    """Yield each declaration whose PDF is missing, altered, or not to be verified.

    Args:
        session: a transaction with a snapshot.
        known: what to verify each PDF with; None compares its SHA-256 alone.
        progress: told of PDFs read, and of all.
    """
    declared = dict(
        session.execute(
            select(Declaration.pdf_sha256, Declaration.id).where(
                Declaration.pdf_sha256.is_not(None)
            )
        ).all()
    )
    versions = set(
        session.scalars(
            select(PinnedVersion.pdf_sha256).where(
                PinnedVersion.pdf_sha256.is_not(None)
            )
        )
    )
    rows = session.scalars(
        select(SealedPdf).order_by(SealedPdf.sha256).execution_options(yield_per=BATCH)
    )
    everything = len(declared) + len(versions)
    for place, row in enumerate(rows, start=1):
        sha256 = row.sha256
        progress(place, max(everything, place))
        declaration_id = declared.pop(sha256, None)
        if declaration_id is None and sha256 not in versions:
            yield _wrong(f"PDF {sha256}", "No declaration and no version refers to it.")
            continue
        subject = f"declaration {declaration_id}" if declaration_id else f"PDF {sha256}"
        try:
            content = row.content
        except PdfUnreadable:
            content = b""
        if hashlib.sha256(content).hexdigest() != sha256:
            yield _wrong(subject, "Its PDF is not the one that was sealed.")
        elif known is not None and declaration_id is not None:
            yield from _check_seal(subject, declaration_id, content, known)
    for declaration_id in declared.values():
        yield _wrong(f"declaration {declaration_id}", "Its PDF is gone.")


def _check_seal(
    subject: str, declaration_id: str, content: bytes, known: VerificationInputs
) -> Iterator[Disagreement]:
    report = verify_with(known, content)
    failed = [one.sentence for one in report.checks if one.outcome is Outcome.FAILED]
    if failed:
        yield _wrong(subject, f"Its PDF does not verify. {failed[0]}")
    elif report.statement and report.statement.declaration_id != declaration_id:
        yield _wrong(subject, "Its PDF is that of another declaration.")


def check_archive_copies(
    session: Session, known: VerificationInputs | None
) -> Iterator[Disagreement]:
    """Yield each archive copy that is not the one that was made.

    Args:
        session: a transaction with a snapshot.
        known: what to verify each copy with; None compares its SHA-256 alone.
    """
    rows = session.execute(
        select(
            ArchiveCopy.declaration_id,
            ArchiveCopy.sha256,
            ArchiveCopy.addition,
            SealedPdf,
        )
        .join(Declaration, Declaration.id == ArchiveCopy.declaration_id)
        .join(SealedPdf, SealedPdf.sha256 == Declaration.pdf_sha256)
        .where(ArchiveCopy.addition.is_not(None))
        .order_by(ArchiveCopy.declaration_id)
        .execution_options(yield_per=BATCH)
    )
    for declaration_id, sha256, addition, sealed in rows:
        subject = f"declaration {declaration_id}"
        try:
            copy = sealed.content + (addition or b"")
        except PdfUnreadable:
            # It is told of as a PDF.
            continue
        if hashlib.sha256(copy).hexdigest() != sha256:
            yield _wrong(subject, "Its archive copy is not the one that was made.")
        elif known is not None:
            report = verify_with(known, copy)
            failed = [
                one.sentence for one in report.checks if one.outcome is Outcome.FAILED
            ]
            if failed:
                yield _wrong(subject, f"Its archive copy does not verify. {failed[0]}")


def check_unsealed(session: Session) -> Iterator[Disagreement]:
    """Yield each declaration that has waited too long for its seal.

    Args:
        session: a transaction with a snapshot.
    """
    waiting = session.execute(
        select(Declaration.id, Declaration.seal_problem)
        .where(
            Declaration.pdf_sha256.is_(None),
            Declaration.signed_at < clock.now() - SEALING_TAKES,
        )
        .order_by(Declaration.signed_at)
    )
    for declaration_id, problem in waiting:
        reason = f": {problem}" if problem else ""
        yield Disagreement(
            Between.PDFS,
            f"declaration {declaration_id}",
            f"It is signed, and has waited for its seal{reason}.",
            "The signature is safe, and the worker tries again each minute. See that "
            "`signer worker` runs, and that the seal's key can be read: "
            "`signer keys show`.",
        )


def _wrong(subject: str, problem: str) -> Disagreement:
    return Disagreement(Between.PDFS, subject, problem, RESTORE)
