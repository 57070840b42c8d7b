"""A request, as every page after the landing page shows it to its parent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from signer.policy.versions import Version
from signer.store.columns import NoteKind, SignedHow, Status
from signer.store.tables import Declaration, Note, Request
from signer.workflows.context import AppContext
from signer.workflows.log.inclusion_proofs import is_covered
from signer.workflows.requests.access import (
    LinkState,
    admitted,
    children_of,
    newest_ref_of,
    newest_version,
    record_of,
)
from signer.workflows.requests.changes_since_signed import (
    ChangesSinceSigned,
    changes_since_signed,
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another version that the same parent has signed.

    Attributes:
        ref: its request.
        version: the version.
        signed_at: when it was signed, or recorded by the office.
        has_pdf: whether there is a sealed declaration to download.
    """

    ref: str
    version: Version
    signed_at: datetime | None
    has_pdf: bool


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request, as the parent who holds its link may see it.

    Attributes:
        ref: the request's reference.
        state: as its parent sees it.
        version: the version to read and sign.
        parent_name: the name in the register.
        parent_email: the address in the register.
        children: name, year group and relationship of each.
        record: SHA-256 (hex) of the name, the address and the children.
        opened_at: when a link was first opened.
        declaration_id: the declaration's reference, once signed by link.
        declaration_signed_at: when that was.
        sealed: whether the PDF is there.
        proven: whether a signed head of the public log covers it.
        signed_how: by link or on paper, once signed.
        decline_reason: what the parent gave as the reason, once declined.
        since: what is new since the parent signed last; None at a first signature.
        newest: the version in force, where the parent has yet to answer it in a
            newer request than this.
        newest_ref: that newer request; None while the campaign has yet to come to
            this parent.
        others: what else the parent has signed, newest first.
    """

    ref: str
    state: LinkState
    version: Version
    parent_name: str
    parent_email: str
    children: tuple[tuple[str, str, str], ...]
    record: str
    opened_at: datetime | None = None
    declaration_id: str | None = None
    declaration_signed_at: datetime | None = None
    sealed: bool = False
    proven: bool = False
    signed_how: SignedHow | None = None
    decline_reason: str | None = None
    since: ChangesSinceSigned | None = None
    newest: Version | None = None
    newest_ref: str | None = None
    others: tuple[Earlier, ...] = ()


def view_request(
    context: AppContext, request_ref: str, link_fingerprint: str
) -> RequestView | None:
    """The request that a session may see, or None; changes nothing.

    Args:
        context: the context.
        request_ref: the request's reference, from the address.
        link_fingerprint: the link that the session was opened with.
    """
    with context.sessions.reading() as session:
        found = admitted(session, request_ref, link_fingerprint)
        if found is None:
            return None
        request, current = found.request, found.current
        declaration = request.declaration
        revoked = found.link.revoked_at is not None
        state = LinkState.REVOKED if revoked else found.state
        newest = newest_version(context, session, request, state, current)
        signed = _signed_by_the_same(session, request)
        return RequestView(
            ref=request.ref,
            state=state,
            version=context.version(request.version_number, request.version_sha256),
            parent_name=request.parent.name,
            parent_email=request.parent.email,
            children=children_of(request.parent),
            record=record_of(request),
            opened_at=request.opened_at,
            declaration_id=declaration.id if declaration else None,
            declaration_signed_at=declaration.signed_at if declaration else None,
            sealed=declaration is not None and declaration.pdf_sha256 is not None,
            proven=declaration is not None
            and is_covered(session, declaration.sealed_position),
            signed_how=request.signed_how,
            decline_reason=_decline_reason(session, request),
            since=changes_since_signed(context, session, request, signed),
            newest=newest,
            newest_ref=newest_ref_of(session, request, current) if newest else None,
            others=_others(context, signed),
        )


def _signed_by_the_same(session: Session, request: Request) -> Sequence[Request]:
    """What else the parent of a request has signed, newest first."""
    return session.scalars(
        select(Request)
        .where(
            Request.parent_id == request.parent_id,
            Request.id != request.id,
            Request.status == Status.SIGNED,
        )
        .options(joinedload(Request.declaration).defer(Declaration.statement))
        .order_by(Request.version_number.desc())
    ).all()


def _others(context: AppContext, signed: Sequence[Request]) -> tuple[Earlier, ...]:
    return tuple(
        Earlier(
            ref=one.ref,
            version=context.version(one.version_number, one.version_sha256),
            signed_at=one.closed_at,
            has_pdf=one.declaration is not None
            and one.declaration.pdf_sha256 is not None,
        )
        for one in signed
    )


def _decline_reason(session: Session, request: Request) -> str | None:
    if request.status is not Status.DECLINED:
        return None
    return session.scalar(
        select(Note.words)
        .where(Note.request_id == request.id, Note.kind == NoteKind.DECLINE)
        .order_by(Note.id.desc())
        .limit(1)
    )
