"""Following an emailed link to its request, and from there to every later page."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from signer import clock
from signer.errors import LinkExpired, LinkMalformed
from signer.link_tokens import fingerprint
from signer.store.tables import (
    Link,
    Parent,
    PinnedVersion,
    Relationship,
    Request,
    Status,
)
from signer.workflows.campaigns.ask import ask_one
from signer.workflows.context import current_number

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from signer.policy.versions import Version
    from signer.workflows.context import AppContext


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


_SHOWN = (
    joinedload(Request.parent)
    .selectinload(Parent.relationships)
    .joinedload(Relationship.child),
    joinedload(Request.declaration),
)
"""What the pages show of a request."""


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a link leads.

    Attributes:
        state: what it opens.
        request_ref: its request, or None where the link opens nothing.
        link_fingerprint: SHA-256 (hex) of the link's id, for the session.
        version: the version that its request is for.
        newest: the version in force, where the parent has yet to answer it in a
            newer request than the link's own.
        newest_ref: that newer request; None while the campaign has yet to come to
            this parent.
    """

    state: LinkState
    request_ref: str | None = None
    link_fingerprint: str | None = None
    version: Version | None = None
    newest: Version | None = None
    newest_ref: str | None = None


def look_up_link(context: AppContext, token: str) -> Followed:
    """Where a link leads; changes nothing."""
    with context.sessions.reading() as session:
        return _follow(context, session, token)


def open_link(context: AppContext, token: str, *, to_newest: bool = True) -> Followed:
    """Follow a link because a person asked to.

    Afterwards the request that it leads to is there and knows when it was first
    opened. Opening never uses a link up.

    Args:
        context: the context.
        token: the link's.
        to_newest: whether an older version's link leads to the newest request, even
            where the campaign has yet to come to this parent; or to its own.
    """
    with context.sessions.writing() as session:
        followed = _follow(context, session, token)
        ref = followed.request_ref
        if followed.newest and ref and to_newest:
            ref = _newest_asked(session, _by_ref(session, ref), followed.newest)
            _note_opening(session, ref, clock.now())
            return replace(followed, newest_ref=ref)
        if followed.state is LinkState.OPEN and ref:
            _note_opening(session, ref, clock.now())
    return followed


def lead_on(context: AppContext, request_ref: str, link_fingerprint: str) -> str | None:
    """The newest request of a parent whose own was superseded while they answered.

    Afterwards it is there, even where the campaign has yet to come to this parent,
    and knows when it was first opened. None where there is nothing to lead on to.

    Args:
        context: the context.
        request_ref: the superseded request.
        link_fingerprint: the link that the session was opened with.
    """
    with context.sessions.writing() as session:
        found = admitted(session, request_ref, link_fingerprint)
        if found is None or found[1].revoked_at is not None:
            return None
        request = found[0]
        newest = newest_version(context, session, request, state_of(session, request))
        if newest is None:
            return None
        ref = _newest_asked(session, request, newest)
        _note_opening(session, ref, clock.now())
        return ref


def note_opening(
    context: AppContext, request_ref: str, link_fingerprint: str, at: datetime
) -> None:
    """Note when a text was first shown, where an older link led to it.

    Afterwards the request knows when it was first opened. Looking at a page notes
    nothing; this is for the first button that is pressed after it.

    Args:
        context: the context.
        request_ref: the request.
        link_fingerprint: the link that the session was opened with.
        at: when the page was first shown.
    """
    with context.sessions.writing() as session:
        found = admitted(session, request_ref, link_fingerprint)
        if found is not None and found[0].opened_at is None:
            _note_opening(session, request_ref, max(at, found[0].asked_at))


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


def state_of(
    session: Session, request: Request, *, current: int | None = None
) -> LinkState:
    """Where a request stands, seen from its parent.

    Args:
        session: any transaction.
        request: the request.
        current: the `current_number` of this transaction, where it is known.
    """
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
    shown = [parent.name, parent.email, children_of(request)]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()


def children_of(request: Request) -> tuple[tuple[str, str, str], ...]:
    """Name, year group and relationship of each child of the request's parent."""
    return tuple(
        sorted(
            (one.child.name, one.child.year_group, one.words)
            for one in request.parent.relationships
        )
    )


def _follow(context: AppContext, session: Session, token: str) -> Followed:
    expired = False
    try:
        link_id = context.tokens.read(token)
    except LinkExpired as error:
        link_id, expired = error.link_id, True
    except LinkMalformed:
        return Followed(LinkState.UNKNOWN)
    mark = fingerprint(link_id)
    link = session.scalar(select(Link).where(Link.fingerprint == mark))
    if link is None:
        return Followed(LinkState.UNKNOWN)
    request = link.request
    version = context.version(request.version_number, request.version_sha256)
    if expired:
        return Followed(LinkState.EXPIRED, version=version)
    if link.revoked_at is not None:
        return Followed(LinkState.REVOKED, version=version)
    state = state_of(session, request)
    newest = newest_version(context, session, request, state)
    newest_ref = newest_ref_of(session, request) if newest else None
    return Followed(state, request.ref, mark, version, newest, newest_ref)


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


def _newest_asked(session: Session, request: Request, newest: Version) -> str:
    """The newest request of a parent; asked for now, where the campaign is slower."""
    return newest_ref_of(session, request) or ask_one(
        session, request.parent_id, newest
    )


def _request_of(request: Request, number: int | None) -> Select[Request]:
    """The same parent's request for another version."""
    return select(Request).where(
        Request.parent_id == request.parent_id, Request.version_number == number
    )


def _by_ref(session: Session, ref: str) -> Request:
    return session.scalars(select(Request).where(Request.ref == ref)).one()


def _note_opening(session: Session, ref: str, at: datetime) -> None:
    request = session.scalars(
        select(Request).where(Request.ref == ref).with_for_update()
    ).one()
    request.opened_at = request.opened_at or at
