"""The secret addresses at which programs subscribe to the calendar."""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import AccountUnknown
from signer.store.desk.choices import CalendarAddress
from signer.store.desk.tables import DeskAccount
from signer.store.locking import lock_table
from signer.workflows.calendar.feed import calendar_of
from signer.workflows.context import AppContext
from signer.workflows.desk.accounts import account_of

TOKEN_BYTES = 24


def make_calendar_address(context: AppContext, ref: str) -> str:
    """Make somebody's secret address; gives it, this once.

    Afterwards it alone shows the calendar: the one that they had before does not.

    Raises:
        AccountUnknown: there is no such account.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with context.sessions.writing() as session:
        lock_table(session, CalendarAddress)
        account = account_of(session, ref)
        if account is None:
            raise AccountUnknown
        _revoke(session, account.id)
        session.add(
            CalendarAddress(
                account_id=account.id,
                fingerprint=_fingerprint(token),
                made_at=clock.now(),
            )
        )
    return f"{context.settings.base_url}/desk/calendar/{token}.ics"


def revoke_calendar_address(context: AppContext, ref: str) -> None:
    """Let somebody's secret address show nothing any more."""
    with context.sessions.writing() as session:
        lock_table(session, CalendarAddress)
        account = account_of(session, ref)
        if account is not None:
            _revoke(session, account.id)


def calendar_made_at(context: AppContext, ref: str) -> datetime | None:
    """Since when somebody has an address; None where they have none."""
    with context.sessions.reading() as session:
        return session.scalar(
            select(CalendarAddress.made_at)
            .join(DeskAccount)
            .where(DeskAccount.ref == ref, CalendarAddress.revoked_at.is_(None))
        )


def calendar_at(context: AppContext, token: str) -> bytes | None:
    """The calendar at a secret address; None where it shows nothing."""
    with context.sessions.reading() as session:
        there = session.scalar(
            select(CalendarAddress.id)
            .join(DeskAccount)
            .where(
                CalendarAddress.fingerprint == _fingerprint(token),
                CalendarAddress.revoked_at.is_(None),
                DeskAccount.removed_at.is_(None),
            )
        )
        return None if there is None else calendar_of(context, session)


def _revoke(session: Session, account_id: int) -> None:
    session.execute(
        update(CalendarAddress)
        .where(
            CalendarAddress.account_id == account_id,
            CalendarAddress.revoked_at.is_(None),
        )
        .values(revoked_at=clock.now())
    )


def _fingerprint(token: str) -> str:
    return sha256(token.encode()).hexdigest()
