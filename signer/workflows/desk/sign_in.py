"""Coming in to the desk by an emailed link.

What is done when somebody asks is the same for every address; the worker looks up later
whether there is an account. So neither the answer nor the time that it takes tells.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import (
    AccountUnknown,
    LinkExpired,
    LinkMalformed,
    SignInRefused,
)
from signer.link_tokens import LinkTokens, fingerprint
from signer.mail.kinds import Kind
from signer.mail.letter import Letter
from signer.store.desk.tables import DeskAccount, DeskSignIn
from signer.store.tables import Outbox
from signer.store.transient import LinkAsk
from signer.workflows.context import AppContext
from signer.workflows.desk.accounts import (
    account_at,
    account_of,
    add_first_accounts,
)
from signer.workflows.desk.sessions import Way, begin_session
from signer.workflows.mailing.outbox import queue_mail
from signer.workflows.requests.link_asks import address_in

LIVES = timedelta(minutes=10)
"""How long a link signs in, from when its mail is written."""

MOST_AN_HOUR = 6
"""How many are mailed to one account within an hour, so that no mailbox fills."""

_PURPOSE = "desk"
_OCCASION = "desk_sign_in:"


def answer_sign_in_ask(context: AppContext, session: Session, ask: LinkAsk) -> None:
    """Queue the mail that was asked for, where the address has an account.

    Args:
        context: the context.
        session: the transaction that takes the ask away.
        ask: what was noted.
    """
    email = address_in(context, ask)
    add_first_accounts(session, context.settings.desk_accounts)
    session.flush()
    try:
        account = account_at(session, email or "")
    except AccountUnknown:
        return
    occasion = f"{_OCCASION}{account.ref}:"
    lately = session.scalar(
        select(func.count()).where(
            Outbox.occasion.startswith(occasion),
            Outbox.queued_at > clock.now() - timedelta(hours=1),
        )
    )
    if (lately or 0) < MOST_AN_HOUR:
        queue_mail(session, Kind.DESK_SIGN_IN, occasion + secrets.token_hex(8))


def sign_in_letter(context: AppContext, session: Session, row: Outbox) -> Letter | None:
    """The mail with the link, which is made now; None where the account is gone."""
    ref = row.occasion.removeprefix(_OCCASION).partition(":")[0]
    account = account_of(session, ref)
    if account is None:
        return None
    settings = context.settings
    values = {
        "school": settings.school_name,
        "staff_name": account.name,
        "link": _mint(context, session, account, LIVES),
        "minutes": int(LIVES.total_seconds() // 60),
        "office_email": settings.office_email,
    }
    return Letter(Kind.DESK_SIGN_IN, account.name, account.email, values)


def make_sign_in_link(context: AppContext, ref: str, *, lives: timedelta) -> str:
    """A link that signs in once, for an operator to hand on; gives its address.

    Args:
        context: the context.
        ref: of the account.
        lives: how long it can be used.

    Raises:
        AccountUnknown: there is no such account.
    """
    with context.sessions.writing() as session:
        account = account_of(session, ref)
        if account is None:
            raise AccountUnknown
        return _mint(context, session, account, lives)


def look_up_sign_in(context: AppContext, token: str) -> None:
    """Check that a link can be used; it changes nothing.

    Raises:
        SignInRefused: it cannot.
    """
    with context.sessions.reading() as session:
        _usable(context, session, token)


def sign_in_by_link(context: AppContext, token: str) -> str:
    """Begin a session by a link; gives the id that the browser keeps.

    Afterwards the link is used: nobody signs in by it again.

    Raises:
        SignInRefused: it cannot be used.
    """
    with context.sessions.writing() as session:
        link, account = _usable(context, session, token, lock=True)
        link.used_at = clock.now()
        return begin_session(session, account, Way.LINK)


def _mint(
    context: AppContext, session: Session, account: DeskAccount, lives: timedelta
) -> str:
    token, link_id = _tokens(context).mint()
    now = clock.now()
    session.add(
        DeskSignIn(
            account_id=account.id,
            fingerprint=fingerprint(link_id),
            made_at=now,
            expires_at=now + lives,
        )
    )
    return f"{context.settings.base_url}/desk/in/{token}"


def _usable(
    context: AppContext, session: Session, token: str, *, lock: bool = False
) -> tuple[DeskSignIn, DeskAccount]:
    try:
        link_id = _tokens(context).read(token)
    except LinkExpired as error:
        raise SignInRefused("expired") from error
    except LinkMalformed as error:
        raise SignInRefused("unknown") from error
    query = (
        select(DeskSignIn, DeskAccount)
        .join(DeskAccount)
        .where(
            DeskSignIn.fingerprint == fingerprint(link_id),
            DeskAccount.removed_at.is_(None),
        )
    )
    if lock:
        query = query.with_for_update(of=DeskSignIn)
    row = session.execute(query).one_or_none()
    if row is None:
        raise SignInRefused("unknown")
    link, account = row
    if link.used_at is not None:
        raise SignInRefused("used")
    if link.expires_at <= clock.now():
        raise SignInRefused("expired")
    return link, account


def _tokens(context: AppContext) -> LinkTokens:
    return LinkTokens(context.settings.secret_keys, days=2, purpose=_PURPOSE)
