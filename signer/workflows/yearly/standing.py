"""Whether a declaration that the record has stands in the log's newest signed head."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from signer.audit.inclusion import entry_check
from signer.errors import CheckFailed, EntryLost, LogContradicted, NotChecked
from signer.ledger.commitments import SALT_BYTES, commit
from signer.ledger.proof_files import Proof
from signer.ledger.signed_notes import NoteVerifier
from signer.store.tables import Declaration
from signer.workflows.declarations.still_stands import standing_in
from signer.workflows.log.inclusion_proofs import is_covered, proof_of_leaf


class Answer(StrEnum):
    """What the log says of a declaration."""

    PROVED = "proved"
    """Its seal is in the newest signed head, by a proof made and checked now."""
    LATER = "later"
    """No signed head covers it yet."""
    LOST = "lost"
    """One should, and does not prove it."""


@dataclass(frozen=True, slots=True)
class InTheLog:
    """What the log says of a declaration, as checked now.

    Attributes:
        answer: in a word.
        proof: the newest; None unless it is proved.
        entry: its position, counted from 0; None unless it is proved.
        head_size: how many entries the head has; None unless it is proved.
        head_at: when that was signed; None unless it is proved.
    """

    answer: Answer
    proof: Proof | None = None
    entry: int | None = None
    head_size: int | None = None
    head_at: datetime | None = None


def look_up_in_log(
    session: Session, declaration: Declaration, verifiers: Collection[NoteVerifier]
) -> InTheLog:
    """Prove a declaration from the newest signed head, and check the proof.

    It takes one path through the tree, however long the log is.

    Args:
        session: a transaction; nobody erases the declaration in its time.
        declaration: of the record.
        verifiers: the keys of the log, one for each name that it has had.
    """
    place = declaration.sealed_position
    if declaration.pdf_sha256 is None:
        return InTheLog(Answer.LATER)
    if place is not None and not is_covered(session, place):
        return InTheLog(Answer.LATER)
    proof = None if place is None else proof_of_leaf(session, place)
    if proof is None:
        return InTheLog(Answer.LOST)
    salt, record = proof.extra[:SALT_BYTES], proof.extra[SALT_BYTES:]
    try:
        found = standing_in(session, proof, verifiers)
        entry_check(
            commit(salt, record),
            salt,
            record,
            declaration_id=declaration.id,
            pdf_sha256=declaration.pdf_sha256,
        )
    except (CheckFailed, EntryLost, LogContradicted, NotChecked):
        return InTheLog(Answer.LOST)
    if found.lost or found.erased_by is not None:
        return InTheLog(Answer.LOST)
    return InTheLog(Answer.PROVED, proof, found.entry, found.head_size, found.head_at)
