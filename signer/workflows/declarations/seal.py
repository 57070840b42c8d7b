"""Sealing what was signed: typesetting, the seal, the receipt."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import defer

from signer import clock
from signer.config import Settings
from signer.correlation import correlated, current_id
from signer.declaration.pdf.declaration_pdf import typeset
from signer.declaration.seal.levels import Authority
from signer.declaration.seal.seal import Sealed, seal
from signer.declaration.statement import from_json
from signer.errors import DeclarationError, SealError, SignerError
from signer.mail.kinds import Kind
from signer.pki.certificates import read_certificates
from signer.pki.revocation import read_revocation_lists
from signer.store.log.append import append_leaf
from signer.store.tables import Declaration, SealedPdf
from signer.workflows.context import AppContext
from signer.workflows.declarations.dictionary import (
    dictionary_for,
    keep_dictionary,
    kept_as,
    policy_blocks,
)
from signer.workflows.keys.timestamp_authority import timestamp_authority
from signer.workflows.mailing.alarms import queue_alarm
from signer.workflows.mailing.outbox import queue_mail

_log = logging.getLogger(__name__)

ACKNOWLEDGE_AFTER = timedelta(minutes=10)
"""How long a parent waits for the receipt before a plain acknowledgement goes out."""

FAILURES_IN_A_ROW = 3
"""After so many the fault is not one declaration's; the next sweep tries again."""


def seal_declaration(context: AppContext, declaration_id: str) -> None:
    """Seal one declaration, unless that is done or it was erased.

    Afterwards its PDF is stored under its SHA-256, the log's leaf appended and the
    receipt in the outbox, in one transaction. Two at once leave one PDF.

    Raises:
        DeclarationError: it could not be typeset or sealed; what went wrong is
            recorded with the declaration, and nothing else is changed.
    """
    with context.sessions.reading() as session:
        declaration = session.get(Declaration, declaration_id)
        if declaration is None or declaration.pdf_sha256 is not None:
            return
        raw, correlation_id = declaration.statement, declaration.correlation_id
    with correlated(correlation_id or current_id()):
        seal_statement(context, declaration_id, raw)


def seal_statement(context: AppContext, declaration_id: str, raw: bytes) -> None:
    """Seal one declaration whose statement is known, as `seal_declaration` does.

    Args:
        context: the context.
        declaration_id: the declaration, which is stored.
        raw: its statement.

    Raises:
        DeclarationError: as `seal_declaration` says.
    """
    try:
        sealed, dictionary = _make(context, raw)
    except DeclarationError as error:
        _record_failure(context, declaration_id, error)
        raise
    except Exception as error:
        # A passphrase that is gone, a version that was changed, a fault of ours: the
        # signature waits, and holds up no other.
        known = isinstance(error, SignerError)
        failure = SealError(str(error) if known else type(error).__name__)
        _record_failure(context, declaration_id, failure)
        raise failure from error
    kept = kept_as(sealed.pdf, dictionary)
    _store(context, declaration_id, sealed, kept, dictionary)


def seal_outstanding(context: AppContext) -> int:
    """Seal whatever is signed and not yet sealed; gives how many were.

    Afterwards a parent who has waited ten minutes has an acknowledgement in the
    outbox, and the headteacher's address an alarm, once a day.
    """
    with context.sessions.reading() as session:
        waiting = session.execute(
            select(Declaration.id, Declaration.correlation_id)
            .where(Declaration.pdf_sha256.is_(None))
            .order_by(Declaration.seal_attempts, Declaration.signed_at)
        ).all()
    sealed = failures = 0
    for declaration_id, correlation_id in waiting:
        if context.stopping.is_set():
            break
        context.beat()
        with correlated(correlation_id):
            try:
                seal_declaration(context, declaration_id)
            except DeclarationError:
                _log.exception("sealing failed: %s", declaration_id)
                failures += 1
                if failures == FAILURES_IN_A_ROW:
                    break
            else:
                sealed, failures = sealed + 1, 0
    _acknowledge_late_ones(context)
    return sealed


def seal_as_asked(context: AppContext, pdf: bytes) -> Sealed:
    """A typeset document, sealed with the school's key at the level asked for.

    Raises:
        KeyUnusable: the key cannot be used.
        SealError: the level asked for cannot be reached.
    """
    authority = authority_of(context.settings)
    return seal(pdf, context.seal_key(), at=clock.now(), authority=authority)


def _make(context: AppContext, raw: bytes) -> tuple[Sealed, bytes | None]:
    """The sealed PDF, and the dictionary beside which it is kept."""
    statement = from_json(raw)
    version = context.version(statement.policy_version, statement.policy_sha256)
    blocks = policy_blocks(version.body)
    pdf = typeset(raw, blocks, version.source, version.filename)
    sealed = seal_as_asked(context, pdf)
    return sealed, dictionary_for(statement, version, context.seal_key())


def authority_of(settings: Settings) -> Authority | None:
    """What the level that the settings ask for takes; None where they ask for B-B.

    Raises:
        KeyUnusable: one of the files that they name cannot be read.
    """
    timestamps = timestamp_authority(settings)
    if timestamps is None:
        return None
    return Authority(
        timestamps=timestamps,
        roots=read_certificates(settings.trust_path),
        lists=read_revocation_lists(settings.crl_path),
    )


def _store(
    context: AppContext,
    declaration_id: str,
    sealed: Sealed,
    kept: Mapping[str, Any],
    dictionary: bytes | None,
) -> None:
    with context.sessions.writing() as session:
        declaration = session.get(
            Declaration,
            declaration_id,
            with_for_update=True,
            options=[defer(Declaration.statement)],
        )
        # Whoever has left may be erased at any moment.
        if declaration is None or declaration.pdf_sha256 is not None:
            return
        position = append_leaf(
            session,
            "declaration:sealed",
            declaration=declaration_id,
            pdf_sha256=sealed.sha256,
        )
        if dictionary is not None and kept["dictionary_sha256"]:
            keep_dictionary(session, dictionary, kept["dictionary_sha256"])
        session.execute(insert(SealedPdf), {"sha256": sealed.sha256, **kept})
        declaration.pdf_sha256 = sealed.sha256
        declaration.sealed_at = clock.now()
        declaration.level = sealed.level
        declaration.seal_problem = None
        declaration.sealed_position = position
        queue_mail(
            session,
            Kind.RECEIPT,
            f"receipt:{declaration_id}",
            request_id=declaration.request_id,
        )
    _log.info("declaration sealed: %s", declaration_id)


def _record_failure(
    context: AppContext, declaration_id: str, error: DeclarationError
) -> None:
    with context.sessions.writing() as session:
        declaration = session.get(Declaration, declaration_id, with_for_update=True)
        if declaration is not None:
            declaration.seal_attempts += 1
            declaration.seal_problem = str(error)


def _acknowledge_late_ones(context: AppContext) -> None:
    with context.sessions.writing() as session:
        late = session.scalars(
            select(Declaration)
            .where(
                Declaration.pdf_sha256.is_(None),
                Declaration.signed_at <= clock.now() - ACKNOWLEDGE_AFTER,
            )
            .with_for_update()
        ).all()
        for declaration in late:
            queue_mail(
                session,
                Kind.ACKNOWLEDGEMENT,
                f"acknowledgement:{declaration.id}",
                request_id=declaration.request_id,
            )
        if late:
            queue_alarm(session, "unsealed")
