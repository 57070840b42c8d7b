"""The passkeys of an account, and coming in to the desk with one."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import (
    AccountUnknown,
    PasskeyRefused,
    PasskeyUnproven,
    SignInRefused,
)
from signer.store.desk.tables import DeskAccount, DeskPasskey, DeskSignIn
from signer.store.locking import lock_table
from signer.workflows.context import AppContext
from signer.workflows.desk.accounts import account_of
from signer.workflows.desk.ceremonies import (
    SignInAnswer,
    enrolment_options,
    made_passkey,
)
from signer.workflows.desk.sessions import Way, begin_session

log = logging.getLogger(__name__)

MOST = 20
"""How many passkeys one account has at most."""

NAME_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class ListedPasskey:
    """A passkey of an account.

    Attributes:
        passkey_id: of its row.
        name: what its owner calls it.
        added_at: since when it signs in.
        used_at: when it last did; None where it never has.
    """

    passkey_id: int
    name: str
    added_at: datetime
    used_at: datetime | None


def list_passkeys(context: AppContext, ref: str) -> tuple[ListedPasskey, ...]:
    """The passkeys of an account, the oldest first."""
    with context.sessions.reading() as session:
        rows = session.scalars(
            select(DeskPasskey)
            .join(DeskAccount)
            .where(DeskAccount.ref == ref)
            .order_by(DeskPasskey.id)
        )
        return tuple(
            ListedPasskey(one.id, one.name, one.added_at, one.used_at) for one in rows
        )


def ask_for_passkey(context: AppContext, ref: str) -> str:
    """What the browser of an account's holder makes a passkey by, as JSON.

    Raises:
        AccountUnknown: there is no such account.
    """
    with context.sessions.reading() as session:
        account = account_of(session, ref)
        if account is None:
            raise AccountUnknown
        known = [one.credential_id for one in account.passkeys]
        return enrolment_options(
            context.settings, ref, account.email, account.name, known
        )


def add_passkey(context: AppContext, ref: str, answer: str, *, name: str) -> None:
    """Keep a passkey that the browser of an account's holder has made.

    Afterwards it signs in to the account.

    Args:
        context: the context.
        ref: of the account.
        answer: the browser's, as JSON.
        name: what its owner calls it.

    Raises:
        AccountUnknown: there is no such account.
        PasskeyRefused: the name cannot be kept (``name``), there are too many
            (``many``), or the answer is not to what was asked (``answer``).
    """
    name = " ".join(name.split())
    if not name or len(name) > NAME_CHARACTERS or not name.isprintable():
        raise PasskeyRefused("name")
    try:
        made = made_passkey(context.settings, ref, answer)
    except PasskeyUnproven as error:
        log.warning("a passkey is not kept: %s", error)
        raise PasskeyRefused("answer") from error
    with context.sessions.writing() as session:
        lock_table(session, DeskPasskey)
        account = account_of(session, ref)
        if account is None:
            raise AccountUnknown
        if len(account.passkeys) >= MOST:
            raise PasskeyRefused("many")
        if _is_known(session, made.credential_id):
            raise PasskeyRefused("answer")
        session.add(
            DeskPasskey(
                account_id=account.id,
                credential_id=made.credential_id,
                public_key=made.public_key,
                sign_count=made.sign_count,
                name=name,
                added_at=clock.now(),
            )
        )


def remove_passkey(context: AppContext, ref: str, passkey_id: int) -> bool:
    """Let a passkey sign in no more; gives whether the account had it."""
    with context.sessions.writing() as session:
        account = account_of(session, ref)
        if account is None:
            return False
        there = session.scalars(
            delete(DeskPasskey)
            .where(DeskPasskey.id == passkey_id, DeskPasskey.account_id == account.id)
            .returning(DeskPasskey.id)
        )
        return there.first() is not None


def sign_in_by_passkey(context: AppContext, answer: str) -> str:
    """Begin a session by a passkey; gives the id that the browser keeps.

    Afterwards the same answer signs nobody in again.

    Args:
        context: the context.
        answer: the browser's, as JSON.

    Raises:
        SignInRefused: it comes from no passkey of an account, or is too old
            (``passkey``), or was taken before (``used``).
    """
    try:
        given = SignInAnswer(context.settings, answer)
        with context.sessions.writing() as session:
            passkey, account = _passkey(session, given.credential_id)
            sign_count = given.check(passkey.public_key, passkey.sign_count)
            _use_up(session, account, given.challenge)
            passkey.sign_count = sign_count
            passkey.used_at = clock.now()
            return begin_session(session, account, Way.PASSKEY)
    except PasskeyUnproven as error:
        log.warning("a passkey is not taken: %s", error)
        raise SignInRefused("passkey") from error


def _passkey(session: Session, credential_id: bytes) -> tuple[DeskPasskey, DeskAccount]:
    """A passkey, for this transaction alone, and its account."""
    row = session.execute(
        select(DeskPasskey, DeskAccount)
        .join(DeskAccount)
        .where(
            DeskPasskey.credential_id == credential_id,
            DeskAccount.removed_at.is_(None),
        )
        .with_for_update(of=DeskPasskey)
    ).one_or_none()
    if row is None:
        raise SignInRefused("passkey")
    return row[0], row[1]


def _use_up(session: Session, account: DeskAccount, challenge: bytes) -> None:
    """Remember a challenge, so that its answer is taken once.

    Raises:
        SignInRefused: it was taken before.
    """
    now, fingerprint = clock.now(), hashlib.sha256(challenge).hexdigest()
    before = select(DeskSignIn.id).where(DeskSignIn.fingerprint == fingerprint)
    if session.scalar(before) is not None:
        raise SignInRefused("used")
    session.add(
        DeskSignIn(
            account_id=account.id,
            fingerprint=fingerprint,
            made_at=now,
            expires_at=now,
            used_at=now,
        )
    )


def _is_known(session: Session, credential_id: bytes) -> bool:
    same = select(func.count()).where(DeskPasskey.credential_id == credential_id)
    return bool(session.scalar(same))
