"""Following an emailed link to its request, and from there to every later page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from signer import clock
from signer.errors import LinkExpired, LinkMalformed
from signer.link_tokens import fingerprint
from signer.policy.versions import Version
from signer.store.tables import (
    Link,
    Request,
)
from signer.workflows.campaigns.ask import ask_one
from signer.workflows.context import AppContext, current_number
from signer.workflows.requests.access import (
    LinkState,
    admitted,
    newest_ref_of,
    newest_version,
    state_of,
)


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
            ref = _newest_asked(
                context, session, _by_ref(session, ref), followed.newest
            )
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
        if found is None or found.link.revoked_at is not None:
            return None
        newest = newest_version(
            context, session, found.request, found.state, found.current
        )
        if newest is None:
            return None
        ref = _newest_asked(context, session, found.request, newest)
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
        if found is not None and found.request.opened_at is None:
            _note_opening(session, request_ref, max(at, found.request.asked_at))


def _follow(context: AppContext, session: Session, token: str) -> Followed:
    expired = False
    try:
        link_id = context.tokens.read(token)
    except LinkExpired as error:
        link_id, expired = error.link_id, True
    except LinkMalformed:
        return Followed(LinkState.UNKNOWN)
    mark = fingerprint(link_id)
    link = session.scalar(
        select(Link)
        .where(Link.fingerprint == mark)
        .options(joinedload(Link.request).joinedload(Request.parent))
    )
    if link is None:
        return Followed(LinkState.UNKNOWN)
    request = link.request
    version = context.version(request.version_number, request.version_sha256)
    if expired:
        return Followed(LinkState.EXPIRED, version=version)
    if link.revoked_at is not None:
        return Followed(LinkState.REVOKED, version=version)
    current = current_number(session)
    state = state_of(session, request, current=current)
    newest = newest_version(context, session, request, state, current)
    newest_ref = newest_ref_of(session, request, current) if newest else None
    return Followed(state, request.ref, mark, version, newest, newest_ref)


def _newest_asked(
    context: AppContext, session: Session, request: Request, newest: Version
) -> str:
    """The newest request of a parent; asked for now, where the campaign is slower."""
    return newest_ref_of(session, request, newest.number) or ask_one(
        context, session, request.parent_id, newest
    )


def _by_ref(session: Session, ref: str) -> Request:
    return session.scalars(select(Request).where(Request.ref == ref)).one()


def _note_opening(session: Session, ref: str, at: datetime) -> None:
    request = session.scalars(
        select(Request).where(Request.ref == ref).with_for_update()
    ).one()
    request.opened_at = request.opened_at or at
