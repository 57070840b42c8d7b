"""Proving that a sealed declaration is in the public log."""

from __future__ import annotations

import logging

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from signer.errors import LedgerError
from signer.ledger.proof_files import Proof
from signer.ledger.signed_notes import NoteVerifier
from signer.store.log.append import path_of
from signer.store.log.tables import Leaf, Opening
from signer.store.tables import Declaration
from signer.workflows.context import AppContext
from signer.workflows.log.sign_checkpoint import newest_checkpoint
from signer.workflows.requests.access import shown_declaration

_log = logging.getLogger(__name__)


def proof_at(
    context: AppContext, ref: str, link_fingerprint: str
) -> tuple[Proof, str] | None:
    """The proof of a request's declaration, and its reference, for who may see it.

    Args:
        context: the context.
        ref: the request's reference, from the address.
        link_fingerprint: the link that the session was opened with.
    """
    with context.sessions.reading() as session:
        declaration = shown_declaration(session, ref, link_fingerprint)
        if declaration is None:
            return None
        proof = proof_of_declaration(context, session, declaration.id)
        return (proof, declaration.id) if proof else None


def is_covered(session: Session, position: int | None) -> bool:
    """Whether a signed head covers a leaf; False where there is no leaf."""
    newest = newest_checkpoint(session)
    return position is not None and newest is not None and position < newest.size


def proof_of_declaration(
    context: AppContext,  # noqa: ARG001 - every verb takes it
    session: Session,
    declaration_id: str,
) -> Proof | None:
    """That the sealing of a declaration is in the log, against the newest head.

    Its ``extra`` holds the salt (32 bytes) and then the record that the leaf commits
    to, which has the SHA-256 of the sealed PDF.

    None while no signed head covers it, where its record was erased, and where the
    log is broken: a proof that proves nothing is not handed out.

    Args:
        context: the context.
        session: a transaction.
        declaration_id: the declaration's reference.
    """
    declaration = session.get(Declaration, declaration_id)
    if declaration is None or declaration.sealed_position is None:
        return None
    return proof_of_leaf(session, declaration.sealed_position)


def proof_of_leaf(session: Session, position: int) -> Proof | None:
    """That a leaf is in the log, against the newest head; None as above.

    Args:
        session: a transaction.
        position: the leaf's, counted from 0.
    """
    newest = newest_checkpoint(session)
    opening = session.get(Opening, position)
    if newest is None or newest.size <= position or opening is None:
        return None
    try:
        path = path_of(session, position, newest.size)
        proof = Proof(
            position=position,
            path=tuple(path),
            checkpoint=newest.cosigned,
            extra=opening.salt + opening.record,
        )
        proof.check(
            session.get_one(Leaf, position).commitment,
            newest.origin.origin,
            [NoteVerifier.parse(newest.origin.verifier)],
        )
    except (LedgerError, NoResultFound):
        _log.exception("the log does not prove its entry %s", position)
        return None
    return proof
