"""Signing: the one moment that everything else serves."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from signer import clock
from signer.declaration.pdf.declaration_pdf import TEMPLATE_VERSION, typst_version
from signer.declaration.pdf.fonts import fonts_sha256
from signer.declaration.statement import (
    Child,
    Statement,
    new_declaration_id,
    statement_sha256,
    to_json,
)
from signer.errors import (
    DeclarationError,
    NameDiffers,
    RecordChanged,
    RequestClosed,
    RequestUnknown,
    StatementsUnconfirmed,
    StoreError,
    VersionChanged,
)
from signer.mail.kinds import Kind
from signer.register.spelling import same_signature
from signer.store.columns import SignedHow, Status
from signer.store.log.append import append_leaf
from signer.store.tables import Declaration, Request, SealedPdf
from signer.user_text import one_line, signature
from signer.workflows.context import AppContext
from signer.workflows.declarations.seal import seal_statement
from signer.workflows.mailing.outbox import queue_mail
from signer.workflows.requests.access import (
    LinkState,
    admitted,
    children_of,
    record_of,
    shown_declaration,
)
from signer.workflows.webhooks.events import EventKind, queue_events

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Signed:
    """What signing gave.

    Attributes:
        declaration_id: the declaration's reference.
        already: whether it had been signed before this.
    """

    declaration_id: str
    already: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """What the parent gave.

    Attributes:
        shown_sha256: SHA-256 (hex) of the version that was on the page.
        typed_name: the name typed as a signature.
        capacity: as what the parent signs, such as "Parent".
        confirmed: places of the statements confirmed, counted from 0.
        shown_record: SHA-256 (hex) of what the page showed of the register; None
            where it showed nothing of it.
        another_way: whether the parent said that they write their name another way
            than the register.
    """

    shown_sha256: str
    typed_name: str
    capacity: str
    confirmed: Collection[int]
    shown_record: str | None = None
    another_way: bool = False


def sign_declaration(
    context: AppContext, ref: str, *, link_fingerprint: str, answers: Answers
) -> Signed:
    """Sign a request; the same request is signed once, however often this is called.

    Afterwards the request is signed, its statement stored and the log's leaf
    appended, in one transaction. The PDF is sealed at once where that works;
    where it does not, the worker keeps trying, and the signature is valid. The office
    is told of a name that is written another way than the register's.

    Raises:
        RequestUnknown: no such request for this link.
        RequestClosed: it can no longer be signed.
        VersionChanged: the page showed another text.
        RecordChanged: the page showed another name or other children.
        StatementsUnconfirmed: a statement was left out.
        NameDiffers: the name is not the register's, and is not said to be written
            another way.
        TextRefused: the name or the capacity cannot be kept.
    """
    typed_name = signature("typed_name", answers.typed_name)
    capacity = one_line("capacity", answers.capacity)
    with context.sessions.writing() as session:
        found = admitted(session, ref, link_fingerprint, lock=True)
        if found is None:
            raise RequestUnknown
        request, state = found.request, found.state
        if found.disputed:
            raise RequestClosed(LinkState.DISPUTED)
        if request.declaration is not None:
            return Signed(request.declaration.id, already=True)
        if found.link.revoked_at is not None:
            raise RequestClosed(LinkState.REVOKED)
        if state not in {LinkState.OPEN, LinkState.DECLINED}:
            raise RequestClosed(state)
        if answers.shown_sha256 != request.version_sha256:
            raise VersionChanged(answers.shown_sha256, request.version_sha256)
        if answers.shown_record not in {None, record_of(request)}:
            raise RecordChanged
        version = context.version(request.version_number, request.version_sha256)
        missing = set(range(len(version.declaration))) - set(answers.confirmed)
        if missing:
            raise StatementsUnconfirmed(tuple(sorted(missing)))
        differs = not same_signature(typed_name, request.parent.name)
        if differs and not answers.another_way:
            raise NameDiffers
        answers = replace(
            answers, typed_name=typed_name, capacity=capacity, another_way=differs
        )
        replaces = _last_declaration(session, request.parent_id)
        statement = _statement(context, request, answers, replaces)
        raw = _store(session, request, statement)
        queue_events(
            context, session, EventKind.SIGNED, request.version_number, [request.id]
        )
    _seal_now(context, statement.declaration_id, raw)
    return Signed(statement.declaration_id, already=False)


def declaration_pdf(
    context: AppContext, ref: str, link_fingerprint: str
) -> tuple[bytes, str] | None:
    """The sealed PDF and the declaration's reference, or None while there is none."""
    with context.sessions.reading() as session:
        declaration = shown_declaration(session, ref, link_fingerprint)
        if declaration is None or declaration.pdf_sha256 is None:
            return None
        pdf = session.get_one(SealedPdf, declaration.pdf_sha256)
        return pdf.content, declaration.id


def _statement(
    context: AppContext, request: Request, answers: Answers, replaces: str | None
) -> Statement:
    version = context.version(request.version_number, request.version_sha256)
    at = clock.now()
    return Statement(
        declaration_id=new_declaration_id(),
        school=context.settings.school_name,
        policy_title=version.title,
        policy_version=version.number,
        policy_label=version.label,
        policy_sha256=version.sha256,
        policy_address=context.settings.base_url + version.path,
        parent_name=request.parent.name,
        parent_email=request.parent.email,
        typed_name=answers.typed_name,
        capacity=answers.capacity,
        children=tuple(
            Child(name=name, year_group=year_group)
            for name, year_group, _ in children_of(request.parent)
        ),
        statements=version.declaration,
        invited_at=request.asked_at,
        # A request that was never opened cannot be signed: the page needs a session.
        opened_at=request.opened_at or at,
        confirmed_at=at,
        reached_by="emailed link",
        replaces=replaces,
        template=TEMPLATE_VERSION,
        typst=typst_version(),
        fonts=fonts_sha256(),
        another_way=answers.another_way,
    )


def _store(session: Session, request: Request, statement: Statement) -> bytes:
    """Store what was signed; gives the statement's canonical JSON."""
    raw = to_json(statement)
    request.status = Status.SIGNED
    request.signed_how = SignedHow.LINK
    request.closed_at = statement.confirmed_at
    session.add(
        Declaration(
            id=statement.declaration_id,
            request_id=request.id,
            statement=raw,
            statement_sha256=statement_sha256(raw),
            signed_at=statement.confirmed_at,
            replaces=statement.replaces,
        )
    )
    append_leaf(
        session,
        "declaration:signed",
        declaration=statement.declaration_id,
        statement_sha256=statement_sha256(raw),
        version_sha256=request.version_sha256,
    )
    if statement.another_way:
        occasion = f"name:{statement.declaration_id}"
        queue_mail(session, Kind.OFFICE_NAME, occasion, request_id=request.id)
    return raw


def _last_declaration(session: Session, parent_id: int) -> str | None:
    return session.scalar(
        select(Declaration.id)
        .join(Request)
        .where(Request.parent_id == parent_id)
        .order_by(Request.version_number.desc())
        .limit(1)
    )


def _seal_now(context: AppContext, declaration_id: str, raw: bytes) -> None:
    # A timestamp authority may take its time, and nobody is to wait for it here.
    if not context.settings.tsa_url:
        try:
            seal_statement(context, declaration_id, raw)
        except (DeclarationError, StoreError, SQLAlchemyError) as error:
            # It is signed and stored; the worker seals it and sounds the alarm.
            if not context.sessions.writes.explains(error):
                _log.exception("sealing at once failed: %s", declaration_id)
    context.wake_worker()
