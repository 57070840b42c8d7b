"""Sessions at the desk: who is signed in by which browser, and ending them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from signer import clock
from signer.store.desk.roles import DeskRole
from signer.store.desk.tables import DeskAccount, DeskAction, DeskSession, DeskSignIn
from signer.workflows.context import AppContext

LONGEST = timedelta(hours=12)
"""How long a session lasts at most, however busy: a working day."""

KEPT = timedelta(days=90)
"""How long it is kept that somebody signed in, and by which link."""

SESSION_ID_BYTES = 32


class Way(StrEnum):
    """How somebody signed in."""

    LINK = "link"
    OPENID = "openid"
    PASSKEY = "passkey"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who acts in a browser.

    Attributes:
        account_id: of the account, for what is recorded.
        ref: its reference.
        name: of the person.
        email: their address.
        role: what they may do now.
        began_at: when they signed in.
    """

    account_id: int
    ref: str
    name: str
    email: str
    role: DeskRole
    began_at: datetime


def begin_session(session: Session, account: DeskAccount, way: Way) -> str:
    """Let a browser act for an account; gives the id that it keeps (URL-safe text).

    Only the SHA-256 of the id is stored.

    Args:
        session: the transaction in which they signed in.
        account: whose.
        way: how they signed in.
    """
    session_id = secrets.token_urlsafe(SESSION_ID_BYTES)
    session.add(
        DeskSession(
            account_id=account.id,
            fingerprint=_fingerprint(session_id),
            way=way.value,
            began_at=clock.now(),
        )
    )
    session.add(
        DeskAction(
            account_id=account.id,
            at=clock.now(),
            action="session:begin",
            subject="",
            details=way.value,
        )
    )
    return session_id


def who_is_signed_in(context: AppContext, session_id: str) -> SignedIn | None:
    """Who acts by a session; None where it has ended or there is none."""
    now = clock.now()
    with context.sessions.reading() as session:
        row = session.execute(
            select(DeskSession, DeskAccount)
            .join(DeskAccount)
            .where(
                DeskSession.fingerprint == _fingerprint(session_id),
                DeskSession.ended_at.is_(None),
                DeskSession.began_at > now - LONGEST,
                DeskAccount.removed_at.is_(None),
            )
        ).one_or_none()
        if row is None:
            return None
        begun, account = row
        return SignedIn(
            account.id,
            account.ref,
            account.name,
            account.email,
            account.role,
            begun.began_at,
        )


def end_session(context: AppContext, session_id: str) -> None:
    """End one session, if it has not ended."""
    with context.sessions.writing() as session:
        session.execute(
            update(DeskSession)
            .where(
                DeskSession.fingerprint == _fingerprint(session_id),
                DeskSession.ended_at.is_(None),
            )
            .values(ended_at=clock.now())
        )


def end_sessions(context: AppContext, ref: str | None = None) -> int:
    """End all sessions at once; gives how many had not ended.

    Args:
        context: the context.
        ref: of the account whose they are; everybody's by default.
    """
    with context.sessions.writing() as session:
        query = select(DeskSession).where(
            DeskSession.ended_at.is_(None),
            DeskSession.began_at > clock.now() - LONGEST,
        )
        if ref is not None:
            query = query.join(DeskAccount).where(DeskAccount.ref == ref)
        running = session.scalars(query).all()
        for one in running:
            one.ended_at = clock.now()
        return len(running)


def forget_old_sessions(context: AppContext) -> int:
    """Delete sessions and links that began long ago; gives how many."""
    before = clock.now() - KEPT
    count = 0
    with context.sessions.writing() as session:
        for query in (
            delete(DeskSession).where(DeskSession.began_at < before),
            delete(DeskSignIn).where(DeskSignIn.made_at < before),
        ):
            result = session.execute(query)
            count += result.rowcount if isinstance(result, CursorResult) else 0
    return count


def _fingerprint(session_id: str) -> str:
    return sha256(session_id.encode()).hexdigest()
