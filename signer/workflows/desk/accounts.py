"""The accounts of the desk: adding, changing and removing them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import (
    AccountRefused,
    AccountUnknown,
    LastHead,
)
from signer.store.desk.roles import DeskRole
from signer.store.desk.tables import DeskAccount, DeskPasskey, DeskSession
from signer.store.locking import lock_table
from signer.workflows.context import AppContext
from signer.workflows.desk.first_accounts import check_account, read_first_accounts

REF_BYTES = 9


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """An account, and when it was last signed in to.

    Attributes:
        ref: its reference.
        name: of the person.
        email: where ways in are sent.
        role: what they may do.
        added_at: since when they may come in.
        signed_in_at: when they last signed in; None where they never did, or so long
            ago that it is not kept.
    """

    ref: str
    name: str
    email: str
    role: DeskRole
    added_at: datetime
    signed_in_at: datetime | None


def list_accounts(context: AppContext) -> tuple[ListedAccount, ...]:
    """Everybody who may come in, by name."""
    newest = (
        select(func.max(DeskSession.began_at))
        .where(DeskSession.account_id == DeskAccount.id)
        .scalar_subquery()
    )
    with context.sessions.reading() as session:
        rows = session.execute(
            select(DeskAccount, newest)
            .where(DeskAccount.removed_at.is_(None))
            .order_by(func.lower(DeskAccount.name), DeskAccount.id)
        ).all()
        return tuple(
            ListedAccount(one.ref, one.name, one.email, one.role, one.added_at, at)
            for one, at in rows
        )


def add_account(
    context: AppContext, email: str, role: DeskRole, *, name: str = ""
) -> str:
    """Let somebody come in; gives the reference of their account.

    Afterwards a link to sign in is mailed to whoever asks for one at the address. Who
    was removed before has their account back, with the name and role that are given.

    Args:
        context: the context.
        email: their own address, which nobody else reads.
        role: what they may do.
        name: theirs; the part before the @ by default.

    Raises:
        AccountRefused: the name or address cannot be kept, or has an account.
    """
    email, name = check_account(email, name)
    with context.sessions.writing() as session:
        lock_table(session, DeskAccount)
        account = session.scalars(
            select(DeskAccount).where(DeskAccount.email_key == email.lower())
        ).first()
        if account is not None and account.removed_at is None:
            raise AccountRefused("email", "somebody has an account at this address")
        if account is None:
            account = _new_account(email, role, name)
            session.add(account)
        else:
            account.name, account.email, account.role = name, email, role
            account.removed_at = None
        return account.ref


def change_account(context: AppContext, ref: str, *, name: str, role: DeskRole) -> None:
    """Give an account another name or role.

    Afterwards whatever its holder does next is judged by the new role.

    Raises:
        AccountUnknown: there is no such account.
        AccountRefused: the name cannot be kept.
        LastHead: nobody would be left who manages the accounts.
    """
    with context.sessions.writing() as session:
        account = _locked(session, ref)
        account.name = check_account(account.email, name)[1]
        if role is not DeskRole.HEAD:
            _keep_a_head(session, account)
        account.role = role


def remove_account(context: AppContext, ref: str) -> str:
    """Let somebody come in no more; gives their name.

    Afterwards every session of theirs has ended, and none of their passkeys signs in
    again, not even once they may come in again. What they did stays recorded.

    Raises:
        AccountUnknown: there is no such account.
        LastHead: nobody would be left who manages the accounts.
    """
    with context.sessions.writing() as session:
        account = _locked(session, ref)
        _keep_a_head(session, account)
        account.removed_at = clock.now()
        session.execute(
            update(DeskSession)
            .where(DeskSession.account_id == account.id, DeskSession.ended_at.is_(None))
            .values(ended_at=clock.now())
        )
        session.execute(delete(DeskPasskey).where(DeskPasskey.account_id == account.id))
        return account.name


def find_account(context: AppContext, email: str) -> str:
    """The reference of the account at an address.

    Raises:
        AccountUnknown: nobody who may come in has it.
    """
    with context.sessions.reading() as session:
        return account_at(session, email).ref


def account_of(session: Session, ref: str) -> DeskAccount | None:
    """The account of a reference; None where there is none who may come in."""
    return session.scalars(
        select(DeskAccount).where(
            DeskAccount.ref == ref, DeskAccount.removed_at.is_(None)
        )
    ).first()


def account_at(session: Session, email: str) -> DeskAccount:
    """The account at an address as it is typed.

    Raises:
        AccountUnknown: nobody who may come in has it.
    """
    account = session.scalars(
        select(DeskAccount).where(
            DeskAccount.email_key == email.strip().lower(),
            DeskAccount.removed_at.is_(None),
        )
    ).first()
    if account is None:
        raise AccountUnknown
    return account


def add_first_accounts(session: Session, named: Sequence[str]) -> None:
    """Make the accounts that the settings name, where there never was any.

    From then on accounts are looked after at the desk, and the setting says nothing.

    Args:
        session: a transaction that writes.
        named: each ``role:address``, as the setting has them.

    Raises:
        SettingsError: as `read_first_accounts`.
    """
    if not named or session.scalar(select(DeskAccount.id).limit(1)) is not None:
        return
    lock_table(session, DeskAccount)
    if session.scalar(select(DeskAccount.id).limit(1)) is not None:
        return
    for one in read_first_accounts(named):
        session.add(_new_account(one.email, one.role, one.name))


def _new_account(email: str, role: DeskRole, name: str) -> DeskAccount:
    return DeskAccount(
        ref=secrets.token_hex(REF_BYTES),
        name=name,
        email=email,
        email_key=email.lower(),
        role=role,
        added_at=clock.now(),
    )


def _locked(session: Session, ref: str) -> DeskAccount:
    lock_table(session, DeskAccount)
    account = account_of(session, ref)
    if account is None:
        raise AccountUnknown
    return account


def _keep_a_head(session: Session, account: DeskAccount) -> None:
    """Refuse to lose the last head."""
    others = select(DeskAccount.id).where(
        DeskAccount.role == DeskRole.HEAD,
        DeskAccount.removed_at.is_(None),
        DeskAccount.id != account.id,
    )
    if account.role is DeskRole.HEAD and session.scalar(others.limit(1)) is None:
        raise LastHead
