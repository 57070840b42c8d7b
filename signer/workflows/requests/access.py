"""Who may see a request, and its state, as its parent sees it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

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
from signer.workflows.requests.disputes import is_disputed, is_open_about


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


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request and the link that admits to it, as one transaction sees them.

    Attributes:
        request: with its parent, their children and its declaration.
        link: of the request, or of another one of the same parent.
        disputed: whether a dispute is open about the parent.
        current: the newest version that parents were asked to sign.
    """

    request: Request
    link: Link
    disputed: bool
    current: int | None

    @property
    def state(self) -> LinkState:
        """The state of the request, as its parent sees it."""
        return _state(self.request, disputed=self.disputed, current=self.current)


_LINKED = aliased(Request)

# A parent waits for it, so it is one query, and each page asks it once.
_ADMITTED = (
    select(
        Request,
        Link,
        is_open_about(Request.parent_id, Parent.email_key),
        select(func.max(PinnedVersion.number)).scalar_subquery(),
    )
    .join(Request.parent)
    .join(_LINKED, _LINKED.parent_id == Request.parent_id)
    .join(Link, Link.request_id == _LINKED.id)
    .where(
        Request.ref == bindparam("ref"), Link.fingerprint == bindparam("fingerprint")
    )
    .options(
        contains_eager(Request.parent)
        .joinedload(Parent.relationships)
        .joinedload(Relationship.child),
        joinedload(Request.declaration).defer(Declaration.statement),
    )
)

_LOCKED = select(Request.id).where(Request.ref == bindparam("ref")).with_for_update()


def admitted(
    session: Session, request_ref: str, link_fingerprint: str, *, lock: bool = False
) -> Admitted | None:
    """A request and the link that admits to it, or None.

    A link admits to every request of its own parent, so that one of a superseded
    request leads on to the newest.
    """
    if lock:
        # By itself: of what is joined, PostgreSQL shows whoever has waited for the
        # lock the rows of before.
        session.execute(_LOCKED, {"ref": request_ref})
    given = {"ref": request_ref, "fingerprint": link_fingerprint}
    row = session.execute(_ADMITTED, given).unique().one_or_none()
    return Admitted(*row) if row else None


def shown_declaration(
    session: Session, request_ref: str, link_fingerprint: str
) -> Declaration | None:
    """The declaration of a request, for whoever may have it; None for anybody else."""
    found = admitted(session, request_ref, link_fingerprint)
    if found is None:
        return None
    if found.link.revoked_at is not None or found.disputed:
        return None
    return found.request.declaration


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
    if disputed is None:
        disputed = is_disputed(session, request)
    current = current or current_number(session)
    return _state(request, disputed=disputed, current=current)


def _state(request: Request, *, disputed: bool, current: int | None) -> LinkState:
    if disputed:
        return LinkState.DISPUTED
    if request.status is Status.SIGNED:
        return LinkState.SIGNED
    if request.parent.left_at is not None or request.status is Status.WITHDRAWN:
        return LinkState.WITHDRAWN
    if request.version_number != current:
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
    context: AppContext,
    session: Session,
    request: Request,
    state: LinkState,
    current: int | None,
) -> Version | None:
    """The version in force, where the parent of an older request has yet to sign it.

    Args:
        context: the context.
        session: any transaction.
        request: the older request.
        state: its state.
        current: the `current_number` of this transaction.
    """
    if (
        state not in {LinkState.SUPERSEDED, LinkState.SIGNED}
        or current is None
        or current <= request.version_number
        or request.parent.left_at is not None
    ):
        return None
    newer = session.scalar(_request_of(request, current))
    if state is LinkState.SIGNED and newer and newer.status is Status.SIGNED:
        return None
    pinned = session.get_one(PinnedVersion, current)
    return context.version(pinned.number, pinned.sha256)


def newest_ref_of(
    session: Session, request: Request, current: int | None
) -> str | None:
    """The same parent's request for the version in force, where they were asked.

    Args:
        session: any transaction.
        request: any request of the parent.
        current: the `current_number` of this transaction.
    """
    newest = session.scalar(_request_of(request, current))
    return newest.ref if newest else None


def _request_of(request: Request, number: int | None) -> Select[Request]:
    """The same parent's request for another version."""
    return select(Request).where(
        Request.parent_id == request.parent_id, Request.version_number == number
    )
