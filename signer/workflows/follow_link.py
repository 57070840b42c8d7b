"""Following an emailed link to its request, and from there to every later page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select

from signer import clock
from signer.errors import LinkExpired, LinkMalformed
from signer.links import fingerprint
from signer.store.tables import (
    Link,
    Note,
    NoteKind,
    Request,
    SignedHow,
    Status,
)
from signer.workflows.house import current_number

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from signer.policy.versions import Version
    from signer.workflows.house import House


class LinkState(StrEnum):
    """What a link opens."""

    OPEN = "open"
    SIGNED = "signed"
    DECLINED = "declined"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a link leads.

    Attributes:
        state: what it opens.
        request_ref: its request, or None where the link opens nothing.
        link_fingerprint: SHA-256 (hex) of the link's id, for the session.
        version: the version that its request is for.
        newest_ref: for a superseded request, the same parent's newest one.
    """

    state: LinkState
    request_ref: str | None = None
    link_fingerprint: str | None = None
    version: Version | None = None
    newest_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A request, as the parent who holds its link may see it.

    Attributes:
        ref: the request's reference.
        state: where it stands.
        version: the version to read and sign.
        parent_name: the name in the register.
        parent_email: the address in the register.
        children: name, year group and relationship of each.
        opened_at: when a link was first opened.
        declaration_id: the declaration's reference, once signed by link.
        declaration_signed_at: when that was.
        sealed: whether the PDF is there.
        signed_how: by link or on paper, once signed.
        decline_reason: what the parent gave as the reason, once declined.
    """

    ref: str
    state: LinkState
    version: Version
    parent_name: str
    parent_email: str
    children: tuple[tuple[str, str, str], ...]
    opened_at: datetime | None = None
    declaration_id: str | None = None
    declaration_signed_at: datetime | None = None
    sealed: bool = False
    signed_how: SignedHow | None = None
    decline_reason: str | None = None


def look_up_link(house: House, token: str) -> Followed:
    """Where a link leads; changes nothing."""
    with house.sessions.reading() as session:
        return _follow(house, session, token)


def open_link(house: House, token: str) -> Followed:
    """Follow a link because a person asked to.

    Afterwards the request that it leads to (the newest one, where its own is
    superseded) knows when it was first opened. Opening never uses a link up.
    """
    with house.sessions.writing() as session:
        followed = _follow(house, session, token)
        ref = followed.newest_ref or followed.request_ref
        if followed.state in {LinkState.OPEN, LinkState.SUPERSEDED} and ref:
            request = session.scalars(
                select(Request).where(Request.ref == ref).with_for_update()
            ).one()
            request.opened_at = request.opened_at or clock.now()
    return followed


def look_up_entry(
    house: House, request_ref: str, link_fingerprint: str
) -> Entry | None:
    """The request that a session may see, or None; changes nothing.

    Args:
        house: the house.
        request_ref: the request's reference, from the address.
        link_fingerprint: the link that the session was opened with.
    """
    with house.sessions.reading() as session:
        found = admitted(session, request_ref, link_fingerprint)
        if found is None:
            return None
        request, link = found
        declaration = request.declaration
        revoked = link.revoked_at is not None
        return Entry(
            ref=request.ref,
            state=LinkState.REVOKED if revoked else state_of(session, request),
            version=house.version(request.version_number, request.version_sha256),
            parent_name=request.parent.name,
            parent_email=request.parent.email,
            children=children_of(request),
            opened_at=request.opened_at,
            declaration_id=declaration.id if declaration else None,
            declaration_signed_at=declaration.signed_at if declaration else None,
            sealed=declaration is not None and declaration.pdf_sha256 is not None,
            signed_how=request.signed_how,
            decline_reason=_decline_reason(session, request),
        )


def admitted(
    session: Session, request_ref: str, link_fingerprint: str, *, lock: bool = False
) -> tuple[Request, Link] | None:
    """A request and the link that admits to it, or None.

    A link admits to every request of its own parent, so that one of a superseded
    request leads on to the newest.
    """
    query = select(Request).where(Request.ref == request_ref)
    request = session.scalar(query.with_for_update() if lock else query)
    link = session.scalar(select(Link).where(Link.fingerprint == link_fingerprint))
    if request is None or link is None or link.request.parent_id != request.parent_id:
        return None
    return request, link


def state_of(session: Session, request: Request) -> LinkState:
    """Where a request stands, seen from its parent."""
    if request.status is Status.SIGNED:
        return LinkState.SIGNED
    if request.parent.left_at is not None or request.status is Status.WITHDRAWN:
        return LinkState.WITHDRAWN
    if request.version_number != current_number(session):
        return LinkState.SUPERSEDED
    if request.status is Status.DECLINED:
        return LinkState.DECLINED
    return LinkState.OPEN


def children_of(request: Request) -> tuple[tuple[str, str, str], ...]:
    """Name, year group and relationship of each child of the request's parent."""
    return tuple(
        sorted(
            (one.child.name, one.child.year_group, one.words)
            for one in request.parent.relationships
        )
    )


def _follow(house: House, session: Session, token: str) -> Followed:
    expired = False
    try:
        link_id = house.tokens.read(token)
    except LinkExpired as error:
        link_id, expired = error.link_id, True
    except LinkMalformed:
        return Followed(LinkState.UNKNOWN)
    mark = fingerprint(link_id)
    link = session.scalar(select(Link).where(Link.fingerprint == mark))
    if link is None:
        return Followed(LinkState.UNKNOWN)
    request = link.request
    version = house.version(request.version_number, request.version_sha256)
    if expired:
        return Followed(LinkState.EXPIRED, version=version)
    if link.revoked_at is not None:
        return Followed(LinkState.REVOKED, version=version)
    state = state_of(session, request)
    newest = _newest_ref(session, request) if state is LinkState.SUPERSEDED else None
    return Followed(state, request.ref, mark, version, newest)


def _newest_ref(session: Session, request: Request) -> str | None:
    return session.scalar(
        select(Request.ref).where(
            Request.parent_id == request.parent_id,
            Request.version_number == current_number(session),
        )
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
