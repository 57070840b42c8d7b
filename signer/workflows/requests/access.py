"""Who may see a request, and its state, as its parent sees it."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from signer.policy.versions import Version
from signer.store.columns import Status
from signer.store.tables import (
    Declaration,
    Link,
    Parent,
    PinnedVersion,
    Relationship,
    Request,
)
from signer.workflows.context import AppContext, current_number
from signer.workflows.requests.disputes import is_disputed


class LinkState(StrEnum):
    """What a link opens."""

    OPEN = "open"
    SIGNED = "signed"
    DECLINED = "declined"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    DISPUTED = "disputed"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


_SHOWN = (
    joinedload(Request.parent)
    .selectinload(Parent.relationships)
    .joinedload(Relationship.child),
    joinedload(Request.declaration),
)
"""What the pages show of a request."""


def admitted(
    session: Session, request_ref: str, link_fingerprint: str, *, lock: bool = False
) -> tuple[Request, Link] | None:
    """A request and the link that admits to it, or None.

    A link admits to every request of its own parent, so that one of a superseded
    request leads on to the newest.
    """
    query = select(Request).where(Request.ref == request_ref)
    # What is locked is read for itself; else whatever pages show comes at once.
    query = query.with_for_update() if lock else query.options(*_SHOWN)
    request = session.scalar(query)
    link = session.scalar(
        select(Link)
        .where(Link.fingerprint == link_fingerprint)
        .options(joinedload(Link.request))
    )
    if request is None or link is None or link.request.parent_id != request.parent_id:
        return None
    return request, link


def shown_declaration(
    session: Session, request_ref: str, link_fingerprint: str
) -> Declaration | None:
    """The declaration of a request, for whoever may have it; None for anybody else."""
    found = admitted(session, request_ref, link_fingerprint)
    if found is None:
        return None
    request, link = found
    if link.revoked_at is not None or is_disputed(session, request):
        return None
    return request.declaration


def state_of(
    session: Session,
    request: Request,
    *,
    current: int | None = None,
    disputed: bool | None = None,
) -> LinkState:
    """Return the state of a request, as its parent sees it.

    Args:
        session: any transaction.
        request: the request.
        current: the `current_number` of this transaction, where it is known.
        disputed: whether a dispute is open about the parent, where it is known.
    """
    if is_disputed(session, request) if disputed is None else disputed:
        return LinkState.DISPUTED
    if request.status is Status.SIGNED:
        return LinkState.SIGNED
    if request.parent.left_at is not None or request.status is Status.WITHDRAWN:
        return LinkState.WITHDRAWN
    if request.version_number != (current or current_number(session)):
        return LinkState.SUPERSEDED
    if request.status is Status.DECLINED:
        return LinkState.DECLINED
    return LinkState.OPEN


def record_of(request: Request) -> str:
    """SHA-256 (hex) of what the register says of a request's parent.

    It travels with the answers, so that what was shown is what is signed.
    """
    parent = request.parent
    shown = [parent.name, parent.email, children_of(parent)]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()


def children_of(parent: Parent) -> tuple[tuple[str, str, str], ...]:
    """Name, year group and relationship of each child of a parent, by name."""
    return tuple(
        (one.child.name, one.child.year_group, one.words) for one in _in_order(parent)
    )


def tutor_groups_of(parent: Parent) -> tuple[str, ...]:
    """The tutor group of each child, or empty, in the order of `children_of`."""
    return tuple(one.child.tutor_group or "" for one in _in_order(parent))


def _in_order(parent: Parent) -> list[Relationship]:
    return sorted(
        parent.relationships,
        key=lambda one: (one.child.name, one.child.year_group, one.words),
    )


def newest_version(
    context: AppContext, session: Session, request: Request, state: LinkState
) -> Version | None:
    """The version in force, where the parent of an older request has yet to sign it."""
    if state not in {LinkState.SUPERSEDED, LinkState.SIGNED}:
        return None
    current = session.get(PinnedVersion, current_number(session) or 0)
    if (
        current is None
        or current.number <= request.version_number
        or request.parent.left_at is not None
    ):
        return None
    newer = session.scalar(_request_of(request, current.number))
    if state is LinkState.SIGNED and newer and newer.status is Status.SIGNED:
        return None
    return context.version(current.number, current.sha256)


def newest_ref_of(session: Session, request: Request) -> str | None:
    """The same parent's request for the version in force, where they were asked."""
    newest = session.scalar(_request_of(request, current_number(session)))
    return newest.ref if newest else None


def _request_of(request: Request, number: int | None) -> Select[Request]:
    """The same parent's request for another version."""
    return select(Request).where(
        Request.parent_id == request.parent_id, Request.version_number == number
    )
